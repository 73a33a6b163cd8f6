"""Viewers behind a bad network: whatever is cut, split or held back, each must read a debate exactly once.

A seed is one viewer with its network. ``play`` holds debates for many of them, who read at the same time, live and
afterwards. The suite and the soak are these functions with other numbers.
"""

import asyncio
import random
import zlib
from collections.abc import Iterable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import aiohttp
import orjson

from debate_server.core.events import EVENTS
from debate_server.log import frames as fr
from debate_server.log.log import Log
from tests.fakes.script import Reply, Script
from tests.integration.proxy import Proxy
from tests.integration.viewer import HastySse, NdJson, Reader, Sse, answer, over, parsed, view

# The readers of one wave, and the debates that they read while those are held.
WAVE: Final = 60
DEBATES: Final = 3
# A viewer is cut up to so many times; then its network lets everything through.
MOST_CUTS: Final = 14
# What has not come after so many seconds does not come.
PATIENCE: Final = 120

WORDS = [
    "The",
    "cost",
    "is",
    "naïve",
    "—",
    "says",
    "日本",
    "\u2028",
    "and",
    "😀",
    "\u0085",
    '"so"',
    "\\",
    "it\r\n\r\ndata:",
    "x.1",
]
BRIEF = {event.type for event in EVENTS.values() if event.brief}


@dataclass(frozen=True)
class Murmur:
    """Words, one by one, each after the loop has been round a few times: the more there is to do, the slower."""

    words: list[str]
    rounds: int

    async def play(self, reply: Reply) -> None:
        for word in self.words:
            await reply.delta({"content": f"{word} "})
            for _ in range(self.rounds):
                await asyncio.sleep(0)
        await reply.delta({}, "stop")


def murmured(body: dict[str, Any]) -> Script:
    """A speech that takes its time: what the fake upstream says to a request."""
    rng = random.Random(zlib.crc32(orjson.dumps(body["messages"])))
    return [Murmur(rng.choices(WORDS, k=rng.randint(30, 80)), rng.choice((0, 5, 20)))]


@dataclass
class Stage:
    """The server that is watched, and the log that tells what is true."""

    address: str
    log: Log
    session: aiohttp.ClientSession

    @property
    def port(self) -> int:
        port = urlsplit(self.address).port
        assert port is not None
        return port

    async def start(self, topic: str) -> str:
        wanted = {"topic": topic, "rounds": 1}
        async with self.session.post("/api/debates", json=wanted) as response:
            return str((await response.json())["id"])

    def lines(self, debate: str) -> list[bytes]:
        """What the log has of a debate."""
        return [fr.line(block) for batch in self.log.committed(debate, 0) for block in fr.split(batch)]


async def play(stage: Stage, seeds: Iterable[int]) -> None:
    """Every seed's viewer reads its debate: three of four while it is held, the others, and polls, of those that are
    over. Raises AssertionError, in an ExceptionGroup, where one has read anything but the log."""
    seeds = list(seeds)
    for first in range(0, len(seeds), WAVE):
        wave = seeds[first : first + WAVE]
        debates = [await stage.start(f"Wave {wave[0]}, debate {number}?") for number in range(DEBATES)]
        live = [seed for seed in wave if seed % 4]
        for group in (live, [seed for seed in wave if seed not in live]):
            async with asyncio.TaskGroup() as tasks:
                for seed in group:
                    tasks.create_task(read_through_cuts(stage, debates[seed % DEBATES], seed))


async def read_through_cuts(stage: Stage, debate: str, seed: int) -> None:
    """One schedule: a viewer of this debate, or of one that it starts itself, over its own bad network."""
    rng = random.Random(seed)
    kind = rng.choice(("sse", "sse", "hasty", "ndjson", "poll", "start"))
    async with asyncio.timeout(PATIENCE), Proxy(stage.port, seed, rng.randint(2, MOST_CUTS)) as proxy:
        if kind == "poll":
            heard = await _poll(stage, proxy, debate)
            told = [event for event in parsed(stage.lines(debate)) if event["type"] not in BRIEF]
            assert heard == told, f"seed {seed}: polled {heard} of {told}"
            return
        reader: Reader = {"hasty": HastySse, "ndjson": NdJson}.get(kind, Sse)()
        query = {"topic": f"Own {seed}?", "rounds": "1", "run": f"run-{seed}"} if kind == "start" else {}
        path = "/api/debate" if query else f"/api/debates/{debate}/events"
        await _read(rng, proxy, path, query, reader)
    if kind == "start":
        debate = parsed(reader.events)[0]["debate"]
        held = [row.id for row in stage.log.list(10_000) if row.topic == query["topic"]]
        assert held == [debate], f"seed {seed}: started {held}"
    truth = stage.lines(debate)
    assert reader.events == truth, f"seed {seed}, {kind}: read {reader.events} of {truth}"
    async with answer(stage.port, f"/api/debates/{debate}/events?since={reader.cursor}") as last:
        assert last.status == 204, f"seed {seed}: {last.status} at the end"


async def _read(rng: random.Random, proxy: Proxy, path: str, query: dict[str, str], reader: Reader) -> None:
    """Read to the end, and come back by cursor, each time named in another way, as often as it takes."""
    stale = ""
    while not over(reader):
        assert not proxy.spent, f"a stream that nobody cut ended after {reader.events[-1:]}"
        where, headers = dict(query), {}
        if at := reader.cursor:
            stale = stale or at
            match rng.choice(("header", "since", "last_event_id", "lastEventId", "both")):
                case "header":
                    headers["Last-Event-ID"] = at
                case "both":  # the address is the one of an earlier time
                    headers["Last-Event-ID"], where["since"] = at, stale
                case name:
                    where[name] = at
        try:
            await view(proxy.port, f"{path}?{urlencode(where)}", reader, headers)
        except ConnectionError:
            continue


async def _poll(stage: Stage, proxy: Proxy, debate: str) -> list[dict[str, Any]]:
    """Poll to the end; where there was nothing new, again as soon as there is."""
    heard: list[dict[str, Any]] = []
    closed, since = False, 0
    while not closed:
        try:
            async with answer(proxy.port, f"/api/debates/{debate}/messages?since={since}") as received:
                assert received.status == 200
                told = orjson.loads(await received.read())
        except ConnectionError:
            continue
        heard += told["messages"]
        closed, since = told["closed"], told["next"]
        if not closed:
            async with aclosing(stage.log.follow({debate: since})) as batches:
                async for batch in batches:
                    if not all(event["type"] in BRIEF for event in parsed([*map(fr.line, fr.split(batch.frames))])):
                        break
    return heard
