"""``debate tournament``: who meets whom, taken up again, and rated."""

import asyncio
import signal
from collections import Counter
from typing import Any

import orjson

from tests.commands.conftest import Cli, Typed
from tests.fakes.script import Gate, Say, Script
from tests.fakes.upstream import FakeUpstream

MODELS = ("ann", "bob", "cat")
WORDS = ("--model", "ann", "--model", "bob", "--model", "cat", "--judge", "fair", "--judge", "first", "--rounds", "1")


def play(body: dict[str, Any]) -> Script:
    """Who is called ann says so and wins before a fair judge; the other judge takes whoever it is shown first."""
    if "response_format" not in body:
        return [Say("I am the best." if body["model"] == "ann" else "I am here.")]
    text = str(body["messages"][-1]["content"])
    labels = sorted({label for label in "AB" if f"Speaker {label}" in text})
    best = [label for label in labels if "best" in text.partition(f"Speaker {label}:")[2].partition("Speaker ")[0]]
    winner = (best or ["tie"])[0] if body["model"] == "fair" else labels[0]
    vote: dict[str, object] = {
        "reason": "So it is.",
        "quotes": [],
        "winner": winner,
        "margin": 0 if winner == "tie" else 5,
    }
    return [Say(orjson.dumps(vote).decode())]


async def test_every_pair_meets_on_either_side_and_what_is_held_is_not_held_again(
    debate: Cli, fake: FakeUpstream, typed: Typed
) -> None:
    fake.models = [*MODELS, "fair", "first"]
    held = asyncio.Event()
    speeches = 0

    def script(body: dict[str, Any]) -> Script:
        nonlocal speeches
        speeches += "response_format" not in body
        return [Gate(held), *play(body)] if speeches > 9 else play(body)

    fake.script = script
    (debate.home / "topics.txt").write_text("Is it so?\nIs it not?\n")
    command = ("tournament", "topics.txt", *WORDS, "--out", "out.ndjson", "-j", "2")
    async with debate.start(*command) as running:
        while speeches <= 9:
            await fake.asked(len(fake.requests) + 1)
        running.send(signal.SIGKILL)
    held.set()
    fake.script = play
    ran = await debate(*command)
    assert ran.code == 0, ran.err

    results = [orjson.loads(line) for line in (debate.home / "out.ndjson").read_bytes().splitlines()]
    sides = Counter[tuple[str, ...]]()
    for one in results:
        seats = {seat["side"]: seat["model"] for seat in one["agents"]}
        sides[one["item"], seats["for"], seats["against"]] += 1
        assert {vote["model"] for vote in one["votes"]} == {"fair", "first"}
    assert sides == Counter((item, one, other) for item in "12" for one in MODELS for other in MODELS if one != other)

    run = results[0]["run"]
    told = await typed("matches", run)
    assert len(told.out.splitlines()) == 1 + 12
    async with debate.start("matches", run) as running:
        running.close()
        assert (await running.end()).err == ""
    rated = await typed("rate", "-", "--json", stdin=told.out.encode())
    models = {one["model"]: one for one in orjson.loads(rated.out)["models"]}
    assert next(iter(models)) == "ann"
    assert sum(one["tied"] for one in models.values()) > 0

    report = orjson.loads((await typed("report", run, "--as", "json")).out)
    judges = {one["model"]: (one["pairs"], one["same"]) for one in report["judges"]}
    assert judges["fair"] == (12, 12)
    assert judges["first"][1] < judges["first"][0] == 12
    assert report["ratings"]["models"][0]["model"] == "ann"
    assert (await typed("report", run)).code == 0
    assert "ann" in (debate.home / f"report-{run}.html").read_text()
