"""What an agent is told before it speaks, fitted to its model's context.

It hears the topic, who it is, all speeches so far by name (its own marked), what the audience said, and the task of
this turn. Where that is too much, the oldest is shortened first. Tokens are estimated, on the high side.

A small model loses topic and side over that much, and repeats whoever spoke last. Where the format has words for it, it
is told a persona of a line, the same short question on other topics with the answers of the format's examples, then the
question on this topic; of speeches the first of each speaker, where the question has a place for what was ``{heard}``.
"""

from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

from debate_server.core.agenda import Turn
from debate_server.core.chat import MOST_PER_TOKEN, ChatMessage, count, count_chat
from debate_server.core.format.shape import Agent, Format
from debate_server.core.judging.counting import tally
from debate_server.core.transcript import CUT, Speech, Transcript

# A speech of fewer tokens says too little: it is shortened to about this many before a newer one is touched.
SHORT: Final = 48
# Words a token limit has room for, in most languages: what an agent is asked for stays well inside what it is given.
WORDS_PER_TOKEN: Final = 0.45
# A small model that has not come to its end by then turns in circles.
BRIEF_TOKENS: Final = 140
_INDENT: Final = "\n    "
_ELLIPSIS: Final = " […]"
_TOPIC: Final = "The topic of the debate: "
_RECORD: Final = "\n\nWhat has been said so far:"


@dataclass(frozen=True, slots=True)
class Cut:
    """A speech, or a message said after that ``turn`` began, of which ``kept`` of ``of`` characters are left."""

    turn: int
    kept: int
    of: int


