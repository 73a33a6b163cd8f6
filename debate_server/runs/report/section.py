"""What a section of a report is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """``words``: how many columns of words stand before those of numbers."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1


@dataclass(frozen=True, slots=True)
class Section:
    """``name``: its own among the sections."""

    name: str
    title: str
    says: str
    method: str
    table: Table
