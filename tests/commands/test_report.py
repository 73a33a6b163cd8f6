"""``debate runs``, ``report`` and ``matches``: what the log holds of a run, also while one is held."""

import asyncio
import csv
import io
import sys
from pathlib import Path

import orjson
import pytest

from tests.commands.conftest import Cli, Typed
from tests.conftest import Serve, Server
from tests.fakes.script import Gate, Say, refuse
from tests.fakes.upstream import FakeUpstream
from tests.runs.holding.held import QUICK, WORDS, mine, planned
from tests.runs.report.reading import unpacked


async def held(server: Server, fake: FakeUpstream, tmp_path: Path) -> str:
    """A run of three, of which the second failed; its id."""
    fake.play(WORDS, [refuse(400, "<b>no</b>")], WORDS)
    run = mine(server, tmp_path, planned(3))
    await run(at_once=1)
    return str(run.results[0]["run"])


async def test_runs_are_listed_newest_first_and_as_far_as_they_are(
    server: Server, fake: FakeUpstream, tmp_path: Path, typed: Typed
) -> None:
    nothing = await typed("runs")
    assert (nothing.code, nothing.out, nothing.err) == (0, "", "No runs yet. Hold one: debate batch topics.txt\n")
    run = await held(server, fake, tmp_path)
    wanted = {"asked": "b", "source": "b\x1b[31m.txt", "total": 2, "formats": ["quick", "single"]}
    _, other = await server.json("POST", "/api/runs", json=wanted)
    lines = (await typed("runs")).out.splitlines()
    assert [line.split()[0] for line in lines] == [other["id"], run]
    assert "0 of 2" in lines[0]
    assert lines[0].endswith("b[31m.txt (quick, single)")
    assert "3 of 3" in lines[1]
    [newest] = (await typed("runs", "-n", "1", "--json")).events
    assert (newest["id"], newest["total"], newest["debates"]) == (other["id"], 2, {})
    assert (await typed("runs", "--json")).events[1]["debates"] == {"completed": 2, "failed": 1}


async def test_debates_of_runs_are_listed_by_run_and_do_not_flood_the_list(
    server: Server, fake: FakeUpstream, tmp_path: Path, typed: Typed
) -> None:
    run = await held(server, fake, tmp_path)
    nothing = await typed("list")
    assert (nothing.code, nothing.out) == (0, "")
    assert "debate runs" in nothing.err
    await server.debate("Alone?", rounds=1)
    assert [row["topic"] for row in (await typed("list", "--json")).events] == ["Alone?"]
    its = (await typed("list", "--run", run[:6], "--json")).events
    assert [(row["run"], row["entry"], row["reason"]) for row in its] == [
        (run, "3/single", "completed"), (run, "2/single", "failed"), (run, "1/single", "completed")
    ]  # fmt: skip
    assert [line.split()[3:5] for line in (await typed("list", "--run", run)).out.splitlines()] == [
        ["completed", "3/single"], ["failed", "2/single"], ["completed", "1/single"]
    ]  # fmt: skip
    assert len((await typed("list", "--run", run, "-n", "1")).out.splitlines()) == 1
    wanted = {"asked": "b", "source": "b.txt", "total": 2, "formats": ["single"]}
    _, other = await server.json("POST", "/api/runs", json=wanted)
    begun = await typed("list", "--run", other["id"])
    assert (begun.code, begun.out, begun.err) == (0, "", "No debate of that run was begun yet.\n")
    for unknown in ("nosuchrun", ""):
        missing = await typed("list", "--run", unknown)
        assert (missing.code, missing.out, "debate runs" in missing.err) == (1, "", True)


async def test_what_marking_cost_is_spent_too(
    server: Server, fake: FakeUpstream, tmp_path: Path, typed: Typed, debate: Cli
) -> None:
    run = await held(server, fake, tmp_path)
    entry = {"name": "1/single/marking", "item": "1", "format": "single", "role": "marking", "marks": "1/single"}
    asked = {"start": {"topic": "Is it so?", "format": "single"}, "entry": entry}
    before = (await typed("report", run, "--as", "md")).out
    fake.play(WORDS)
    _, started = await server.json("POST", f"/api/runs/{run}/debates", json=asked)
    await server.house.runner.ended(started["id"])
    after = (await typed("report", run, "--as", "md")).out
    [(was, now)] = [pair for pair in zip(before.splitlines(), after.splitlines(), strict=True) if len(set(pair)) > 1]
    assert "Spent" in was
    assert "Spent" in now
    assert "3 of 3" in (await typed("runs")).out


