"""``debate items``: the sets that ship, as files that a run reads."""

import os
from pathlib import Path
from typing import Final

import pytest

from debate_server.cli import cli
from debate_server.runs.items.sets import SETS, made
from debate_server.runs.items.source import open_items
from tests.commands.conftest import Cli

FULL: Final = Path("/dev/full")


@pytest.mark.parametrize(("name", "kind"), [("arithmetic", "jsonl"), ("logic", "csv")])
async def test_a_set_is_printed_as_a_file_that_can_be_read(debate: Cli, tmp_path: Path, name: str, kind: str) -> None:
    ran = await debate("items", name, "--count", "5", "--seed", "4", "--as", kind)
    assert (ran.code, ran.err) == (0, "")
    path = tmp_path / "items"
    path.write_text(ran.out)
    read = [(item.id, item.topic, item.answer, item.choices, item.tags) for item in open_items(str(path), longest=2000)]
    assert read == [(item.id, item.topic, item.answer, item.choices, item.tags) for item in made(name, 5, 4)]


async def test_thirty_of_the_first_seed_are_printed_where_nothing_is_said(debate: Cli) -> None:
    ran = await debate("items", "arithmetic")
    assert [row["id"] for row in ran.events] == [f"arithmetic-1-{number}" for number in range(1, 31)]


def test_every_set_can_be_named() -> None:
    name = next(parameter for parameter in cli.commands["items"].params if parameter.name == "name")
    assert tuple(getattr(name.type, "choices")) == tuple(SETS)  # noqa: B009


@pytest.mark.skipif(os.name == "nt", reason="there is no shell that closes them")
async def test_closed_streams_are_nobodys(debate: Cli) -> None:
    """What is opened next, such as the log, would have their numbers."""
    async with debate.start("batch", "-", through=("sh", "-c", 'exec "$@" <&- >&-', "sh")) as running:
        ran = await running.end()
    assert (ran.code, ran.out) == (2, "")
    assert "stdin: there is no topic in it" in ran.err


async def test_who_reads_no_further_ends_it_quietly(debate: Cli) -> None:
    async with debate.start("items", "arithmetic", "--count", "10000") as running:
        await running.line()
        running.close()
        ran = await running.end()
    assert (ran.code, ran.err) == (0, "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Choose from"),
        (["geometry"], "'geometry' is not one of 'addition', 'arithmetic', 'logic'"),
        (["logic", "--count", "0"], "--count"),
        (["logic", "--count", "10001"], "--count"),
        (["logic", "--seed", "-1"], "--seed"),
        (["logic", "--as", "txt"], "--as"),
    ],
)
async def test_what_cannot_be_meant_is_named(debate: Cli, words: list[str], said: str) -> None:
    ran = await debate("items", *words)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has a device that is always full")
async def test_what_cannot_be_printed_is_told_in_a_line(debate: Cli) -> None:
    full = os.open(FULL, os.O_WRONLY)
    async with debate.start("items", "logic", stdout=full) as running:
        ran = await running.end()
    os.close(full)
    assert (ran.code, ran.err) == (1, "debate: what this prints cannot be written: No space left on device.\n")
