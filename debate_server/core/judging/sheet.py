"""The sheet of a ballot: the candidates in the order in which one judge sees them, under labels that tell nothing."""

import re
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any, Final

from debate_server.core.agenda import Item
from debate_server.core.judging.counting import TIE
from debate_server.core.transcript import Speech, Transcript

# The steps from a tie to beyond doubt.
MARGINS: Final = 10
# A model too small for more says what it has to say in so many characters.
BRIEF_REASON: Final = 240
SENTENCE: Final = re.compile(r"[^.!?\n]{1,400}+[.!?]")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One ballot to be cast: what it is about, and the candidates in the order in which the judge sees them."""

    item: Item
    order: tuple[str, ...]

    @property
    def letters(self) -> dict[str, str]:
        """By agent, the letter that stands for it."""
        many = len(self.order) > len(ascii_uppercase)
        return {name: f"A{number}" if many else ascii_uppercase[number] for number, name in enumerate(self.order)}

    @property
    def labels(self) -> dict[str, str]:
        """By agent, what it is called before the judge."""
        return {name: f"Speaker {letter}" for name, letter in self.letters.items()}

    def hide(self, text: str) -> str:
        """The text with the agents' names, as they are written and in capitals, replaced by their labels."""
        labels = {spelt: label for name, label in self.labels.items() for spelt in (name.upper(), name)}
        names = "|".join(re.escape(name) for name in sorted(labels, key=len, reverse=True))
        return re.sub(rf"(?<![^\W_])(?:{names})(?![^\W_])", lambda found: labels[found[0]], text)

    def name(self, text: str) -> str:
        """The text with the agents' names in it again."""
        names = {letter: name for name, letter in self.letters.items()}
        return re.sub(r"\b[Ss]peaker ([A-Z]\d*)\b", lambda found: names.get(found[1], found[0]), text)

    def speeches(self, said: Transcript) -> list[Speech]:
        """What the judge is shown: round by round, and in each in the order of the candidates."""
        rounds = [speech.round for speech in said.speeches.values() if speech.round <= self.item.round]
        shown = {"nothing": set[int](), "last round": {max(rounds, default=0)}}.get(self.item.about.sees, set(rounds))
        found = [s for s in said.speeches.values() if s.agent in self.order and s.round in shown and s.content]
        return sorted(found, key=lambda speech: (speech.round, self.order.index(speech.agent), speech.turn))

    def _sentences(self, said: Transcript) -> list[str]:
        """The first sentences of all that the judge is shown."""
        found = [sentence for speech in self.speeches(said) for sentence in SENTENCE.findall(speech.content)[:2]]
        return list(dict.fromkeys(sentence.strip() for sentence in found))

    def schema(self, said: Transcript, *, brief: bool = False) -> dict[str, Any]:
        """The JSON schema of the ballot. ``brief``: for a model that would not come to an end, and can only point at
        sentences that were said."""
        letters = [*self.letters.values()]
        reason: dict[str, Any] = {"type": "string"}
        quotes: dict[str, Any] = {"type": "array", "items": {"type": "string"}}
        if brief:
            reason["maxLength"] = BRIEF_REASON
            sentences = [self.hide(text) for text in self._sentences(said)]
            quotes |= {"items": {"type": "string", "enum": sentences}, "maxItems": 1} if sentences else {"maxItems": 0}
        vote: dict[str, Any]
        if self.item.about.ranked:
            places = {"minItems": len(letters), "maxItems": len(letters)}
            vote = {"ranking": {"type": "array", "items": {"type": "string", "enum": letters}, **places}}
        else:
            steps = {"type": "integer", "enum": [*range(MARGINS + 1)]}
            vote = {"winner": {"type": "string", "enum": [*letters, TIE]}, "margin": steps}
        properties = {"reason": reason, "quotes": quotes, **vote}
        return {
            "type": "object", "properties": properties, "required": [*properties], "additionalProperties": False,
        }  # fmt: skip
