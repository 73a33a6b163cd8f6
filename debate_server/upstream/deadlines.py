"""When a speech is given up. What counts as progress is words and reasoning, not bytes: a server that sends
keep-alive comments for ever is as stalled as one that sends nothing."""

from typing import Final

from debate_server.core.errors import Stalled
from debate_server.settings import Settings

# After the finish reason only the usage and the end mark are to come; after the end mark only the end of the body,
# which is worth a moment because the connection can then be used again.
USAGE_TIMEOUT: Final = 5.0
END_TIMEOUT: Final = 0.1


class Deadlines:
    """The deadlines of one speech, in seconds of the clock that ``now`` comes from. ``at`` is the next."""

    def __init__(self, settings: Settings, now: float) -> None:
        self._settings = settings
        self._progressed = False
        self._turn = now + settings.turn_timeout
        self.at = min(now + settings.first_token_timeout, self._turn)

    def progress(self, now: float) -> None:
        """A word or a piece of reasoning came."""
        self._progressed = True
        self.at = min(now + self._settings.token_timeout, self._turn)

    def ending(self, now: float, *, marked: bool) -> None:
        """The finish reason came, or (``marked``) the end mark after it."""
        wait = END_TIMEOUT if marked else min(USAGE_TIMEOUT, self._settings.token_timeout)
        self.at = min(now + wait, self.at)

    def passed(self, where: str) -> Stalled:
        """The error for the deadline that is next."""
        settings = self._settings
        if self._turn <= self.at:
            return Stalled(
                f"{where} spoke for longer than {settings.turn_timeout:g} s. Ask for shorter speeches, or raise "
                "--turn-timeout."
            )
        if self._progressed:
            return Stalled(
                f"{where} fell silent for {settings.token_timeout:g} s in mid-speech. Try again, or raise "
                "--token-timeout if that model pauses for so long."
            )
        return Stalled(
            f"{where} sent no word within {settings.first_token_timeout:g} s. It may still be loading the model: "
            "try again, or raise --first-token-timeout."
        )
