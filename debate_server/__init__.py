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
        BadItems,
        DebateError,
        FormatError,
        Full,
        InvalidRequest,
        LimitExceeded,
        LogInUse,
        LogUnavailable,
        LogUnusable,
        NotEquipped,
        OverBudget,
        PriceUnknown,
        SettingsError,
        TooManyStarts,
        UnknownCursor,
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
        DoneReason,
        Error,
        Event,
        FinishReason,
        Message,
        Paused,
        Quote,
        Resumed,
        Seat,
        Thinking,
        Token,
        Usage,
        Verdict,
    )
    from debate_server.core.money.price import Price
    from debate_server.core.plan import AgentChange
    from debate_server.core.run import Role, Scorer
    from debate_server.core.transcript import Said, Speech, Status, Transcript
    from debate_server.library import Asked, Debates, debates, evaluate
    from debate_server.runs.evaluation.shape import (
        Arm,
        Evaluation,
        Interval,
        Matched,
        Pair,
        RoundScore,
        Score,
        Side,
        Swap,
        Unit,
    )
    from debate_server.runs.holding.told import Unfinished
    from debate_server.runs.result import Fault, Given, Result, Vote

__all__ = [
    "AgentChange",
    "AgentEnd",
    "AgentError",
    "AgentStart",
    "Arm",
    "Asked",
    "BadItems",
    "Ballot",
    "DebateError",
    "DebateStart",
    "Debates",
    "Done",
    "DoneReason",
    "Error",
    "Evaluation",
    "Event",
    "Fault",
    "FinishReason",
    "FormatError",
    "Full",
    "Given",
    "Interval",
    "InvalidRequest",
    "LimitExceeded",
    "LogInUse",
    "LogUnavailable",
    "LogUnusable",
    "Matched",
    "Message",
    "NotEquipped",
    "OverBudget",
    "Pair",
    "Paused",
    "Price",
    "PriceUnknown",
    "Quote",
    "Result",
    "Resumed",
    "Role",
    "RoundScore",
    "Said",
    "Score",
    "Scorer",
    "Seat",
    "SettingsError",
    "Side",
    "Speech",
    "Status",
    "Swap",
    "Thinking",
    "Token",
    "TooManyStarts",
    "Transcript",
    "Unfinished",
    "Unit",
    "UnknownCursor",
    "UnknownDebate",
    "UpstreamError",
    "Usage",
    "Verdict",
    "Vote",
    "debates",
    "evaluate",
]

# Where they are. The library first: it has most of them, and an ``Asked`` of its own.
_HOMES: Final = (
    "core.errors", "core.events", "library", "core.money.price", "core.run", "core.transcript",
    "runs.evaluation.shape", "runs.holding.told", "runs.result",
)  # fmt: skip


if not TYPE_CHECKING:  # which would take any name for one of these

    def __getattr__(name: str) -> object:
        if name in __all__:
            for home in map(import_module, (f"{__name__}.{home}" for home in _HOMES)):
                if hasattr(home, name):
                    return getattr(home, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        return __all__
