"""The generated parts of the README: the settings, the events, the commands. Run it to write them anew.

Each part stands between ``<!-- NAME -->`` and ``<!-- /NAME -->``; a test holds the README to what this makes of it.
"""

import re
from dataclasses import fields
from pathlib import Path

import click

from debate_server.cli import cli
from debate_server.core.events import EVENTS
from debate_server.settings import SETTINGS, Setting

README = Path(__file__).parents[1] / "README.md"


def filled(text: str) -> str:
    """The README with its generated parts made anew."""
    for name, part in (("settings", _settings()), ("events", _events()), ("commands", _commands())):
        opening, closing = f"<!-- {name} -->", f"<!-- /{name} -->"
        pattern = re.compile(f"{re.escape(opening)}.*?{re.escape(closing)}", re.DOTALL)
        text, count = pattern.subn(lambda _, part=part, o=opening, c=closing: f"{o}\n{part}\n{c}", text)  # type: ignore[misc]
        assert count == 1, f"the README needs one {opening} … {closing}"
    return text


def _settings() -> str:
    lines = ["| flag | environment | default | |", "|---|---|---|---|"]
    for setting in SETTINGS:
        flag = "" if setting.secret else f"`{setting.flag}`"
        unit = f" ({setting.unit})" if setting.unit else ""
        lines.append(f"| {flag} | `{setting.environment}` | {_default(setting)} | {setting.help}{unit} |")
    return "\n".join(lines)


def _default(setting: Setting) -> str:
    match setting.default:
        case None:
            return ""
        case "" | ():
            return ""
        case bool():
            return "yes" if setting.default else "no"
        case float():
            return f"{setting.default:g}"
        case _:
            return str(setting.default)


def _events() -> str:
    lines = ["| type | fields beside `seq` |", "|---|---|"]
    for event in EVENTS.values():
        names = ", ".join(f"`{field.name}`" for field in fields(event))
        lines.append(f"| `{event.type}` | {names}{'' if event.brief else ', `created`'} |")
    return "\n".join(lines)


def _commands() -> str:
    lines = ["| command | does |", "|---|---|"]
    lines += [f"| `debate {words}` | {command.help} |" for words, command in _walk(cli, "")]
    return "\n".join(lines)


def _walk(group: click.Group, before: str) -> list[tuple[str, click.Command]]:
    found: list[tuple[str, click.Command]] = []
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            if command.invoke_without_command:
                found.append((f"{before}{name}", command))
            found += _walk(command, f"{before}{name} ")
        else:
            arguments = [
                p.make_metavar(click.Context(command)) for p in command.params if isinstance(p, click.Argument)
            ]
            found.append((" ".join([f"{before}{name}", *arguments]), command))
    return found


if __name__ == "__main__":
    README.write_text(filled(README.read_text(encoding="utf-8")), encoding="utf-8")
