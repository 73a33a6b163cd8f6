"""``debate rate``: ratings by a table of matches."""

import sys
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from debate_server.cli import cli
from debate_server.core.errors import InvalidRequest, NotEquipped

MATCHES = "\ufefffirst,second,winner,topic\ngpt,llama,gpt,x\ngpt,llama,tie,x\nllama,gpt,llama,y\ngpt,llama,gpt,z\n"


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "matches.csv"
    path.write_text(MATCHES, encoding="utf-8")
    return str(path)


def test_a_table_is_rated_for_reading_for_programs_and_for_spreadsheets(file: str) -> None:
    text, json, csv = (CliRunner().invoke(cli, ["rate", file, *flag]) for flag in ([], ["--json"], ["--csv"]))
    assert [told.exit_code for told in (text, json, csv)] == [0, 0, 0]
    assert text.stdout.splitlines()[1].split()[:2] == ["1", "gpt"]
    assert [one["model"] for one in orjson.loads(json.stdout)["models"]] == ["gpt", "llama"]
    assert csv.stdout.splitlines()[0] == "model,rating,low,high,matches,won,tied,lost"


def test_the_seed_is_that_of_the_intervals(file: str) -> None:
    lines = ["a,b,a\n", "b,a,b\n", "a,b,a\n", "a,b,tie\n"] * 99
    Path(file).write_text("first,second,winner\n" + "".join(lines))
    told = {CliRunner().invoke(cli, ["rate", file, "--csv", "--seed", seed]).stdout for seed in "1234"}
    assert len(told) > 1
    assert CliRunner().invoke(cli, ["rate", file, "--csv"]).stdout in told


def test_a_hyphen_is_stdin(file: str) -> None:
    told = CliRunner().invoke(cli, ["rate", "-"], input=MATCHES.encode())
    assert told.stdout == CliRunner().invoke(cli, ["rate", file]).stdout


def test_a_bad_line_is_named(file: str) -> None:
    told = CliRunner().invoke(cli, ["rate", "-"], input="first,second,winner\na,b,c\n")
    assert isinstance(told.exception, InvalidRequest)
    assert "Line 2 of the matches" in str(told.exception)


def test_what_is_not_installed_is_named_with_what_installs_it(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "choix", None)
    told = CliRunner().invoke(cli, ["rate", file])
    assert isinstance(told.exception, NotEquipped)
    assert str(told.exception).startswith("This needs choix, which is not here.")
    assert "pip install 'debate-server[reports]'" in str(told.exception)
