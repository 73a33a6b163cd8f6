"""Every setting, declared once.

From this one table come the flag (``--first-token-timeout``), the environment variable
(``DEBATE_FIRST_TOKEN_TIMEOUT``), the key in ``debate.toml`` (``first_token_timeout``), the lines of ``--help``,
``debate config`` and the table in the README. This module reads neither argv nor the environment: ``cli`` does, and
passes one frozen ``Settings`` down.
"""

import re
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, Final, get_args, get_origin, get_type_hints

from debate_server.core.errors import SettingsError

GROUPS: Final = {
    "where": "Where it listens and keeps its data",
    "access": "Who may ask",
    "model": "The model",
    "log": "The log",
    "streams": "Streams",
    "work": "Work",
    "money": "What may be spent",
    "limits": "Limits of one debate",
    "upstream": "Upstream deadlines",
}
# What settings are, in words.
_KINDS: Final = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


def setting(
    default: object,
    help: str,
    *,
    group: str,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
    environment: str | None = None,
    pattern: str = "",
    secret: bool = False,
    unflagged: bool = False,
    server: bool = False,
) -> Any:
    """Declare a setting. ``low`` and ``high`` are inclusive; ``secret``: its value is never shown; ``unflagged``: it
    is no flag, which the list of processes would show; ``server``: only ``debate serve`` takes it as a flag."""
    metadata = {
        "help": help, "group": group, "unit": unit, "low": low, "high": high, "choices": choices,
        "pattern": pattern, "environment": environment, "secret": secret, "unflagged": unflagged, "server": server,
    }  # fmt: skip
    return field(default=default, metadata=metadata, repr=not secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings of a process, checked. Times are in seconds, sizes in the unit that their declaration names."""

    host: str = setting("127.0.0.1", "address to listen on", group="where", server=True)
    port: int = setting(8484, "port to listen on; 0 takes any free one", group="where", low=0, high=65535, server=True)
    data: str = setting("", "folder of the log; empty: your data folder for this program", group="where")
    formats: str = setting("", "folder of formats of your own; empty: formats in your config folder", group="where")

    token: str = setting(
        "", "token that whoever asks has to show; one is made where it is needed and none is given", group="access",
        pattern="[A-Za-z0-9._~-]{8,200}", secret=True, server=True,
    )  # fmt: skip
    allow_origin: tuple[str, ...] = setting(
        (),
        "another site that may ask, such as https://example.org or null (repeatable)",
        group="access",
        pattern=r"null|[a-z][a-z0-9+.-]*://[^/?#]+",
        server=True,
    )
    allowed_host: tuple[str, ...] = setting(
        (), "a host name that this server goes by, beside localhost and numbers (repeatable)", group="access",
        pattern=r"[A-Za-z0-9_.-]+", server=True,
    )  # fmt: skip

    base_url: str = setting(
        "", "OpenAI-compatible endpoint, such as http://127.0.0.1:11434/v1", group="model",
        environment="OPENAI_BASE_URL",
    )  # fmt: skip
    api_key: str = setting(
        "", "key for that endpoint", group="model", environment="OPENAI_API_KEY", secret=True,
        unflagged=True,
    )  # fmt: skip
    model: str = setting("", "model to use; NAME@URL names its endpoint too", group="model")
    gguf: str = setting("", "a GGUF file of your own for the embedded model", group="model")
    demo: bool = setting(False, "use the embedded demo model, whatever else is set", group="model")
    discover: bool = setting(True, "look for model servers on this machine", group="model")

    sync: str = setting(
        "normal", "survive a killed process (normal) or a power cut too (full, slower)", group="log",
        choices=("normal", "full"), server=True,
    )  # fmt: skip

    on_restart: str = setting(
        "resume", "what becomes of debates that were running when the server ended", group="log",
        choices=("resume", "end"), server=True,
    )  # fmt: skip
    resume_within: float = setting(
        3600.0, "a debate that was cut longer ago is not resumed", group="log", unit="s", low=0, high=31_536_000,
        server=True,
    )  # fmt: skip

    heartbeat: float = setting(
        15.0, "silence before a heartbeat", group="streams", unit="s", low=0.1, high=3600, server=True
    )
    read_timeout: float = setting(
        30.0, "how long a request may take to arrive", group="streams", unit="s", low=0.1, high=3600, server=True
    )
    write_deadline: float = setting(
        10.0, "how long a viewer may block a write before it is dropped", group="streams", unit="s", low=0.1,
        high=3600, server=True,
    )  # fmt: skip
    grace: float = setting(
        120.0, "how long a debate goes on that nobody watches, unless it is detached", group="streams", unit="s", low=0,
        high=86_400, server=True,
    )  # fmt: skip
    max_viewers: int = setting(2000, "open streams at a time", group="streams", low=1, high=100_000, server=True)

    max_running: int = setting(16, "debates that run at a time", group="work", low=1, high=10_000, server=True)
    max_queued: int = setting(1000, "debates that wait in line", group="work", low=0, high=100_000, server=True)

    starts_per_minute: int | None = setting(
        None, "debates that may be begun within a minute, 0 for any number; 60 where others can reach the server",
        group="work", low=0, high=100_000, server=True,
    )  # fmt: skip

    budget_usd: float | None = setting(
        None, "what a debate may cost; it ends with a verdict before it costs more", group="money", unit="US dollars",
        low=0.000_001, high=1_000_000,
    )  # fmt: skip
    budget_tokens: int | None = setting(
        None, "tokens that a debate may take, read and said together", group="money", low=1, high=10**12
    )
    server_budget_usd: float | None = setting(
        None, "what all debates may cost until the server ends", group="money", unit="US dollars", low=0.000_001,
        high=1_000_000, server=True,
    )  # fmt: skip
    server_budget_tokens: int | None = setting(
        None, "tokens that all debates may take until the server ends", group="money", low=1, high=10**12, server=True
    )

    max_topic: int = setting(2000, "length of a topic", group="limits", unit="characters", low=1, high=100_000)
    max_message: int = setting(
        4000, "length of a message of the audience", group="limits", unit="characters", low=1, high=100_000
    )
    max_messages: int = setting(
        1000, "messages of the audience in one debate", group="limits", low=0, high=1_000_000, server=True
    )
    max_body: int = setting(65536, "size of a request's body", group="limits", unit="bytes", low=1024, high=16_777_216)
    max_rounds: int = setting(10, "rounds of a debate", group="limits", low=1, high=100)
    max_turns: int = setting(
        300, "turns of a debate; it may have twice as many ballots", group="limits", low=1, high=10_000
    )
    max_agents: int = setting(12, "agents of a debate", group="limits", low=1, high=100)
    max_speech: int = setting(
        262144, "size of a speech; longer ones are cut off", group="limits", unit="bytes", low=256, high=16_777_216
    )
    debate_timeout: float = setting(3600.0, "running time of a debate", group="limits", unit="s", low=1, high=604_800)
    max_pause: float = setting(
        86_400.0,
        "how long a debate stays paused before it ends",
        group="limits",
        unit="s",
        low=0.1,
        high=31_536_000,
        server=True,
    )

    connect_timeout: float = setting(5.0, "to connect", group="upstream", unit="s", low=0.1, high=600)
    first_token_timeout: float = setting(
        300.0, "from the request to the first token", group="upstream", unit="s", low=0.1, high=86_400
    )
    token_timeout: float = setting(60.0, "from one token to the next", group="upstream", unit="s", low=0.1, high=86_400)
    turn_timeout: float = setting(900.0, "for a whole speech", group="upstream", unit="s", low=0.1, high=86_400)

    def __post_init__(self) -> None:
        for declared in SETTINGS:
            declared.check(getattr(self, declared.name))


@dataclass(frozen=True, slots=True)
class Setting:
    """One declaration, as the CLI, the README and ``debate config`` read it."""

    name: str
    type: type
    many: bool
    default: object
    help: str
    group: str
    unit: str
    low: float | None
    high: float | None
    choices: tuple[str, ...]
    pattern: str
    environment: str
    secret: bool
    unflagged: bool
    server: bool

    @property
    def flag(self) -> str:
        return f"--{self.name.replace('_', '-')}"

    def check(self, value: Any) -> None:
        """Raises SettingsError where ``value`` is of another type or out of bounds."""
        if value is None and self.default is None:  # left to the command
            return
        if not self._fits(value):
            shown = f"of the type {type(value).__name__}" if self.secret else repr(value)[:60]
            called = "a list of text" if self.many else _KINDS[self.type]
            raise SettingsError(f"{self.name} is {shown}; it must be {called}.")
        if self.choices and value not in self.choices:
            raise SettingsError(f"{self.name} is {value!r}; it must be one of: {', '.join(self.choices)}.")
        for text in filter(None, value if self.many else (value,)):
            if self.pattern and not re.fullmatch(self.pattern, text):
                shown = "" if self.secret else f" is {text[:60]!r}; it"
                raise SettingsError(f"{self.name}{shown} has to be of this form: {self.pattern}")
        if (self.low is not None and not value >= self.low) or (self.high is not None and not value <= self.high):
            unit = f" {self.unit}" if self.unit else ""
            raise SettingsError(f"{self.name} is {value}; it must be from {self.low:g} to {self.high:g}{unit}.")

    def _fits(self, value: object) -> bool:
        """Whether it is of the right type."""
        if self.many:
            return isinstance(value, list | tuple) and all(isinstance(text, str) for text in value)
        if isinstance(value, bool):  # which is a whole number too
            return self.type is bool
        return isinstance(value, self.type) or (self.type is float and isinstance(value, int))


def _declared() -> tuple[Setting, ...]:
    types = get_type_hints(Settings)
    found = []
    for entry in fields(Settings):
        many = get_origin(types[entry.name]) is tuple
        of_what = next(iter(get_args(types[entry.name])), types[entry.name])
        assert entry.default is not MISSING
        metadata = dict(entry.metadata)
        metadata["environment"] = metadata["environment"] or f"DEBATE_{entry.name.upper()}"
        found.append(Setting(name=entry.name, type=of_what, many=many, default=entry.default, **metadata))
    return tuple(found)


SETTINGS: Final = _declared()
