"""debate-server: an Optimist, a Skeptic and a Moderator argue a topic out, token by token.

The folders are floors, and imports go down only: ``cli`` and ``web`` stand on ``engine``, which stands on
``log`` and ``upstream`` (which never meet), and everything stands on ``core``.

What is here is the library, for programs that hold debates themselves; docs/library.md shows how. It is loaded when it
is asked for, so that the command starts at once.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from debate_server.core.errors import (
        DebateError,
        FormatError,
        Full,
        InvalidRequest,
        LogInUse,
        LogUnavailable,
        SettingsError,
        UnknownDebate,
        UpstreamError,
    )
    from debate_server.core.events import (
        AgentEnd,
        AgentError,
        AgentStart,
        Ballot,
        DebateStart,
        Done,
        Error,
        Event,
        Message,
        Paused,
        Resumed,
        Seat,
        Thinking,
        Token,
        Usage,
        Verdict,
    )
    from debate_server.core.plan import AgentChange
    from debate_server.core.transcript import Speech, Transcript
    from debate_server.library import Debates, debates, evaluate
    from debate_server.runs.evaluation.shape import Evaluation
    from debate_server.runs.holding.told import Unfinished
    from debate_server.runs.result import Result

__all__ = [
    "AgentChange",
    "AgentEnd",
    "AgentError",
    "AgentStart",
    "Ballot",
    "DebateError",
    "DebateStart",
    "Debates",
    "Done",
    "Error",
    "Evaluation",
    "Event",
    "FormatError",
    "Full",
    "InvalidRequest",
    "LogInUse",
    "LogUnavailable",
    "Message",
    "Paused",
    "Result",
    "Resumed",
    "Seat",
    "SettingsError",
    "Speech",
    "Thinking",
    "Token",
    "Transcript",
    "Unfinished",
    "UnknownDebate",
    "UpstreamError",
    "Usage",
    "Verdict",
    "debates",
    "evaluate",
]

_HOMES: Final = ("core.errors", "core.events", "core.plan", "core.transcript", "library", "runs.holding.told")


if not TYPE_CHECKING:  # which would take any name for one of these

    def __getattr__(name: str) -> object:
        if name in __all__:
            for home in map(import_module, (f"{__name__}.{home}" for home in _HOMES)):
                if hasattr(home, name):
                    return getattr(home, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
