"""Who may ask: the gate's rules on raw sockets, as browsers and other sites' pages would send their requests."""

from hashlib import sha256

import pytest

from tests.conftest import Serve, Server
from tests.fakes.upstream import FakeUpstream
from tests.web.wire import get, post, sent

LOCAL = "Host: localhost"
START = '{"topic":"Anew?","rounds":1}'
OPEN = {"allowed_host": ("debates.example", "Big.Example"), "allow_origin": ("https://page.example", "null")}


@pytest.mark.parametrize(
    ("hosts", "status"),
    [
        ([],                                    421),
        (["Host: localhost", LOCAL],            421),
        (["Host:"],                             421),
        (["Host: localhost"],                   200),
        (["Host: LOCALHOST."],                  200),
        (["Host: localhost:1"],                 200),
        (["Host: 127.0.0.1:8484"],              200),
        (["Host: 192.168.1.20:80"],             200),
        (["Host: [::1]:8484"],                  200),
        (["Host: [fd00::7]"],                   200),
        (["Host: debates.example"],             200),
        (["Host: Debates.Example:443"],         200),
        (["Host: big.example"],                 200),
        (["Host: evil.example"],                421),
        (["Host: localhost.evil.example"],      421),
        (["Host: debates.example.evil.test"],   421),
        (["Host: 127.0.0.1.nip.io"],            421),
        (["Host: 127.1"],                       421),
        (["Host: localhost:port"],              421),
        (["Host: localhost/x"],                 421),
        (["Host: me@localhost"],                421),
        (["Host: [::1"],                        421),
        (["Host: local host"],                  421),
        (["Host: l\u00f6calhost"],              421),
    ],
)  # fmt: skip
async def test_the_host_has_to_be_one_that_is_ours(
    serve: Serve, fake: FakeUpstream, hosts: list[str], status: int
) -> None:
    request = get("/api/debate?topic=Anew%3F&rounds=1", *hosts, "Sec-Fetch-Site: same-origin", host=None)
    async with serve(**OPEN) as server, sent(server, request) as wire:
        assert wire.status == status
        if status != 200:
            assert (await wire.problem())["code"] == "misdirected"
            assert not fake.requests


async def test_a_refused_host_is_told_the_flag_that_would_allow_it(server: Server) -> None:
    async with sent(server, get("/healthz", host="Debates.Example:80")) as wire:
        assert "--allowed-host debates.example" in (await wire.problem())["detail"]


async def test_the_host_header_counts_and_not_the_address_in_the_request_line(server: Server) -> None:
    async with sent(server, get("http://localhost/healthz", host="evil.example")) as wire:
        assert wire.status == 421


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:8484",          202),
        ("http://LOCALHOST:8484",          202),
        ("https://localhost:8484",         202),  # behind a proxy that ends TLS
        ("https://page.example",           202),
        ("null",                           202),
        ("http://localhost",               403),
        ("http://localhost:8485",          403),
        ("http://127.0.0.1:8484",          403),
        ("http://evil.example",            403),
        ("http://page.example",            403),
        ("https://page.example.evil.test", 403),
        ("https://page.example:444",       403),
        ("localhost:8484",                 403),
        ("http://localhost:8484/",         403),
        ("http://me@localhost:8484",       403),
        ("http://[bad",                    403),
        ("http://a\u2100b",                403),
        ("",                               403),
    ],
)  # fmt: skip
async def test_the_origin_has_to_be_the_host_itself_or_an_allowed_one(
    serve: Serve, fake: FakeUpstream, origin: str, status: int
) -> None:
    async with serve(**OPEN) as server:
        request = post("/api/debates", START, f"Origin: {origin}").replace(b"localhost\r\n", b"localhost:8484\r\n", 1)
        async with sent(server, request) as wire:
            assert wire.status == status
            if status == 403:
                problem = await wire.problem()
                assert problem["code"] == "forbidden"
                assert f"--allow-origin {origin}" in problem["detail"]
                assert not fake.requests


