"""Stories: a debate from its start until it is deleted, and what people do meanwhile.

They watch in every framing, leave, come back by cursor, poll, speak, stop it, look at the page, and some never read
what they asked for. Whoever has watched to the end must have every event once. What happens is made of a seed; when,
is not.
"""

import asyncio
import random
import socket
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp

from tests.fakes.script import Drop, Pace, Reset, Say, Script, Stall, Step, Think, refuse
from tests.integration.cuts import WORDS
from tests.integration.viewer import HastySse, NdJson, Reader, Sse, answer, over, parsed, view

# Debates that are over and are kept; the oldest is deleted for the next one.
KEPT: Final = 40
# Tokens a second of one speech.
PACE: Final = 100
# A story that is not over after so many seconds never is.
PATIENCE: Final = 600

PAGES: Final = (
    "/", "/static/app.js", "/healthz", "/metrics", "/api/formats", "/api/models", "/api/debates?limit=20",
    "/api/debates?find=stor", "/openapi.json", "/api/debates/nosuchdebate", "/api/debates?limit=0",
)  # fmt: skip


@dataclass
class Town:
    """The server, those who ask it, and what has happened so far. ``held`` are debates that are over, oldest first."""

    port: int
    session: aiohttp.ClientSession
    held: deque[str] = field(default_factory=deque)
    happened: Counter[str] = field(default_factory=Counter)

    async def ask(self, method: str, path: str, allowed: tuple[int, ...] = (200, 202, 204), **options: Any) -> Any:
        """The answer's JSON, or None. Raises AssertionError where it is none that is allowed."""
        self.happened[f"{method} requests"] += 1
        async with self.session.request(method, path, **options) as response:
            body = await response.read()
            assert response.status in allowed, f"{method} {path}: {response.status} {body[:300]!r}"
            return await response.json() if response.content_type == "application/json" else None


def upstream(seed: int) -> Callable[[dict[str, Any]], Script]:
    """What the upstream says: mostly speeches at a pace, sometimes thoughts before, and sometimes a fault."""
    rng = random.Random(seed)

    def script(_: dict[str, Any]) -> Script:
        text = " ".join(rng.choices(WORDS, k=rng.randint(20, 300)))
        begun: list[Step] = [Pace(PACE * rng.uniform(0.5, 4)), Say(text, finish=None)]
        match rng.randrange(100):
            case 0 | 1:
                return [refuse(rng.choice((429, 500, 503)))]
            case 2:
                return [*begun, Drop()]
            case 3:
                return [Reset()]
            case 4 if rng.random() < 0.2:
                return [*begun, Stall()]
            case 5 | 6:
                return [Think("Let me see."), Pace(PACE), Say(text)]
            case _:
                return [Pace(PACE * rng.uniform(0.5, 4)), Say(text)]

    return script


async def story(town: Town, seed: int) -> None:
    """One debate, its people, and its end. Raises AssertionError, in an ExceptionGroup, where anything is wrong."""
    rng = random.Random(seed)
    async with asyncio.timeout(PATIENCE):
        debate = await _start(town, rng, seed)
        async with asyncio.TaskGroup() as people:
            for _ in range(rng.randint(1, 6)):
                people.create_task(_watch(town, debate, random.Random(rng.random())))
            for act, chance in ((_poll, 0.4), (_speak, 0.5), (_stop, 0.15), (_look, 0.3), (_replay, 0.2), (_deaf, 0.1)):
                if rng.random() < chance:
                    people.create_task(act(town, debate, random.Random(rng.random())))
        await _keep(town, debate)


async def everything_once(town: Town) -> None:
    """One story with everybody in it: all that is loaded when it is first needed is there afterwards."""
    rng = random.Random(0)
    for way in range(3):
        debate = await _start(town, rng, way, way=way)
        async with asyncio.TaskGroup() as people:
            for act in (_watch, _poll, _speak, _look, _replay, _deaf, _stop if way else _watch):
                people.create_task(act(town, debate, random.Random(way)))
        await _keep(town, debate)
    for path in PAGES:
        await town.ask("GET", path, allowed=(200, 404, 422))


async def _start(town: Town, rng: random.Random, seed: int, *, way: int | None = None) -> str:
    """A debate begun in one of the ways there are. Who starts it by a stream leaves that again."""
    wanted = {"topic": f"Story {seed}: {' '.join(rng.choices(WORDS, k=8))}?", "rounds": rng.randint(1, 2)}
    town.happened["debates"] += 1
    key = {"Idempotency-Key": f"story-{seed}-{rng.random()}"} if rng.random() < 0.3 else {}
    match rng.randrange(4) if way is None else way:
        case 0:
            request = town.session.post("/api/debate", json=wanted, headers=key)
        case 1:
            request = town.session.get(f"/api/debate?{urlencode(wanted)}")
        case _:
            for _ in range(len(key) + 1):  # under a key it may be asked for twice
                made = await town.ask("POST", "/api/debates", json=wanted, headers=key)
            return str(made["id"])
    async with request as response:
        assert response.status == 200, await response.text()
        lines = rng.randint(1, 500)
        async for _ in response.content:
            if not (lines := lines - 1):
                break
        return response.headers["Location"].rpartition("/")[2]


