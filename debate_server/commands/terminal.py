"""The terminal: a debate's events typed out, with a colour per speaker and words kept whole at the line's end."""

import os
import shutil
import sys
from typing import Final

import click

from debate_server.core.events import decode
from debate_server.core.telling.typed import Typed, plain

_WIDEST: Final = 88
_STYLES: Final[dict[str, dict[str, object]]] = {
    "for": {"fg": "green", "bold": True},
    "against": {"fg": "red", "bold": True},
    "chair": {"fg": "cyan", "bold": True},
    "heading": {"bold": True},
    "note": {"dim": True},
    "error": {"fg": "yellow"},
}


class Screen:
    """Writes events to stdout: as they are (``as_json``) or typed out."""

    def __init__(self, *, as_json: bool, colour: bool) -> None:
        self._as_json = as_json
        self._typed = Typed(_colour if colour else plain)
        width = min(_WIDEST, shutil.get_terminal_size().columns)
        self._wrap = Wrap(width) if sys.stdout.isatty() else None

    def show(self, line: bytes) -> bool:
        """Write one event, given as its JSON; False when nobody reads any more."""
        try:
            if self._as_json:
                click.echo(line)
            elif (known := decode(line)) is not None:
                text = self._typed(known[1])
                sys.stdout.write(self._wrap(text) if self._wrap else text)
            sys.stdout.flush()
        except BrokenPipeError:
            hush()
            return False
        return True

    def end_line(self) -> None:
        """What comes next, on stderr perhaps, begins on a line of its own."""
        if not self._as_json:
            click.echo()


class Wrap:
    """Breaks lines between words as text streams in; escape sequences take no room."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._column = 0
        self._word = ""

    def __call__(self, text: str) -> str:
        """The text with what was held back before it; a word that may go on is held back."""
        out = []
        for character in text:
            if not character.isspace():
                self._word += character
                continue
            out.append(self._place())
            if character == "\n":
                self._column = 0
            else:
                self._column += 1
            out.append(character)
        return "".join(out)

    def _place(self) -> str:
        word, self._word = self._word, ""
        room = len(click.unstyle(word))
        if self._column and self._column + room > self._width:
            self._column = room
            return f"\n{word}"
        self._column += room
        return word


def _colour(text: str, kind: str) -> str:
    return click.style(text, **_STYLES.get(kind, {}))  # type: ignore[arg-type]


def hush() -> None:
    """Nobody reads stdout any more: let what is still written to it go nowhere, without complaint."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
