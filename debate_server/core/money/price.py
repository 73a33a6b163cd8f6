"""What tokens cost, in US dollars. Pure: where a price comes from is not its business."""

from dataclasses import dataclass
from typing import Final

MILLION: Final = 1_000_000
# Ten times more than any call or any million tokens costs. What is higher counts in another unit.
MOST: Final = 10_000.0


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens, in and out."""

    input: float
    output: float

    def cost(self, input: int, output: int) -> float:
        """US dollars for so many tokens."""
        return (self.input * input + self.output * output) / MILLION


FREE: Final = Price(0.0, 0.0)


def dollars(value: object) -> float | None:
    """The amount that another program names, as a number or in a string; None for what is none: no number, below zero,
    or above MOST."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        amount = float(value)
    except (ValueError, OverflowError):
        return None
    return amount if 0 <= amount <= MOST else None
