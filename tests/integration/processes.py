"""A server in a process of its own, as a person starts it."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path


def environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a person who has set nothing, with a home folder of the test's own."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("DEBATE_", "OPENAI_", "XDG_"))}
    return ours | {"HOME": str(home)} | more


@asynccontextmanager
async def running(home: Path, *flags: str, **more: str) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """``debate serve`` on a free port: its address, once it accepts connections, and its process."""
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "debate_server", "serve", "--port", "0", "--data", str(home / "data"), *flags,
        env=environment(home, **more), cwd=home, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert server.stdout is not None
        yield (await server.stdout.readline()).decode().strip(), server
    finally:
        if server.returncode is None:
            server.terminate()
        await server.wait()
