"""``debate list``, ``show`` and ``export``: what the log holds, also while a server writes it."""

import asyncio
from pathlib import Path

import aiohttp
import pytest

from tests.commands.conftest import Cli
from tests.conftest import until
from tests.fakes.script import Say, Script, Stall
from tests.fakes.upstream import FakeUpstream

WORDS: list[Script] = [[Say("Yes, we are.")], [Say("No.")], [Say("Perhaps.")]]


async def test_without_a_log_the_list_says_how_to_hold_a_debate(debate: Cli) -> None:
    ran = await debate("list")
    assert (ran.code, ran.out) == (0, "")
    assert "debate run" in ran.err
    assert not debate.data.exists()
    assert (await debate("list", "--json")).out == ""


@pytest.mark.parametrize(
    "words", [["show", "nosuchdebate"], ["export", "nosuchdebate"], ["export", "x", "--as", "json"]]
)
async def test_a_debate_that_is_not_there_is_one_line_that_says_where_to_look(debate: Cli, words: list[str]) -> None:
    ran = await debate(*words)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.count("\n") == 1
    assert "debate list" in ran.err


async def test_a_backup_beside_a_running_server_has_all_that_was_committed(
    debate: Cli, fake: FakeUpstream, tmp_path: Path
) -> None:
    fake.play([Say("Half of a", finish=None), Stall()])
    target = tmp_path / "copy" / "debates.sqlite3"
    target.parent.mkdir()
    async with debate.serve() as (_, address), aiohttp.ClientSession(address) as session:
        async with session.post("/api/debates", json={"topic": "Kept?"}) as response:
            started = await response.json()
        async with session.get(started["events"]) as stream:
            await until(stream, b'" a"')
        ran = await debate("backup", str(target))
        assert (ran.code, ran.out) == (0, "")
        shown = await debate("show", started["id"], "--data", str(target.parent))
        assert "Half of a" in shown.out
    again = await debate("backup", str(target))
    assert (again.code, again.err.count("\n"), "is there already" in again.err) == (2, 1, True)
    nowhere = await debate("backup", str(tmp_path / "nowhere" / "x"))
    assert (nowhere.code, nowhere.err.count("\n"), "cannot be written" in nowhere.err) == (2, 1, True)


async def test_what_was_held_is_read_back(debate: Cli, fake: FakeUpstream) -> None:
    fake.play(*WORDS)
    typed = (await debate("run", "Ready\nor not?", "--rounds", "1")).out
    [row] = (await debate("list", "--json")).events
    assert (row["topic"], row["format"], row["status"], row["reason"]) == (
        "Ready\nor not?", "classic", "done", "completed",
    )  # fmt: skip
    listed = await debate("list")
    assert listed.out.startswith(f"{row['id']}  ")
    assert listed.out.endswith("completed    Ready or not?\n")
    assert (await debate("show", row["id"])).out == typed
    markdown = (await debate("export", row["id"])).out
    assert markdown.startswith("# Ready or not?\n")
    assert "### Optimist\n\nYes, we are.\n" in markdown
    [exported] = (await debate("export", row["id"], "--as", "json")).out.split("\n}\n")[:1]
    assert '"content": "Perhaps."' in exported


async def test_while_a_server_runs_its_debates_are_read_as_far_as_they_are(debate: Cli, fake: FakeUpstream) -> None:
    fake.play([Say("Half of a", finish=None), Stall()])
    async with debate.serve() as (_, address), aiohttp.ClientSession(address) as session:
        async with session.post("/api/debates", json={"topic": "Ready?"}) as response:
            started = (await response.json())["id"]
        async with session.get(f"/api/debates/{started}/events") as response:
            await until(response, b" a")
            seen = await debate("show", started, "--json")
            [row] = (await debate("list", "--json")).events
            exported = await debate("export", started)
            async with session.get(f"/api/debates/{started}/export.md") as same:
                assert exported.out == await same.text()
    assert [event["type"] for event in seen.events] == ["debate_start", "agent_start", *["token"] * 3]
    assert (row["id"], row["status"], row["reason"]) == (started, "running", None)
    assert "Half of a\n\n*[still speaking]*" in exported.out


async def test_the_list_is_as_long_as_asked(debate: Cli) -> None:
    async with debate.serve() as (_, address), aiohttp.ClientSession(address) as session:
        for topic in ("One", "Two", "Three"):
            async with session.post("/api/debates", json={"topic": topic}) as response:
                assert response.status == 202
        assert [row["topic"] for row in (await debate("list", "-n", "2", "--json")).events] == ["Three", "Two"]
    for ran in await asyncio.gather(*(debate("list", "-n", number) for number in ("0", "two", "9" * 20))):
        assert (ran.code, ran.out) == (2, "")


async def test_a_reader_that_leaves_early_hears_no_complaint(debate: Cli, fake: FakeUpstream) -> None:
    fake.play([Say("word " * 40_000, size=1_000)])
    topic = (await debate("run", "Ready?", "--rounds", "1", "--json")).events[0]["debate"]
    for words in (["show", topic], ["export", topic, "--as", "json"]):
        async with debate.start(*words) as running:
            await running.until("Ready?")
            running.close()
            assert (await running.end()).err == ""


async def test_a_terminal_that_cannot_show_a_letter_gets_another_for_it(debate: Cli) -> None:
    cyrillic = {"PYTHONIOENCODING": "iso8859-5"}
    ran = await debate("run", "Sind Bücher besser?", "--rounds", "1", **cyrillic)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("Sind B?cher besser?\n")
    assert "B?cher" in (await debate("list", **cyrillic)).out


async def test_a_folder_that_holds_another_programs_database_is_refused(debate: Cli) -> None:
    debate.data.mkdir()
    (debate.data / "debates.sqlite3").write_bytes(b"not a database, but longer than its header would be " * 40)
    commands = (["list"], ["show", "x"], ["run", "x"])
    for ran in await asyncio.gather(*(debate(*words) for words in commands)):
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
        assert "--data" in ran.err
