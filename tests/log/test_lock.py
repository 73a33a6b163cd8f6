"""One process per data folder."""

import subprocess
import sys
from pathlib import Path

import pytest

from debate_server.core.errors import LogInUse, LogUnusable
from debate_server.log.lock import Lock

HOLD = """
import sys
from pathlib import Path
from debate_server.log.lock import Lock
with Lock(Path(sys.argv[1])) as lock:
    lock.listening("http://127.0.0.1:8484")
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_is_told_who_holds_the_data_and_where(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(LogInUse, match=rf"process {holder.pid} .*http://127.0.0.1:8484") as caught, Lock(tmp_path):
            pass
        assert caught.value.address == "http://127.0.0.1:8484"
        holder.kill()
    with Lock(tmp_path):  # a killed process holds nothing
        pass


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LogUnusable, match="--data"), Lock(tmp_path / "file" / "data"):
        pass
