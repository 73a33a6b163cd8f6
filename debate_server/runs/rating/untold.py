"""What matches do not tell, in words. Models have the names that a table or a report has for them."""

from collections.abc import Callable, Iterable
from typing import Final

from debate_server.core.telling.words import listed
from debate_server.runs.rating.links import Stands
from debate_server.runs.rating.rate import MEAN, Ratings

Name = Callable[[str], str]

# More names than that are counted.
_MOST: Final = 5
_SIDES: Final[tuple[tuple[Stands, str, str], ...]] = (("ahead", "won", "ahead"), ("behind", "lost", "behind"))


def unlinked(ratings: Ratings, name: Name = str) -> list[str]:
    """Sentences on those whom nothing places beside the others; the first is on those ahead of them, if there are
    any."""
    said = list[str]()
    for stands, done, side in _SIDES:
        those = _those(ratings, stands, name)
        if len(those) == 1:
            said.append(f"{those[0]} has {done} everything it played: how far {side} it is, matches do not say.")
        elif those:
            everything = f"{some(those)} have {done} everything against the others"
            said.append(f"{everything}: how far {side} they are, matches do not say.")
    if those := _those(ratings, "apart", name):
        met = f"{some(those)} {'has' if len(those) == 1 else 'have'} never met {some(_those(ratings, 'within', name))}"
        said.append(f"{met}: how far apart they are, matches do not say.")
    return said


def untold(ratings: Ratings, name: Name = str) -> list[str]:
    """The same, and why there may be no interval though."""
    said = unlinked(ratings, name)
    linked = [one for one in ratings.models if one.stands == "within"]
    if len(linked) > 1 and any(one.rating.low is None for one in linked):
        where = "Where else" if said else "Where"
        said.append(f"{where} there is no interval, topics and matches are too few or too much alike to tell one.")
    return said


def around(ratings: Ratings, name: Name = str) -> str:
    """What ratings are around, such as "1,000" or "1,000, the mean of a, b and c"."""
    linked = _those(ratings, "within", name)
    whose = f", the mean of {some(linked)}" if 1 < len(linked) < len(ratings.models) else ""
    return f"{MEAN:,.0f}{whose}"


def some(names: Iterable[str]) -> str:
    """Such as "a, b and c", or "a, b, c, d and 12 others"."""
    told = list(names)
    return listed(told if len(told) <= _MOST else [*told[: _MOST - 1], f"{len(told) - _MOST + 1:,} others"])


def _those(ratings: Ratings, stands: Stands, name: Name) -> list[str]:
    return [name(one.model) for one in ratings.models if one.stands == stands]
