"""The library's page and notebook do what they say: each piece of code in them is run, one after the other."""

import inspect
import re
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import orjson
import pytest

from debate_server import (
    Debates,
    DoneReason,
    FinishReason,
    Result,
    Scorer,
    Speech,
    Status,
    Transcript,
    Verdict,
)
from debate_server.cli_runs import batch
from debate_server.settings import SETTINGS
from scripts.notebook import NOTEBOOK, run
from tests.fakes.upstream import FakeUpstream

PAGE = (NOTEBOOK.parent / "library.md").read_text(encoding="utf-8")


def blocks() -> list[str]:
    return re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def cells() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = orjson.loads(NOTEBOOK.read_bytes())["cells"]
    return found


def codes() -> list[str]:
    return ["".join(cell["source"]) for cell in cells() if cell["cell_type"] == "code"]


@pytest.mark.parametrize("written", [blocks, codes])
async def test_what_is_shown_runs(
    written: Any,
    fake: FakeUpstream,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On the fake upstream in the place of the demo model, and in a home of its own."""
    monkeypatch.chdir(tmp_path)
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    ours = f'base_url="{fake.base_url}", model="fake-chat", discover=False'
    space: dict[str, Any] = {}
    for shown in written():
        assert shown.count("debates(") == shown.count("debates(demo=True")
        source = shown.replace("demo=True", ours)
        assert await run(source, space) or "print(" not in source
    assert fake.requests


def test_the_notebook_has_what_came_out_and_nothing_of_the_machine_it_ran_on() -> None:
    for cell in cells():
        assert set(cell) >= {"cell_type", "id", "metadata", "source"}
        if cell["cell_type"] == "code":
            assert [output["name"] for output in cell["outputs"]] == ["stdout"]
    text = NOTEBOOK.read_text(encoding="utf-8")
    assert not re.search(r"/(home|Users|tmp|work|root)\b", text)
    assert len(text) < 20_000


def test_the_page_tells_of_all_that_debates_can_do() -> None:
    for name in (name for name in vars(Debates) if not name.startswith("_") and name != "close"):
        assert f"| `{name}(" in PAGE, name


@pytest.mark.parametrize("shape", [Transcript, Speech, Verdict, Result])
def test_the_page_tells_of_every_field_of_what_comes_out_and_of_no_other(shape: Any) -> None:
    table = PAGE.partition(f"\n### {shape.__name__}\n")[2].partition("\n#")[0]
    told = [
        name for line in table.splitlines() for name in re.findall(r"`(\w+)`", line.split(" | ")[0]) if line[0] == "|"
    ]
    assert sorted(told) == sorted(field.name for field in fields(shape))


def test_the_page_tells_of_all_that_a_field_can_be() -> None:
    for alike in (Status, DoneReason, FinishReason, Scorer):
        assert re.search(", ".join(f'"{one}"' for one in get_args(alike)[:-1]) + f' or "{get_args(alike)[-1]}"', PAGE)


def test_a_run_takes_what_the_command_takes() -> None:
    """But for the settings, which ``debates`` takes, and for where results go."""
    flags = {flag.name for flag in batch.params} - {setting.name for setting in SETTINGS}
    called = {"named": "formats", "budget": "budget_usd"}
    taken = {called.get(flag or "", flag) for flag in flags - {"file", "out", "server", "dry_run"}}
    assert taken == set(inspect.signature(Debates.run).parameters) - {"self", "items"}