async def test_a_null_origin_is_refused_unless_it_is_listed(server: Server, fake: FakeUpstream) -> None:
    async with sent(server, post("/api/debates", START, "Origin: null")) as wire:
        assert "--allow-origin null" in (await wire.problem())["detail"]
    assert not fake.requests


async def test_bytes_in_a_header_that_are_no_text_are_refused_as_anything_else(server: Server) -> None:
    async with sent(server, get("/healthz", "Origin: @").replace(b"@", b"http://\xff")) as wire:
        assert (wire.status, (await wire.problem())["code"]) == (403, "forbidden")


async def test_two_origins_of_which_one_is_ours_are_refused(server: Server) -> None:
    async with sent(server, get("/healthz", "Origin: http://localhost", "Origin: http://evil.example")) as wire:
        assert wire.status == 403


@pytest.mark.parametrize(
    "kind", ["application/json", "text/plain", "application/x-www-form-urlencoded", "x/y; charset=z"]
)
async def test_a_body_is_json_whatever_its_content_type_says(server: Server, kind: str) -> None:
    async with sent(server, post("/api/debates", START, f"Content-Type: {kind}")) as wire:
        assert wire.status == 202


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
async def test_another_sites_form_starts_nothing(server: Server, fake: FakeUpstream, kind: str) -> None:
    request = post("/api/debates", START, f"Content-Type: {kind}", "Origin: http://evil.example")
    async with sent(server, request) as wire:
        assert wire.status == 403
    assert not fake.requests


PAGE = "Accept: text/html,application/xhtml+xml"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([],                                                                     200),  # curl
        (["Sec-Fetch-Mode: cors"],                                               200),  # Node's fetch
        (["Sec-Fetch-Site: same-origin"],                                        200),
        (["Sec-Fetch-Site: cross-site", "Origin: https://page.example"],         200),
        (["Sec-Fetch-Site: cross-site", "Origin: null"],                         200),
        (["Sec-Fetch-Site: none", "Sec-Fetch-Mode: navigate", PAGE],             303),  # typed or bookmarked
        (["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate"],             303),  # linked
        ([PAGE],                                                                 303),  # an old browser
        (["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors"],              403),  # <img src=…>
        (["Sec-Fetch-Site: same-site"],                                          403),
        (["Sec-Fetch-Site: none"],                                               403),
        (["Sec-Fetch-Site: nonsense"],                                           403),
        (["Sec-Fetch-Site: cross-site", "Origin: http://evil.example"],          403),
        (["Sec-Purpose: prefetch", "Sec-Fetch-Mode: navigate", PAGE],            403),
        (["Sec-Purpose: prefetch;prerender", "Sec-Fetch-Site: same-origin"],     403),
        (["Purpose: prefetch"],                                                  403),
    ],
)  # fmt: skip
async def test_a_get_starts_a_debate_only_for_ones_own_page_or_for_no_browser(
    serve: Serve, fake: FakeUpstream, headers: list[str], status: int
) -> None:
    async with serve(**OPEN) as server, sent(server, get("/api/debate?topic=Anew%3F&rounds=1", *headers)) as wire:
        body = await wire.rest()
        _, listed = await server.json("GET", "/api/debates")
    assert wire.status == status
    assert len(listed["debates"]) == (status == 200)
    assert bool(fake.requests) == (status == 200)
    if status == 403:
        assert wire.headers["content-type"] == "application/problem+json"
        assert b"--allow-origin" in body or b"prefetch" in body


async def test_a_navigation_gets_the_page_with_the_topic_filled_in(server: Server) -> None:
    async with sent(server, get("/api/debate?topic=Caf%C3%A9s+%26+bars%3F&rounds=1", PAGE)) as wire:
        assert (wire.status, wire.headers["location"]) == (303, "/?topic=Caf%C3%A9s+%26+bars?&rounds=1")


