"""Which ids were seen, among millions of them."""

from array import array
from hashlib import blake2b
from typing import Final

_LEAST: Final = 1024


class Seen:
    """The lines that ids were first seen in, by 64-bit digests of them, in a table with open addressing: it takes 18
    to 36 bytes an id, and half as many more while it grows, a fraction of what a dictionary does. Among ten million ids
    the chance that two which differ are taken for the same is one in 300,000."""

    def __init__(self) -> None:
        self._count = 0
        self._allot(_LEAST)

    def first(self, id_: str, line: int) -> int | None:
        """The line of the first one, None where it is this one."""
        digest = int.from_bytes(blake2b(id_.encode(), digest_size=8).digest()) or 1
        slot = self._slot(digest)
        if self._digests[slot]:
            return self._lines[slot]
        self._digests[slot], self._lines[slot] = digest, line
        self._count += 1
        if self._count * 3 > len(self._digests) * 2:
            self._grow()
        return None

    def _slot(self, digest: int) -> int:
        """Where that digest stands, or is to stand: a digest of 0 is none."""
        digests, last = self._digests, len(self._digests) - 1
        slot = digest & last
        while digests[slot] not in (0, digest):
            slot = (slot + 1) & last
        return slot

    def _grow(self) -> None:
        digests, lines = self._digests, self._lines
        self._allot(2 * len(digests))
        for digest, line in zip(digests, lines, strict=True):
            if digest:
                slot = self._slot(digest)
                self._digests[slot], self._lines[slot] = digest, line

    def _allot(self, size: int) -> None:
        self._digests = array("Q", [0]) * size
        self._lines = array("I", [0]) * size
