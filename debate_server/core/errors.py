"""Everything that can go wrong, as one tree.

Each error carries a stable ``code`` (what programs read), the HTTP ``status`` it becomes, and a message that says
what happened and then what to do. ::

    DebateError
    ├── InvalidRequest        422  a start or a query that cannot be meant
    │   ├── LimitExceeded     422  it passes a limit; names the limit and its setting
    │   ├── OverBudget        422  the budget does not reach for a first turn and the decision
    │   ├── PriceUnknown      422  a budget in dollars for a model whose price nobody knows
    │   └── BadItems          422  a run's file that cannot be read, or a line of it
    ├── NotJSON               400
    ├── TooLarge              413
    ├── TooSlow               408  a request did not arrive in time
    ├── Unauthorized          401  the server's token is not shown
    ├── Forbidden             403  another site's page asks
    ├── Misdirected           421  a Host name that is not ours
    ├── UnknownDebate         404
    ├── UnknownRun            404
    ├── UnknownCursor         404  malformed, ahead of the log, or of another debate
    ├── NotRunning            409  what was asked for needs a debate that still runs
    ├── NotSpeaking           409  the speech that is to be stopped is not being spoken
    ├── StillRunning          409  what was asked for needs a debate that is over
    ├── NothingToRetry        409  every turn was spoken whole
    ├── PlanUnreadable        409  the debate was planned by another version
    ├── Gone                  410  the key names a debate that was deleted
    ├── KeyReused             422  the key was used for something else
    ├── Full                  503  no room for another debate or viewer; names the limit and its setting
    │   ├── Ending            503  the process is about to end
    │   └── TooManyStarts     429  too many debates were begun within a minute
    ├── FormatError           422  a format file that does not hold together
    ├── SettingsError          —   a setting that is unknown or out of bounds (exit 2)
    ├── NotEquipped            —   what was asked for needs more packages (exit 2)
    ├── LogError              503
    │   ├── LogInUse           —   another process holds the data (exit 2)
    │   ├── LogUnusable        —   not writable, not a database, or of a newer version (exit 2)
    │   └── LogUnavailable    503  the log cannot be written right now
    └── UpstreamError          —   why a turn failed; it becomes an event, never speech
        ├── Unreachable            nobody answers at the address
        ├── Refused                the key is missing or not accepted
        ├── UnknownModel           the endpoint does not have the model
        ├── Busy                   429, with the endpoint's Retry-After
        ├── Failed                 an error status or an error object in mid-stream
        ├── Rejected               the endpoint does not take the request (400, 422)
        ├── Stalled                one of the deadlines passed
        ├── Garbled                bytes that are not a chat stream, or past a bound
        ├── Empty                  it ended well but said nothing
        └── NotInstalled           the embedded model is not on this machine
"""

from typing import ClassVar, Final


