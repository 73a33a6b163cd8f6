"""How a speech comes: its pieces, its limits, and what happens when nobody wants it any more."""

import asyncio
import sys

import pytest

from debate_server.core.events import Usage
from debate_server.settings import Settings
from debate_server.upstream.deadlines import END_TIMEOUT, USAGE_TIMEOUT, Deadlines
from debate_server.upstream.endpoint import Endpoint
from debate_server.upstream.request import Finish, Listener, Request
from debate_server.upstream.upstream import Upstream
from tests.fakes.script import Forever, Gate, Raw, Say, Script, Stall, Think
from tests.fakes.upstream import FakeUpstream
from tests.upstream.conftest import MESSAGES, THINKING, Open, StubEmbedded, listen

# Long enough for any machine; only a test that fails waits for it.
SOON = 10.0


async def test_a_speech_comes_in_pieces_as_it_is_said(fake: FakeUpstream, upstream: Upstream) -> None:
    fake.play([Say("one two three", usage={"prompt_tokens": 11, "completion_tokens": 3})])

    said = await listen(upstream)

    assert said.pieces == ["one", " two", " three"]
    assert said.finish == Finish("stop", Usage(11, 3))


async def test_words_arrive_before_the_next_are_said(fake: FakeUpstream, upstream: Upstream) -> None:
    go_on = asyncio.Event()
    fake.play([Say("one", finish=None), Gate(go_on), Say(" two")])
    heard = asyncio.Queue[str]()
    listener = Listener(heard.put_nowait, lambda: None)
    speaking = asyncio.create_task(upstream.speak(Request(await upstream.model(None), MESSAGES), listener))

    assert await heard.get() == "one"
    go_on.set()
    assert await heard.get() == " two"
    await speaking


async def test_who_cannot_bear_a_word_ends_the_speech(fake: FakeUpstream, upstream: Upstream) -> None:
    fake.play([Say("one two", finish=None), Stall()])
    heard = []

    def hear(words: str) -> None:
        heard.append(words)
        raise RuntimeError("I have heard enough")

    listener = Listener(hear, lambda: None)
    with pytest.raises(RuntimeError, match="enough"):
        await asyncio.wait_for(upstream.speak(Request(await upstream.model(None), MESSAGES), listener), SOON)
    assert heard == ["one"]
    await asyncio.wait_for(fake.requests[0].left.wait(), SOON)


async def test_the_request_is_what_was_asked_for(fake: FakeUpstream, upstream: Upstream) -> None:
    await listen(upstream, temperature=0.7, max_tokens=50)
    await listen(upstream)

    assert fake.requests[0].body == {
        "model": "fake-chat",
        "messages": [
            {"role": "system", "content": "You are the Optimist."},
            {"role": "user", "content": "Speak."},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.7,
        "max_tokens": 50,
    }
    assert fake.requests[1].body.keys() == {"model", "messages", "stream", "stream_options"}


async def test_only_needed_headers_leave_the_machine(
    fake: FakeUpstream, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-mine")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Mine: secret\nAuthorization: Bearer other")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-environment")
    await listen(upstream)

    assert {name.lower() for name in fake.requests[0].headers} == {
        "accept", "accept-encoding", "connection", "content-length", "content-type", "host", "user-agent",
    }  # fmt: skip


@pytest.mark.parametrize(
    "script",
    [
        [Think("Hm, well."), Say("Words.")],
        [Think("Hm.", key="reasoning"), Think("Well."), Say("Words.")],
        [Say("<think>Hm, well.</think>\n\nWords.", size=1)],
        [Say(" <think>Hm, well.</think>\n\nWords.")],
        [Think("Hm."), Say("<think>Well.</think>Words.")],
    ],
    ids=["reasoning_content", "reasoning", "think, a letter at a time", "think, a word at a time", "both"],
)
async def test_reasoning_is_one_sign_and_no_speech(fake: FakeUpstream, upstream: Upstream, script: Script) -> None:
    fake.play(script)

    said = await listen(upstream)

    assert said.text == "Words."
    assert said.pieces[0] == THINKING
    assert said.pieces.count(THINKING) == 1


async def test_reasoning_in_the_middle_of_a_speech_is_dropped(fake: FakeUpstream, upstream: Upstream) -> None:
    fake.play([Say("Words", finish=None), Think("Hm."), Say(" go on.")])

    said = await listen(upstream)

    assert said.text == "Words go on."
    assert THINKING not in said.pieces


async def test_a_speech_begins_with_a_letter_and_keeps_its_inner_space(fake: FakeUpstream, upstream: Upstream) -> None:
    fake.play([Say("\n\n  Words,\n\n  and more.\n", size=1)])
    assert (await listen(upstream)).text == "Words,\n\n  and more.\n"


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("stop", "stop"), ("length", "length"), ("content_filter", "content_filter"), ("eos", "stop"),
     ("max_tokens", "length"), ("tool_calls", "stop")],
)  # fmt: skip
async def test_how_a_speech_ended_is_told(fake: FakeUpstream, upstream: Upstream, theirs: str, ours: str) -> None:
    fake.play([Say("Words.", finish=theirs)])
    assert (await listen(upstream)).finish.reason == ours


