"""``debate config``, ``doctor`` and ``--help``: what is set, where that comes from, and what there is to set."""

import re
from typing import Any

import aiohttp
import pytest

from debate_server.settings import GROUPS, SETTINGS, Setting
from tests.commands.conftest import Cli
from tests.fakes.script import Say, Stall, refuse
from tests.fakes.upstream import FakeUpstream

KEY = "sk-secret-of-the-house-1234567890"


async def configured(debate: Cli, *words: str, **environment: str) -> dict[str, tuple[Any, str]]:
    ran = await debate("config", "--json", *words, **environment)
    assert (ran.code, ran.err) == (0, "")
    return {row["name"]: (row["value"], row["source"]) for row in ran.events}


async def test_a_flag_beats_the_environment_which_beats_the_file_which_beats_the_default(debate: Cli) -> None:
    assert (await configured(debate))["max_rounds"] == (10, "default")
    (debate.home / "debate.toml").write_text("max_rounds = 4\nheartbeat = 3\nallowed_host = ['a', 'b']\n")
    found = await configured(debate)
    assert found["max_rounds"] == (4, "file")
    assert found["heartbeat"] == (3.0, "file")
    assert found["allowed_host"] == (["a", "b"], "file")
    assert (await configured(debate, DEBATE_MAX_ROUNDS="5"))["max_rounds"] == (5, "environment")
    found = await configured(debate, "--max-rounds", "6", DEBATE_MAX_ROUNDS="5")
    assert found["max_rounds"] == (6, "flag")
    assert found["base_url"][1] == "environment"


async def test_the_file_here_comes_before_the_one_in_the_users_config_folder(debate: Cli) -> None:
    theirs = debate.home / ".config" / "debate-server"
    theirs.mkdir(parents=True)
    (theirs / "debate.toml").write_text("max_rounds = 3\n")
    assert (await configured(debate))["max_rounds"] == (3, "file")
    (debate.home / "debate.toml").write_text("max_topic = 100\n")
    found = await configured(debate)
    assert (found["max_rounds"], found["max_topic"]) == ((10, "default"), (100, "file"))


async def test_every_setting_is_shown_and_no_secret(debate: Cli) -> None:
    for words in ([], ["--json"]):
        ran = await debate("config", *words, OPENAI_API_KEY=KEY)
        assert KEY not in ran.out + ran.err
        assert "(set)" in ran.out
        assert all(setting.name in ran.out for setting in SETTINGS)


@pytest.mark.parametrize(
    ("words", "environment", "file", "said"),
    [
        ([],                             {},                           "colour = 1",             "'colour'"),
        ([],                             {},                           "port = 70000",           "port"),
        ([],                             {},                           "port = '8484'",          "port"),
        ([],                             {},                           "port = true",            "port"),
        ([],                             {},                           "sync = 'never'",         "sync"),
        ([],                             {},                           "allow_origin = 'null'",  "allow_origin"),
        ([],                             {},                           "allowed_host = [1]",     "a list of text"),
        ([],                             {},                           "port = ",                "debate.toml"),
        ([],                             {},                           "heartbeat = nan",        "heartbeat"),
        ([],                             {"DEBATE_PORT": "70000"},     "",                       "port"),
        ([],                             {"DEBATE_HEARTBEAT": "0"},    "",                       "heartbeat"),
        ([],                             {"DEBATE_HEARTBEAT": "nan"},  "",                       "heartbeat"),
        (["--max-rounds", "0"],          {},                           "",                       "max_rounds"),
        (["--max-rounds=-1"],            {},                           "",                       "max_rounds"),
        (["--allow-origin", "https://a.example/page"], {},             "",                       "allow_origin"),
        (["--allowed-host", "http://a.example"], {},                   "",                       "allowed_host"),
    ],
)  # fmt: skip
async def test_a_setting_that_is_unknown_or_out_of_bounds_is_one_line_that_names_it(
    debate: Cli, words: list[str], environment: dict[str, str], file: str, said: str
) -> None:
    (debate.home / "debate.toml").write_text(file)
    ran = await debate("config", *words, **environment)
    assert (ran.code, ran.out, ran.err.strip().count("\n")) == (2, "", 0)
    assert said in ran.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["config", "--port", "many"],     "--port"),
        (["config", "--sync", "never"],    "--sync"),
        (["config", "--colour"],           "--colour"),
        (["colour"],                       "colour"),
        (["list", "--port", "1"],          "--port"),
        (["config", "--api-key", KEY],     "--api-key"),
        ([],                               "Commands:"),
    ],
)  # fmt: skip
async def test_wrong_usage_is_exit_code_2_and_says_what_is_wrong(debate: Cli, words: list[str], said: str) -> None:
    ran = await debate(*words)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert KEY not in ran.err


