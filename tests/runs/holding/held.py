"""Runs that tests hold: of what debates, and where."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from debate_server.core.run import Run
from debate_server.runs.holding.hold import Holding, Standing
from debate_server.runs.holding.output import Output
from debate_server.runs.holding.venue import Here
from debate_server.runs.items.shape import Item
from debate_server.runs.orders.product import Chosen, Planned, Product
from debate_server.runs.scoring.marking import Marking
from tests.conftest import Server, no_pause
from tests.fakes.script import Say, Script
from tests.fakes.upstream import FakeUpstream

SINGLE = Chosen("single", "single", [("Speaker", "alone")])
QUICK = Chosen("quick", "quick", [("Optimist", "for"), ("Skeptic", "against"), ("Moderator", "chair")])
WORDS: Script = [Say("So it is.")]
PRICED = [{"id": "fake-chat", "pricing": {"prompt": "0", "completion": "0.01"}}]


def planned(count: int, chosen: Chosen = SINGLE, **fields: Any) -> list[Planned]:
    """The debates on so many topics."""
    product = Product(chosen=[chosen], formats={}, score=fields.pop("score", None))
    items = [Item(id=str(n), line=n, topic=f"Is {n} so?", **fields) for n in range(1, count + 1)]
    return [one for item in items for one in product.of(item)]


@dataclass
class Held:
    """A run of those debates at a server, held as often as one likes."""

    server: Server
    path: Path
    debates: list[Planned]
    marking: Marking | None = None
    budget: float | None = None
    holding: Holding = field(init=False)

    async def __call__(self, *, again: bool = False, at_once: int = 4) -> Standing:
        house = self.server.house
        venue = Here(house.log, house.upstream, house.runner, pause=no_pause)
        run = Run(asked="a", source="a.txt", total=len(self.debates), formats=("single",), budget_usd=self.budget)
        state = await venue.open(run)
        with Output(self.path, state.id, again=again) as output:
            self.holding = Holding(
                venue, state, output, at_once=at_once, again=again, marking=self.marking, pause=no_pause
            )
            await self.holding.hold(lambda: self.debates)
        return self.holding.standing

    @property
    def results(self) -> list[dict[str, Any]]:
        """What the output has, by item."""
        found = [orjson.loads(line) for line in self.path.read_bytes().splitlines()]
        return sorted(found, key=lambda one: one["item"])

    def told(self, *names: str) -> list[tuple[Any, ...]]:
        return [tuple(one[name] for name in names) for one in self.results]

    async def debate(self, fake: FakeUpstream, number: int = 1) -> str:
        """The debate that is being held, once so many speeches were asked for."""
        await fake.asked(number)
        [debate] = self.holding.underway
        return debate


def mine(server: Server, tmp_path: Path, debates: list[Planned], marking: Marking | None = None) -> Held:
    return Held(server, tmp_path / "out.ndjson", debates, marking)


def cost(tokens: int) -> dict[str, int]:
    return {"prompt_tokens": 7, "completion_tokens": tokens}
