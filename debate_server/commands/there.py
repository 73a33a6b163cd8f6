"""A venue at a server: the debates of a run are begun over HTTP and followed there."""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from typing import Any, Final

import aiohttp
import orjson

from debate_server.commands.server import ServerBusy, ServerGone, ServerRefused, check, get, lines, post
from debate_server.core.errors import LogUnavailable, NotRunning, UnknownModel
from debate_server.core.events import Usage, decode
from debate_server.core.money.forecast import Forecast
from debate_server.core.plan import Start
from debate_server.core.run import Begin, Run, State
from debate_server.core.transcript import Transcript
from debate_server.runs.holding.venue import Estimate
from debate_server.runs.orders.product import Chosen

# Tokens are counted as they pass by, and not folded in.
_TOKEN: Final = b'{"type":"token"'


class There:
    """A venue at the server that a session asks; ``lasting``: it is there until somebody ends it. What is lost of
    it is ServerGone, raised where the session ends."""

    leaving = "What is underway goes on at the server."

    def __init__(self, session: aiohttp.ClientSession, *, lasting: bool = True) -> None:
        self.lasting = lasting
        self.tokens = 0
        self._session = session

    async def formats(self) -> Mapping[str, Chosen]:
        told = await get(self._session, "/api/formats")
        try:
            return {one["name"]: _chosen(one) for one in told["formats"]}
        except (KeyError, TypeError):
            raise ServerRefused("What answers there is no debate-server, or one of another version.") from None

    async def addresses(self, models: Iterable[str]) -> dict[str, str]:
        told = await get(self._session, "/api/models")
        known = {name: model["address"] for model in told["models"][::-1] for name in (model["name"], model["address"])}
        if (default := told["default"]) is not None:
            known |= dict.fromkeys(("", default["name"]), default["address"])
        # A name alone is looked for where the default model is; the others may be as silent as they like.
        where = default["endpoint"] if default is not None else None
        silent = any(one["reason"] for one in told["endpoints"] if where in (None, one["name"]))
        for name in models:
            if not name and default is None:
                raise UnknownModel(told["why"])
            if name and known and name not in known and "@" not in name and not silent:
                has = ", ".join(sorted(filter(None, known))[:5])
                raise UnknownModel(f"The server has no model {name!r}. It has {has}.")
        return {name: known.get(name, name) for name in models}

    async def estimate(self, start: Start) -> Estimate:
        told = await post(self._session, "/api/estimate", start.model_dump(exclude_none=True))
        return Estimate(_forecast(told["least"]), _forecast(told))

    async def open(self, run: Run) -> State:
        told = await post(self._session, "/api/runs", run.model_dump(exclude_none=True))
        asked = Run.model_validate({name: told[name] for name in Run.model_fields})
        return State(told["id"], told["created"], asked, told["debates"], Usage(**told["usage"]))

    async def held(self, run: str) -> Mapping[str, tuple[str, str, Usage]]:
        found = (await get(self._session, f"/api/runs/{run}/debates"))["debates"]
        return {one["key"]: (one["debate"], one["state"], Usage(**one["usage"])) for one in found}

    async def begin(self, run: str, begin: Begin) -> str:
        """A server that has no room just now has some later."""
        while True:
            try:
                begun = await post(self._session, f"/api/runs/{run}/debates", begin.model_dump(exclude_none=True))
                return str(begun["id"])
            except ServerBusy as busy:
                await asyncio.sleep(busy.retry_after)

    async def go_on(self, debate: str, *, paused: bool) -> None:
        """What a process left that is gone the next one takes up by itself."""
        if paused:
            with suppress(NotRunning):  # it came to its end
                await post(self._session, f"/api/debates/{debate}/resume")

    async def ended(self, debate: str) -> tuple[Transcript, str]:
        said, created = Transcript(), ""
        headers = {"Accept": "application/x-ndjson"}
        async with self._session.get(f"/api/debates/{debate}/events", headers=headers) as response:
            await check(response)
            async for line in lines(response):
                if line.startswith(_TOKEN):
                    self.tokens += 1
                    continue
                if b'"seq":' not in line:
                    raise LogUnavailable(orjson.loads(line)["message"])
                created = created or orjson.loads(line)["created"]
                if (known := decode(line)) is not None:
                    said.apply(*known)
        if said.status != "done":
            raise ServerGone("The server was ended before the debate was.")
        return said, created

    async def leave(self, debates: Collection[str]) -> Collection[str]:
        """They go on there, and are found when they are asked for again."""
        return ()


def _chosen(told: Mapping[str, Any]) -> Chosen:
    name, seats = told["name"], [(seat["name"], seat["side"]) for seat in told["agents"]]
    return Chosen(name, name, seats, told["answers"])


def _forecast(told: Mapping[str, Any]) -> Forecast:
    return Forecast(told["calls"], Usage(told["input"], told["output"], told["cost_usd"], estimated=True))
