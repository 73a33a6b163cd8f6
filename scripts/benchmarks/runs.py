"""The cases of runs: what holding one costs beside the engine, going on with a long one, and its report."""

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from debate_server.runs.items.sets import made
from debate_server.runs.items.write import written
from scripts.benchmarks.load import past
from scripts.benchmarks.load.build import program
from scripts.benchmarks.load.contenders import pinned
from scripts.benchmarks.machine import Figure, line, process, spread
from tests.fakes.upstream import FakeUpstream

MODELS: Final = ("fake-chat", "fake-other")
# Of each item a run in ``society`` with two models holds six debates: that, and the two baselines.
OF_AN_ITEM: Final = 6
# Begun by a small process: the system counts what a process was before it became another program to its peak.
_MEASURE: Final = """
import resource, subprocess, sys, time
before = time.perf_counter()
subprocess.run(sys.argv[1:], check=True, stderr=subprocess.DEVNULL)
print(time.perf_counter() - before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


async def run(debates: int = 1_000, at_once: int = 100, times: int = 3) -> AsyncIterator[Figure]:
    """Debates as a run, and the same ones with nothing but the engine, by turns: what the run costs more, as a share of
    a core for as long as it is held. Both at their best, for what else the machine does is more than the difference."""
    held: dict[str, list[dict[str, float]]] = {"alone": [], "run": []}
    with tempfile.TemporaryDirectory() as name:
        topics = _topics(Path(name) / "topics.txt", debates)
        async with pinned(program("upstream"), 50, 100, to_load=True) as upstream:
            url = await line(upstream)
            for _ in range(times):
                for how, figures in held.items():
                    words = ("-m", "scripts.benchmarks.load.holding", how, url, "paced", topics, at_once)
                    async with pinned(sys.executable, *words) as holding:
                        figures.append(json.loads(await line(holding)))
    alone, ours = (min(one["cpu"] for one in figures) for figures in held.values())
    seconds = min(one["seconds"] for one in held["run"])
    what = f"a run of {debates:,} debates, {at_once} at once"
    yield Figure(f"{what}: CPU", ours, "s")
    yield Figure("the same debates by the engine alone", alone, "s")
    share = (ours - alone) / seconds * 100
    yield Figure(f"the run's own, of a core for {seconds:.0f} s, best of {times}", share, "%", 5)
    for how, goal in (("run", 8.0), ("alone", None)):
        grown = statistics.median(one["grown"] for one in held[how])
        yield Figure(f"memory that the second half adds, {how}", grown, "MB", goal)


async def again(debates: int = 10_000, times: int = 3) -> AsyncIterator[Figure]:
    """Going on with a run of which all debates but one are over: until that one's first request is at the upstream."""
    with tempfile.TemporaryDirectory() as name:
        folder, out = Path(name), Path(name) / "out.ndjson"
        topics = _topics(folder / "topics.txt", debates + times * 2)
        # Of the file only so many topics are read, each time one more: what is asked for stays the same run.
        id_ = await past.held(folder, topics, debates=debates, named=("classic",), models=MODELS[:1], tokens=100)
        await past.write_results(folder, id_, out)
        limit = debates
        for where, flags in (("a file", ("--out", str(out))), ("stdout", ())):
            starts = []
            for _ in range(times):
                limit += 1
                starts.append(await _first_request(folder, topics, "--limit", str(limit), *flags))
            yield spread(f"going on with {debates:,} debates, results to {where}", starts, "s", 2)


async def report(debates: int = 10_000, times: int = 3) -> AsyncIterator[Figure]:
    """The report of a run with answers, formats, baselines and two models; with transcripts and without."""
    with tempfile.TemporaryDirectory() as name:
        folder, out = Path(name), Path(name) / "report.html"
        items = folder / "items.jsonl"
        items.write_text("".join(written(made("arithmetic", -(-debates // OF_AN_ITEM), seed=1), "jsonl")))
        id_ = await past.held(folder, items, debates=debates, named=("society",), models=MODELS, tokens=60)
        for flag, most in (("--transcripts", None), ("--no-transcripts", 1.0)):
            words = ("-m", "debate_server", "report", id_, "--data", name, "--out", str(out), flag)
            told = []
            for _ in range(times):
                out.unlink(missing_ok=True)  # it would not be written over
                told.append(await _to_end(*words))
            took, sizes = zip(*told, strict=True)
            what = f"report of {debates:,} debates, {flag}"
            yield spread(what, took, "s", 10)
            yield spread(f"{what}: memory", sizes, "MB", 500)
            yield Figure(f"{what}: the file", out.stat().st_size / 1e6, "MB", most)


def _topics(path: Path, count: int) -> Path:
    path.write_text("".join(f"Should city {number} ban cars from its centre?\n" for number in range(count)))
    return path


async def _first_request(folder: Path, topics: Path, *flags: str) -> float:
    async with FakeUpstream() as fake:
        words = ("batch", topics, "--data", folder, "--format", "classic", "--model", MODELS[0], *flags)
        before = time.perf_counter()
        async with process(
            "-m", "debate_server", *map(str, words), "--base-url", fake.base_url, "--no-discover"
        ) as running:
            told = asyncio.create_task(running.communicate())
            await fake.asked()
            took = time.perf_counter() - before
            await told
        assert running.returncode == 0, "the run did not come to its end"
        return took


async def _to_end(*words: str) -> tuple[float, float]:
    """Seconds until a process is over, and the most memory that it had, in MB."""
    async with process("-c", _MEASURE, sys.executable, *words) as measuring:
        took, kilobytes = (await line(measuring)).split()
    return float(took), float(kilobytes) * 1024 / 1e6
