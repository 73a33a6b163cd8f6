"""The key is in no error, no representation and no traceback, and goes to no other host."""

import logging
import traceback
from pathlib import Path

import pytest

from debate_server.core.errors import SettingsError
from debate_server.settings import Settings
from debate_server.upstream.faults import Answer as Refusal
from debate_server.upstream.upstream import Upstream
from tests.fakes.script import Answer, Drop, Event, Raw, Reset, Say, Script, Think, Truncate, refuse
from tests.fakes.upstream import FakeUpstream
from tests.upstream.conftest import Open, listen

# It does not look like a key, so that only what knows it can hide it; and many a word ends as it begins.
CANARY = "s7Qx2mV9tRb4WzK1pLs8dYf3HcN6e"
MASKED = f"{CANARY[:9]}***********{CANARY[-4:]}"


def tells(text: str) -> list[str]:
    """The parts of the canary that a text holds."""
    return [CANARY[i : i + 5] for i in range(4, len(CANARY) - 4) if CANARY[i : i + 5] in text]


ECHOES: dict[str, Script] = {
    "401": [refuse(401, f"Incorrect API key provided: {CANARY}.")],
    "401 masked": [refuse(401, f"Incorrect API key provided: {MASKED}.")],
    "400": [refuse(400, f"bad header: Bearer {CANARY}")],
    "500 in HTML": [Answer(500, f"<pre>Authorization: Bearer {CANARY}</pre>".encode())],
    "429": [refuse(429, f"{CANARY} is over its quota")],
    "404": [refuse(404, f"no model for {CANARY}")],
    "a redirect": [Answer(307, b"", {"Location": f"https://x.example/?key={CANARY}"})],
    "a page": [Answer(200, f"<p>{CANARY}</p>".encode(), {"Content-Type": "text/html"})],
    "a content type": [Answer(204, b"", {"Content-Type": f"text/{CANARY}"})],
    "in mid-stream": [Event({"error": {"message": f"lost {CANARY}"}})],
    "after a word": [Say("Half", finish=None), Event({"error": f"lost {CANARY}"})],
    "broken JSON": [Raw(f"data: {CANARY}\n\n".encode())],
    "reset": [Reset()],
    "drop": [Drop()],
    "truncate": [Truncate()],
}


@pytest.mark.parametrize("script", ECHOES.values(), ids=ECHOES.keys())
async def test_no_fault_tells_the_key(
    fake: FakeUpstream, open_upstream: Open, caplog: pytest.LogCaptureFixture, script: Script
) -> None:
    caplog.set_level(logging.INFO)
    fake.play(script)
    upstream = await open_upstream(api_key=CANARY)

    said = await listen(upstream, "m")

    assert fake.requests[0].headers["Authorization"] == f"Bearer {CANARY}"
    shown = repr(said) + caplog.text
    if said.error is not None:
        shown += repr(vars(said.error)) + "".join(traceback.format_exception(said.error))
        chained = (said.error.__cause__, said.error.__context__)
        assert chained == (None, None), "it leads to no request, with its headers"
    assert tells(shown) == []


async def test_nobody_there_tells_no_key(open_upstream: Open) -> None:
    said = await listen(await open_upstream(api_key=CANARY, base_url="http://127.0.0.1:9/v1"), "m")
    assert said.error is not None
    assert tells("".join(traceback.format_exception(said.error))) == []


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
async def test_a_key_among_the_words_of_a_speech_is_hidden(fake: FakeUpstream, open_upstream: Open, size: int) -> None:
    told = f"Incorrect API key provided: {CANARY}. Use yours, not {CANARY[:12]}s."
    fake.play([Think(CANARY), Say(f"<think>{CANARY}</think>{told}", size=size)])

    said = await listen(await open_upstream(api_key=CANARY), "m")

    assert (said.text, said.finish.reason) == (told.replace(CANARY, "[key]"), "stop")
    assert "" not in said.pieces


@pytest.mark.parametrize("words", ["It is what it is", f"So {CANARY[:9]}", CANARY[:3], f"{CANARY} is {CANARY[:1]}"])
@pytest.mark.parametrize("fault", [[Reset()], [Event({"error": "lost"})], [Raw(b"data: {\n\n")], []])
async def test_a_speech_that_is_cut_keeps_the_words_that_may_have_begun_a_key(
    fake: FakeUpstream, open_upstream: Open, words: str, fault: Script
) -> None:
    fake.play([Say(words, size=2, finish=None), *fault])

    said = await listen(await open_upstream(api_key=CANARY), "m")

    assert (said.text, said.finish.reason) == (words.replace(CANARY, "[key]"), "cut_off")


