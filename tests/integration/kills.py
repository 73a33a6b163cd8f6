"""A server that is killed again and again, with viewers who come back and an upstream that lives on.

The upstream sees to it that kills hit what they are meant to: it says nothing, or so many words, and then the server
is killed by that very step, or by the viewer who reads the words. Afterwards the log, what the viewers read and what
the upstream was asked must agree. The suite and the soak are this with other numbers.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp
import orjson

from debate_server.commands.read import Archive
from debate_server.log import frames as fr
from tests.fakes.script import Begin, Pace, Reply, Say, Script, Stall
from tests.fakes.upstream import FakeUpstream
from tests.integration.processes import free_port, running
from tests.integration.viewer import HastySse, NdJson, Reader, Sse, over, parsed, view

# Debates that are not over when a cycle begins, and how many of them may run.
UNDERWAY: Final = 5
RUNNING: Final = 2
# A cycle's kill is at one of its first so many requests; there are always more to come.
REQUESTS: Final = 5
# Every debate has one round and a synthesis.
TURNS: Final = 3
# Tokens a second: quick, but not all at once.
PACE: Final = 400
# The longest accidental delay of a kill, in seconds.
JITTER: Final = 0.06
# A cycle that has not come to its kill after so many seconds does not come to it.
PATIENCE: Final = 120

# When a kill comes: the request is there, the answer has begun, words are on their way, a viewer reads them, the whole
# speech is on its way, a viewer reads its end, a debate is being started, or whenever.
MOMENTS: Final = ("asked", "begun", "speaking", "read", "spoken", "ended", "starting", "sometime")


@dataclass
class Debate:
    """One debate, by its topic, and those who watch it. ``id`` is known once the server has answered the start."""

    topic: str
    id: str = ""
    readers: list[Reader] = field(default_factory=lambda: [Sse(), HastySse(), NdJson()])

    @property
    def over(self) -> bool:
        return all(over(reader) for reader in self.readers)


@dataclass(frozen=True)
class Kill:
    """A step of the upstream's script: the server is gone before the next one."""

    cycles: "Cycles"

    async def play(self, _: Reply) -> None:
        self.cycles.kill()


