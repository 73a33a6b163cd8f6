"""How much is held in a debate of so many rounds: counted, without laying it out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from debate_server.core.format.shape import Format, Round

# A voter sees the candidates in one order and in the other.
ORDERS: Final = 2


@dataclass(frozen=True, slots=True)
class Size:
    """So many turns and ballots."""

    turns: int
    ballots: int


def size(format_: Format, rounds: int, more: Sequence[int] = ()) -> Size:
    """What the agenda of these comes to, where nothing is over before its time."""
    repeating = [number for number, round_ in enumerate(format_.rounds) if round_.repeat]
    laps = max(0, rounds - format_.fixed_rounds) + sum(more)
    ends = 1 + len(more)  # what follows the rounds that repeat is held each time that they are over

    def times(number: int, round_: Round) -> int:
        if round_.repeat:
            return laps
        return ends if repeating and number > repeating[-1] else 1

    held = [(round_, times(number, round_)) for number, round_ in enumerate(format_.rounds)]
    return Size(
        sum(len(round_.speakers or ()) * times for round_, times in held),
        sum(len(round_.voters or ()) * times for round_, times in held) * ORDERS,
    )
