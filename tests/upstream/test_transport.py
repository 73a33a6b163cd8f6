"""How speeches come over connections that are closed, broken, or led through a proxy."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from tests.fakes.script import Bare, Say
from tests.fakes.upstream import FakeUpstream
from tests.upstream.conftest import Open, listen

EVENT = b'data: {"choices":[{"delta":{"content":"One"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"

Answer = Callable[[int], bytes]


@asynccontextmanager
async def answering(answer: Answer) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server of bare bytes that closes after each answer: its place, and the heads of the requests it got."""
    heads: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        heads.append(head)
        writer.write(answer(len(heads)))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}", heads


@pytest.mark.parametrize("garbled", [b"zz\r\nnot a chunk\r\n", b"-5\r\n", b"5\r\nhello world\r\n"])
async def test_a_body_that_is_no_body_is_noticed_at_once(
    fake: FakeUpstream, open_upstream: Open, garbled: bytes
) -> None:
    fake.play([Bare(CHUNKED + garbled)])
    upstream = await open_upstream(first_token_timeout=600)

    said = await listen(upstream, "m")

    assert said.error is not None
    assert said.error.code in ("upstream_failed", "upstream_garbled")


async def test_an_endpoints_cookies_are_nobodys_business(open_upstream: Open) -> None:
    told = HEAD + "Set-Cookie: city=Köln\r\n".encode() + b"Content-Length: %d\r\n\r\n" % len(EVENT) + EVENT
    async with answering(lambda _: told) as (place, heads):
        upstream = await open_upstream(base_url=f"http://{place}/v1")
        assert [(await listen(upstream, "m")).text for _ in range(3)] == ["One"] * 3
    assert not any(b"cookie" in head.lower() for head in heads)


async def test_a_server_that_closes_without_saying_so_is_not_asked_on_that_connection_again(
    open_upstream: Open,
) -> None:
    told = HEAD + b"Content-Length: %d\r\n\r\n" % len(EVENT) + EVENT
    async with answering(lambda _: told) as (place, heads):
        upstream = await open_upstream(base_url=f"http://{place}/v1")
        assert [(await listen(upstream, "m")).text for _ in range(10)] == ["One"] * 10
    assert len([head for head in heads if head.startswith(b"POST ")]) == 10


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_gets_its_password_and_nobody_is_told_it(
    open_upstream: Open, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
    async with answering(lambda _: refusal) as (place, heads):
        monkeypatch.setenv(f"{scheme}_proxy", f"user:s3cret%21@{place}")
        upstream = await open_upstream(base_url=f"{scheme}://models.invalid/v1")
        said = await listen(upstream, "m")
    assert said.error is not None
    assert "s3cret" not in said.error.message
    assert "407" in said.error.message
    assert any(b"Proxy-Authorization: Basic dXNlcjpzM2NyZXQh" in head for head in heads)


async def test_a_proxy_that_is_not_there_is_what_is_blamed(
    open_upstream: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", "127.0.0.1:9")
    said = await listen(await open_upstream(base_url="https://models.invalid/v1"), "m")
    assert said.error is not None
    assert "https_proxy" in said.error.message


async def test_a_name_that_no_proxy_lists_goes_straight(
    fake: FakeUpstream, open_upstream: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    fake.play([Say("One")])
    assert (await listen(await open_upstream(), "m")).text == "One", "this machine needs no proxy"
