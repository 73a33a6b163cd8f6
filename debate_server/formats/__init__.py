"""The formats that ship: one TOML file each, read from the package."""

from functools import cache
from importlib.resources import files

from debate_server.core.errors import InvalidRequest
from debate_server.core.formats import Format, parse


@cache
def shipped() -> dict[str, Format]:
    """All shipped formats by name, in the order of their names. Raises FormatError."""
    found = {}
    for entry in sorted(files(__name__).iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".toml"):
            format_ = parse(entry.read_text(encoding="utf-8"), entry.name)
            found[format_.name] = format_
    return found


def get(name: str) -> Format:
    """The format of that name. Raises InvalidRequest, naming those there are."""
    formats = shipped()
    if name not in formats:
        known = ", ".join(formats)
        raise InvalidRequest(f"There is no format {name[:60]!r}. Choose one of: {known}.", field="format")
    return formats[name]