async def test_a_report_is_written_in_every_kind_with_failures_as_failures(
    server: Server, fake: FakeUpstream, tmp_path: Path, typed: Typed, debate: Cli
) -> None:
    run = await held(server, fake, tmp_path)
    ran = await typed("report", run[:6])
    assert (ran.code, ran.out, ran.err) == (0, "", f"Written to report-{run}.html.\n")
    html = (debate.home / f"report-{run}.html").read_text()
    assert "upstream_rejected" in html
    assert "<b>no</b>" not in html
    for kind in ("md", "csv", "json"):
        told = await typed("report", run, "--as", kind)
        assert (told.code, told.err) == (0, "")
        if kind == "json":
            results = orjson.loads(told.out)["results"]
            assert [(one["status"], one["correct"]) for one in results] == [
                ("completed", None), ("failed", None), ("completed", None)
            ]  # fmt: skip
        elif kind == "csv":
            rows = list(csv.DictReader(io.StringIO(told.out)))
            assert [row["status"] for row in rows] == ["completed", "failed", "completed"]
        else:
            assert "1 failed" in told.out
            assert "| 2/single | 1 |" in told.out
        assert (await typed("report", run, "--as", kind, "--out", f"told.{kind}")).err == f"Written to told.{kind}.\n"
        assert (debate.home / f"told.{kind}").read_bytes() == told.out.encode()


async def test_transcripts_are_in_it_unless_they_are_to_be_left_out(
    server: Server, fake: FakeUpstream, tmp_path: Path, typed: Typed, debate: Cli
) -> None:
    run = await held(server, fake, tmp_path)
    sizes = []
    for flags in ([], ["--no-transcripts"]):
        assert (await typed("report", run, *flags)).code == 0
        sizes.append((debate.home / f"report-{run}.html").read_text().count('id="told-'))
    assert sizes == [1, 0]


async def test_a_transcript_in_it_has_its_rounds_and_the_decision_below_headings(
    server: Server, fake: FakeUpstream, tmp_path: Path, typed: Typed, debate: Cli
) -> None:
    fake.script = lambda _: [Say("So it is.")]
    run = mine(server, tmp_path, planned(1, QUICK, rounds=2))
    await run()
    id_ = run.results[0]["run"]
    assert (await typed("report", id_)).code == 0
    [told] = unpacked((debate.home / f"report-{id_}.html").read_text(), "told-0")
    lines = [line for line in told.splitlines() if line.startswith("—") or line in ("Optimist", "Skeptic", "Moderator")]
    assert lines == [
        "— Round 1 —", "Optimist", "Skeptic", "— Round 2 —", "Optimist", "Skeptic", "— The decision —", "Moderator",
    ]  # fmt: skip


async def test_a_file_that_is_there_is_not_written_over(
    server: Server, fake: FakeUpstream, tmp_path: Path, typed: Typed, debate: Cli
) -> None:
    run = await held(server, fake, tmp_path)
    (debate.home / "topics.txt").write_text("Is it so?")
    ran = await typed("report", run, "--out", "topics.txt")
    assert (ran.code, (debate.home / "topics.txt").read_text()) == (2, "Is it so?")
    assert "topics.txt is there already" in ran.err


async def test_a_run_that_is_underway_is_reported_as_far_as_it_is(
    serve: Serve, fake: FakeUpstream, tmp_path: Path, typed: Typed
) -> None:
    fake.play([Gate(first := asyncio.Event()), *WORDS], [Gate(asyncio.Event())])
    async with serve() as server:
        run = mine(server, tmp_path, planned(2))
        holding = asyncio.ensure_future(run(at_once=1))
        await fake.asked(1)
        [listed] = (await typed("runs", "--json")).events
        for results in (0, 1):
            ran = await typed("report", listed["id"], "--as", "json")
            assert ran.code == 0
            assert len(orjson.loads(ran.out)["results"]) == results
            assert (await typed("report", listed["id"])).code == 0
            first.set()
            await fake.asked(2)
        holding.cancel()
        await asyncio.wait([holding])


@pytest.mark.parametrize("command", ["report", "matches"])
async def test_a_run_that_is_not_there_is_told_as_such(typed: Typed, debate: Cli, command: str) -> None:
    ran = await typed(command, "nosuch")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "debate: There is no run 'nosuch'. 'debate runs' shows those there are.\n"
    assert not list(debate.home.iterdir())


@pytest.mark.parametrize("command", ["report", "matches"])
async def test_what_is_not_installed_is_named_in_one_line(
    typed: Typed, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setitem(sys.modules, "scipy", None)
    ran = await typed(command, "any")
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "pip install 'debate-server[reports]'" in ran.err


async def test_what_cannot_be_written_and_a_run_without_matches_are_told(
    server: Server, fake: FakeUpstream, tmp_path: Path, typed: Typed
) -> None:
    run = await held(server, fake, tmp_path)
    ran = await typed("report", run, "--out", "none/told.html")
    assert (ran.code, "Choose another --out" in ran.err) == (2, True)
    ran = await typed("matches", run)
    assert (ran.code, ran.out) == (2, "")
    assert "debate tournament" in ran.err
