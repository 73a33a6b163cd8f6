"""The library's page and notebook do what they say: each piece of code in them is run, one after the other."""

import ast
import inspect
import re
from pathlib import Path
from typing import Any

import orjson
import pytest

from debate_server import Debates
from tests.fakes.upstream import FakeUpstream

DOCS = Path(__file__).parents[1] / "docs"


def blocks() -> list[str]:
    return re.findall(r"```python\n(.*?)```", (DOCS / "library.md").read_text(encoding="utf-8"), re.DOTALL)


def cells() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = orjson.loads((DOCS / "library.ipynb").read_bytes())["cells"]
    return found


def codes() -> list[str]:
    return ["".join(cell["source"]) for cell in cells() if cell["cell_type"] == "code"]


@pytest.mark.parametrize("written", [blocks, codes])
async def test_what_is_shown_runs(
    written: Any,
    fake: FakeUpstream,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
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
        ran = eval(compile(source, "shown", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), space)
        if inspect.iscoroutine(ran):
            await ran
        assert capsys.readouterr().out or "print(" not in source
    assert fake.requests


def test_the_notebook_has_what_came_out_and_nothing_of_the_machine_it_ran_on() -> None:
    for cell in cells():
        assert set(cell) >= {"cell_type", "id", "metadata", "source"}
        if cell["cell_type"] == "code":
            assert [output["name"] for output in cell["outputs"]] == ["stdout"]
    text = (DOCS / "library.ipynb").read_text(encoding="utf-8")
    assert not re.search(r"/(home|Users|tmp|work|root)\b", text)
    assert len(text) < 20_000


def test_the_page_tells_of_all_that_debates_can_do() -> None:
    text = (DOCS / "library.md").read_text(encoding="utf-8")
    for name in (name for name in vars(Debates) if not name.startswith("_") and name != "close"):
        assert f"| `{name}(" in text, name
