"""A text as its lines, one at a time, however long the text is or a line of it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from debate_server.core.plan import CONTROL

# Characters of a line that are held: room for the longest topic and long personas. What is longer is read past.
LONGEST: Final = 1_000_000
# What stands for a byte that is no UTF-8.
_BYTE: Final = re.compile("[\udc80-\udcff]")


class Line(NamedTuple):
    """``number``: from 1; ``text``: with its end, a line feed whatever it was; ``fault``: why it cannot be read, None
    where it can."""

    number: int
    text: str
    fault: str | None


def lines(path: Path) -> Iterator[Line]:
    """The lines of a file in UTF-8. Raises OSError."""
    with path.open(encoding="utf-8-sig", errors="surrogateescape") as file:
        number = 0
        while text := file.readline(LONGEST):
            number, piece, whole = number + 1, text, True
            while len(piece) == LONGEST and piece[-1] != "\n":
                piece, whole = file.readline(LONGEST), False
            yield Line(number, text, spoilt(text) if whole else f"it has more than {LONGEST} characters")


def spoilt(text: str) -> str | None:
    """Why a text cannot be read; None where it can."""
    if text.rstrip("\n").isprintable():  # nearly always, and quick to tell
        return None
    if found := _BYTE.search(text):
        return f"byte 0x{ord(found[0]) - 0xDC00:02x} at character {found.start() + 1} is no UTF-8; save it as UTF-8"
    if found := CONTROL.search(text):
        return f"the control character U+{ord(found[0]):04X} is in it; leave it out"
    return None
