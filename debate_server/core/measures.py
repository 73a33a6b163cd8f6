"""What a process counts about itself, as plain numbers: cheap to count, and read only when somebody asks.

Every floor counts what happens on it; ``web.metrics`` tells it all in the terms of Prometheus.
"""

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Final

# Upper bounds of the buckets, in seconds.
SHORT: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
LONG: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)


class Histogram:
    """How often a time (in seconds) fell into which bucket. ``counts`` has one more than ``bounds``: all above."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, seconds: float) -> None:
        self.counts[bisect_left(self.bounds, seconds)] += 1
        self.total += seconds


def _short() -> Histogram:
    return Histogram(SHORT)


@dataclass(slots=True)
class Measures:
    """All that is counted since the process began."""

    turns: int = 0
    tokens: int = 0
    retries: int = 0
    dropped_viewers: int = 0
    stream_bytes: int = 0
    # What came to the server's port and was no request.
    unreadable: int = 0
    # From a request's leaving to its first token.
    first_token: Histogram = field(default_factory=lambda: Histogram(LONG))
    # One transaction of the log.
    commit: Histogram = field(default_factory=_short)
    # From the oldest event of a commit to its having been written to every viewer who keeps up.
    event_lag: Histogram = field(default_factory=_short)
    # How late the event loop comes to what is due.
    loop_lag: Histogram = field(default_factory=_short)
