"""``debate run --dry-run``: what it would cost, and nothing asked for it."""

import orjson
from click.testing import CliRunner

from debate_server.cli import cli
from tests.commands.conftest import Cli
from tests.fakes.upstream import FakeUpstream

DEMO = ["run", "Dear?", "--dry-run", "--demo", "--format", "judge-only", "--rounds", "1"]


def test_a_dry_run_tells_what_each_agent_would_take_at_most() -> None:
    told = CliRunner().invoke(cli, DEMO)
    rows = [line.split() for line in told.stdout.splitlines()]
    assert [(row[0], row[1]) for row in rows[1:]] == [
        ("Affirmative", "1"), ("Negative", "1"), ("Judge", "4"), ("altogether", "6"), ("at", "least")
    ]  # fmt: skip
    assert {row[-1] for row in rows[1:]} == {"free"}


def test_a_dry_run_for_machines_is_what_the_server_answers() -> None:
    told = orjson.loads(CliRunner().invoke(cli, [*DEMO, "--json"]).stdout)
    assert (told["calls"], told["cost_usd"], set(told["agents"])) == (6, 0.0, {"Affirmative", "Negative", "Judge"})


def test_a_dry_run_of_what_cannot_be_held_says_so() -> None:
    told = CliRunner().invoke(cli, [*DEMO, "--rounds", "99"])
    assert "99 rounds are too many" in str(told.exception)


async def test_a_dry_run_asks_the_server_that_would_hold_the_debate(debate: Cli, fake: FakeUpstream) -> None:
    fake.models = [{"id": "fake-chat", "pricing": {"prompt": "0.000001", "completion": "0.000002"}}]
    async with debate.serve():
        told = orjson.loads((await debate("run", "Dear?", "--dry-run", "--demo", "--json")).out)
    assert told["cost_usd"] > 0
    assert not fake.requests
