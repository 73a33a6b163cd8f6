"""README, command line and events say the same, and each promise of SECURITY.md has its tests."""

import ast
import re

from debate_server.core.format import shape as fm
from debate_server.core.format.file import EXTENDS, parse
from debate_server.formats import Formats
from debate_server.web.debates import routes as debates
from debate_server.web.many import routes as many
from debate_server.web.messages import routes as messages
from debate_server.web.metrics import routes as metrics
from debate_server.web.offers import routes as offers
from debate_server.web.openapi import routes as openapi
from debate_server.web.runs import routes as runs
from scripts.readme import README, filled

TEXT = README.read_text(encoding="utf-8")
PROMISES = (README.parent / "SECURITY.md").read_text(encoding="utf-8").partition("\n## What is not promised\n")[0]


def test_the_readmes_tables_are_what_the_code_declares() -> None:
    assert filled(TEXT) == TEXT, "run: .venv/bin/python -m scripts.readme"


def test_every_route_is_in_the_readme() -> None:
    for route in [*debates, *messages, *many, *runs, *offers, *metrics, *openapi]:
        path = re.sub(r"\{(debate|run)\}", "{id}", route.path).split("{kind")[0]
        assert path.rstrip(".") in TEXT, path


def test_every_file_that_the_readme_links_to_exists() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", TEXT):
        assert (README.parent / target).exists(), target


def test_the_readmes_format_holds_together() -> None:
    [example] = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    assert parse(example, "README.md", Formats().find).name == "interview"


def test_the_docs_have_every_format_and_all_that_one_can_say() -> None:
    text = (README.parent / "docs/formats.md").read_text(encoding="utf-8")
    shapes = (fm.Format, fm.Agent, fm.Round, fm.Stop, fm.Decision, fm.Example, fm.ExampleBallot)
    said = {name for shape in shapes for name in shape.model_fields} | set(Formats().all()) | {EXTENDS}
    assert {name for name in said if f"`{name}" not in text and f"[{name}]" not in text} == set()


def test_every_promise_names_tests_that_exist() -> None:
    assert [promise for promise in PROMISES.split("\n### ")[1:] if "\n- `" not in promise] == []
    named = re.findall(r"(?m)^- `([\w/]+\.py)::(\w+)`$", PROMISES)
    assert len(named) == PROMISES.count("\n- ")
    for file in {file for file, _ in named}:
        tree = ast.parse((README.parent / "tests" / file).read_text(encoding="utf-8"))
        tests = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
        assert {name for other, name in named if other == file} <= tests, file
