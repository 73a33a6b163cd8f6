"""Over any number of cuts, resets and reconnects a viewer reads each event once, in order, and starts nothing."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.conftest import Serve, Server
from tests.fakes.script import Gate, Say
from tests.fakes.upstream import FakeUpstream
from tests.integration.cuts import WAVE, Stage, murmured, play
from tests.integration.viewer import Sse, over, parsed, view

SCHEDULES = 300


def stage(server: Server) -> Stage:
    return Stage(server.address, server.house.log, server.session)


@pytest.fixture
async def plain_loop() -> AsyncIterator[None]:
    """The stack that the loop's debug mode keeps of every callback would be nine tenths of the time."""
    loop = asyncio.get_running_loop()
    was = loop.get_debug()
    loop.set_debug(False)
    yield
    loop.set_debug(was)


@pytest.mark.usefixtures("plain_loop")
@pytest.mark.parametrize("first", range(0, SCHEDULES, WAVE))
async def test_every_viewer_reads_the_exact_debate_through_every_schedule_of_cuts(
    serve: Serve, fake: FakeUpstream, first: int
) -> None:
    fake.script = murmured
    async with serve(max_running=100) as server:
        await play(stage(server), range(first, first + WAVE))


async def test_a_start_that_is_reconnected_by_its_last_id_goes_on_and_never_starts_another(
    server: Server, fake: FakeUpstream
) -> None:
    gates = [asyncio.Event() for _ in range(5)]
    spoken = [step for gate in gates for step in (Say(f"{len(gates)} words more", finish=None), Gate(gate))]
    fake.play([*spoken, Say("and out")])
    port, reader = stage(server).port, Sse()
    for gate in gates:
        known = len(reader.events)

        def leave(_: bytes, known: int = known) -> None:
            if len(reader.events) >= known + 2:
                raise ConnectionError

        with pytest.raises(ConnectionError):
            await view(port, "/api/debate?topic=Once%3F&rounds=1", reader, id_of(reader), saw=leave)
        gate.set()
    await view(port, "/api/debate?topic=Once%3F&rounds=1", reader, id_of(reader))
    assert over(reader)
    assert [row.id for row in server.house.log.list(10)] == [parsed(reader.events)[0]["debate"]]
    assert reader.events == stage(server).lines(parsed(reader.events)[0]["debate"])
    assert len(fake.requests) == 3
    await view(port, "/api/debate?topic=Once%3F&rounds=1", Sse(), id_of(reader))  # as EventSource does: 204
    assert len(fake.requests) == 3


def id_of(reader: Sse) -> dict[str, str]:
    return {"Last-Event-ID": reader.cursor} if reader.cursor else {}
