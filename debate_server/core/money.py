"""What words cost."""

from dataclasses import dataclass
from typing import Final

PER: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens read and a million said."""

    input: float
    output: float

    def cost(self, input: int, output: int) -> float:
        """What so many tokens cost, in US dollars."""
        return (input * self.input + output * self.output) / PER
