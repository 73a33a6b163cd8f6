"""Tells speech from reasoning where a model writes both into its content: ``<think>…</think>`` before the speech.

Pure and incremental: the tags may be cut anywhere. Only what comes before the first word is looked at, so a speech
may speak of ``<think>`` as it likes.
"""

from typing import Final, Literal

_OPEN: Final = "<think>"
_CLOSE: Final = "</think>"


class Reasoning:
    """Feed it content; it gives back what of it is speech, without leading whitespace.

    ``seen`` turns true at the first word of reasoning. Reasoning that is never closed leaves nothing said.
    """

    def __init__(self) -> None:
        self.seen = False
        self._state: Literal["before", "inside", "speaking"] = "before"
        self._held = ""  # what may be the beginning of a tag

    def feed(self, content: str) -> str:
        if self._state == "speaking":
            return content
        self._held += content
        while True:
            if self._state == "before":
                self._held = self._held.lstrip()
                if not self._held.startswith(_OPEN):
                    break
                self._held = self._held[len(_OPEN) :]
                self._state = "inside"
            thought, closed, rest = self._held.partition(_CLOSE)
            if not closed:
                keep = overlap(thought, _CLOSE)
                thought, rest = thought[: len(thought) - keep], thought[len(thought) - keep :]
            self.seen = self.seen or bool(thought.strip())
            self._held = rest
            if not closed:
                return ""
            self._state = "before"
        if _OPEN.startswith(self._held):  # nothing yet, or a tag that is not complete
            return ""
        self._state = "speaking"
        return self.end()

    def end(self) -> str:
        """What was held back and turns out to be speech, now that nothing follows."""
        held, self._held = self._held, ""
        return "" if self._state == "inside" else held


def overlap(text: str, tag: str) -> int:
    """The length of the longest end of ``text`` that is a beginning of ``tag``, but not the whole."""
    at = text.find(tag[0], max(0, len(text) - len(tag) + 1))
    while at >= 0 and not tag.startswith(text[at:]):
        at = text.find(tag[0], at + 1)
    return len(text) - at if at >= 0 else 0
