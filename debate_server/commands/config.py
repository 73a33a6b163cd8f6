"""``debate config``: every setting, its value, and where that came from."""

from pathlib import Path
from typing import Literal

import click
import orjson

from debate_server.settings import GROUPS, SETTINGS, Setting, Settings

Origin = Literal["default", "file", "environment", "flag"]


def tell(settings: Settings, sources: dict[str, Origin], *, file: Path | None, as_json: bool) -> None:
    """Print the settings; secrets are never shown."""
    group = ""
    for setting in SETTINGS:
        value, source = _value(settings, setting), sources[setting.name]
        if as_json:
            click.echo(orjson.dumps({"name": setting.name, "value": value, "source": source}))
            continue
        if setting.group != group:
            group = setting.group
            click.echo(f"{'' if setting is SETTINGS[0] else chr(10)}{GROUPS[group]}")
        where = {"file": str(file), "environment": setting.environment, "flag": setting.flag}.get(source, "default")
        click.echo(f"  {setting.name:<20} {_shown(value, setting):<44} {where}")


def _value(settings: Settings, setting: Setting) -> object:
    value = getattr(settings, setting.name)
    return ("(set)" if value else "") if setting.secret else value


def _shown(value: object, setting: Setting) -> str:
    match value:
        case None:
            return "—"
        case bool():
            return "yes" if value else "no"
        case tuple():
            return ", ".join(value) or "—"
        case float():
            return f"{value:g} {setting.unit}"
        case _:
            return f"{value} {setting.unit}".strip() or "—"