async def test_words_that_are_held_back_count_for_the_limit_of_a_speech(
    fake: FakeUpstream, open_upstream: Open
) -> None:
    fake.play([Say("x" * 250 + CANARY[:9], finish=None)], [Say("x" * 300 + CANARY[:9], finish=None)])
    upstream = await open_upstream(api_key=CANARY, max_speech=256)

    for said in [await listen(upstream, "m"), await listen(upstream, "m")]:
        assert len(said.text) == 256
        assert said.finish.reason == "cut_off"
        assert "--max-speech" in (said.finish.cause or "")


@pytest.mark.parametrize("echo", [refuse(401, f"bad key {CANARY}"), refuse(401, f"bad key {MASKED}")])
async def test_a_list_of_models_tells_no_key(fake: FakeUpstream, open_upstream: Open, echo: Answer) -> None:
    fake.listing = [echo]
    upstream = await open_upstream(api_key=CANARY)

    said, listing = await listen(upstream), await upstream.listing()

    assert said.error is not None
    assert said.error.code == "upstream_refused"
    assert tells("".join(traceback.format_exception(said.error)) + repr(listing)) == []


async def test_a_name_that_holds_the_key_is_not_listed(fake: FakeUpstream, open_upstream: Open) -> None:
    fake.models = ("one", f"tuned-by-{CANARY}", "two")
    upstream = await open_upstream(api_key=CANARY)

    listing = await upstream.listing()

    assert [model.name for model in listing.endpoints[0].models] == ["one", "two"]


def test_an_answer_shows_only_its_status_in_a_traceback() -> None:
    answer = Refusal(401, {"location": CANARY}, CANARY.encode())
    shown = repr(answer) + str(answer) + "".join(traceback.format_exception(answer))
    assert "401" in shown
    assert tells(shown) == []


@pytest.mark.parametrize("key", ["", CANARY])
async def test_passwords_of_netrc_are_sent_to_nobody(
    fake: FakeUpstream, open_upstream: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    (tmp_path / "netrc").write_text("default login me password hush\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("http_proxy", fake.base_url.removesuffix("/v1"))
    upstream = await open_upstream(api_key=key, base_url="http://models.example/v1")

    said = await listen(upstream)

    assert said.finish.reason == "stop"
    sent = [asked.headers.get("Authorization", "") for asked in fake.lookups + fake.requests]
    assert sent == [f"Bearer {key}" if key else ""] * 2


async def test_the_key_goes_to_the_endpoint_it_was_set_for_and_no_other(
    fake: FakeUpstream, open_upstream: Open
) -> None:
    async with FakeUpstream() as other:
        upstream = await open_upstream(api_key=f"  {CANARY}\n")
        await listen(upstream, f"m@{other.base_url}")
        await listen(upstream, f"m@{fake.base_url}")
        await listen(upstream, f"m@{fake.base_url.replace('127.0.0.1', 'localhost')}/")

        assert all("Authorization" not in asked.headers for asked in other.requests + other.lookups)
        assert [asked.headers["Authorization"] for asked in fake.requests] == [f"Bearer {CANARY}"] * 2


async def test_no_key_is_no_header(fake: FakeUpstream, upstream: Upstream) -> None:
    await listen(upstream)
    assert "Authorization" not in fake.requests[0].headers
    assert "Authorization" not in fake.lookups[0].headers


async def test_a_redirect_is_not_followed(fake: FakeUpstream, open_upstream: Open) -> None:
    async with FakeUpstream() as other:
        fake.play([Answer(307, b"", {"Location": f"{other.base_url}/chat/completions"})])
        fake.listing = [Answer(307, b"", {"Location": f"{other.base_url}/models"})]
        upstream = await open_upstream(api_key=CANARY)

        said = await listen(upstream, "m")

        assert said.error is not None
        assert other.requests == other.lookups == []


@pytest.mark.parametrize(
    "key", ["sk-a\nb", "sk-a\r\nX-Evil: 1", "sk-a b", "sk-ключ", "sk-a\x00", "sk-a\x7f", "sk–dash"]
)
def test_a_key_that_cannot_be_sent_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Upstream(Settings(api_key=key))
    assert key not in refused.value.message
    assert "OPENAI_API_KEY" in refused.value.message
