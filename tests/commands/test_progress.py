"""How far a run is, in words: what is not known yet is left out, and on a terminal what there is no room for."""

import re
from io import StringIO

import pytest
from rich.console import Console

from debate_server.commands.bar import Bar
from debate_server.commands.progress import SPEED, Pace
from debate_server.core.events import Usage
from debate_server.runs.holding.hold import Standing
from tests.conftest import Time


class Told:
    """A run of 10 debates, and its numbers over time."""

    def __init__(self, done: int = 0, cost: float | None = None) -> None:
        self.standing = Standing(10, Usage(cost_usd=cost), {}, done=done)
        self.tokens = 0
        self.time = Time()
        self.pace = Pace(self.standing, lambda: self.tokens, self.time.clock)

    def after(self, seconds: float, tokens: int = 0, done: int = 0) -> dict[str, str]:
        """Its words when so many seconds, tokens and debates more have gone by."""
        self.time.now += seconds
        self.tokens += tokens
        self.standing.done += done
        return self.pace.words()


def test_at_first_little_is_known() -> None:
    assert Told().after(0) == {"done": "0 of 10 done", "running": "0 running"}


def test_failures_are_counted() -> None:
    told = Told()
    told.standing.failures |= {"a": "No.", "b": "No."}
    assert told.after(1)["failed"] == "2 failed"


def test_the_speed_is_that_of_the_last_seconds() -> None:
    told = Told()
    assert told.after(2, tokens=100)["speed"] == "50 tokens/s"
    for _ in range(20):
        words = told.after(1, tokens=10)
    assert words["speed"] == "10 tokens/s"
    assert told.after(SPEED)["speed"] == "0 tokens/s"


def test_the_cost_is_told_and_what_all_of_it_may_come_to() -> None:
    told = Told(done=2, cost=0.5)
    assert told.after(1)["cost"] == "$0.5000 of about $2.50"
    told.standing.done = 10
    assert told.after(1)["cost"] == "$0.5000"
    assert Told(done=2, cost=0.0).after(1)["cost"] == "free"
    assert "cost" not in Told(done=2).after(1)


def test_the_time_that_is_left_is_told_by_those_that_were_done_here() -> None:
    told = Told(done=5)  # before this command
    assert "left" not in told.after(60)
    assert told.after(0, done=1)["left"] == "4 min left"
    assert told.after(12, done=3)["left"] == "18 s left"
    assert "left" not in told.after(1, done=1)
    resumed = Told()
    resumed.standing.passed = 6
    assert "left" not in resumed.after(1, done=6)
    assert resumed.after(59, done=1)["left"] == "3 min left"
    long = Told()
    assert long.after(3600, done=1)["left"] == "9.0 h left"


# What a run may have to tell, and how many of its debates are done.
ALL = {
    "done": "12 of 60 done", "running": "8 running", "failed": "2 failed",
    "speed": "210 tokens/s", "cost": "$0.0010 of about $0.0024", "left": "12 min left",
}  # fmt: skip


class Terminal:
    """So many columns wide, and as long as it needs to be: what is seen in its lines."""

    def __init__(self, width: int) -> None:
        self._sent = StringIO()
        self._console = Console(file=self._sent, width=width, force_terminal=True, legacy_windows=False)
        self._lines = [""]
        self._row = self._column = 0

    def draw(self, words: dict[str, str]) -> list[str]:
        self._console.print(Bar(words, 12, 60), end="")
        return self.write(self._sent.getvalue())

    def write(self, text: str) -> list[str]:
        self._sent.seek(0)
        self._sent.truncate()
        for sent in re.findall(r"\x1b\[[?\d;]*[A-Za-z]|.|\n", text):
            self._take(sent)
        return [line.rstrip() for line in self._lines if line.strip()]

    def _take(self, sent: str) -> None:
        if sent in "\r\n":
            self._column = 0
            self._row += sent == "\n"
            self._lines += [""] * (self._row == len(self._lines))
        elif sent == "\x1b[2K":
            self._lines[self._row] = ""
        elif sent == "\x1b[2A":
            self._row -= 2
        elif sent[0] != "\x1b":
            line = self._lines[self._row].ljust(self._column)
            self._lines[self._row] = line[: self._column] + sent + line[self._column + 1 :]
            self._column += 1
        else:
            assert sent.endswith("m"), repr(sent)


@pytest.mark.parametrize(
    ("width", "bar", "counts", "more"),
    [
        (120, 24, "12 of 60 done · 8 running · 2 failed", "210 tokens/s · $0.0010 of about $0.0024 · 12 min left"),
        (80,  24, "12 of 60 done · 8 running · 2 failed", "210 tokens/s · $0.0010 of about $0.0024 · 12 min left"),
        (45,  7,  "12 of 60 done · 8 running · 2 failed", "$0.0010 of about $0.0024 · 12 min left"),
        (30,  0,  "12 of 60 done · 2 failed",             "12 min left"),
        (20,  0,  "12 of 60 done · 2 …",                  "12 min left"),
    ],
)  # fmt: skip
def test_what_matters_most_is_told_within_the_width(width: int, bar: int, counts: str, more: str) -> None:
    first, second = Terminal(width).draw(ALL)
    assert first.lstrip("━╸╺ ") == counts
    assert len(first) == len(counts) + (bar + 1 if bar else 0)
    assert second == more


def test_what_others_write_meanwhile_stays_whole_and_the_bar_leaves_nothing_behind() -> None:
    terminal = Terminal(80)
    assert len(terminal.draw({"done": "0 of 60 done"})) == 1
    bar = terminal.draw(ALL)
    assert len(bar) == 2
    for written in ("A result.", "Another."):
        terminal.write(f"{written}\n")
        terminal.draw(ALL)
    assert terminal.draw(ALL) == ["A result.", "Another.", *bar]
    assert terminal.draw({}) == ["A result.", "Another."]
