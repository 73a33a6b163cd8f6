"""What cannot be meant is refused with a problem that says what is wrong, costs nothing and disturbs nothing."""

import gzip
from urllib.parse import quote

import orjson
import pytest

from tests.conftest import Serve, Server
from tests.fakes.upstream import FakeUpstream
from tests.web.wire import Wire, get, post, sent

DEEP = b'{"topic":' + b"[" * 30_000 + b"]" * 30_000 + b"}"
DIGITS = b"9" * 5_000


async def refused(server: Server, fake: FakeUpstream, wire: Wire, *, status: int, code: str) -> dict[str, object]:
    """The problem, which started nothing."""
    problem = await wire.problem()
    assert (wire.status, problem["code"]) == (status, code)
    assert not fake.requests
    assert server.house.log.list(1) == []
    return problem


def agent(**fields: object) -> bytes:
    return orjson.dumps({"topic": "x", "agents": [{"name": "Optimist"} | fields]})


# What is sent, then what the problem says: status, code, field, and words of the detail.
BODIES = [
    (b"",                                       400, "not_json",        None,       "JSON such as"),
    (b"topic=x",                                400, "not_json",        None,       "JSON such as"),
    (b'{"topic":"x"',                           400, "not_json",        None,       "JSON such as"),
    (b'{"topic":"x"} and more',                 400, "not_json",        None,       "JSON such as"),
    (b'{"topic":"\xff"}',                       400, "not_json",        None,       "JSON such as"),
    ('{"topic":"x"}'.encode("utf-16"),          400, "not_json",        None,       "JSON such as"),
    (b'{"topic":"\\ud800"}',                    400, "not_json",        None,       "JSON such as"),
    (b'{"topic":"x","\\udfff":1}',              400, "not_json",        None,       "JSON such as"),
    (DEEP,                                      400, "not_json",        None,       "recursion limit"),
    (b'{"topic":"x","rounds":' + DIGITS + b"}", 400, "not_json",        None,       "out of range"),
    (b'"x"',                                    422, "invalid_request", None,       "an object"),
    (b"null",                                   422, "invalid_request", None,       "an object"),
    (b"[]",                                     422, "invalid_request", None,       "an object"),
    (b"NaN",                                    422, "invalid_request", None,       "an object"),
    (b"{}",                                     422, "invalid_request", "topic",    "required"),
    (b'{"topic":""}',                           422, "invalid_request", "topic",    "empty"),
    (b'{"topic":" \\n\\t "}',                   422, "invalid_request", "topic",    "empty"),
    (b'{"topic":null}',                         422, "invalid_request", "topic",    "string"),
    (b'{"topic":7}',                            422, "invalid_request", "topic",    "string"),
    (b'{"topic":NaN}',                          422, "invalid_request", "topic",    "string"),
    (b'{"topic":["x"]}',                        422, "invalid_request", "topic",    "string"),
    (b'{"topic":"' + b"x" * 2_001 + b'"}',      422, "limit_exceeded",  "topic",    "2001 characters. The limit is"),
    (b'{"topic":"x","format":"nope"}',          422, "invalid_request", "format",   "Choose one of: classic"),
    (b'{"topic":"x","format":"../classic"}',    422, "invalid_request", "format",   "Choose one of: classic"),
    (b'{"topic":"x","format":1}',               422, "invalid_request", "format",   "string"),
    (b'{"topic":"x","format":["classic"]}',     422, "invalid_request", "format",   "or a whole format as an object"),
    (b'{"topic":"x","format":{}}',              422, "invalid_format",  None,       "format: name: it is missing"),
    (b'{"topic":"x","format":{"extends":7}}',   422, "invalid_format",  None,       "the name of a format"),
    (b'{"topic":"x","format":{"extends":"o"}}', 422, "invalid_format",  None,       "expected one of: classic"),
    (b'{"topic":"x","format":{"extends":"classic","agent":[]}}', 422, "invalid_format", None, "did you mean agents?"),
    (b'{"topic":"x","format":{"extends":"classic","agents":[]}}', 422, "invalid_format", None, "at least 1, not 0"),
    (b'{"topic":"x","budget_usd":0}',           422, "invalid_request", "budget_usd", "greater than 0"),
    (b'{"topic":"x","budget_usd":NaN}',         422, "invalid_request", "budget_usd", "finite"),
    (b'{"topic":"x","budget_tokens":0.5}',      422, "invalid_request", "budget_tokens", "integer"),
    (b'{"topic":"x","budget_tokens":0}',        422, "invalid_request", "budget_tokens", "greater than or equal to 1"),
    (b'{"topic":"x","rounds":0}',               422, "invalid_request", "rounds",   "1 to 10"),
    (b'{"topic":"x","rounds":-1}',              422, "invalid_request", "rounds",   "1 to 10"),
    (b'{"topic":"x","rounds":11}',              422, "limit_exceeded",  "rounds",   "The limit is 10"),
    (b'{"topic":"x","rounds":' + b"9" * 400 + b"}", 422, "limit_exceeded", "rounds", "The limit is 10"),
    (b'{"topic":"x","rounds":"2"}',             422, "invalid_request", "rounds",   "integer"),
    (b'{"topic":"x","rounds":2.5}',             422, "invalid_request", "rounds",   "integer"),
    (b'{"topic":"x","rounds":true}',            422, "invalid_request", "rounds",   "integer"),
    (b'{"topic":"x","rounds":NaN}',             422, "invalid_request", "rounds",   "integer"),
    (b'{"topic":"x","rounds":Infinity}',        422, "invalid_request", "rounds",   "integer"),
    (b'{"topic":"x","detached":"yes"}',         422, "invalid_request", "detached", "boolean"),
    (b'{"topic":"x","colour":"red"}',           422, "invalid_request", "colour",   "topic, format, rounds"),
    (b'{"topic":"x","agents":{}}',              422, "invalid_request", "agents",   "agents"),
    (b'{"topic":"x","agents":[7]}',             422, "invalid_request", "agents",   "agents[0]"),
    (b'{"topic":"x","agents":[{}]}',            422, "invalid_request", "agents",   "agents[0].name"),
    (agent(name="Nobody"),                      422, "invalid_request", "agents",   "Optimist, Skeptic, Moderator"),
    (agent(side="against"),                     422, "invalid_request", "agents",   "agents[0].side"),
    (agent(temperature=3),                      422, "invalid_request", "agents",   "less than or equal to 2"),
    (agent(max_tokens=1),                       422, "invalid_request", "agents",   "greater than or equal to 16"),
    (agent(max_tokens=10**9),                   422, "invalid_request", "agents",   "less than or equal to 32768"),
    (agent(persona="x" * 4_001),                422, "invalid_request", "agents",   "at most 4000 characters"),
    (agent(model=""),                           422, "invalid_request", "agents",   "at least 1 character"),
    (b'{"topic":"' + b"x" * 65_536 + b'"}',     413, "too_large",       None,       "65536 bytes"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "status", "code", "field", "words"), BODIES, ids=range(len(BODIES)))
