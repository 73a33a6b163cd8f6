"""Who does not come to the end of a request is not waited for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from urllib.parse import urlsplit

import pytest

from tests.conftest import Serve, Server
from tests.fakes.upstream import FakeUpstream
from tests.web.wire import sent

HEAD = b"POST /api/debates HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20\r\n\r\n"


@pytest.fixture
async def hasty(serve: Serve) -> AsyncIterator[Server]:
    async with serve(read_timeout=0.2) as server:
        yield server


@pytest.mark.parametrize("begun", [b"", b"GET", b"GET / HTTP/1.1\r\nHost: loc", HEAD[:-2]], ids=range(4))
async def test_a_head_that_does_not_come_ends_the_connection(hasty: Server, begun: bytes) -> None:
    reader, writer = await asyncio.open_connection(urlsplit(hasty.address).hostname, urlsplit(hasty.address).port)
    writer.write(begun)
    assert await reader.read() == b""
    writer.close()


async def test_a_head_that_drips_ends_the_connection_too(hasty: Server) -> None:
    reader, writer = await asyncio.open_connection(urlsplit(hasty.address).hostname, urlsplit(hasty.address).port)
    ended = asyncio.create_task(reader.read())
    writer.write(b"GET / HTTP/1.1\r\nX: ")
    while not ended.done():
        writer.write(b"x")
        await asyncio.wait([ended], timeout=0.05)
    with suppress(ConnectionResetError):  # which is as much of an end, where the last x came too late to be read
        assert await ended == b""
    writer.close()


async def test_a_body_that_does_not_come_is_refused_and_starts_nothing(hasty: Server, fake: FakeUpstream) -> None:
    async with sent(hasty, HEAD + b'{"topic":') as wire:
        problem = await wire.problem()  # which reads until the connection is closed
    assert (wire.status, problem["code"]) == (408, "too_slow")
    assert "--read-timeout" in str(problem["detail"])
    assert not fake.requests
