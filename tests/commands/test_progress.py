"""How far a run is, in words: what is not known yet is left out."""

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
