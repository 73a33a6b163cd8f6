"""The key is nowhere, and the token only where it has to be: a server and its commands with an upstream that tells all.

One server is asked everything while its upstream tells the key, and all that came out of it, and all that it left, is
searched. The token may stand in the address that the server prints and in the note for the user's own commands.
"""

import asyncio
import signal
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp
import pytest

from debate_server.upstream.redact import HIDDEN
from tests.commands.conftest import Cli, Ran
from tests.conftest import parse
from tests.fakes.upstream import FakeUpstream
from tests.integration.canary import (
    BEARER,
    KEY,
    LOCATION,
    MASKED,
    NESTED,
    PAGE,
    REFUSED,
    SPOKEN,
    TOKEN,
    indiscreet,
    told,
)
from tests.integration.hunt import PATIENCE, PROC, SEATS, Hunt, contents
from tests.integration.processes import environment, running

SECRETS: Final[dict[str, Any]] = {"OPENAI_API_KEY": KEY, "DEBATE_TOKEN": TOKEN}
# Whatever has something to say in detail says it.
TALKATIVE: Final[dict[str, Any]] = {"PYTHONASYNCIODEBUG": "1", "OPENAI_LOG": "debug"}
NOTE: Final = "holder.json"

# A server in which something goes wrong that nobody thought of, with the key at hand: in a debate, in a request, in a
# task that nobody waits for, and at last where nothing is above it.
BROKEN: Final = """
import asyncio, os, sys
from pathlib import Path
import aiohttp
from debate_server.commands.logs import set_up
from debate_server.core.plan import Start
from debate_server.engine.runner import Runner
from debate_server.formats import Formats
from debate_server.log.log import Log
from debate_server.settings import Settings
from debate_server.upstream.upstream import Upstream
from debate_server.web.app import make_app, serving

class Broken(Upstream):
    def fail(self):
        header = "Authorization: Bearer " + settings.api_key
        raise RuntimeError("This is a bug.")

    async def speak(self, request, listener):
        self.fail()

    async def listing(self):
        self.fail()

async def main():
    async with (
        Broken(settings, embedded_missing=lambda: None) as upstream,
        Log(Path(settings.data)) as log,
        Runner(settings, log, upstream, Formats()) as runner,
        serving(make_app(settings, log, upstream, runner)) as address,
        aiohttp.ClientSession(address) as session,
    ):
        await runner.ended(await runner.start(Start(topic="Is it a bug?"), detached=True))
        async with session.get("/api/models", params={"token": settings.token}) as answer:
            print(answer.status, await answer.text())
        await asyncio.wait([asyncio.create_task(upstream.listing())])
        upstream.fail()

set_up("info", colour=False)
secrets = {"api_key": os.environ["OPENAI_API_KEY"], "token": os.environ["DEBATE_TOKEN"]}
settings = Settings(data=sys.argv[1], port=0, demo=True, **secrets)
asyncio.run(main())
"""


@dataclass
class Found:
    """What is left of a server's life to be searched."""

    fake: FakeUpstream
    hunt: Hunt
    first_line: str
    printed: dict[str, bytes]
    running: dict[str, tuple[int, bytes]]
    ended: dict[str, tuple[int, bytes]]
    through: Ran
    commands: dict[str, Ran] = field(default_factory=dict)


