"""What the cases share: processes that are ended, memory, percentiles, and a line of the report."""

import asyncio
import os
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the report: a median between ``low`` and ``high``, where it was measured more than once. ``goal``
    is the most it may be, or, if ``more`` is better, the least; None: only told."""

    name: str
    value: float
    unit: str
    goal: float | None = None
    more: bool = False
    low: float | None = None
    high: float | None = None

    def __str__(self) -> str:
        spread = "" if self.low is None else f"({self.low:.2f} … {self.high:.2f})"
        sign, word = "≥" if self.more else "≤", "met" if self.met else "MISSED"
        verdict = "" if self.goal is None else f"   goal {sign} {self.goal:.3g} {self.unit}: {word}"
        return f"{self.name:<64} {self.value:10.2f} {self.unit:<3}{spread:<20}{verdict}".rstrip()

    @property
    def met(self) -> bool:
        return self.goal is None or (self.value >= self.goal if self.more else self.value <= self.goal)


def spread(name: str, values: Sequence[float], unit: str, goal: float | None = None) -> Figure:
    """The figure of what was measured more than once."""
    return Figure(name, statistics.median(values), unit, goal, low=min(values), high=max(values))


@asynccontextmanager
async def process(
    *words: str, python: str | Path = sys.executable, stderr: IO[bytes] | int = asyncio.subprocess.DEVNULL, **more: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A Python process of ours, with ``more`` in its environment, ended at the end; its first line is left to be
    read."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OPENAI_", "DEBATE_")) and not name.lower().endswith("_proxy")
    }
    pipe = asyncio.subprocess.PIPE
    started = await asyncio.create_subprocess_exec(
        python,
        *words,
        cwd=ROOT,
        env=clean | more,
        stdin=pipe,
        stdout=pipe,
        stderr=stderr,
    )
    try:
        yield started
    finally:
        if started.returncode is None:
            assert started.stdin is not None
            started.stdin.close()  # what waits for a line of it ends
            started.terminate()
        await started.wait()


async def line(of: asyncio.subprocess.Process) -> str:
    assert of.stdout is not None
    return (await of.stdout.readline()).decode().strip()


async def ask(of: asyncio.subprocess.Process) -> str:
    """The line that a process of the bench gives for one on its stdin."""
    assert of.stdin is not None
    of.stdin.write(b"\n")
    return await line(of)


@asynccontextmanager
async def server(*flags: str, data: str | None = None) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """A probed server on a log of its own: its address and its process."""
    with tempfile.TemporaryDirectory() as folder:
        words = ("-m", "scripts.benchmarks.server", "serve", "--port", "0", "--data", data or folder, *flags)
        async with process(*words) as started:
            yield await line(started), started


async def lag(of: asyncio.subprocess.Process) -> float:
    """The longest the server's loop was blocked since it was last asked, in milliseconds."""
    longest, _ = await lags(of)
    return longest


async def lags(of: asyncio.subprocess.Process) -> tuple[float, float]:
    """The longest, and the 99th percentile of what a probe every millisecond felt."""
    longest, p99 = (await ask(of)).split()
    return float(longest), float(p99)


def memory(pid: int) -> float:
    """Resident memory in MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1_000_000


def peak(pid: int) -> float:
    """The most resident memory that a process has had, in MB; see ``forget_peak``."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024 / 1_000_000


def forget_peak(pid: int) -> None:
    """Let ``peak`` begin anew."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def cpu(pid: int) -> float:
    """Seconds of CPU that a process has had."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def waited(pid: int) -> float:
    """Seconds for which a process, its main thread, could have run and had no core, since others had it."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