async def _watch(town: Town, debate: str, rng: random.Random) -> None:
    """Watch to the end, with breaks; every event must have come once, in order."""
    reader: Reader = rng.choice((Sse, Sse, HastySse, NdJson))()
    await asyncio.sleep(rng.choice((0, rng.uniform(0, 10))))
    while not over(reader):
        town.happened["views"] += 1
        stay = len(reader.events) + (rng.randint(1, 600) if rng.random() < 0.7 else 10**9)

        def saw(_: bytes, stay: int = stay) -> None:
            if len(reader.events) >= stay and not over(reader):
                raise ConnectionError

        query = f"?since={reader.cursor}" if reader.cursor and rng.random() < 0.5 else ""
        headers = {"Last-Event-ID": reader.cursor} if reader.cursor and not query else {}
        try:
            await view(town.port, f"/api/debates/{debate}/events{query}", reader, headers, saw=saw)
        except ConnectionError:
            await asyncio.sleep(rng.uniform(0, 1))
    seqs = [event["seq"] for event in parsed(reader.events)]
    assert seqs == list(range(1, len(seqs) + 1)), f"{debate}: a viewer read {seqs}"


async def _poll(town: Town, debate: str, rng: random.Random) -> None:
    since, closed, heard = 0, False, 0
    while not closed:
        told = await town.ask("GET", f"/api/debates/{debate}/messages?since={since}")
        since, closed, heard = told["next"], told["closed"], heard + len(told["messages"])
        await asyncio.sleep(rng.uniform(0.2, 2))
    again = await town.ask("GET", f"/api/debates/{debate}/messages")
    assert heard == len(again["messages"]), f"{debate}: {heard} polled of {len(again['messages'])}"


async def _speak(town: Town, debate: str, rng: random.Random) -> None:
    for _ in range(rng.randint(1, 4)):
        await asyncio.sleep(rng.uniform(0, 5))
        wanted = {"content": " ".join(rng.choices(WORDS, k=rng.randint(1, 200)))}
        await town.ask("POST", f"/api/debates/{debate}/messages", allowed=(202, 409), json=wanted)


async def _stop(town: Town, debate: str, rng: random.Random) -> None:
    await asyncio.sleep(rng.uniform(0, 10))
    await town.ask("POST", f"/api/debates/{debate}/stop")


async def _look(town: Town, debate: str, rng: random.Random) -> None:
    """What the page and its reader ask for beside the stream, and what gets a refusal."""
    for path in rng.sample(PAGES, 4):
        await asyncio.sleep(rng.uniform(0, 3))
        await town.ask("GET", path, allowed=(200, 404, 422))
    for path in ("", "/export.md", "/export.html", "/export.json"):
        await town.ask("GET", f"/api/debates/{debate}{path}")
    await town.ask("GET", f"/d/{debate}")


async def _replay(town: Town, debate: str, rng: random.Random) -> None:
    """Read several debates in one stream, in any framing, to the end or not."""
    several = [debate, *list(town.held)[-rng.randint(1, KEPT // 2) :]]
    accept = rng.choice(("text/event-stream", "application/x-ndjson", "text/plain"))
    await asyncio.sleep(rng.uniform(0, 3))
    query = urlencode([("after", f"{one}.0") for one in several])
    async with answer(town.port, f"/api/events?{query}", {"Accept": accept}) as received:
        pieces = rng.choice((1, 10, 10**9))
        async for _ in received.pieces():
            if not (pieces := pieces - 1):
                return


async def _deaf(town: Town, debate: str, _: random.Random) -> None:
    """Ask for much and read none of it, until the debate is over."""
    query = urlencode([("after", f"{one}.0") for one in [debate, *town.held]])
    loop = asyncio.get_running_loop()
    with socket.socket() as deaf:
        deaf.setblocking(False)
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        await loop.sock_connect(deaf, ("127.0.0.1", town.port))
        await loop.sock_sendall(deaf, f"GET /api/events?{query} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        await _over(town, debate)


async def _over(town: Town, debate: str) -> None:
    """Wait for a debate's end without watching it."""
    while (await town.ask("GET", f"/api/debates/{debate}"))["status"] != "done":  # noqa: ASYNC110  # as a poller
        await asyncio.sleep(1)


async def _keep(town: Town, debate: str) -> None:
    """A debate that is over is kept for a while, instead of the oldest one."""
    await _over(town, debate)
    town.held.append(debate)
    while len(town.held) > KEPT:
        await town.ask("DELETE", f"/api/debates/{town.held.popleft()}")
