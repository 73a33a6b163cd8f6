"""What the library speaks of can be imported from it: no program has to look into its folders."""

import ast
import inspect
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, get_origin

import pytest

import debate_server
from debate_server.core.errors import DebateError

PAGE = Path(__file__).parents[1] / "docs" / "library.md"
ALL = {name: getattr(debate_server, name) for name in debate_server.__all__}


def imports() -> Iterator[tuple[str, str]]:
    """For those who check types: each name's module, and the name."""
    for node in ast.walk(ast.parse(inspect.getsource(debate_server))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("debate_server"):
            yield from ((node.module or "", alias.name) for alias in node.names)


def errors(of: type[DebateError] = DebateError) -> Iterator[type[DebateError]]:
    yield of
    for below in of.__subclasses__():
        yield from errors(below)


def docstrings(of: Any) -> Iterator[str]:
    yield of.__doc__ or ""
    if inspect.isclass(of):
        yield from (part.__doc__ or "" for name, part in vars(of).items() if not name.startswith("_"))


def annotations(of: Any) -> Iterator[ast.expr]:
    """Those of a function, or of all that is public of a class."""
    [tree] = ast.parse(textwrap.dedent(inspect.getsource(of))).body
    if isinstance(tree, ast.ClassDef):
        tree.body = [part for part in tree.body if not getattr(part, "name", "").startswith("_")]
    for node in ast.walk(tree):
        match node:
            case ast.AnnAssign(annotation=found) | ast.arg(annotation=ast.expr() as found):
                yield found
            case ast.FunctionDef(returns=ast.expr() as found) | ast.AsyncFunctionDef(returns=ast.expr() as found):
                yield found


def types(of: Any) -> Iterator[str]:
    """The names of our own types, and of what stands for several, in its annotations."""
    space = vars(sys.modules[inspect.unwrap(of).__module__])
    for name in (node.id for found in annotations(of) for node in ast.walk(found) if isinstance(node, ast.Name)):
        found = space.get(name)
        ours = inspect.isclass(found) and found.__module__.startswith("debate_server")
        if ours or (get_origin(found) is not None and not name.startswith("_")):
            yield name


@pytest.mark.parametrize("name", [name for name, of in ALL.items() if get_origin(of) is None])
def test_every_type_in_what_can_be_imported_can_be_imported(name: str) -> None:
    assert set(types(ALL[name])) <= set(ALL)


def test_every_error_that_is_told_can_be_imported() -> None:
    every = {error.__name__ for error in errors()}
    told = [PAGE.read_text(encoding="utf-8"), *(text for of in ALL.values() for text in docstrings(of))]
    words = {word for text in told for word in re.findall(r"\w+", text)}
    assert {"InvalidRequest", "UnknownCursor", "NotEquipped"} <= words & every
    assert words & every <= set(ALL)


def test_each_name_is_what_type_checkers_take_it_for() -> None:
    assert {name for _, name in imports()} == set(ALL)
    for module, name in imports():
        assert ALL[name] is getattr(import_module(module), name)


def test_the_library_lists_what_it_has_and_nothing_else_without_loading_it() -> None:
    assert dir(debate_server) == sorted(ALL)
    look = "import sys, debate_server; dir(debate_server); print('debate_server.core' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_name_that_there_is_not_is_told() -> None:
    with pytest.raises(AttributeError, match="'nothing'"):
        debate_server.nothing  # type: ignore[attr-defined]  # noqa: B018
