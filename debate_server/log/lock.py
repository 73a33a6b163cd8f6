"""One process per data folder: a lock file, and beside it a note that says where its holder listens.

The note is a file of its own because a locked file cannot be read on every platform. It counts only while the lock
is held; a killed process releases the lock and leaves the note behind.
"""

import os
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import orjson
from filelock import FileLock, Timeout

from debate_server.core.errors import LogInUse, LogUnusable

_LOCK: Final = "lock"
_NOTE: Final = "holder.json"


class Lock:
    """The lock of a data folder, as a context manager; the folder is made where it is missing.

    Raises LogInUse (with the holder's address, if it listens) and LogUnusable on entering.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = FileLock(folder / _LOCK)

    def __enter__(self) -> Self:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
            self._note(None)
        except Timeout:
            pid, address, token, lasting = self._holder()
            where = f" and listens on {address}" if address else ""
            raise LogInUse(
                f"The data in {self._folder} is in use: process {pid or 'unknown'} holds it{where}. "
                "Use that one, end it, or choose another folder with --data (in Python: data=).",
                address=address,
                token=token,
                lasting=lasting,
            ) from None
        except OSError as error:
            raise LogUnusable(
                f"The data folder {self._folder} cannot be written: {error.strerror or error}. "
                "Choose another one with --data."
            ) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        (self._folder / _NOTE).unlink(missing_ok=True)
        self._lock.release()

    def listening(self, address: str, token: str = "", *, lasting: bool = True) -> None:
        """Tell the user's other processes where the holder listens, with which token it may be asked, and whether it
        does until somebody ends it (``lasting``), or only for as long as it has something of its own to do."""
        self._note(address, token, lasting)

    def _note(self, address: str | None, token: str = "", lasting: bool = True) -> None:
        note = self._folder / _NOTE
        fresh = note.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600)
        fresh.write_bytes(orjson.dumps({"pid": os.getpid(), "address": address, "token": token, "lasting": lasting}))
        fresh.replace(note)

    def _holder(self) -> tuple[int | None, str | None, str, bool]:
        try:
            noted = orjson.loads((self._folder / _NOTE).read_bytes())
            return noted.get("pid"), noted.get("address"), noted.get("token", ""), noted.get("lasting", True)
        except (OSError, ValueError):
            return None, None, "", True