async def test_a_body_that_cannot_be_meant_is_refused_by_name(
    server: Server, fake: FakeUpstream, body: bytes, status: int, code: str, field: str | None, words: str
) -> None:
    async with sent(server, post("/api/debates", body)) as wire:
        problem = await refused(server, fake, wire, status=status, code=code)
    assert problem.get("field") == field
    assert words in str(problem["detail"])
    if code in ("limit_exceeded", "too_large"):
        assert str(problem["limit"]) in str(problem["detail"])
        assert str(problem["setting"]) in str(problem["detail"])


@pytest.mark.parametrize("path", ["/api/debate", "/api/debates"])
async def test_a_debate_after_all_that_was_refused_is_held_to_its_end(
    server: Server, fake: FakeUpstream, path: str
) -> None:
    for body, status, code, _, _ in BODIES:
        async with sent(server, post(path, body)) as wire:
            await refused(server, fake, wire, status=status, code=code)
    assert (await server.debate(rounds=1))[-1]["reason"] == "completed"


@pytest.mark.parametrize(
    ("query", "field", "words"),
    [
        ("",                                     "topic",    "required"),
        ("topic=",                               "topic",    "empty"),
        ("topic=+%20",                           "topic",    "empty"),
        ("topic=" + "x" * 2_001,                 "topic",    "The limit is 2000"),
        ("topic=%ff",                            "topic",    "UTF-8"),
        ("topic=%ed%a0%80",                      "topic",    "UTF-8"),
        ("topic=x%c3",                           "topic",    "UTF-8"),
        ("topic=x&rounds=0",                     "rounds",   "1 to 10"),
        ("topic=x&rounds=11",                    "rounds",   "The limit is 10"),
        ("topic=x&rounds=two",                   "rounds",   "integer"),
        ("topic=x&rounds=",                      "rounds",   "integer"),
        ("topic=x&rounds=" + "9" * 5_000,        "rounds",   "integer"),
        ("topic=x&rounds=NaN",                   "rounds",   "integer"),
        ("topic=x&format=nope",                  "format",   "classic"),
        ("topic=x&format=%ff",                   "format",   "UTF-8"),
        ("topic=x&agents=Skeptic",               "agents",   "Name=model"),
        ("topic=x&agents=Nobody=m",              "agents",   "Optimist, Skeptic, Moderator"),
        ("topic=x&agents=Skeptic=a&agents=Skeptic=b", "agents", "twice"),
        ("topic=x&colour=red",                   "colour",   "topic, format, rounds"),
        ("topic=x&%ff=red",                      "\ufffd",   "UTF-8"),
        ("topic=x&detached=perhaps",             "detached", "boolean"),
    ],
)  # fmt: skip
async def test_a_query_that_cannot_be_meant_is_refused_by_name(
    server: Server, fake: FakeUpstream, query: str, field: str, words: str
) -> None:
    async with sent(server, get(f"/api/debate?{query}")) as wire:
        code = "limit_exceeded" if "The limit" in words else "invalid_request"
        problem = await refused(server, fake, wire, status=422, code=code)
    assert problem["field"] == field
    assert words in str(problem["detail"])


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (["Content-Encoding: gzip"], b"this is not gzip"),
        (["Content-Encoding: br"],   b"nor is it this"),
        (["Content-Encoding: deflate"], b"\xff\xff\xff"),
        (["Transfer-Encoding: chunked"], b"zz\r\n{}\r\n0\r\n\r\n"),
        (["Content-Length: 4"],      b"{}"),
    ],
)  # fmt: skip
async def test_a_body_that_cannot_be_read_is_a_bad_request(
    server: Server, fake: FakeUpstream, headers: list[str], body: bytes
) -> None:
    async with sent(server, post("/api/debates", body, *headers)) as wire:
        await refused(server, fake, wire, status=400, code="bad_request")


