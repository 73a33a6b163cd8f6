"""The command line as a person has it: real processes in a home of their own, on the fake upstream."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest
import structlog
from click.testing import CliRunner

from debate_server.cli import main
from tests.fakes.upstream import FakeUpstream

# A process that does not end by itself by then has failed the test.
PATIENCE = 60


@dataclass
class Ran:
    """A process that is over."""

    code: int | None
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, Any]]:
        return [orjson.loads(line) for line in self.out.splitlines()]


@dataclass
class Running:
    """A process that runs. ``out`` is what has been read of its stdout so far."""

    process: asyncio.subprocess.Process
    out: str = field(default="", init=False)

    async def until(self, text: str) -> str:
        """Its output once ``text`` is in it."""
        assert self.process.stdout is not None
        while text not in self.out:
            piece = await self.process.stdout.read(65_536)
            assert piece, f"it ended: {self.out!r} {await self.end()}"
            self.out += piece.decode()
        return self.out

    async def line(self) -> str:
        return (await self.until("\n")).partition("\n")[0]

    def send(self, number: signal.Signals) -> None:
        os.kill(self.process.pid, number)

    def close(self) -> None:
        """Read no more of its output."""
        self.process._transport.get_pipe_transport(1).close()  # type: ignore[attr-defined]

    async def end(self) -> Ran:
        """What came of it. Whatever a process is told or finds, it shows nobody a traceback."""
        async with asyncio.timeout(PATIENCE):
            out, err = await self.process.communicate()
        assert b"Traceback" not in err
        return Ran(self.process.returncode, self.out + (out or b"").decode(), err.decode())


@dataclass
class Cli:
    """Runs ``debate`` with an environment that holds nothing of this machine's."""

    home: Path
    environment: dict[str, str]

    @property
    def data(self) -> Path:
        return Path(self.environment["DEBATE_DATA"])

    @asynccontextmanager
    async def start(
        self,
        *words: str,
        stdout: int = asyncio.subprocess.PIPE,
        stderr: int = asyncio.subprocess.PIPE,
        environment: Mapping[str, str] | None = None,
        through: Sequence[str] = (),
    ) -> AsyncIterator[Running]:
        """``through``: the command that starts it."""
        process = await asyncio.create_subprocess_exec(
            *through, sys.executable, "-m", "debate_server", *words,
            cwd=self.home, env=self.environment | dict(environment or {}),
            stdin=asyncio.subprocess.DEVNULL, stdout=stdout, stderr=stderr,
        )  # fmt: skip
        try:
            yield Running(process)
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()

    async def __call__(self, *words: str, **environment: str) -> Ran:
        """A command, to its end."""
        async with self.start(*words, environment=environment) as running:
            return await running.end()

    @asynccontextmanager
    async def serve(self, *words: str) -> AsyncIterator[tuple[Running, str]]:
        """A server that accepts connections, and its address."""
        async with self.start("serve", "--port", "0", *words) as running:
            yield running, await running.line()


@pytest.fixture
def debate(tmp_path: Path, fake: FakeUpstream) -> Cli:
    home = tmp_path / "home"
    home.mkdir()
    return Cli(
        home,
        {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "DEBATE_DATA": str(tmp_path / "data"),
            "DEBATE_DISCOVER": "0",
            "DEBATE_MODEL": "fake-chat",
            "OPENAI_BASE_URL": fake.base_url,
        },
    )


Typed = Callable[..., Coroutine[Any, Any, Ran]]


@pytest.fixture
def typed(debate: Cli, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """Runs a command to its end in a thread of this process, which is quicker. Not for one that waits for signals."""

    def run(stdin: bytes) -> Ran:
        code: Any = 0
        handlers = list(logging.root.handlers)
        with CliRunner().isolation(stdin, debate.environment) as (out, err, _):
            try:
                main()
            except SystemExit as ended:
                code = ended.code
            finally:  # where the command's events go is no longer there, and other tests look for their own
                structlog.reset_defaults()
                logging.root.handlers[:] = handlers
            sys.stdout.flush()
            return Ran(code, out.getvalue().decode(), err.getvalue().decode())

    async def start(*words: str, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "argv", ["debate", *words])
        monkeypatch.chdir(debate.home)
        return await asyncio.to_thread(run, stdin)

    return start