async def test_an_allowed_origins_page_may_read_and_others_may_not(serve: Serve) -> None:
    async with serve(**OPEN) as server:
        async with sent(server, get("/api/debate?topic=x&rounds=1", "Origin: https://page.example")) as wire:
            assert wire.headers["access-control-allow-origin"] == "https://page.example"
            assert "Location" in wire.headers["access-control-expose-headers"]
        async with sent(server, get("/api/debates/nosuchdebate", "Origin: null")) as wire:
            assert (wire.status, wire.headers["access-control-allow-origin"]) == (404, "null")
        for headers in (["Origin: http://localhost"], ["Origin: http://evil.example"], []):
            async with sent(server, get("/healthz", *headers)) as wire:
                assert not [name for name in wire.headers if name.startswith("access-control")]
                assert wire.headers["vary"] == "Origin"


async def test_a_preflight_tells_an_allowed_origin_what_it_may_send(serve: Serve) -> None:
    asked = "Access-Control-Request-Method: POST"
    async with serve(**OPEN) as server:
        request = get("/api/debates", "Origin: https://page.example", asked, method="OPTIONS")
        async with sent(server, request) as wire:
            assert (wire.status, wire.headers["access-control-allow-origin"]) == (204, "https://page.example")
            assert "Content-Type" in wire.headers["access-control-allow-headers"]
            assert "POST" in wire.headers["access-control-allow-methods"]
        async with sent(server, get("/api/debates", "Origin: http://evil.example", asked, method="OPTIONS")) as wire:
            assert wire.status == 403


TOKEN = "a-token-of-the-house"
COOKIE = f"Cookie: debate_{sha256(TOKEN.encode()).hexdigest()[:8]}"


@pytest.mark.parametrize(
    ("path", "header", "status"),
    [
        ("/api/formats",                     "X: y",                               401),
        ("/api/formats",                     f"Authorization: Bearer {TOKEN}",     200),
        ("/api/formats",                     f"Authorization: Bearer {TOKEN}x",    401),
        ("/api/formats",                     "Authorization: Bearer \u00fc",       401),
        ("/api/formats",                     "Authorization: Bearer ",             401),
        (f"/api/formats?token={TOKEN}",      "X: y",                               200),
        ("/api/formats?token=",              "X: y",                               401),
        ("/api/formats?token=%ff",           "X: y",                               401),
        ("/api/formats",                     f"{COOKIE}={TOKEN}",                  200),
        ("/api/formats",                     f"{COOKIE}=another",                  401),
        ("/api/formats",                     f"Cookie: debate={TOKEN}",            401),
        ("/healthz",                         "X: y",                               401),
        ("/nowhere",                         "X: y",                               401),
        ("/static/css/base.css",             "X: y",                               200),
        ("/static/token.html",               "Accept: text/html",                  200),
    ],
)  # fmt: skip
async def test_a_token_has_to_be_shown_where_there_is_one(serve: Serve, path: str, header: str, status: int) -> None:
    async with serve(token=TOKEN) as server, sent(server, get(path, header)) as wire:
        assert wire.status == status
        if status == 401:
            assert (await wire.problem())["code"] == "unauthorized"
            assert wire.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["Accept: text/html", "Sec-Fetch-Mode: navigate"])
async def test_a_person_is_asked_for_the_token_right_where_they_want_to_go(serve: Serve, header: str) -> None:
    async with serve(token=TOKEN) as server:
        for path, told in (("/d/wrm28v2rhn4w", False), ("/d/wrm28v2rhn4w?token=wrong", True)):
            async with sent(server, get(path, header)) as wire:
                body = (await wire.rest()).decode()
            assert (wire.status, wire.headers["content-type"]) == (401, "text/html; charset=utf-8")
            assert '<form class="token">' in body  # which comes back to the same address
            assert (wire.policy["form-action"], wire.policy["default-src"]) == ("'self'", "'none'")
            assert "script-src" not in wire.policy
            assert ('role="alert" hidden' not in body) is told
            assert TOKEN not in body


@pytest.mark.parametrize("path", ["//evil.example/x", "/\\evil.example/x", "///evil.example"])
async def test_showing_the_token_leads_to_no_other_server(serve: Serve, path: str) -> None:
    asked = get(f"{path}?token={TOKEN}", "Accept: text/html")
    async with serve(token=TOKEN) as server, sent(server, asked) as wire:
        location = wire.headers.get("location", "/")
    assert location.startswith("/")
    assert location[1:2] not in ("/", "\\")