@pytest.fixture(scope="module")
async def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """One server's life, from its start to what the user's commands say of what it left."""
    home = tmp_path_factory.mktemp("home")
    data, printed = home / "data", home / "stderr"
    async with AsyncExitStack() as stack:
        fake = await stack.enter_async_context(FakeUpstream())
        indiscreet(fake)
        surroundings: dict[str, Any] = {"OPENAI_BASE_URL": fake.base_url, "DEBATE_DISCOVER": "0", **SECRETS}
        stderr = stack.enter_context(printed.open("wb"))
        first, server = await stack.enter_async_context(running(home, stderr=stderr, **surroundings, **TALKATIVE))
        address, headers = first.partition("/?")[0], {"Authorization": f"Bearer {TOKEN}"}
        hunt = Hunt(await stack.enter_async_context(aiohttp.ClientSession(address, headers=headers)), server.pid)
        meeting = [hunt.meet_the_child()] if PROC.exists() else []
        await asyncio.gather(hunt.hold_debates(), *meeting)
        await hunt.read_all()
        underway = contents(data)
        debate = Cli(home, environment(home, **surroundings, DEBATE_DATA=str(data)))
        through = await debate("run", "Through?", "--rounds", "1", *_agents(*SPOKEN))
        server.send_signal(signal.SIGTERM)
        assert server.stdout is not None
        out = await server.stdout.read()
        assert await server.wait() == 0
        found = Found(fake, hunt, first, {"out": out, "err": printed.read_bytes()}, underway, contents(data), through)
        found.commands = await _commands(debate, hunt)
    return found


def _agents(*models: str) -> list[str]:
    return [f"--agent={seat}={model}" for seat, model in zip(SEATS, models, strict=True)]


async def _commands(debate: Cli, hunt: Hunt) -> dict[str, Ran]:
    """What the commands say, by what is typed and what is wrong; side by side, each on the data that it needs."""
    other = Cli(debate.home / "other", debate.environment)
    other.home.mkdir()
    (other.home / "debate.toml").write_text(f'api_key = ["{KEY}"]\n')
    commands = {
        "list": debate("list"),
        "show": debate("show", hunt.debates["said"]),
        "export": debate("export", hunt.debates["stubborn"]),
        "doctor": debate("doctor"),
        "config": debate("config"),
        "run": debate("run", "Alone?", *_agents("quoted", "quoted", "quoted"), DEBATE_DATA="alone"),
        "serve, two lines": debate("serve", OPENAI_API_KEY=f"{KEY}\n{KEY}", DEBATE_DATA="none"),
        "config, a list": other("config"),
    }
    return dict(zip(commands, await asyncio.gather(*commands.values()), strict=True))


@pytest.mark.parametrize("said", [BEARER, MASKED, NESTED, PAGE.decode(), LOCATION, KEY[2:-4], f"token={TOKEN}&"])
def test_the_search_finds_what_an_upstream_may_tell(said: str) -> None:
    assert told({"here": b"Well, " + said.encode() + b"."}, KEY, TOKEN)
    assert not told({"here": b"Well, it is what it is."}, KEY, TOKEN)


def test_the_upstream_has_the_key_and_tells_it_in_every_way(found: Found) -> None:
    asked = found.fake.requests + found.fake.lookups
    assert {request.headers["Authorization"] for request in asked} == {f"Bearer {KEY}"}
    models = [request.body["model"] for request in found.fake.requests]
    assert {model: models.count(model) for model in REFUSED} == {
        model: len(scripts) + (model == "quoted") for model, scripts in REFUSED.items()
    }
    for name in [*REFUSED, "listed"]:
        assert HIDDEN.encode() in found.hunt.answers[f"{name}, live"], name


def test_no_word_of_a_speech_is_the_key_and_all_others_are_there(found: Found) -> None:
    events = parse(found.hunt.answers["said, live"])
    spoken = {
        turn: "".join(e["content"] for e in events if e["type"] == "token" and e["turn"] == turn) for turn in (1, 2, 3)
    }
    assert spoken == {
        1: f"Incorrect API key provided: {HIDDEN}. It is yours.",
        2: "This is half of",
        3: f"So it is: {HIDDEN}",
    }
    ends = [event["finish_reason"] for event in events if event["type"] == "agent_end"]
    assert (ends, events[-1]["reason"]) == (["stop", "cut_off", "cut_off"], "completed")


