"""Head to head: who met whom, and how that ended."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from debate_server.runs.rating.matches import Match


@dataclass(frozen=True, slots=True)
class Met:
    """Two that met: of so many ``matches`` so many were ``won`` by the first, ``lost`` by it, and ``tied``."""

    first: str
    second: str
    matches: int
    won: int
    lost: int
    tied: int


def met(matches: Iterable[Match], names: Sequence[str]) -> tuple[Met, ...]:
    """All pairs that did, in the order of the names; who comes first there is the first of the two."""
    place = {name: number for number, name in enumerate(names)}
    ends: dict[tuple[int, int], Counter[int | None]] = {}
    for match in matches:
        first, second = place[match.first], place[match.second]
        winner = {"first": first, "second": second, "tie": None}[match.winner]
        ends.setdefault((min(first, second), max(first, second)), Counter())[winner] += 1
    return tuple(
        Met(names[one], names[other], ended.total(), ended[one], ended[other], ended[None])
        for (one, other), ended in sorted(ends.items())
    )
