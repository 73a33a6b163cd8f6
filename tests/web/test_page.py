"""The page's addresses and what it asks for beside debates, and what every answer carries."""

import gzip
import re

import pytest

from debate_server.web.page import STATIC
from tests.conftest import Serve, Server
from tests.fakes.upstream import FakeUpstream
from tests.web.wire import get, sent

SECURE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "x-dns-prefetch-control": "off",
}
FORBIDDEN = {
    "default-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
}


@pytest.mark.parametrize("path", ["/", "/?topic=x", "/d/wrm28v2rhn4w", "/d/nosuchdebate", "/d/%7Bx%2Fy%7D"])
async def test_the_page_is_served_at_the_start_and_for_every_debate(server: Server, path: str) -> None:
    async with server.session.get(path) as response:
        page = await response.text()
    assert (response.status, response.content_type) == (200, "text/html")
    assert response.headers["Cache-Control"] == "no-cache"
    for part in re.findall(r'(?:src|href)="(/static/[^"]+)"', page):
        async with server.session.get(part) as response:
            assert response.status == 200
    assert '<script type="module" src="/static/' in page


@pytest.mark.parametrize(
    ("path", "needed"),
    [
        ("/",                            {"connect-src", "img-src", "script-src", "style-src"}),
        ("/d/nosuchdebate",              {"connect-src", "img-src", "script-src", "style-src"}),
        ("/static/app.js",               set()),
        ("/healthz",                     set()),
        ("/nowhere",                     set()),
        ("/api/debate?topic=x&rounds=1", set()),
    ],
)  # fmt: skip
async def test_every_answer_forbids_what_it_does_not_need(server: Server, path: str, needed: set[str]) -> None:
    async with sent(server, get(path)) as wire:
        await wire.rest()
    assert wire.headers.items() >= SECURE.items()
    assert wire.policy == FORBIDDEN | dict.fromkeys(needed, "'self'")


@pytest.mark.parametrize(
    ("host", "headers", "apart"),
    [
        ("localhost",    [],                            True),
        ("[::1]:8484",   [],                            True),
        ("192.168.1.20", [],                            False),  # browsers would complain of it
        ("192.168.1.20", ["X-Forwarded-Proto: https"],  True),
    ],
)  # fmt: skip
async def test_windows_are_kept_apart_where_the_origin_is_secure(
    server: Server, host: str, headers: list[str], apart: bool
) -> None:
    async with sent(server, get("/", *headers, host=host)) as wire:
        assert ("cross-origin-opener-policy" in wire.headers) is apart


async def test_a_part_of_the_page_is_packed_for_who_can_unpack_it_and_sent_once(server: Server) -> None:
    async with sent(server, get("/static/app.js")) as plain:
        text = await plain.rest()
    assert plain.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "content-encoding" not in plain.headers
    async with sent(server, get("/static/app.js", "Accept-Encoding: br, gzip")) as packed:
        assert packed.headers["content-encoding"] == "gzip"
        assert gzip.decompress(await packed.rest()) == text
    assert {part.strip() for part in packed.headers["vary"].split(",")} == {"Accept-Encoding", "Origin"}
    async with sent(server, get("/static/app.js", f"If-None-Match: {packed.headers['etag']}")) as again:
        assert (again.status, await again.rest()) == (304, b"")
    async with sent(server, get("/static/app.js", 'If-None-Match: "another"')) as changed:
        assert changed.status == 200


@pytest.mark.parametrize("part", ["app.js", "css/base.css", "index.html"])
async def test_comments_and_indents_stay_at_home_and_lines_keep_their_numbers(server: Server, part: str) -> None:
    written = (STATIC / part).read_text(encoding="utf-8").splitlines()
    async with server.session.get(f"/static/{part}") as response:
        served = (await response.text()).splitlines()
    assert len(served) == len(written)
    assert {line for line in served if line} < {line.lstrip() for line in written}
    assert not [line for line in served if line.startswith(("/*", "//", " "))]


async def test_formats_say_what_can_be_asked_for(server: Server) -> None:
    status, answer = await server.json("GET", "/api/formats")
    [classic] = [format_ for format_ in answer["formats"] if format_["name"] == "classic"]
    assert status == 200
    assert [(agent["name"], agent["side"]) for agent in classic["agents"]] == [
        ("Optimist", "for"), ("Skeptic", "against"), ("Moderator", "chair"),
    ]  # fmt: skip
    assert classic["default_rounds"] == 2
    assert classic["title"] == "Classic"
    assert [round_["counts"] for round_ in classic["rounds"]] == [True, True, False]


async def test_models_say_which_one_speaks_and_why(server: Server) -> None:
    status, answer = await server.json("GET", "/api/models")
    assert status == 200
    assert answer["default"]["name"] == "fake-chat"
    assert "--base-url" in answer["why"]
    assert "fake-chat" in [model["name"] for model in answer["models"]]


async def test_models_say_what_they_cost(server: Server, fake: FakeUpstream) -> None:
    fake.models = ["plain", {"id": "priced", "pricing": {"prompt": "0.00000015", "completion": "0.0000006"}}]
    _, answer = await server.json("GET", "/api/models")
    assert {model["name"]: model["price"] for model in answer["models"] if not model["demo"]} == {
        "plain": None, "priced": {"input": 0.15, "output": 0.6},
    }  # fmt: skip
    assert [model["price"] for model in answer["models"] if model["demo"]] == [{"input": 0.0, "output": 0.0}]


async def test_no_answer_carries_the_key(serve: Serve) -> None:
    key = "sk-secret-of-the-house-1234567890"
    async with serve(api_key=key) as server:
        for path in ("/api/models", "/api/formats", "/healthz", "/", "/api/debates", "/api/debate?topic=x&rounds=1"):
            async with server.session.get(path) as response:
                assert key not in str(response.headers) + await response.text()


async def test_health_is_told_with_the_version(server: Server) -> None:
    status, answer = await server.json("GET", "/healthz")
    assert (status, answer["status"]) == (200, "ok")
    assert re.fullmatch(r"\d+\.\d+\.\d+.*", answer["version"])


@pytest.mark.parametrize("path", ["/nowhere", "/api", "/api/nowhere", "/static/nowhere.js", "/d/", "//healthz"])
async def test_an_unknown_address_is_a_problem(server: Server, path: str) -> None:
    async with sent(server, get(path)) as wire:
        problem = await wire.problem()
    assert (wire.status, problem["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT",    "/api/debate",            {"GET", "POST"}),
        ("DELETE", "/api/debates",           {"GET", "POST"}),
        ("GET",    "/api/debates/x/stop",    {"POST"}),
        ("POST",   "/api/debates/x/events",  {"GET"}),
        ("POST",   "/",                      {"GET", "HEAD"}),
        ("HEAD",   "/api/formats",           {"GET"}),
    ],
)  # fmt: skip
async def test_a_method_that_is_not_possible_is_a_problem_that_names_those_that_are(
    server: Server, method: str, path: str, allow: set[str]
) -> None:
    async with sent(server, get(path, method=method)) as wire:
        assert wire.status == 405
        assert set(wire.headers["allow"].split(",")) == allow
        if method != "HEAD":
            assert (await wire.problem())["code"] == "method_not_allowed"


async def test_head_tells_of_the_page_without_it(server: Server) -> None:
    async with sent(server, get("/", method="HEAD")) as wire:
        assert (wire.status, await wire.reader.read()) == (200, b"")