async def test_a_small_body_that_unpacks_to_a_large_one_is_too_large(server: Server, fake: FakeUpstream) -> None:
    bomb = gzip.compress(b'{"topic":"' + b"x" * 10_000_000 + b'"}')
    async with sent(server, post("/api/debates", bomb, "Content-Encoding: gzip")) as wire:
        await refused(server, fake, wire, status=413, code="too_large")


async def test_a_body_too_large_is_refused_without_its_length_being_told(server: Server, fake: FakeUpstream) -> None:
    chunks = b"10000\r\n" + b"x" * 65_536 + b"\r\n1\r\nx\r\n0\r\n\r\n"
    request = get("/api/debates", "Transfer-Encoding: chunked", method="POST") + chunks
    async with sent(server, request) as wire:
        await refused(server, fake, wire, status=413, code="too_large")


@pytest.mark.parametrize(
    "request_",
    [
        b"NONSENSE\r\n\r\n",
        b"FOO / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"GET /?" + b"x" * 70_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
    ],
    ids=range(8),
)
async def test_what_is_no_http_request_gets_a_problem_too(server: Server, fake: FakeUpstream, request_: bytes) -> None:
    async with sent(server, request_) as wire:
        await refused(server, fake, wire, status=400, code="bad_request")
        assert wire.policy["default-src"] == "'none'"
        assert wire.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("value", [b"200-maybe", b"\xff", b"100-continue, 100-continue"])
