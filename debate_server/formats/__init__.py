"""The formats that ship, one TOML file each, read from the package."""

from functools import cache
from importlib.resources import files
from typing import Any

from debate_server.core.errors import FormatError, InvalidRequest
from debate_server.core.format_file import keys, parse
from debate_server.core.formats import Format


@cache
def texts() -> dict[str, str]:
    """The files of all shipped formats by their names, in that order."""
    found = [entry for entry in files(__name__).iterdir() if entry.name.endswith(".toml")]
    return {entry.name.removesuffix(".toml"): entry.read_text("utf-8") for entry in sorted(found, key=lambda e: e.name)}


@cache
def shipped() -> dict[str, Format]:
    """All shipped formats by name. Raises FormatError."""
    return {name: parse(text, f"{name}.toml", base) for name, text in texts().items()}


def base(name: str) -> dict[str, Any]:
    """The keys of a shipped format, for one that extends it. Raises FormatError."""
    if name not in texts():
        raise FormatError(f"There is no format {name[:60]!r} to extend. Choose one of: {', '.join(texts())}.")
    return keys(texts()[name], f"{name}.toml")


def get(name: str) -> Format:
    """The format of that name. Raises InvalidRequest, naming those there are."""
    formats = shipped()
    if name not in formats:
        known = ", ".join(formats)
        raise InvalidRequest(f"There is no format {name[:60]!r}. Choose one of: {known}.", field="format")
    return formats[name]
