"""A venue at a server: what is asked of it over HTTP."""

import asyncio

import pytest

from debate_server.commands.server import ServerGone, session_at
from debate_server.commands.there import There
from debate_server.core.errors import UnknownModel
from tests.conftest import Serve
from tests.fakes.upstream import FakeUpstream


async def test_a_server_that_says_nothing_any_more_is_gone() -> None:
    closed = asyncio.Event()

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()  # until the other side has enough
        writer.close()
        closed.set()

    async with await asyncio.start_server(hear, "127.0.0.1", 0) as silent:
        address = f"http://127.0.0.1:{silent.sockets[0].getsockname()[1]}"
        with pytest.raises(ServerGone, match="went away, or was never there"):
            async with session_at(address, "", silence=0.05) as session:
                await There(session).formats()
        await closed.wait()


async def test_a_model_is_checked_though_another_endpoint_than_its_own_is_silent(
    serve: Serve, fake: FakeUpstream
) -> None:
    silent = "http://127.0.0.1:1/v1"
    async with serve(model=f"fake-chat@{fake.base_url}", base_url=silent) as server:
        _, told = await server.json("GET", "/api/models")
        assert [one["base_url"] for one in told["endpoints"] if one["reason"] and not one["demo"]] == [silent]
        there = There(server.session)
        await there.addresses(["", "fake-chat", f"other@{silent}"])
        with pytest.raises(UnknownModel, match="no model 'gpt-none'"):
            await there.addresses(["gpt-none"])
