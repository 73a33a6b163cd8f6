"""SIGTERM ends every stream between two events and the server with 0."""

import asyncio
import os
import signal
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp

from tests.fakes.script import Forever, Say
from tests.fakes.upstream import FakeUpstream
from tests.integration.processes import running
from tests.integration.viewer import answer

STREAMS = 200
DEBATES = 4
# What has not ended after so many seconds does not end.
PATIENCE = 20
# What each framing's body may end with.
ENDS = {"text/event-stream": b"\n\n", "application/x-ndjson": b"}\n", "text/plain": b""}


async def test_the_first_signal_ends_two_hundred_streams_between_two_events(fake: FakeUpstream, tmp_path: Path) -> None:
    fake.script = lambda _: [Forever(Say("On and on.", finish=None), pause=0.01)]
    seen = [asyncio.Event() for _ in range(STREAMS)]

    async def watch(port: int, number: int, debate: str) -> tuple[str, bytes]:
        """A stream to its proper end: one that is cut raises ConnectionError."""
        accept = list(ENDS)[number % len(ENDS)]
        body = b""
        async with answer(port, f"/api/debates/{debate}/events", {"Accept": accept}) as received:
            async for piece in received.pieces():
                body += piece
                if b"On" in body:
                    seen[number].set()
        return accept, body

    flags = ("--model", "fake-chat")
    async with running(tmp_path, *flags, OPENAI_BASE_URL=fake.base_url) as (address, server):
        port = urlsplit(address).port or 0
        debates = []
        async with aiohttp.ClientSession(address) as session:
            for number in range(DEBATES):
                async with session.post("/api/debates", json={"topic": f"Debate {number}?"}) as response:
                    debates.append((await response.json())["id"])
        viewers = [asyncio.create_task(watch(port, number, debates[number % DEBATES])) for number in range(STREAMS)]
        await asyncio.gather(*(event.wait() for event in seen))
        server.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE):
            bodies = await asyncio.gather(*viewers)
            assert await server.wait() == 0
    assert [body[-60:] for accept, body in bodies if not body.endswith(ENDS[accept])] == []
    assert [body[-60:] for _, body in bodies if b"done" in body] == []


async def test_a_browser_that_does_not_come_back_holds_up_no_end(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    browser = tmp_path / "browser"
    # Hangs for as long as nobody writes, and keeps nothing of the server's open meanwhile.
    browser.write_text(f"#!/bin/sh\nexec >/dev/null 2>&1\nread line <{pipe}\n")
    browser.chmod(0o755)
    async with running(tmp_path, "--open", "--no-discover", BROWSER=f"{browser} %s") as (_, server):
        writer = await asyncio.to_thread(os.open, pipe, os.O_WRONLY)  # the browser is there
        try:
            server.send_signal(signal.SIGTERM)
            async with asyncio.timeout(PATIENCE):
                assert await server.wait() == 0
        finally:
            os.close(writer)
