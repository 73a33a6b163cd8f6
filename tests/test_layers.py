"""Imports go down only: web and commands, engine, log and upstream (which never meet), core."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "debate_server"
# What each floor may import from.
BELOW = {
    "core": set[str](),
    "settings": {"core"},
    "formats": {"core"},
    "log": {"core"},
    "upstream": {"core", "settings"},
    "engine": {"core", "formats", "log", "settings", "upstream"},
    "web": {"core", "engine", "formats", "log", "settings", "upstream"},
    "runs": {"core", "engine", "formats", "log", "settings", "upstream"},
    "folders": {"core", "settings"},
    "house": {"engine", "formats", "log", "settings", "upstream"},
    "commands": {"core", "engine", "formats", "house", "log", "runs", "settings", "upstream", "web"},
    "library": {"core", "folders", "house", "log", "runs", "settings"},
    "flags": {"core", "folders", "settings"},
    "shell": {"commands"},
    "cli_runs": {"commands", "core", "flags", "runs", "settings", "shell"},
    "cli": {"cli_runs", "commands", "core", "flags", "folders", "formats", "settings", "shell", "upstream"},
    "__main__": {"cli"},
    "__init__": {"core", "library", "runs"},
}
MODULES = sorted(PACKAGE.rglob("*.py"))
# What the pure core may use of the world: nothing that waits, opens, asks the time or throws dice.
IMPURE = {
    "asyncio",
    "os",
    "time",
    "random",
    "secrets",
    "socket",
    "sqlite3",
    "aiohttp",
    "pathlib",
    "datetime",
    "structlog",
}


def floor(module: Path) -> str:
    return module.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(module: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: imports are absolute"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(PACKAGE)))
def test_imports_go_down_only(module: Path) -> None:
    ours = {name.split(".")[1] for name in imported(module) if name.startswith("debate_server.")}
    assert ours - {floor(module)} <= BELOW[floor(module)]


@pytest.mark.parametrize("module", sorted((PACKAGE / "core").rglob("*.py")), ids=lambda module: module.name)
def test_the_core_is_pure(module: Path) -> None:
    assert not {name.split(".")[0] for name in imported(module)} & IMPURE


def test_only_the_log_knows_sql() -> None:
    knowing = {floor(module) for module in MODULES if "sqlite3" in imported(module)}
    assert knowing == {"log"}


def test_only_the_command_line_reads_the_environment() -> None:
    reading = {module.name for module in MODULES if "os.environ" in module.read_text(encoding="utf-8")}
    assert reading <= {"shell.py", "flags.py", "embedded_child.py"}  # the child is a program of its own


def test_every_floor_is_in_the_table() -> None:
    assert {floor(module) for module in MODULES} == set(BELOW)
