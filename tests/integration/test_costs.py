"""What must not grow: counted, not timed, so that it is the same on every machine."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from debate_server.core.events import Token
from debate_server.house import opened
from debate_server.settings import Settings
from debate_server.web.app import make_app, serving
from tests.conftest import Server, settings_for, until
from tests.fakes.script import Begin, Gate, Pace, Reply, Say, Script, Stall
from tests.fakes.upstream import FakeUpstream
from tests.integration.calls import counted, encoding, sending
from tests.integration.clock import ClockLoop
from tests.web.test_viewer import begun
from tests.web.wire import Wire, get, sent


@asynccontextmanager
async def watching(server: Server, *paths: str) -> AsyncIterator[list[Wire]]:
    """A viewer of each path, over a socket of its own."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(sent(server, get(path))) for path in paths]


@pytest.mark.parametrize("viewers", [1, 50])
async def test_an_event_is_encoded_once_however_many_watch(server: Server, fake: FakeUpstream, viewers: int) -> None:
    held = asyncio.Event()
    fake.play([Say("First,", finish=None), Gate(held), Say(" and so on. " * 20)])
    _, started = await server.json("POST", "/api/debates", json={"topic": "Who counts?", "rounds": 1})
    async with watching(server, *[started["events"]] * viewers) as wires:
        for wire in wires:
            await wire.until(b"First,")
        before, _ = server.house.log.position(started["id"])
        with counted(encoding) as encodes:
            held.set()
            bodies = {await wire.rest() for wire in wires}
    last, over = server.house.log.position(started["id"])
    assert (len(bodies), over) == (1, True)
    assert encodes["encode"] == last - before > 60


async def test_a_batch_is_one_write_to_each_viewer(server: Server) -> None:
    log, (one, other) = server.house.log, [await begun(server), await begun(server)]
    both = f"/api/events?after={one}.0&after={other}.0"
    async with watching(server, *[f"/api/debates/{one}/events"] * 20, *[both] * 5) as wires:
        for wire in wires:
            await wire.until(f"id: {one}.1\n".encode())
        for wire in wires[20:]:
            await wire.until(f"id: {other}.1\n".encode())
        ports = [wire.writer.get_extra_info("sockname")[1] for wire in wires]
        with counted(sending) as writes:
            for number in range(1, 6):
                for debate in (other, one):
                    for _ in range(10):
                        log.append(debate, Token("Optimist", 1, "word "))
                log.append(one, Token("Optimist", 1, f"batch {number}"))
                await log.commit()
                for wire in wires:
                    await wire.until(f"batch {number}".encode())
                assert {port: writes[port] for port in ports} == dict.fromkeys(ports, number)


async def test_a_viewer_more_is_no_upstream_call_more(server: Server, fake: FakeUpstream) -> None:
    done, held = (await server.debate(rounds=1))[0]["debate"], asyncio.Event()
    fake.play([Say("First,", finish=None), Gate(held), Say(" and so on.")])
    _, started = await server.json("POST", "/api/debates", json={"topic": "Who pays?", "rounds": 1})
    live = started["id"]
    await fake.asked(4)
    before = len(fake.requests), len(fake.lookups)
    paths = [started["events"], f"/api/events?after={done}.0&after={live}.0"] * 10
    async with watching(server, *paths) as wires:
        for wire in wires:
            await wire.until(b"First,")
        for path in (started["messages"], f"/api/debates/{live}", f"/api/debates/{live}/export.md", f"/d/{live}"):
            async with server.session.get(path) as response:
                assert response.status == 200
        assert (len(fake.requests), len(fake.lookups)) == before
        held.set()
        for wire in wires:
            await wire.rest()
    assert (len(fake.requests), len(fake.lookups)) == (before[0] + 2, before[1])  # the turns that were left


@dataclass(frozen=True)
class Wait:
    """Nothing, for so many seconds."""

    seconds: float

    async def play(self, reply: Reply) -> None:
        await reply.sleep(self.seconds)


def test_of_a_thousand_events_of_a_hundred_debates_at_most_fifty_are_commits(tmp_path: Path) -> None:
    """100 debates at 50 tokens a second, of which each begins a little later, so that a token comes every 0.2 ms."""
    with asyncio.Runner(debug=False, loop_factory=ClockLoop) as runner:  # asyncio's debugging would take half the time
        commits = runner.run(commits_for(tmp_path, debates=100, tokens=10, rate=50))
    assert 20 <= commits <= 50  # with far fewer they would not have come as a stream


async def commits_for(folder: Path, *, debates: int, tokens: int, rate: float) -> int:
    """How many transactions the log needs for so many tokens of each debate, which come by the loop's own clock."""
    loop, begin = asyncio.get_running_loop(), asyncio.Event()
    assert isinstance(loop, ClockLoop)

    def script(number: int) -> Script:
        late = Wait(number / debates / rate)
        return [Begin(), Gate(begin), late, Pace(rate), Say("word " * tokens, finish=None), Stall()]

    async with FakeUpstream(clock=loop.time) as fake:
        fake.play(*map(script, range(debates)))
        async with server_on(settings_for(fake, folder, max_running=debates)) as server:
            ids = [(await server.json("POST", "/api/debates", json={"topic": "x"}))[1]["id"] for _ in range(debates)]
            await fake.asked(debates)
            after = "&".join(f"after={debate}.0" for debate in ids)
            statements = list[str]()
            async with server.session.get(f"/api/events?{after}") as stream:
                server.house.log._store._write.set_trace_callback(statements.append)
                with loop.held():
                    begin.set()
                    for _ in range(debates * tokens):
                        await until(stream, b'"type":"token"')
                return statements.count("COMMIT")


@asynccontextmanager
async def server_on(settings: Settings) -> AsyncIterator[Server]:
    """A whole server in the running loop, whichever that is."""
    async with opened(settings) as house:
        app = make_app(settings, house.log, house.upstream, house.runner)
        async with serving(app) as address, aiohttp.ClientSession(address) as session:
            yield Server(address, house, session)
