"""A server in a process of its own, as a person starts it."""

import asyncio
import os
import random
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, Final

# Ports that no client's end of a connection gets, so that one stays free while its server is down.
LISTENED: Final = range(20_000, 32_000)


def environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a person who has set nothing, with a home folder of the test's own."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("DEBATE_", "OPENAI_", "XDG_"))}
    return ours | {"HOME": str(home)} | more


def free_port() -> int:
    """A port of 127.0.0.1 for a server that is to come back to it."""
    while True:
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind(("127.0.0.1", random.choice(LISTENED)))
            except OSError:
                continue
            return int(tried.getsockname()[1])


@asynccontextmanager
async def running(
    home: Path, *flags: str, port: int = 0, stderr: IO[bytes] | None = None, **more: str
) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """``debate serve``, on a free port where none is named: its address, once it accepts connections, and its
    process. What it logs goes to the test's own stderr, or to a file."""
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "debate_server", "serve", "--port", str(port), "--data", str(home / "data"), *flags,
        env=environment(home, **more), cwd=home, stdout=asyncio.subprocess.PIPE, stderr=stderr,
    )  # fmt: skip
    try:
        assert server.stdout is not None
        yield (await server.stdout.readline()).decode().strip(), server
    finally:
        if server.returncode is None:
            server.terminate()
        await server.wait()