class DebateError(Exception):
    """The root: an error this program answers, with a message that a person can act on."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidRequest(DebateError):
    """A request that cannot be meant. ``field`` names the part of it that is wrong."""

    code = "invalid_request"
    status = 422

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class LimitExceeded(InvalidRequest):
    """Something passes a limit. ``setting`` is the flag that changes the limit."""

    code = "limit_exceeded"

    def __init__(self, message: str, *, field: str, limit: float, setting: str) -> None:
        super().__init__(f"{message} The limit is {limit}; the server's {setting} changes it.", field=field)
        self.limit = limit
        self.setting = setting


class OverBudget(InvalidRequest):
    code = "over_budget"


class PriceUnknown(InvalidRequest):
    code = "price_unknown"


class BadItems(InvalidRequest):
    """What is wrong with a file of items. ``line``: where it stands there, from 1; None where it is all of it."""

    code = "bad_items"

    def __init__(self, message: str, *, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


class NotJSON(DebateError):
    code = "not_json"
    status = 400


class TooLarge(DebateError):
    code = "too_large"
    status = 413


class TooSlow(DebateError):
    code = "too_slow"
    status = 408


class Unauthorized(DebateError):
    code = "unauthorized"
    status = 401


class Forbidden(DebateError):
    code = "forbidden"
    status = 403


class Misdirected(DebateError):
    code = "misdirected"
    status = 421


class UnknownDebate(DebateError):
    code = "unknown_debate"
    status = 404


class UnknownRun(DebateError):
    code = "unknown_run"
    status = 404


class UnknownCursor(DebateError):
    code = "unknown_cursor"
    status = 404


class NotRunning(DebateError):
    code = "not_running"
    status = 409


class NotSpeaking(DebateError):
    code = "not_speaking"
    status = 409


class StillRunning(DebateError):
    code = "still_running"
    status = 409


class NothingToRetry(DebateError):
    code = "nothing_to_retry"
    status = 409


class PlanUnreadable(DebateError):
    code = "plan_unreadable"
    status = 409


class Gone(DebateError):
    code = "gone"
    status = 410


class KeyReused(DebateError):
    code = "key_reused"
    status = 422


class Full(DebateError):
    """No room. ``retry_after`` is in seconds; ``setting`` is the flag that changes the limit."""

    code = "full"
    status = 503

    def __init__(self, message: str, *, limit: int, setting: str, retry_after: int) -> None:
        super().__init__(f"{message} Try again in {retry_after} s; the server's {setting} changes the limit.")
        self.limit = limit
        self.setting = setting
        self.retry_after = retry_after


class Ending(Full):
    """The process is about to end."""

    def __init__(self) -> None:
        DebateError.__init__(self, "This server is about to end and begins no more debates. Try again in 1 s.")
        self.limit, self.setting, self.retry_after = 0, "", 1


class TooManyStarts(Full):
    code = "too_many_starts"
    status = 429


class FormatError(DebateError):
    code = "invalid_format"
    status = 422


class SettingsError(DebateError):
    code = "invalid_setting"


class NotEquipped(DebateError):
    code = "not_equipped"


class LogError(DebateError):
    code = "log_unavailable"
    status = 503


class LogInUse(LogError):
    """Another process holds the data. ``address`` is where it listens, if it does, and ``token`` what it asks for;
    ``lasting``: it does so until somebody ends it."""

    code = "log_in_use"

    def __init__(self, message: str, *, address: str | None = None, token: str = "", lasting: bool = True) -> None:
        super().__init__(message)
        self.address = address
        self.token = token
        self.lasting = lasting


class LogUnusable(LogError):
    code = "log_unusable"


class LogUnavailable(LogError):
    pass


class UpstreamError(DebateError):
    """Why a turn failed. ``retryable``: the same request may succeed; ``retry_after`` is in seconds."""

    code = "upstream_failed"
    retryable: ClassVar[bool] = True

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unreachable(UpstreamError):
    code = "upstream_unreachable"


class Refused(UpstreamError):
    code = "upstream_refused"
    retryable = False


class UnknownModel(UpstreamError):
    code = "upstream_unknown_model"
    retryable = False


class Busy(UpstreamError):
    code = "upstream_busy"


class Failed(UpstreamError):
    code = "upstream_failed"


class Rejected(UpstreamError):
    code = "upstream_rejected"
    retryable = False


class Stalled(UpstreamError):
    code = "upstream_stalled"


class Garbled(UpstreamError):
    code = "upstream_garbled"


class Empty(UpstreamError):
    code = "upstream_empty"


class NotInstalled(UpstreamError):
    code = "model_not_installed"
    retryable = False


_FAULTS: Final[tuple[type[UpstreamError], ...]] = (UpstreamError, *UpstreamError.__subclasses__())
# The codes of what upstreams fail with, and of what they would fail any debate with.
UPSTREAM: Final = frozenset(fault.code for fault in _FAULTS)
HOPELESS: Final = frozenset((Refused.code, UnknownModel.code, NotInstalled.code))