async def test_what_a_request_expects_in_vain_is_refused_before_it_is_read(
    server: Server, fake: FakeUpstream, value: bytes
) -> None:
    request = post("/api/debates", b'{"topic":"x"}', "Expect: @").replace(b"@", value)
    async with sent(server, request) as wire:
        problem = await refused(server, fake, wire, status=417, code="bad_request")
    assert "100-continue" in str(problem["detail"])


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/api/debates?limit=0",       "invalid_request"),
        ("/api/debates?limit=501",     "invalid_request"),
        ("/api/debates?limit=-1",      "invalid_request"),
        ("/api/debates?limit=%C2%B2",  "invalid_request"),
        ("/api/debates?limit=%ff",     "invalid_request"),
        ("/api/debates?limit=",        "invalid_request"),
        ("/api/debates?before=nosuch", "unknown_debate"),
        ("/api/debates?before=%ff",    "invalid_request"),
        ("/api/debates?before=%00",    "unknown_debate"),
        ("/api/debates/%ff",           "unknown_debate"),
        ("/api/debates/%00",           "unknown_debate"),
        ("/api/debates/" + "x" * 5000, "unknown_debate"),
        ("/api/debates/a%2fb",         "unknown_debate"),
        ("/api/%ff",                   "not_found"),
        ("/static/%00",                "not_found"),
        ("/static/..%2f..%2fsetup.cfg", "not_found"),
        ("/static/../setup.cfg",       "not_found"),
        ("/static/",                   "not_found"),
        ("/static/css",                "not_found"),
        ("/static//etc/passwd",        "not_found"),
    ],
)  # fmt: skip
async def test_an_address_that_leads_nowhere_is_a_problem(server: Server, path: str, code: str) -> None:
    async with sent(server, get(path)) as wire:
        problem = await wire.problem()
    assert 400 <= wire.status < 500
    assert problem["code"] == code


@pytest.mark.parametrize(
    "head",
    [
        b"GET /?token=hush\x01 HTTP/1.1\r\n",
        b"GET hush HTTP/1.1\r\n",
        b"hush / HTTP/1.1\r\n",
        b"GET / hush HTTP/1.1\r\n",
        b"GET / HTTP/1.1\r\nCookie hush\r\n",
        b"GET / HTTP/1.1\r\nCookie: hush\x01\r\n",
        b"GET / HTTP/1.1\r\nCookie: hush" + b"x" * 70_000 + b"\r\n",
    ],
    ids=range(7),
)
async def test_a_request_that_cannot_be_read_is_not_quoted_to_whoever_may_read_the_answer(
    server: Server, head: bytes
) -> None:
    async with sent(server, head + b"Host: localhost\r\n\r\n") as wire:
        problem = await wire.problem()
    assert (wire.status, problem["code"]) == (400, "bad_request")
    assert problem["detail"].startswith("This is not an HTTP request that can be read: ")
    assert "hush" not in problem["detail"].lower()


async def test_raw_bytes_in_an_address_are_a_problem(server: Server) -> None:
    for path in (b"/api/debates/\xff", b"/\xff", b"/api/debates?before=\xff", b"/api/debate?topic=\xff"):
        async with sent(server, get("@").replace(b"@", path)) as wire:
            await wire.problem()
        assert 400 <= wire.status < 500


async def test_a_topic_that_is_not_percent_encoded_is_told_how_to_be(server: Server, fake: FakeUpstream) -> None:
    async with sent(server, get("/api/debate?topic=Запретить?")) as wire:
        assert "--data-urlencode" in (await wire.problem())["detail"]
    assert not fake.requests


async def test_the_longest_topic_fits_into_a_get_in_any_script(server: Server) -> None:
    topic = "Ж" * 2_000
    async with sent(server, get(f"/api/debate?topic={quote(topic)}&rounds=1")) as wire:
        await wire.rest()
    assert wire.status == 200
    _, state = await server.json("GET", wire.headers["location"])
    assert state["topic"] == topic


async def test_a_limit_that_was_changed_is_the_one_that_is_named(serve: Serve, fake: FakeUpstream) -> None:
    async with serve(max_topic=5, max_rounds=1, max_body=1024) as server:
        _, topic = await server.json("POST", "/api/debates", json={"topic": "123456"})
        _, rounds = await server.json("POST", "/api/debates", json={"topic": "x", "rounds": 2})
        _, body = await server.json("POST", "/api/debates", json={"topic": "x" * 1024})
        assert (topic["limit"], topic["setting"]) == (5, "--max-topic")
        assert (rounds["limit"], rounds["setting"]) == (1, "--max-rounds")
        assert (body["limit"], body["setting"]) == (1024, "--max-body")
    assert not fake.requests
