"""How a debate is named in its run: readable, and no two alike."""

from collections.abc import Sequence
from typing import Final

# Between the names of two models that meet.
VERSUS: Final = " vs "
# What ends the name of one with the sides exchanged, and that of the marking of one.
SWAPPED: Final = "swapped"
MARKING: Final = "marking"

_PART: Final = str.maketrans({"%": "%25", "/": "%2F"})
_MODEL: Final = _PART | str.maketrans({" ": "%20"})


def name_of(item: str, format_: str, models: Sequence[str], repeat: int, *, swapped: bool) -> str:
    """Its name. ``models``: none for the default one, one for all seats, or two that meet.

    Within a part "/" and "%" stand as in an address (RFC 3986), and so does the beginning of a model that has the name
    of what may follow it.
    """
    parts = [item.translate(_PART), format_.translate(_PART)]
    if models:
        parts.append(VERSUS.join(map(_model, models)))
    return "/".join([*parts, *[str(repeat)] * (repeat > 1), *[SWAPPED] * swapped])


def marking_of(name: str) -> str:
    """The name of the debate that marks the answer of the one of that name."""
    return f"{name}/{MARKING}"


def _model(name: str) -> str:
    written = name.translate(_MODEL)
    if name in (SWAPPED, MARKING) or (name.isascii() and name.isdecimal()):
        return f"%{ord(name[0]):02X}{written[1:]}"
    return written
