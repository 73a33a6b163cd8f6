"""From the settings' declarations to flags, environment variables and the keys of ``debate.toml``.

With ``cli`` this is the only place that reads what a person typed, set or wrote to a file.
"""

import os
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from debate_server.core.errors import SettingsError
from debate_server.folders import config_folder, placed
from debate_server.settings import GROUPS, SETTINGS, Setting, Settings

FILE: Final = "debate.toml"

F = TypeVar("F", bound=Callable[..., Any])


class Command(click.Command):
    """A command whose ``--help`` lists settings by their groups."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        flags = {setting.flag: GROUPS[setting.group] for setting in SETTINGS}
        sections: dict[str, list[tuple[str, str]]] = {"Options": []}
        for parameter in self.get_params(ctx):
            if isinstance(parameter, click.Option) and (record := parameter.get_help_record(ctx)):
                sections.setdefault(flags.get(parameter.opts[0], "Options"), []).append(record)
        for title, records in sections.items():
            with formatter.section(title):
                formatter.write_dl(records)


class Group(Command, click.Group):
    """A command that does something by itself and has others below it."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_options(ctx, formatter)
        self.format_commands(ctx, formatter)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


class _Unflagged(click.Option):
    """A setting that a command takes from environment and file only: it is no flag of its, or a secret, which would
    be seen in the list of processes."""

    def add_to_parser(self, parser: Any, ctx: click.Context) -> None:
        pass


def _option(setting: Setting, *, flagged: bool) -> Callable[[F], F]:
    unit = f" [{setting.unit}]" if setting.unit else ""
    kind: Any = click.Choice(setting.choices) if setting.choices else setting.type
    is_flag = setting.type is bool
    flag = f"{setting.flag}/--no-{setting.flag[2:]}" if is_flag and setting.default else setting.flag
    if not flagged:  # which is never typed, and must be no flag that the command has for something else
        flag = f"--setting-{setting.flag[2:]}"
    shown = "" if setting.default in ("", (), False, None) else f" (default: {_shown(setting.default)})"
    return click.option(
        flag,
        setting.name,
        cls=click.Option if flagged else _Unflagged,
        hidden=not flagged,
        type=None if is_flag else kind,
        is_flag=is_flag,
        multiple=setting.many,
        default=setting.default,
        envvar=setting.environment,
        help=f"{setting.help}{unit}{shown}",
    )


def settings(*groups: str, server: bool = True, but: tuple[str, ...] = ()) -> Callable[[F], F]:
    """Give a command the flags of those groups, ``but`` some; others come from file and environment all the same."""

    def decorate(function: F) -> F:
        for setting in reversed(SETTINGS):
            here = setting.group in groups and (server or not setting.server) and setting.name not in but
            function = _option(setting, flagged=here and not setting.unflagged)(function)
        return function

    return decorate


def leave_no_secrets() -> None:
    """Take what is secret out of the environment, which every program that is started from here on would inherit: the
    embedded model's, a browser, pip."""
    for setting in SETTINGS:
        if setting.secret:
            os.environ.pop(setting.environment, None)


def take(given: dict[str, Any]) -> Settings:
    """The settings out of a command's parameters; the secrets among them are in the environment no longer.

    Raises SettingsError.
    """
    leave_no_secrets()
    taken = {setting.name: given.pop(setting.name) for setting in SETTINGS}
    return placed(Settings(**taken))


def given_flags(*groups: str, but: tuple[str, ...]) -> list[str]:
    """The flags of those groups that were typed for this command, but for some."""
    source = click.get_current_context().get_parameter_source
    settings = [setting for setting in SETTINGS if setting.group in groups and setting.name not in but]
    return [setting.flag for setting in settings if source(setting.name) is click.core.ParameterSource.COMMANDLINE]


def file() -> Path | None:
    """The settings' file: here, else in the user's config folder."""
    candidates = (Path(FILE), config_folder() / FILE)
    return next((path for path in candidates if path.is_file()), None)


def from_file() -> dict[str, Any]:
    """The file's settings by name. Raises SettingsError."""
    path = file()
    if path is None:
        return {}
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}.") from None
    known = {setting.name: setting for setting in SETTINGS}
    for name, value in found.items():
        if name not in known:
            raise SettingsError(f"{path}: there is no setting {name!r}. 'debate config' lists those there are.")
        try:
            known[name].check(value)
        except SettingsError as error:
            raise SettingsError(f"{path}: {error.message}") from None
    return found
