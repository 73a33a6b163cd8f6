"""Runs as a person has them held: their topics, and what comes of them."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.commands.conftest import Cli
from tests.fakes.script import Say, Script

both = pytest.mark.parametrize("through", [False, True], ids=["in this process", "through a server"])
SINGLE = ("--format", "single")


# One that needs no more than a few milliseconds to be held.
WORDS: Script = [Say("So it is.")]


def topics(debate: Cli, count: int) -> str:
    """A file of that many topics."""
    (debate.home / "topics.txt").write_text("".join(f"Is {number} so?\n" for number in range(1, count + 1)))
    return "topics.txt"


def results(path: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


async def beside(stack: AsyncExitStack, debate: Cli, through: bool) -> None:
    """The server that the command is to go through, if it is to."""
    if through:
        await stack.enter_async_context(debate.serve())
