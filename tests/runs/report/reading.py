"""A report, read as a browser or a program would."""

import re
import zlib
from base64 import b64decode
from html.parser import HTMLParser
from typing import Any

import orjson

from tests.runs.report.sample import (
    arithmetic,
    opinions,
    tournament,
)

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\u2028]]>\x00\x1b&lt; $x^2$ {0} | %s\x1b"
SAMPLES = [arithmetic(), opinions(), tournament()]


class Read(HTMLParser):
    """What a browser would find: tags, attributes, headings, and what is packed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.texts.append((self.tags[-1] if self.tags else "", data))

    @property
    def headings(self) -> list[str]:
        return [text for tag, text in self.texts if tag == "h2" and text.strip()]


def unpacked(text: str, name: str) -> Any:
    found = re.search(rf'id="{name}">([A-Za-z0-9+/=]*)</script>', text)
    assert found
    return orjson.loads(zlib.decompress(b64decode(found[1])))


def widths(part: str) -> list[int]:
    """How many cells each row of a table in Markdown has, and one more."""
    return [len(re.findall(r"(?<!\\)\|", line)) for line in part.splitlines() if line.startswith("|")]


def column(text: str, name: str) -> list[str]:
    packed = unpacked(text, "rows")[name]
    return [packed["of"][at] for at in packed["at"]]
