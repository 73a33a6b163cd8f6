"""An order: what a person asks of a run."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256

import orjson

from debate_server.core.errors import InvalidRequest
from debate_server.core.explain import meaning
from debate_server.core.run import Run
from debate_server.runs.holding.venue import Venue
from debate_server.runs.items.shape import Item
from debate_server.runs.items.source import Source
from debate_server.runs.orders.product import Kind, Planned
from debate_server.runs.scoring.marking import Marking


@dataclass(frozen=True, slots=True)
class Order:
    """``of``: the debates on an item, each time the same; ``run``: what is asked for, as the log keeps it, whose total
    is not known yet; ``marking``: what marks answers, None where nothing does; ``seats``: the agents that are named for
    all of it; ``warning``: what a person should know before; ``refused``: the kinds of debates that cannot be held, and
    why."""

    items: Source
    of: Callable[[Item], Iterator[Planned]]
    run: Run
    marking: Marking | None = None
    seats: tuple[str, ...] = ()
    warning: str = ""
    refused: dict[Kind, str] = field(default_factory=dict)

    def planned(self) -> Iterator[Planned]:
        """All its debates in their order. Raises InvalidRequest behind them where lines of the file are bad."""
        for item in self.items:
            try:
                with meaning(f"Item {item.id!r} cannot be held so"):
                    planned = [self._held(one) for one in self.of(item)]
            except InvalidRequest as error:
                self.items.refuse(item.line, error)
            else:
                yield from planned

    def _held(self, one: Planned) -> Planned:
        if (why := self.refused.get(one.kind)) is not None:
            raise InvalidRequest(why)
        return one


# What is asked for, once it is known where it is held.
Make = Callable[[Venue], Awaitable[Order]]


def fingerprint(*asked: object) -> str:
    """What names a run: the same for the same that is asked for."""
    return sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)).hexdigest()
