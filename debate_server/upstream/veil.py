"""The key among a model's own words: some endpoints tell an error as if their model said it, and name the key there.

Pure and incremental: the key may be cut anywhere. Held back is only what may be its beginning, until the next words
tell; most tokens pass at the cost of a look for its first letter.
"""

from debate_server.upstream.reasoning import overlap
from debate_server.upstream.redact import HIDDEN, is_plain


class Veil:
    """Feed it words; it gives them back with HIDDEN for each ``key``. A key that may be an ordinary word is let be."""

    def __init__(self, key: str | None) -> None:
        self._key = None if key is None or is_plain(key) else key
        self._held = ""  # a beginning of the key

    def feed(self, words: str) -> str:
        if self._key is None or not (self._held or self._key[0] in words):
            return words
        words = self._held + words
        *before, rest = words.split(self._key) if self._key in words else [words]
        shown = len(rest) - overlap(rest, self._key)
        self._held = rest[shown:]
        return HIDDEN.join([*before, rest[:shown]])

    def end(self) -> str:
        """What was held back, now that nothing follows: words after all, unless it is most of the key."""
        held, self._held = self._held, ""
        return HIDDEN if self._key is not None and len(held) > len(self._key) / 2 else held
