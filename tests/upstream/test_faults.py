"""What an answer that is no speech is called, and what it tells a person to do. What becomes of a debate by it, and by
every fault in mid-speech, is in ``tests/integration/test_faults.py``."""

import pytest

from tests.fakes.script import HTML, Answer, refuse
from tests.fakes.upstream import FakeUpstream
from tests.upstream.conftest import Open, listen

# What comes instead of a stream: the code, whether the same request may succeed, and what the message must tell.
INSTEAD: dict[str, tuple[Answer, str, bool, list[str]]] = {
    "401": (refuse(401, "who are you"), "upstream_refused", False, ["who are you", "OPENAI_API_KEY"]),
    "403": (refuse(403), "upstream_refused", False, ["OPENAI_API_KEY"]),
    "404": (refuse(404, "model 'm' not found"), "upstream_unknown_model", False, ["'m'", "debate doctor"]),
    "404 of no endpoint": (Answer(404, b"404 page not found"), "upstream_unknown_model", False, ["'m'", "/v1"]),
    "400 for the model": (refuse(400, "invalid model ID"), "upstream_unknown_model", False, ["'m'", "debate doctor"]),
    "400 by code": (refuse(400, code="model_not_found"), "upstream_unknown_model", False, ["'m'"]),
    "400": (refuse(400, "too many messages"), "upstream_rejected", False, ["too many messages"]),
    "422": (Answer(422, {"detail": [{"msg": "field required"}]}), "upstream_rejected", False, ["field required"]),
    "402": (refuse(402, "no credits"), "upstream_rejected", False, ["no credits"]),
    "400 for the context": (
        refuse(400, "max_tokens is too large: the model's context is 4096"), "upstream_rejected", False, ["4096"],
    ),
    "429": (refuse(429), "upstream_busy", True, ["again later"]),
    "500": (refuse(500, "CUDA out of memory"), "upstream_failed", True, ["CUDA out of memory"]),
    "503 in HTML": (Answer(503, b"<h1>down</h1>", {"Content-Type": "text/html"}), "upstream_failed", True, ["503"]),
    "a redirect": (
        Answer(302, b"", {"Location": "https://elsewhere.example/v1"}), "upstream_failed", True, ["elsewhere.example"],
    ),
    "a page": (HTML, "upstream_garbled", True, ["text/html", "/v1"]),
    "plain JSON": (Answer(200, {"choices": []}), "upstream_garbled", True, ["application/json", "/v1"]),
    "an error as plain JSON": (Answer(200, {"error": {"message": "no such"}}), "upstream_garbled", True, ["no such"]),
    "204": (Answer(204), "upstream_garbled", True, ["204"]),
}  # fmt: skip


@pytest.mark.parametrize(("answer", "code", "retryable", "told"), INSTEAD.values(), ids=INSTEAD.keys())
async def test_an_answer_that_is_no_stream_is_an_error_that_tells_what_to_do(
    fake: FakeUpstream, open_upstream: Open, answer: Answer, code: str, retryable: bool, told: list[str]
) -> None:
    fake.play([answer])
    upstream = await open_upstream()

    said = await listen(upstream, "m", max_tokens=100)

    assert said.error is not None
    assert (said.error.code, said.error.retryable) == (code, retryable)
    assert [words for words in told if words not in said.error.message] == []
    assert len(fake.requests) == 1, "nothing is asked twice behind our back"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("1", 1.0), ("3600", 3600.0), ("0.5", 0.5), ("-3", 0.0), ("soon", None), ("inf", None),
     (f"1 Jan {2**64} 00:00:00 GMT", None), ("Mon, 99999999999 Jan 2000 00:00:00 GMT", None)],
)  # fmt: skip
async def test_a_busy_endpoint_says_when_to_come_back(
    fake: FakeUpstream, open_upstream: Open, header: str, seconds: float | None
) -> None:
    fake.play([refuse(429, headers={"Retry-After": header})])

    said = await listen(await open_upstream(), "m")

    assert said.error is not None
    assert said.error.retry_after == seconds


async def test_a_date_to_come_back_at_is_seconds_from_now(fake: FakeUpstream, open_upstream: Open) -> None:
    fake.play([refuse(429, headers={"Retry-After": "Fri, 31 Dec 2199 23:59:59 GMT"})])
    fake.play([refuse(429, headers={"Retry-After": "Fri, 31 Dec 1999 23:59:59 GMT"})])
    upstream = await open_upstream()

    later, past = await listen(upstream, "m"), await listen(upstream, "m")

    assert later.error is not None
    assert later.error.retry_after is not None
    assert later.error.retry_after > 1e9
    assert past.error is not None
    assert past.error.retry_after == 0


async def test_nobody_at_the_address_is_unreachable(open_upstream: Open) -> None:
    said = await listen(await open_upstream(base_url="http://127.0.0.1:9/v1"), "m")

    assert said.error is not None
    assert said.error.code == "upstream_unreachable"
    assert "refused" in said.error.message
    assert "debate doctor" in said.error.message


async def test_a_name_that_no_machine_has_is_unreachable(open_upstream: Open) -> None:
    said = await listen(await open_upstream(base_url="http://no-such-machine.invalid/v1"), "m")

    assert said.error is not None
    assert said.error.code == "upstream_unreachable"


async def test_tls_to_a_server_without_it_is_unreachable(fake: FakeUpstream, open_upstream: Open) -> None:
    said = await listen(await open_upstream(base_url=fake.base_url.replace("http:", "https:")), "m")

    assert said.error is not None
    assert said.error.code == "upstream_unreachable"
    assert "http://" in said.error.message


async def test_gzip_that_nobody_asked_for_and_that_is_broken_is_garbled(
    fake: FakeUpstream, open_upstream: Open
) -> None:
    fake.play([Answer(200, b"not gzip", {"Content-Type": "text/event-stream", "Content-Encoding": "gzip"})])

    said = await listen(await open_upstream(), "m")

    assert said.error is not None
    assert said.error.code == "upstream_garbled"