@pytest.mark.parametrize("path", ["/api/debate?topic=x&rounds=1", "/api/debates"])
async def test_without_the_token_nothing_is_started(serve: Serve, fake: FakeUpstream, path: str) -> None:
    request = post(path, START) if path == "/api/debates" else get(path)
    async with serve(token=TOKEN) as server, sent(server, request) as wire:
        assert wire.status == 401
        assert server.house.log.list(10) == []
    assert not fake.requests


async def test_a_token_in_a_posts_address_does_not_count(serve: Serve, fake: FakeUpstream) -> None:
    async with serve(token=TOKEN) as server, sent(server, post(f"/api/debates?token={TOKEN}", START)) as wire:
        assert wire.status == 401
    assert not fake.requests


async def test_a_token_in_a_pages_address_becomes_a_cookie_and_leaves_the_address(serve: Serve) -> None:
    async with serve(token=TOKEN) as server:
        async with sent(server, get(f"/?topic=Free%20buses%3F&token={TOKEN}", "Accept: text/html")) as wire:
            assert (wire.status, wire.headers["location"]) == (303, "/?topic=Free+buses?")
        cookie, *rules = wire.headers["set-cookie"].split("; ")
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(rules)
        async with sent(server, get("/", "Accept: text/html", f"Cookie: {cookie}")) as wire:
            assert wire.status == 200
        async with sent(server, get(f"/api/formats?token={TOKEN}")) as wire:
            assert wire.headers["set-cookie"].startswith(cookie)


@pytest.mark.parametrize(
    ("host", "headers", "token", "status"),
    [
        ("localhost",    [],                                        "",    200),
        ("[::1]:8484",   [],                                        "",    200),
        ("192.168.1.20", [],                                        "",    403),  # an <img> of anybody's page
        ("192.168.1.20", ["Sec-Fetch-Site: same-origin"],           "",    200),
        ("192.168.1.20", ["Sec-Fetch-Site: cross-site"],            TOKEN, 403),
        ("192.168.1.20", [],                                        TOKEN, 200),
    ],
)  # fmt: skip
async def test_a_get_that_does_not_tell_where_it_comes_from_starts_only_on_this_machine_or_with_the_token(
    serve: Serve, host: str, headers: list[str], token: str, status: int
) -> None:
    shown = [f"Authorization: Bearer {token}"] if token else []
    request = get("/api/debate?topic=x&rounds=1", *headers, *shown, host=host)
    async with serve(token=token) as server, sent(server, request) as wire:
        assert wire.status == status
        if status == 403:
            assert "--token" in (await wire.problem())["detail"]


@pytest.mark.parametrize(("site", "status"), [([], 403), (["Sec-Fetch-Site: same-origin"], 200)], ids=["none", "own"])
async def test_a_get_that_brings_the_cookie_alone_is_not_told_from_another_sites_and_starts_nothing(
    serve: Serve, fake: FakeUpstream, site: list[str], status: int
) -> None:
    """Over plain HTTP a browser says nothing of who asks, and sends the cookie for an <img> of the same site's too."""
    async with serve(token=TOKEN) as server:
        async with sent(server, get(f"/?token={TOKEN}", "Accept: text/html")) as wire:
            cookie = wire.headers["set-cookie"].partition(";")[0]
        request = get("/api/debate?topic=x&rounds=1", f"Cookie: {cookie}", *site, host="192.168.1.20")
        async with sent(server, request) as wire:
            assert wire.status == status
            if status == 403:
                assert "Authorization" in (await wire.problem())["detail"]
                assert not fake.requests


async def test_a_refused_request_gets_no_cookie(serve: Serve) -> None:
    async with serve(token=TOKEN) as server, sent(server, get(f"/?token={TOKEN}", host="evil.example")) as wire:
        assert wire.status == 421
        assert "set-cookie" not in wire.headers