async def test_a_speech_past_its_limit_is_cut_there(fake: FakeUpstream, open_upstream: Open) -> None:
    fake.play([Forever(Say("wörds " * 10, finish=None))])
    upstream = await open_upstream(max_speech=1000)

    said = await listen(upstream)

    assert said.finish.reason == "cut_off"
    assert "--max-speech" in (said.finish.cause or "")
    assert 995 <= len(said.text.encode()) <= 1000
    await asyncio.wait_for(fake.requests[0].left.wait(), SOON)


@pytest.mark.parametrize("headers_sent", [True, False])
async def test_cancelling_closes_the_connection_at_once(
    fake: FakeUpstream, upstream: Upstream, headers_sent: bool
) -> None:
    fake.play([Raw(b": hello\n\n"), Stall()] if headers_sent else [Stall()])
    speaking = asyncio.create_task(listen(upstream))
    asked = await asyncio.wait_for(fake.asked(), SOON)

    speaking.cancel()

    await asyncio.wait_for(asked.left.wait(), SOON)
    with pytest.raises(asyncio.CancelledError):
        await speaking


async def test_nothing_is_heard_of_a_speech_that_was_cancelled(fake: FakeUpstream, upstream: Upstream) -> None:
    go_on = asyncio.Event()
    fake.play([Say("one", finish=None), Gate(go_on), Say(" two", finish=None), Stall()])
    heard = asyncio.Queue[str]()
    listener = Listener(heard.put_nowait, lambda: None)
    speaking = asyncio.create_task(upstream.speak(Request(await upstream.model(None), MESSAGES), listener))
    assert await heard.get() == "one"

    speaking.cancel()
    go_on.set()

    with pytest.raises(asyncio.CancelledError):
        await speaking
    await asyncio.wait_for(fake.requests[0].left.wait(), SOON)
    assert heard.empty()


async def test_one_that_is_cancelled_disturbs_no_other(fake: FakeUpstream, upstream: Upstream) -> None:
    go_on = asyncio.Event()
    fake.play([Say("one", finish=None), Stall()], [Say("one", finish=None), Gate(go_on), Say(" two")])
    first = asyncio.create_task(listen(upstream))
    await fake.asked(1)
    second = asyncio.create_task(listen(upstream))
    await fake.asked(2)

    first.cancel()
    await asyncio.wait_for(fake.requests[0].left.wait(), SOON)
    go_on.set()

    assert (await second).text == "one two"


