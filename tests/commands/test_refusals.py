"""What a run cannot mean is told before it is paid for: exit code 2, no model is asked, nothing is written."""

import pytest
from aiohttp import web

from debate_server.commands.read import Archive
from debate_server.log.lock import Lock
from tests.commands.conftest import Cli, Typed
from tests.conftest import Serve
from tests.fakes.upstream import FakeUpstream

ANSWERED = '{"topic":"What is 6*7?","answer":"forty-two or so"}\n{"topic":"What is 2+2?","answer":"4"}\n'
OTHER = b'{"run":"r2","entry":"a","status":"completed"}\n'

# What is typed for a file of one topic, and what the message names.
TYPED: dict[str, list[str]] = {
    "none.txt":                      ["unexpected extra argument"],
    "--format nope":                 ["no format 'nope'", "classic"],
    "--format none.toml":            ["none.toml"],
    "--model gpt-none":              ["'gpt-none'", "fake-chat"],
    "--agent Nobody=fake-chat":      ["'Nobody'", "debate formats"],
    "--agent Skeptic":               ["--agent takes NAME=MODEL"],
    "--swap-sides":                  ["--swap-sides changes nothing"],
    "--judge fake-chat":             ["--score judge"],
    "--score exact":                 ["--score changes nothing", "answer"],
    "--format single --rounds 5":    ["single", "rounds is 5"],
    "--rounds 0":                    ["rounds"],
    "--budget-usd 1":                ["price", "--budget-usd"],
    "--budget-usd 0":                ["--budget-usd"],
    "--repeat 0":                    ["--repeat"],
    "-j 0":                          ["-j"],
    "--limit 0":                     ["--limit"],
}  # fmt: skip

LINE = '{"topic":"A?"}\n'
NOBODY = '{"topic":"B?","agents":[{"name":"Nobody","model":"fake-chat"}]}\n'
NO_MODEL = '{"topic":"B?","agents":[{"name":"Skeptic","model":"gpt-none"}]}\n'
# The end of a file's name and what it holds, what is typed beside it, and what the message names.
HELD: dict[str, tuple[str, str, str, list[str]]] = {
    "a column that is missing":   ("csv", "question,answer\nWhy?,4\n", "", ["a.csv", "no topic, only 'question'"]),
    "a column that is not known": ("csv", "topic,colour\nWhy?,red\n", "", ["'colour' is not known"]),
    "a line":                     ("jsonl", LINE + '{"topic":\n', "", ["a.jsonl, line 2", "--skip-bad"]),
    "an id that is there twice":  ("jsonl", '{"topic":"A?","id":"x"}\n' * 2, "", ["line 2", "'x'", "line 1"]),
    "nothing":                    ("txt", "", "", ["a.txt: there is no topic in it"]),
    "nothing but space":          ("txt", " \n\n", "", ["a.txt: there is no topic in it"]),
    "nothing that can be read":   ("jsonl", "{\n", "--skip-bad", ["no topic in it that can be read", "line 1"]),
    "a long topic":               ("txt", "Why?\n" + "x" * 2_001, "", ["line 2", "2001 characters", "--max-topic"]),
    "a format":                   ("jsonl", LINE + '{"topic":"B?","format":"nope"}\n', "", ["line 2", "'nope'"]),
    "rounds":                     ("jsonl", LINE + '{"topic":"B?","rounds":99}\n', "", ["line 2", "99 rounds"]),
    "an agent":                   ("jsonl", LINE + NOBODY, "", ["line 2", "'Nobody'", "Skeptic"]),
    "a model":                    ("jsonl", LINE + NO_MODEL, "", ["line 2", "'gpt-none'"]),
    "what no judge can mark":     ("jsonl", ANSWERED, "--score judge --judge gpt-none", ["'gpt-none'"]),
    "what comes to no answer":    ("jsonl", ANSWERED, "--score exact --format oxford", ["no answers come of oxford"]),
    "what is no number":          ("jsonl", ANSWERED, "--score number", ["line 1", "'forty-two or so'", "number"]),
    "what has no choices":        ("jsonl", ANSWERED, "--score choice", ["line 1", "choices"]),
}  # fmt: skip
WRONG = {words: ("a.txt", "Why?\n", words, said) for words, said in TYPED.items()} | {
    case: (f"a.{kind}", held, words, said) for case, (kind, held, words, said) in HELD.items()
}


def nothing_is_written(debate: Cli, *files: str) -> bool:
    """Neither a run nor a debate in the log, nor a file of results."""
    archive = Archive(debate.data)
    return (
        not archive.runs(1) and not archive.rows(1) and sorted(p.name for p in debate.home.iterdir()) == sorted(files)
    )


