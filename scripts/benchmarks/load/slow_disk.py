"""``debate serve`` on a disk that can be made slow: a line on its stdin says how many seconds every commit takes from
now on, beyond its own time."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from debate_server import cli
from debate_server.log import log
from debate_server.log.store import Store


class SlowStore(Store):
    """As a disk does, it waits without the interpreter's lock, and whoever commits waits with it."""

    seconds = 0.0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with super().transaction():
            yield
            time.sleep(self.seconds)


def _obey() -> None:
    for line in sys.stdin:
        SlowStore.seconds = float(line)


if __name__ == "__main__":
    vars(log)["Store"] = SlowStore
    threading.Thread(target=_obey, daemon=True).start()
    cli.main()