async def test_hundreds_of_speeches_run_at_once(fake: FakeUpstream, upstream: Upstream) -> None:
    go_on = asyncio.Event()
    fake.script = lambda body: [Say("one", finish=None), Gate(go_on), Say(" two")]
    speaking = [asyncio.create_task(listen(upstream)) for _ in range(120)]
    await asyncio.wait_for(fake.asked(120), SOON)
    assert fake.open == 120

    go_on.set()

    assert {said.text for said in await asyncio.gather(*speaking)} == {"one two"}


async def test_connections_to_this_machine_are_not_used_again(fake: FakeUpstream, upstream: Upstream) -> None:
    for _ in range(3):
        assert (await listen(upstream)).finish.reason == "stop"
    assert len({asked.connection for asked in fake.requests}) == 3


async def test_the_embedded_model_is_spoken_to_where_it_runs(fake: FakeUpstream, open_upstream: Open) -> None:
    where = Endpoint("demo", fake.base_url, "key-of-this-start", pooled=False, demo=True)
    embedded = StubEmbedded(endpoint=where)
    upstream = await open_upstream(demo=True, embedded=embedded)

    said = await listen(upstream)
    await upstream.close()

    assert said.finish.reason == "stop"
    assert fake.requests[0].body["model"] == "stub-embedded"
    assert fake.requests[0].headers["Authorization"] == "Bearer key-of-this-start"
    assert embedded.closed


def test_the_deadlines_follow_progress() -> None:
    deadlines = Deadlines(Settings(first_token_timeout=300, token_timeout=60, turn_timeout=900), 1000)
    assert deadlines.at == 1300
    assert "--first-token-timeout" in deadlines.passed("It").message
    deadlines.progress(1200)
    assert deadlines.at == 1260
    assert "--token-timeout" in deadlines.passed("It").message
    deadlines.progress(1890)
    assert deadlines.at == 1900
    assert "--turn-timeout" in deadlines.passed("It").message


def test_the_rest_of_an_ended_speech_is_not_waited_for_long() -> None:
    deadlines = Deadlines(Settings(), 1000)
    deadlines.progress(1001)
    deadlines.ending(1002, marked=False)
    deadlines.ending(1004, marked=False)
    assert deadlines.at == 1002 + USAGE_TIMEOUT
    deadlines.ending(1004, marked=True)
    assert deadlines.at == 1004 + END_TIMEOUT


async def test_reasoning_is_progress(fake: FakeUpstream, open_upstream: Open) -> None:
    fake.play([Forever(Think("Hm."), 0.01)])
    upstream = await open_upstream(first_token_timeout=1.5, token_timeout=60, turn_timeout=2.0)

    said = await listen(upstream)

    assert said.pieces == [THINKING]
    assert said.error is not None
    assert "--turn-timeout" in said.error.message


async def test_a_speech_without_an_end_is_cut_at_the_turns_deadline(fake: FakeUpstream, open_upstream: Open) -> None:
    fake.play([Forever(Say("on and ", finish=None), 0.01)])
    upstream = await open_upstream(turn_timeout=0.5)

    said = await listen(upstream)

    assert said.finish.reason == "cut_off"
    assert "--turn-timeout" in (said.finish.cause or "")


async def test_loading_the_client_leaves_the_loop_free(fake: FakeUpstream) -> None:
    """In a process of its own, as the import happens once."""
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", FIRST_SPEECH, fake.base_url), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await program.communicate()
    assert out.split() == [b"False", b"True"]


# The door is light; openai comes with the first speech, and the loop goes on turning while it does.
FIRST_SPEECH = """
import asyncio, sys
from debate_server.settings import Settings
from debate_server.upstream.upstream import ChatMessage, Listener, Request, Upstream

async def main():
    print("openai" in sys.modules)
    turns = 0
    async def turn():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0.001)
    turning = asyncio.create_task(turn())
    async with Upstream(Settings(base_url=sys.argv[1], discover=False)) as upstream:
        request = Request(await upstream.model(None), (ChatMessage("user", "Speak."),))
        await upstream.speak(request, Listener(lambda _: None, lambda: None))
    print(turns > 10)
    turning.cancel()

asyncio.run(main())
"""