@pytest.mark.parametrize("case", WRONG)
async def test_what_cannot_be_meant_is_named_and_costs_nothing(
    debate: Cli, typed: Typed, fake: FakeUpstream, case: str
) -> None:
    name, held, words, said = WRONG[case]
    (debate.home / name).write_text(held)
    ran = await typed("batch", name, *words.split(), "--out", "out.ndjson")
    assert (ran.code, ran.out) == (2, ""), ran
    assert [part for part in said if part not in ran.err] == [], ran.err
    assert not fake.requests
    assert nothing_is_written(debate, name)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--agent", "Optimist= "], "--agent takes NAME=MODEL: model: "),
        (["--agent", f"Optimist={'x' * 401}"], "at most 400 characters"),
        (["--model", " "], "Item '1' cannot be held so: model: "),
        (["--model", "x" * 401], "at most 400 characters"),
        (["--seed", str(2**63 - 1), "--repeat", "2"], f"seed: input should be less than or equal to {2**63 - 1}"),
    ],
)
async def test_what_is_too_much_or_nothing_is_named_too(
    debate: Cli, typed: Typed, fake: FakeUpstream, words: list[str], said: str
) -> None:
    (debate.home / "a.txt").write_text("Why?\n")
    ran = await typed("batch", "a.txt", *words)
    assert (ran.code, ran.out) == (2, ""), ran
    assert said in ran.err
    assert not fake.requests
    assert nothing_is_written(debate, "a.txt")


@pytest.mark.parametrize("words", [["--dry-run"], []])
async def test_a_line_that_cannot_be_read_is_named_where_it_came_through_a_pipe(
    debate: Cli, typed: Typed, words: list[str]
) -> None:
    ran = await typed("batch", "-", *words, stdin=b'{"topic":"Why?"}\n{"topics":"Why?"}\n')
    assert (ran.code, ran.out) == (2, "")
    assert "stdin, line 2: there is no topic, only 'topics'" in ran.err
    assert nothing_is_written(debate)


async def test_bad_lines_are_told_and_left_out(debate: Cli, typed: Typed, fake: FakeUpstream) -> None:
    ran = await typed("batch", "-", "--skip-bad", "--dry-run", stdin=b'{"topic":"A?"}\n{"topic":\n{"topic":"B?"}\n')
    assert (ran.code, ran.out.splitlines()[1].split()[:2]) == (0, ["classic", "2"])
    assert ran.err.splitlines()[0].startswith("stdin, line 2: ")
    assert "Left out: 1 bad line." in ran.err
    assert not fake.requests


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (OTHER, "another run"),
        (b"Once upon a time\n", "line 1 is no result"),
        (b"Once upon a time", "line 1 is no result"),
        (b'{"topic":"Why?"}', "line 1 is no result"),
    ],
)
async def test_a_file_that_is_no_output_of_this_run_is_left_as_it_is(
    debate: Cli, typed: Typed, fake: FakeUpstream, held: bytes, said: str
) -> None:
    (debate.home / "a.txt").write_text("Why?\n")
    (debate.home / "out.ndjson").write_bytes(held)
    ran = await typed("batch", "a.txt", "--out", "out.ndjson")
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert "Choose another --out" in ran.err
    assert (debate.home / "out.ndjson").read_bytes() == held
    assert not fake.requests
    assert not Archive(debate.data).rows(1)


async def test_a_place_for_results_that_cannot_be_written_is_told_of_before(
    debate: Cli, typed: Typed, fake: FakeUpstream
) -> None:
    (debate.home / "a.txt").write_text("Why?\n")
    ran = await typed("batch", "a.txt", "--out", "none/out.ndjson")
    assert (ran.code, ran.out) == (2, "")
    assert "Choose another --out" in ran.err
    assert not fake.requests


async def test_lines_that_ask_for_what_there_is_not_are_left_out_where_bad_ones_are(
    typed: Typed, fake: FakeUpstream
) -> None:
    bad = NO_MODEL + '{"topic":"C?","rounds":99}\n' + NOBODY.replace("B?", "D?")
    ran = await typed("batch", "-", "--format", "quick", "--skip-bad", stdin=(LINE + bad).encode())
    assert (ran.code, [one["topic"] for one in ran.events]) == (0, ["A?"]), ran.err
    for said in ("line 2", "gpt-none", "line 3", "99 rounds", "line 4", "Nobody", "Left out: 3 bad lines."):
        assert said in ran.err
    assert len(fake.requests) == 3


async def test_data_that_is_in_use_by_who_takes_no_requests(debate: Cli, typed: Typed, fake: FakeUpstream) -> None:
    (debate.home / "a.txt").write_text("Why?\n")
    with Lock(debate.data):
        ran = await typed("batch", "a.txt")
    assert (ran.code, ran.out) == (2, "")
    assert "is in use" in ran.err
    assert "--data" in ran.err
    assert nothing_is_written(debate, "a.txt")


