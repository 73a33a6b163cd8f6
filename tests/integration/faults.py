"""A fault in a speech, and the debate that comes of it: how it is told, and what holds whatever an upstream does."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from debate_server.core.transcript import CUT
from tests.conftest import Server
from tests.fakes.script import Gate, Say, Script
from tests.fakes.upstream import FakeUpstream

CANARY: Final = "sk-canary-7Qx2mV9tRb4WzK1pLs8dYf3"
# What only faults say.
ALIEN: Final = "flux capacitor"

At = Literal["before", "middle", "end"]
HALF, REST, WHOLE = "Half of it, ünïcödé", " and the other hälf 🎭.", "All of it, ünïcödé 🎭."
MENDED: Final = "The Optimist has spoken."

# How a debate is told: a line a turn, with the codes that voided its attempts and the end of its speech ("≈": its usage
# is estimated), then how the debate ended.
Told = tuple[str, ...]


def voids(code: str) -> Told:
    """The attempt is void; the next one, or the one after that, may succeed."""
    return f"Optimist: {code}, stop", f"Skeptic: {code}, {code}, {code}", f"failed: {code}"


def fails(code: str) -> Told:
    """The attempt is void, and there is no other."""
    return f"Optimist: {code}", f"failed: {code}"


def ends(first: str, second: str = "stop", third: str = "stop") -> Told:
    """The speeches are heard and end so; the debate goes on."""
    return f"Optimist: {first}", f"Skeptic: {second}", f"Moderator: {third}", "completed"


@dataclass(frozen=True)
class Fault:
    """What an upstream does, and how the debate is told where it does so before the first token, in the middle, and at
    the end of a speech: after the finish reason or, with ``instead`` or ``goes_on``, in its place."""

    script: Script
    before: Told | None
    middle: Told | None
    end: Told | None
    endless: bool = False  # it ends by a deadline
    instead: bool = False
    goes_on: bool = False  # the speech goes on after it, and ends well
    says: str = ""  # a pattern of the words in it
    pauses: Sequence[float] = (1, 4)  # before the first and the second retry, in seconds
    more: int = 0  # requests beyond one an attempt
    agents: Sequence[dict[str, str]] = ()  # what the debate's start changes

    def speech(self, at: At, heard: asyncio.Event) -> Script:
        """A speech with the fault in it. ``heard``: a viewer has what comes before it in the middle."""
        finish = None if self.instead or self.goes_on else "stop"
        begun: dict[At, Script] = {
            "before": [],
            "middle": [Say(HALF, finish=None), Gate(heard)],
            "end": [Say(WHOLE, finish=finish, marked=False)],
        }
        rest: dict[At, Script] = {"before": [Say(WHOLE)], "middle": [Say(REST)], "end": [Say("")]}
        return [*begun[at], *self.script, *(rest[at] if self.goes_on else [])]

    def fits(self, at: At, speech: str) -> bool:
        """Whether that is what the first speech says: not a word more or less than the upstream did."""
        if self.goes_on:
            return speech == (HALF + REST if at == "middle" else WHOLE)
        match at:
            case "before":
                return speech in ("", MENDED) or re.fullmatch(self.says, speech) is not None
            case "middle":
                return re.fullmatch(HALF + self.says, speech) is not None
            case "end":
                return speech == WHOLE

    def deadlines(self, at: At) -> dict[str, float]:
        """The settings by which it ends. First tokens get more time: those of the others count, too."""
        if not self.endless:
            return {}
        return {"first_token_timeout": 1.0} if at == "before" else {"token_timeout": 0.3}


def speaker(body: dict[str, Any]) -> str:
    """The agent that a request is made for."""
    found = re.match(r"You are the (\w+)", body["messages"][0]["content"])
    assert found is not None
    return found[1]


def afflict(fake: FakeUpstream, fault: Fault, at: At) -> asyncio.Event:
    """Let the first request meet the fault and, before the first token, every request of the Skeptic, too, unless the
    fault is endless. The event is to be set when a token is seen."""
    heard, always = asyncio.Event(), at == "before" and not fault.endless

    def script(body: dict[str, Any]) -> Script:
        struck = len(fake.requests) == 1 or (always and speaker(body) == "Skeptic")
        return fault.speech(at, heard) if struck else [Say(f"The {speaker(body)} has spoken.")]

    fake.script = script
    return heard


async def watch(server: Server, agents: Sequence[dict[str, str]], heard: asyncio.Event) -> tuple[str, bytes]:
    """A debate as a viewer gets it while it is held: its id, and the bytes of its stream."""
    start = {"topic": "Should tests be honest?", "rounds": 1, "agents": agents}
    _, started = await server.json("POST", "/api/debates", json=start)
    body = b""
    async with server.session.get(started["events"]) as response:
        async for part in response.content.iter_any():
            body += part
            if b'"type":"token"' in body:
                heard.set()
    return started["id"], body


def told(events: list[dict[str, Any]]) -> Told:
    turns: dict[int, list[str]] = {}
    for event in events:
        match event["type"]:
            case "agent_error":
                turns[event["turn"]].append(event["code"])
            case "agent_end":
                estimated = " ≈" if event["usage"]["estimated"] else ""
                turns[event["turn"]].append(event["finish_reason"] + estimated)
            case "agent_start":
                turns.setdefault(event["turn"], [f"{event['agent']}:"])
    code = "".join(f": {event['code']}" for event in events if event["type"] == "error")
    return (*(f"{who} {', '.join(what)}" for who, *what in turns.values()), events[-1]["reason"] + code)


def check(events: list[dict[str, Any]], prompts: list[dict[str, Any]]) -> None:
    """What holds for every debate, whatever its upstream does. ``prompts``: the requests that it made."""
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    types = [event["type"] for event in events]
    assert (types[0], types[-1], types.count("done")) == ("debate_start", "done", 1)
    assert ("error" in types) == (events[-1]["reason"] == "failed")
    _check_attempts(events)
    speeches = [event for event in events if event["type"] == "agent_end"]
    for body in prompts:
        _check_prompt(body, speeches)
    said = [str(event["content"]) for event in events if "content" in event] + [str(body) for body in prompts]
    errors = [event["message"] for event in events if event["type"] in ("agent_error", "error")]
    assert [words for words in said if any(error in words for error in (ALIEN, *errors))] == []
    assert [error for error in errors if ". " not in error] == [], "it says what happened, then what to do"


def _check_attempts(events: list[dict[str, Any]]) -> None:
    """Each attempt is closed once, before the next begins; it is void only where nothing was said, at most twice."""
    attempts: dict[int, int] = {}
    open_: dict[str, Any] | None = None
    said = ""
    for event, following in zip(events, [*events[1:], {"type": "nothing"}], strict=True):
        match event["type"]:
            case "agent_start":
                assert open_ is None
                assert event["attempt"] == attempts.get(event["turn"], 0) + 1 <= 3
                open_, said = event, ""
                attempts[event["turn"]] = event["attempt"]
            case "thinking" | "token" | "agent_end" | "agent_error":
                assert open_ is not None
                assert (event["agent"], event["turn"]) == (open_["agent"], open_["turn"])
                said += event["content"] if event["type"] == "token" else ""
            case _:
                assert open_ is None
        if event["type"] == "agent_end":
            assert event["content"] == said != ""
            open_ = None
        if event["type"] == "agent_error":
            assert said == ""
            assert event["attempt"] == attempts[event["turn"]]
            assert event["retrying"] == (following["type"] == "agent_start")
            assert event["retrying"] == (following.get("turn") == event["turn"])
            open_ = None


def _check_prompt(body: dict[str, Any], speeches: list[dict[str, Any]]) -> None:
    """It has the speeches before it as they were heard, and says of each that was cut, and of no other, that it was."""
    asked = body["messages"][-1]["content"]
    turn = ["Optimist", "Skeptic", "Moderator"].index(speaker(body)) + 1
    for speech in speeches:
        mark = CUT.get(speech["finish_reason"])
        heard = f"\n\n{speech['agent']}: {speech['content']}{f' [{mark}]' if mark else ''}\n\n"
        assert (heard in asked) == (speech["turn"] < turn)
