"""Which kind of file holds items: by its name, else by how it begins."""

import re
from pathlib import PurePath
from typing import Final, Literal

from debate_server.core.errors import InvalidRequest
from debate_server.runs.items.table import Header

Kind = Literal["txt", "csv", "jsonl"]
# How much of a file is looked at.
HEAD: Final = 65_536
_SUFFIXES: Final[dict[str, Kind]] = {
    ".txt": "txt", ".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl",
}  # fmt: skip


def kind_of(name: str, head: bytes) -> Kind:
    """The kind of a file of that name that begins so. Raises InvalidRequest."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InvalidRequest("it is UTF-16; save it as UTF-8")
    begin = head.decode("utf-8-sig", errors="replace").lstrip()
    if re.match(r"\[\s*\{", begin):
        raise InvalidRequest("it is one JSON list; put each object of it on a line of its own: jq -c '.[]'")
    if known := _SUFFIXES.get(PurePath(name).suffix.lower()):
        return known
    if begin.startswith("{"):
        return "jsonl"
    first = begin.splitlines()[0] if begin else ""
    return "csv" if "topic" in Header(first).columns else "txt"