@pytest.mark.parametrize(
    ("server", "said"),
    [
        ("http://127.0.0.1:9", "went away, or was never there"),
        ("127.0.0.1:9", "--server takes"),
        ("ftp://127.0.0.1:9", "--server takes"),
        ("http://", "--server takes"),
        ("http://127.0.0.1:99999", "--server takes"),
    ],
)
async def test_a_server_that_is_not_there(
    debate: Cli, typed: Typed, fake: FakeUpstream, server: str, said: str
) -> None:
    (debate.home / "a.txt").write_text("Why?\n")
    ran = await typed("batch", "a.txt", "--server", server)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert nothing_is_written(debate, "a.txt")


@pytest.mark.parametrize(
    "page",
    [
        web.Response(status=404),
        web.Response(text="It works!"),
        web.json_response({"name": "other"}),
        web.json_response([]),
    ],
)
async def test_a_server_that_is_another_one(debate: Cli, typed: Typed, page: web.Response) -> None:
    (debate.home / "a.txt").write_text("Why?\n")

    async def answer(_: web.Request) -> web.Response:
        return page

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        ran = await typed("batch", "a.txt", "--server", address)
    finally:
        await runner.cleanup()
    assert (ran.code, ran.out) == (2, "")
    assert "is no debate-server" in ran.err


@pytest.mark.parametrize("token", ["", "not-that-one"])
async def test_a_server_that_asks_for_another_token(debate: Cli, typed: Typed, serve: Serve, token: str) -> None:
    (debate.home / "a.txt").write_text("Why?\n")
    debate.environment["DEBATE_TOKEN"] = token
    async with serve(token="this-is-the-one") as server:
        ran = await typed("batch", "a.txt", "--server", server.address)
    assert (ran.code, ran.out) == (2, "")
    assert "asks for its token: set DEBATE_TOKEN" in ran.err
    assert nothing_is_written(debate, "a.txt")


@pytest.mark.parametrize(
    "case", ["--model gpt-none", "--format single --rounds 5", "--budget-usd 1", "an agent", "rounds"]
)
async def test_a_server_refuses_as_this_process_does(
    debate: Cli, typed: Typed, serve: Serve, fake: FakeUpstream, case: str
) -> None:
    name, held, words, said = WRONG[case]
    (debate.home / name).write_text(held)
    async with serve() as server:
        server.house.lock.listening(server.address)
        ran = await typed("batch", name, *words.split(), "--out", "out.ndjson")
    assert (ran.code, ran.out) == (2, ""), ran
    assert [part for part in said if part not in ran.err] == [], ran.err
    assert not fake.requests
    assert nothing_is_written(debate, name)


# The same for a tournament.
PAIR = "--model fake-chat --model other"
NO_TOURNAMENT: dict[str, tuple[str, str]] = {
    "one model":        ("--model fake-chat", "two models or more"),
    "twice the same":   ("--model fake-chat --model fake-chat", "two models or more"),
    "no sides":         (f"{PAIR} --format society", "no two sides that are judged"),
    "nobody judges":    (f"{PAIR} --format quick", "no two sides that are judged"),
    "format":           (f"{PAIR} --format nope", "nope"),
    "model":            ("--model fake-chat --model gpt-none", "gpt-none"),
    "judge":            (f"{PAIR} --judge gpt-none", "gpt-none"),
    "rounds":           (f"{PAIR} --rounds 99", "99 rounds"),
    "judges":           (f"{PAIR} {'--judge other ' * 40}", "--max-agents"),
}  # fmt: skip


@pytest.mark.parametrize("case", NO_TOURNAMENT)
async def test_what_is_no_tournament_is_named_and_costs_nothing(
    debate: Cli, typed: Typed, fake: FakeUpstream, case: str
) -> None:
    fake.models = ["fake-chat", "other"]
    words, said = NO_TOURNAMENT[case]
    (debate.home / "a.txt").write_text("Why?\n")
    ran = await typed("tournament", "a.txt", *words.split())
    assert (ran.code, ran.out) == (2, ""), ran
    assert said in ran.err
    assert not fake.requests
    assert nothing_is_written(debate, "a.txt")


async def test_what_marks_answers_is_in_what_a_run_may_cost(debate: Cli, typed: Typed, fake: FakeUpstream) -> None:
    fake.models = [{"id": "fake-chat", "pricing": {"prompt": "0", "completion": "0.001"}}, "marker"]
    (debate.home / "a.jsonl").write_text(ANSWERED)
    command = ("batch", "a.jsonl", "--format", "single", "--score", "judge", "--dry-run")
    told = [(await typed(*command, *more)).out.splitlines()[-1].split() for more in ([], ["--judge", "marker"])]
    for words in told:
        assert words[:5] == ["all", "of", "it", "2", "4"]
    assert float(told[0][-1].strip("$")) > 2 * 0.48
    assert told[1][-1] == "unknown"
    refused = await typed(*command, "--judge", "marker", "--budget-usd", "5")
    assert (refused.code, "price" in refused.err) == (2, True)
