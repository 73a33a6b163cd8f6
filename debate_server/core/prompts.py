"""What an agent is told before it speaks, fitted to its model's context.

It hears the topic, who it is, all speeches so far by name (its own marked), what the audience said, and the task of
this turn. Where that is too much, the oldest speeches are shortened first; the last speech of the other side and
the agent's own are the last to go. Tokens are estimated (``chat.count``), on the high side.
"""

from dataclasses import dataclass
from typing import Final

from debate_server.core.chat import ChatMessage, count
from debate_server.core.formats import Agent, Format, Turn
from debate_server.core.transcript import CUT, Said, Speech, Transcript

# For the chat template, headings and what the estimate gets wrong.
RESERVE: Final = 96
# A speech is shortened to about this many tokens before a newer one is touched; below it, it says too little.
SHORT: Final = 48
# Words a token limit has room for, in most languages: what an agent is asked for stays well inside what it is given.
WORDS_PER_TOKEN: Final = 0.45
_ELLIPSIS: Final = " […]"


@dataclass(frozen=True, slots=True)
class Cut:
    """A speech that was shortened to fit: ``kept`` of ``of`` characters are left (0: it was left out)."""

    turn: int
    kept: int
    of: int


@dataclass(frozen=True, slots=True)
class Prompt:
    """A chat ready to be sent, the speech's token limit, and what had to be cut for it."""

    messages: tuple[ChatMessage, ...]
    max_tokens: int
    cuts: tuple[Cut, ...]


def build(format_: Format, agent: Agent, turn: Turn, transcript: Transcript, context: int) -> Prompt:
    """The prompt of a turn. ``context`` is how many tokens prompt and speech may have together."""
    max_tokens = min(agent.max_tokens, max(16, context // 2))
    filled = {
        "topic": transcript.topic,
        "words": str(max(10, int(max_tokens * WORDS_PER_TOKEN / 10) * 10)),
        "others": _and([other.name for other in format_.agents if other.name != agent.name]),
    }
    system = f"{agent.persona.format_map(filled)}\n\n{format_.manners.format_map(filled)}"
    task = turn.task.format_map(filled)
    speeches = [speech for speech in transcript.speeches.values() if speech.turn < turn.number and speech.content]
    heard = [said for said in transcript.messages if said.to in (None, agent.name)]

    room = context - max_tokens - RESERVE - count(system) - count(task)
    topic = shorten(transcript.topic, max(SHORT, room))
    messages = [_message(said) for said in heard]
    room -= count(topic) + sum(count(message) + 4 for message in messages)
    kept = fit([speech.content for speech in speeches], room - 12 * len(speeches))
    cuts = tuple(
        Cut(speech.turn, len(text), len(speech.content))
        for speech, text in zip(speeches, kept, strict=True)
        if text != speech.content
    )
    said = [(speech.turn, _speech(speech, text, agent.name)) for speech, text in zip(speeches, kept, strict=True)]
    said += [(message.after_turn, text) for message, text in zip(heard, messages, strict=True)]
    said.sort(key=lambda entry: entry[0])
    parts = [f"The topic of the debate: {topic}"]
    if said:
        parts.append("What has been said so far:\n\n" + "\n\n".join(text for _, text in said if text))
    parts.append(task)
    chat = (ChatMessage("system", system), ChatMessage("user", "\n\n".join(parts)))
    return Prompt(chat, max_tokens, cuts)


def fit(texts: list[str], room: int) -> list[str]:
    """The texts, oldest first, shortened to ``room`` tokens in all: each to SHORT before the next one is touched,
    and only then left out, again the oldest first."""
    kept = list(texts)
    over = sum(map(count, kept)) - max(0, room)
    for least in (SHORT, 0):
        for index, text in enumerate(kept):
            if over <= 0:
                return kept
            before = count(text) if text else 0
            kept[index] = shorten(text, max(least, before - over)) if before > least else text
            over -= before - (count(kept[index]) if kept[index] else 0)
    return kept


def shorten(text: str, tokens: int) -> str:
    """The beginning of a text in at most that many tokens, cut after a word and marked; empty for none."""
    if count(text) <= tokens:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if count(text[:middle] + _ELLIPSIS) <= tokens:
            low = middle
        else:
            high = middle - 1
    head = text[:low]
    if not head.strip():
        return ""
    if " " in head[-40:]:
        head = head[: head.rindex(" ")]
    return head.rstrip() + _ELLIPSIS


def _speech(speech: Speech, text: str, listener: str) -> str:
    if not text:
        return ""
    who = f"{speech.agent} (you)" if speech.agent == listener else speech.agent
    cut = CUT.get(speech.finish_reason or "", "")
    return f"{who}: {text}" + (f" [{cut}]" if cut else "")


def _message(said: Said) -> str:
    return f"A person in the audience{' (to you)' if said.to else ''}: {said.content}"


def _and(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)
