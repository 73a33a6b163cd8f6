"""``debate formats``: which there are, one as its file has it, and what is wrong with a file."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
import orjson

from debate_server.core.errors import FormatError
from debate_server.core.format.shape import Format
from debate_server.formats import File, Formats


def tell(formats: Formats, *, as_json: bool) -> None:
    """Print all formats, a line each, and on stderr what is wrong with those that are left out."""
    for fault in formats.broken().values():
        click.echo(fault.message, err=True)
    told = [(format_, formats.files[name]) for name, format_ in formats.all().items()]
    if as_json:
        for format_, file in told:
            click.echo(orjson.dumps(_fields(format_, file)))
        return
    width = max(len(format_.name) for format_, _ in told)
    click.echo(f"{'format':<{width}}  rounds  seats  about")
    for format_, file in told:
        rounds = f"{format_.default_rounds}{'+' if format_.repeats else ''}"
        where = f" ({file.path})" if file.path else ""
        click.echo(f"{format_.name:<{width}}  {rounds:<6}  {len(format_.agents):<5}  {_first(format_.about)}{where}")


def show(formats: Formats, name: str) -> None:
    """Print a format's file as it is. Raises InvalidRequest, and FormatError where it cannot be read."""
    if name not in formats.files:
        formats.get(name)
    file = formats.files[name]
    if file.fault:
        raise file.fault
    click.echo(file.text, nl=False)


def check(formats: Formats, paths: Iterable[Path], *, as_json: bool) -> int:
    """Print what is wrong with each file; the exit code (0: nothing, 1: something)."""
    code = 0
    for path in paths:
        wrong = ""
        try:
            formats.load(path)
        except FormatError as error:
            wrong, code = error.message, 1
        if as_json:
            click.echo(orjson.dumps({"file": str(path), "ok": not wrong, "wrong": wrong.splitlines()}))
        else:
            click.echo(wrong or f"{path}: ok")
    return code


def _fields(format_: Format, file: File) -> dict[str, Any]:
    return {
        "name": format_.name,
        "title": format_.title,
        "about": " ".join(format_.about.split()),
        "rounds": format_.default_rounds,
        "repeats": format_.repeats,
        "seats": [agent.name for agent in format_.agents],
        "file": str(file.path) if file.path else None,
    }


def _first(about: str) -> str:
    """The first sentence."""
    return re.split(r"(?<=[.!?])\s", " ".join(about.split()), maxsplit=1)[0]