def test_no_answer_of_the_server_tells_the_key_or_the_token(found: Found) -> None:
    answers = found.hunt.answers
    assert told(answers, KEY, TOKEN) == {}
    assert {int(answer[:3]) for answer in answers.values()} >= {200, 400, 401, 403, 404, 405, 421, 422}


def test_nothing_that_is_printed_or_logged_tells_the_key_and_only_the_address_the_token(found: Found) -> None:
    assert found.first_line.endswith(f"/?token={TOKEN}")
    assert told({"first line": found.first_line.encode()}, KEY) == {}
    assert told(found.printed, KEY, TOKEN) == {}
    for words in (b"attempt_failed", b"speech_cut", b"no_request", HIDDEN.encode()):
        assert words in found.printed["err"], words
    assert b'"debug"' not in found.printed["err"], "libraries in detail"


@pytest.mark.parametrize("when", ["running", "ended"])
def test_no_file_tells_the_key_and_only_the_note_for_the_users_own_commands_the_token(found: Found, when: str) -> None:
    files = found.running if when == "running" else found.ended
    assert set(files) >= ({NOTE, "lock", "debates.sqlite3-wal"} if when == "running" else {"debates.sqlite3"})
    texts = {name: text for name, (_, text) in files.items()}
    assert any(HIDDEN.encode() in text for text in texts.values())
    assert told(texts, KEY) == {}
    mode, note = files.get(NOTE, (0o600, TOKEN.encode()))
    assert (mode, TOKEN.encode() in note, NOTE in files) == (0o600, True, when == "running")
    assert told({name: text for name, text in texts.items() if name != NOTE}, TOKEN) == {}


@pytest.mark.skipif(not PROC.exists(), reason="what a process shows of itself is looked up in /proc, which Linux has")
def test_no_title_of_a_process_tells_a_secret_and_no_child_inherits_one(found: Found) -> None:
    assert any(title.endswith("cmdline") and b"embedded_child" in text for title, text in found.hunt.titles.items())
    assert told(found.hunt.titles, KEY, TOKEN) == {}
    assert found.hunt.inherited
    for text in found.hunt.inherited.values():
        assert b"OPENAI_BASE_URL=" in text, "it is the environment"
        assert not {b"OPENAI_API_KEY", b"DEBATE_TOKEN"} & {line.partition(b"=")[0] for line in text.split(b"\0")}
    assert told(found.hunt.inherited, KEY, TOKEN) == {}


def test_no_command_tells_the_key_or_the_token(found: Found) -> None:
    commands = {**found.commands, "through": found.through}
    assert told({name: f"{ran.out}{ran.err}".encode() for name, ran in commands.items()}, KEY, TOKEN) == {}
    assert {name: ran.code for name, ran in commands.items()} == {
        "list": 0, "show": 0, "export": 0, "doctor": 1, "config": 0, "run": 3, "through": 0,
        "serve, two lines": 2, "config, a list": 2,
    }  # fmt: skip
    for name in ("show", "export", "doctor", "run", "through"):
        assert HIDDEN in commands[name].out, name
    assert commands["config"].out.count("(set)") == 2


async def test_a_bug_of_ours_is_told_with_a_traceback_that_has_no_variables_in_it(tmp_path: Path) -> None:
    pipe, surroundings = asyncio.subprocess.PIPE, environment(tmp_path, **SECRETS, **TALKATIVE)
    broken = await asyncio.create_subprocess_exec(
        sys.executable, "-c", BROKEN, str(tmp_path), env=surroundings, stdout=pipe, stderr=pipe
    )
    async with asyncio.timeout(PATIENCE):
        out, err = await broken.communicate()
    assert (broken.returncode, out[:4]) == (1, b"500 ")
    for event in (b'"debate_failed"', b'"request_failed"', b"exception was never retrieved", b"\nTraceback"):
        assert event in err
    assert err.count(b", in fail") == err.count(b"RuntimeError: This is a bug.") == 4
    assert told({"out": out, "err": err}, KEY, TOKEN) == {}
