"""How far a run is, drawn at the bottom of a terminal: a bar with what is counted, and below it speed, cost and time.

What matters least is left out where a line has no room for it. Others write to the same terminal, results and errors:
the cursor waits for them in an empty line above the two, which are drawn anew below whatever was written by then.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from rich.console import Console, ConsoleOptions, RenderResult
from rich.control import Control
from rich.progress_bar import ProgressBar
from rich.segment import ControlType, Segment
from rich.text import Text

# The words of each line, as ``Pace`` names them, and what goes first where there is no room for all of them.
_COUNTS: Final = ("done", "running", "failed")
_MORE: Final = ("speed", "cost", "left")
_LEAST: Final = ("running", "speed", "cost")
# Columns of the bar; it is left out where there is no room for so few.
_MOST: Final = 24
_FEWEST: Final = 6

_EMPTY: Final = Control(ControlType.CARRIAGE_RETURN, (ControlType.ERASE_IN_LINE, 2))
_BACK: Final = Control(ControlType.CARRIAGE_RETURN, (ControlType.CURSOR_UP, 2))


class Bar:
    """Those ``words``, by name; ``done`` of ``total``. Without words it is empty, which takes it away."""

    def __init__(self, words: Mapping[str, str], done: int = 0, total: int = 0) -> None:
        self._words = words
        self._done = done
        self._total = total

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = options.max_width - 1  # some terminals begin a new line with the last column of one
        counts = self._line(_COUNTS, width)
        room = min(_MOST, width - counts.cell_len - 1)
        yield _EMPTY
        yield Segment.line()
        yield _EMPTY
        if counts and room >= _FEWEST:
            yield ProgressBar(max(self._total, 1), self._done, width=room)
            yield Segment(" ")
        yield counts
        yield Segment.line()
        yield _EMPTY
        yield self._line(_MORE, width)
        yield _BACK

    def _line(self, names: Sequence[str], width: int) -> Text:
        told = {name: self._words[name] for name in names if name in self._words}
        for name in _LEAST:
            if len(" · ".join(told.values())) > width:
                told.pop(name, None)
        line = Text(" · ".join(told.values()), end="")
        line.truncate(width, overflow="ellipsis")
        return line