class Cycles:
    """Cycles of start, work and kill on one folder. What it does is made of its seed."""

    def __init__(self, home: Path, fake: FakeUpstream, seed: int) -> None:
        self.debates: list[Debate] = []
        self.kills: Counter[str] = Counter()
        self.speeches: set[str] = set()
        self.home = home
        self.fake = fake
        self._rng = random.Random(seed)
        self._port = free_port()
        self._up = asyncio.Event()
        self._server: asyncio.subprocess.Process | None = None
        # This cycle's moment, after how many more requests it comes, and what a viewer reads when it has come.
        self._moment = ""
        self._countdown = 0
        self._mark = b""
        self._moments: list[str] = []
        fake.script = self._script

    async def run(self, cycles: int) -> None:
        """All the cycles, then the rest of the debates in peace. Raises AssertionError, in an ExceptionGroup, where
        a viewer is told what cannot be."""
        async with asyncio.TaskGroup() as tasks:
            following: list[asyncio.Task[None]] = []
            for _ in range(cycles):
                self._moments = self._moments or self._rng.sample(MOMENTS, len(MOMENTS))
                self._moment, self._countdown = self._moments.pop(), self._rng.randint(1, REQUESTS)
                async with asyncio.timeout(PATIENCE), self._serving() as server:
                    following += [tasks.create_task(self._follow(debate)) for debate in self._more()]
                    await server.wait()
                    assert not self._up.is_set(), f"it ended by itself: {server.returncode}"
                self.kills[self._moment] += 1
            self._moment = ""
            async with asyncio.timeout(PATIENCE), self._serving() as server:
                await asyncio.gather(*following)
                for debate in self.debates:
                    assert await self._start(debate) == debate.id, "the key has started another"
                server.terminate()
                assert await server.wait() == 0

    def kill(self) -> None:
        """Kill the server, once a cycle."""
        if self._up.is_set() and self._server is not None:
            self._up.clear()
            self._server.kill()

    @asynccontextmanager
    async def _serving(self) -> AsyncIterator[asyncio.subprocess.Process]:
        flags = ("--model", "fake-chat", "--max-running", str(RUNNING))
        with (self.home / "server.log").open("ab") as stderr:
            async with running(
                self.home, *flags, port=self._port, stderr=stderr, OPENAI_BASE_URL=self.fake.base_url
            ) as (address, server):
                assert address.endswith(f":{self._port}"), f"it does not start: {address!r}"
                self._server = server
                self._up.set()
                yield server

    def _more(self) -> list[Debate]:
        """Debates to start, so that there are enough which are not over, and one in any case where that is the
        moment."""
        missing = UNDERWAY - sum(not debate.over for debate in self.debates)
        if self._moment == "starting":
            missing = max(1, missing)
            asyncio.get_running_loop().call_later(self._rng.uniform(0, JITTER), self.kill)
        more = [Debate(f"Is {len(self.debates) + number} a good number?") for number in range(missing)]
        self.debates += more
        return more

    # What the viewers do

    async def _follow(self, debate: Debate) -> None:
        """Start a debate, again and again under its key until it is known to be started, and watch it to its end."""
        while not debate.id:
            await self._up.wait()
            try:
                debate.id = await self._start(debate)
            except aiohttp.ClientError:
                continue
        async with asyncio.TaskGroup() as tasks:
            for reader in debate.readers:
                tasks.create_task(self._watch(debate, reader))

    async def _start(self, debate: Debate) -> str:
        wanted = {"topic": debate.topic, "rounds": 1}
        key = {"Idempotency-Key": debate.topic}
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"http://127.0.0.1:{self._port}/api/debates", json=wanted, headers=key) as response,
        ):
            assert response.status == 202, await response.text()
            return str((await response.json())["id"])

    async def _watch(self, debate: Debate, reader: Reader) -> None:
        while not over(reader):
            await self._up.wait()
            headers = {"Last-Event-ID": reader.cursor} if reader.cursor else {}
            try:
                await view(self._port, f"/api/debates/{debate.id}/events", reader, headers, saw=self._saw)
            except ConnectionError:
                continue
            assert over(reader), f"a stream that nobody cut ended after {reader.events[-1:]}"

    def _saw(self, event: bytes) -> None:
        if self._mark and self._mark in event:
            self._mark = b""
            self.kill()

    # What the upstream says

    def _script(self, _: dict[str, Any]) -> Script:
        number = len(self.fake.requests)
        words = [f"w{number}.{word}" for word in range(self._rng.randint(8, 40))]
        whole = " ".join(words)
        self.speeches.add(whole)
        self._countdown -= 1
        if self._countdown:
            return [Pace(PACE), Say(whole)]
        some = self._rng.randint(2, len(words) - 1)
        part = Say(" ".join(words[:some]), finish=None)
        match self._moment:
            case "asked":
                return [Kill(self)]
            case "begun":
                return [Begin(), Kill(self)]
            case "speaking":
                return [Pace(PACE), part, Kill(self)]
            case "read":
                self._mark = f'"content":" {words[some - 1]}"'.encode()
                return [Pace(PACE), part, Stall()]
            case "spoken":
                return [Pace(PACE), Say(whole), Kill(self)]
            case "ended":
                self._mark = f'"content":"{whole}"'.encode()
            case "sometime":
                asyncio.get_running_loop().call_later(self._rng.uniform(0, JITTER), self.kill)
        return [Pace(PACE), Say(whole)]


def check(cycles: Cycles) -> None:
    """What was seen is what is in the log, the log tells a sound story, and every request is in it."""
    archive = Archive(cycles.home / "data")
    assert {row.id for row in archive.rows(1_000_000)} == {debate.id for debate in cycles.debates}
    requests = [orjson.dumps(asked.body).decode() for asked in cycles.fake.requests]
    void = 0
    for debate in cycles.debates:
        lines = [fr.line(block) for block in fr.split(archive.frames(debate.id))]
        for reader in debate.readers:
            assert reader.events == lines, f"{debate}: {type(reader).__name__} read something else than {lines}"
        started, voided = check_story(parsed(lines), cycles.speeches)
        asked = sum(debate.topic in request for request in requests)
        assert started - voided <= asked <= started, f"{debate}: {asked} requests, {started} attempts, {voided} void"
        void += voided
    assert void <= RUNNING * cycles.kills.total()


def check_story(events: list[dict[str, Any]], speeches: set[str]) -> tuple[int, int]:
    """One debate's events, from its start to its one end; how many attempts there were, and how many are void."""
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert [event["seq"] for event in events if event["type"] == "done"] == [len(events)]
    assert events[-1]["reason"] == "completed"
    said: dict[int, str] = {}  # what is said so far in the attempts that are open
    attempts: Counter[int] = Counter()
    ended: set[int] = set()
    void = 0
    for event in events:
        turn = event.get("turn", 0)
        match event["type"]:
            case "agent_start":
                attempts[turn] += 1
                assert (event["attempt"], turn in said, turn in ended) == (attempts[turn], False, False), event
                said[turn] = ""
            case "token":
                said[turn] += event["content"]
            case "agent_end":
                assert event["content"] == said.pop(turn), event
                assert event["content"] in speeches, event
                ended.add(turn)
            case "agent_error":
                del said[turn]
                assert (event["code"], event["retrying"]) == ("interrupted", True), event
                void += 1
    assert (said, ended) == ({}, set(range(1, TURNS + 1)))
    return attempts.total(), void
