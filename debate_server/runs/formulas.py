"""Texts in CSV that a spreadsheet would take for formulas (OWASP, "CSV Injection")."""

import re
from typing import Final

# What a formula begins with, behind the apostrophes that keep it from being one.
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r\n]")
_NUMBER: Final = re.compile(r"[+-]?\d+([.,]\d+)*(e[+-]?\d+)?%?", re.IGNORECASE)


def guarded(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet would reckon it, unless it is a number."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def bare(cell: str) -> str:
    """The text that was guarded."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