async def test_doctor_says_that_a_debate_can_be_held_and_what_to_type(debate: Cli, fake: FakeUpstream) -> None:
    ran = await debate("doctor", OPENAI_API_KEY=KEY)
    assert (ran.code, ran.err) == (0, "")
    assert f"{fake.base_url}: fake-chat" in ran.out
    assert f"ok    data in {debate.data}" in ran.out
    assert re.search(r"Next: .* run .* serve --open", ran.out)
    assert KEY not in ran.out


@pytest.mark.parametrize("wrong", ["unreachable", "refused", "data"])
async def test_doctor_says_what_is_wrong_and_is_exit_code_1(debate: Cli, fake: FakeUpstream, wrong: str) -> None:
    environment = {}
    if wrong == "unreachable":
        environment = {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}
    elif wrong == "refused":
        fake.listing = [refuse(401, f"Incorrect API key provided: {KEY}")]
        environment = {"OPENAI_API_KEY": KEY}
    else:
        debate.data.write_text("a file")
    ran = await debate("doctor", **environment)
    assert ran.code == 1
    assert "  no    " in ran.out
    assert KEY not in ran.out + ran.err


async def test_doctor_finds_the_server_that_uses_the_data(debate: Cli) -> None:
    async with debate.serve() as (_, address):
        ran = await debate("doctor")
    assert ran.code == 0
    assert f"which listens on {address}" in ran.out
    assert f"open {address}" in ran.out


async def test_doctor_asks_a_running_server_how_it_is(debate: Cli, fake: FakeUpstream) -> None:
    fake.play([Stall()])
    async with debate.serve("--max-running", "1", "--max-queued", "0") as (_, address):
        async with aiohttp.ClientSession(address) as session:
            await session.post("/api/debates", json={"topic": "x"})
            await fake.asked()
        ran = await debate("doctor")
    assert ran.code == 1
    assert f"  no    {address}: All places are taken" in ran.out


async def test_doctor_finds_a_damaged_log(debate: Cli, fake: FakeUpstream) -> None:
    fake.play(*[[Say(f"{word} " * 5000)] for word in ("Yes", "No", "Perhaps")])
    assert (await debate("run", "Whole?", "--rounds", "1")).code == 0
    log = debate.data / "debates.sqlite3"
    whole = log.read_bytes()
    log.write_bytes(whole[:8192] + b"\x5a" * 8192 + whole[16384:])
    ran = await debate("doctor")
    assert (ran.code, "is damaged" in ran.out) == (1, True)
    assert "debate backup" in ran.out


COMMANDS: dict[str, tuple[str, ...]] = {
    "serve": tuple(GROUPS),
    "run": ("where", "model", "money", "limits", "upstream"),
    "list": ("where",),
    "show": ("where",),
    "export": ("where",),
    "backup": ("where",),
    "doctor": ("where", "model"),
    "config": tuple(GROUPS),
    "formats": ("where",),
    "fork": ("where", "model", "limits", "upstream"),
    "retry": ("where", "model", "limits", "upstream"),
    "pause": ("where",),
    "resume": ("where",),
    "stop": ("where",),
    "say": ("where",),
}


def listed(setting: Setting, command: str) -> bool:
    serves = command in ("serve", "config")
    return setting.group in COMMANDS[command] and not setting.unflagged and (serves or not setting.server)


@pytest.mark.parametrize("command", COMMANDS)
async def test_help_lists_every_setting_of_its_groups_and_no_other(debate: Cli, command: str) -> None:
    ran = await debate(command, "--help")
    assert (ran.code, ran.err) == (0, "")
    flags = set(re.findall(r"(?m)^  (--[a-z-]+)", ran.out))
    known = {setting.flag for setting in SETTINGS}
    assert not re.findall(r"(?m)^  [A-Z]+$", ran.out), "an argument is no option"
    assert flags & known == {setting.flag for setting in SETTINGS if listed(setting, command)}


async def test_help_needs_nothing_and_lists_the_commands(debate: Cli) -> None:
    ran = await debate("--help")
    assert ran.code == 0
    assert all(f"  {command} " in ran.out for command in [*COMMANDS, "demo"])
    assert (await debate("demo", "install", "--help")).code == 0
    assert re.fullmatch(r"debate-server, version \d+\.\d+\.\d+\S*\n", (await debate("--version")).out)