@dataclass(frozen=True, slots=True)
class Prompt:
    """A chat ready to be sent, the speech's token limit and temperature (None: the model's own), and what was cut."""

    messages: tuple[ChatMessage, ...]
    max_tokens: int
    temperature: float | None
    cuts: tuple[Cut, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """Something said in a turn or after it began, as a prompt has it: the words, and what stands around them."""

    turn: int
    before: str
    text: str
    after: str = ""

    def write(self, text: str) -> str:
        """The entry with its words shortened to ``text``; none of it where none are left. Its further lines are
        indented: whatever they say, they are no entry of their own."""
        words = text.replace("\n", _INDENT)
        return f"{self.before}{words}{self.after}" if text else ""


def build(
    format_: Format, agent: Agent, turn: Turn, transcript: Transcript, context: int, *, brief: bool = False
) -> Prompt:
    """The prompt of a turn. ``context`` is how many tokens prompt and speech may have together; ``brief``: the model is
    small, and is told briefly where the format can."""
    if brief and turn.brief is not None and agent.brief is not None:
        return _brief(format_, agent, turn, transcript, context)
    max_tokens = min(agent.max_tokens, context // 2)
    room = context - max_tokens - count_chat((ChatMessage("system", ""), ChatMessage("user", _TOPIC + _RECORD)))
    filled = _filled(format_, agent, transcript.topic, max_tokens)

    topic = shorten(transcript.topic, room // 3)
    room -= count(topic)
    task = "\n\n" + shorten(turn.task.format_map(filled), room // 2)
    room -= count(task)
    system = shorten(f"{agent.persona}\n\n{format_.manners}".format_map(filled), room * 3 // 4)
    room -= count(system)
    spoken = _spoken(format_, agent, turn, transcript)
    entries = [_speech(speech, agent) for speech in spoken] + _messages(transcript, agent)
    entries += _vote(format_, turn, transcript)
    said, cuts = fit(sorted(entries, key=lambda entry: entry.turn), room)
    chat = (ChatMessage("system", system), ChatMessage("user", _TOPIC + topic + (said and _RECORD + said) + task))
    return Prompt(chat, max_tokens, agent.temperature, cuts)


def _brief(format_: Format, agent: Agent, turn: Turn, transcript: Transcript, context: int) -> Prompt:
    persona, question = agent.brief or "", turn.brief or ""
    max_tokens = min(agent.max_tokens, BRIEF_TOKENS, context // 2)
    room = context - max_tokens - count_chat((ChatMessage("system", ""), ChatMessage("user", question)))
    persona = shorten(persona.format_map(_filled(format_, agent, transcript.topic, max_tokens)), room // 3)
    topic = shorten(transcript.topic, room // 6)
    spoken = _spoken(format_, agent, turn, transcript)
    last = max((speech.turn for speech in spoken if speech.agent == agent.name), default=0)
    new, cuts = fit(_messages(transcript, agent, since=last), room // 6)
    first = {speech.agent: _speech(speech, agent) for speech in reversed(spoken) if speech.agent != agent.name}
    others = sorted(first.values(), key=lambda entry: entry.turn) if "{heard}" in question else []
    heard, more_cuts = fit(others, room // 6)
    asked = f"{new}\n\n{question.format(topic=topic, heard=heard.strip())}".strip()

    chat = [ChatMessage("system", persona), ChatMessage("user", asked)]
    for example in format_.examples:
        if answer := example.speeches.get(turn.title, {}).get(agent.name):
            so_far = "\n\n".join(f"{name}: {text}" for name, text in example.before(turn.title, agent.name).items())
            pair = (
                ChatMessage("user", question.format(topic=example.topic, heard=so_far)),
                ChatMessage("assistant", answer),
            )
            if count_chat((*chat, *pair)) <= context - max_tokens:
                chat[-1:-1] = pair
    return Prompt(tuple(chat), max_tokens, None, cuts + more_cuts)


def fit(entries: list[Entry], room: int) -> tuple[str, tuple[Cut, ...]]:
    """The entries in their order in at most ``room`` tokens, and what had to be cut for it: each, the oldest first, to
    SHORT before the next one is touched, and only then left out, again the oldest first."""
    kept = [entry.text for entry in entries]
    cost = [count(entry.write(entry.text)) for entry in entries]
    over = sum(cost) - max(0, room)
    for least in (SHORT, 0):
        for index, entry in enumerate(entries):
            if over > 0:
                kept[index] = shorten(kept[index], max(least, count(kept[index]) - over - 1))
                left = count(entry.write(kept[index])) if kept[index] else 0
                over, cost[index] = over - cost[index] + left, left
    pairs = list(zip(entries, kept, strict=True))
    cuts = tuple(Cut(entry.turn, len(text), len(entry.text)) for entry, text in pairs if text != entry.text)
    return "".join(entry.write(text) for entry, text in pairs), cuts


def shorten(text: str, tokens: int) -> str:
    """The beginning of a text in at most that many tokens, cut after a word and marked; empty for none."""
    if count(text) <= tokens:
        return text
    longest = min(len(text), MOST_PER_TOKEN * (tokens + 1))  # so that a very long speech is not counted again and again
    end = bisect_right(range(longest), tokens, key=lambda end: count(text[:end] + _ELLIPSIS)) - 1
    head = text[: max(0, end)]
    if " " in head[-40:]:
        head = head[: head.rindex(" ")]
    return head.rstrip() + _ELLIPSIS if head.strip() else ""


def _filled(format_: Format, agent: Agent, topic: str, max_tokens: int) -> dict[str, str]:
    words = max(10, int(max_tokens * WORDS_PER_TOKEN / 10) * 10)
    others = [other.name for other in format_.agents if other.name != agent.name]
    listed = f"{', '.join(others[:-1])} and {others[-1]}" if len(others) > 1 else "".join(others)
    return {"topic": shorten(topic, SHORT), "words": str(words), "others": listed}


def _spoken(format_: Format, agent: Agent, turn: Turn, transcript: Transcript) -> list[Speech]:
    """What an agent is told of what was said before its turn, as its format has it."""
    before = sorted((s for s in transcript.speeches.values() if s.turn < turn.heard), key=lambda speech: speech.turn)
    match turn.sees:
        case "everything":
            return before
        case "own side":
            side = {other.name for other in format_.agents if other.side == agent.side}
            return [speech for speech in before if speech.agent in side]
        case "last round":
            last = max((speech.round for speech in before if speech.round < turn.round), default=0)
            return [speech for speech in before if speech.round == last]
        case "nothing":
            return []


def _speech(speech: Speech, listener: Agent) -> Entry:
    own = " (you)" if speech.agent == listener.name else ""
    cut = CUT.get(speech.finish_reason or "")
    return Entry(speech.turn, f"\n\n{speech.agent}{own}: ", speech.content, f" [{cut}]" if cut else "")


def _vote(format_: Format, turn: Turn, transcript: Transcript) -> list[Entry]:
    """How the vote went, for who writes the answer after it."""
    decision = format_.decision
    if decision is None or turn.title != decision.answer or not (told := tally(transcript, decision.round)):
        return []
    return [Entry(turn.number, "\n\n[The vote: ", told, "]")]


def _messages(transcript: Transcript, listener: Agent, since: int = 0) -> list[Entry]:
    heard = [said for said in transcript.messages if said.to in (None, listener.name) and said.after_turn >= since]
    who = "\n\nA person in the audience{}: "
    return [Entry(said.after_turn, who.format(" (to you)" if said.to else ""), said.content) for said in heard]
