"""The formats that there are: those that ship, one TOML file each, and a person's own in a folder of theirs."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from debate_server.core.errors import FormatError, InvalidRequest, SettingsError
from debate_server.core.format.file import check, keys, misnamed, parse
from debate_server.core.format.shape import Format

_ENDING: Final = ".toml"
# The longest that ships has a tenth of it.
MOST_BYTES: Final = 131_072


@dataclass(frozen=True, slots=True)
class File:
    """A format's file. ``path`` is None for one that ships; ``fault`` says why there is no ``text``; ``name`` is empty
    for one that is asked for by its path, and need not be called as its format is."""

    name: str
    path: Path | None
    text: str = ""
    fault: FormatError | None = None

    @property
    def source(self) -> str:
        """The file as errors call it."""
        return str(self.path or f"{self.name}{_ENDING}")


class Formats:
    """All formats, their files read once. One of a person's own goes before a shipped one of the same name, and one
    that does not hold together is left out: who asks for it is told why."""

    def __init__(self, folder: str = "") -> None:
        """``folder`` holds the person's own; empty: there are none. Each is parsed when it is first asked for.

        Raises SettingsError where the folder cannot be read.
        """
        self._shipped: Final = _shipped()
        self.files: Final = dict(sorted((self._shipped | (_own(Path(folder)) if folder else {})).items()))
        self._made: dict[str, Format | FormatError] = {}

    def all(self) -> dict[str, Format]:
        """Those that hold together, by name."""
        return {name: made for name in self.files if isinstance(made := self._make(name), Format)}

    def broken(self) -> dict[str, FormatError]:
        """What is wrong with those that do not, by name."""
        return {name: made for name in self.files if isinstance(made := self._make(name), FormatError)}

    def get(self, name: str) -> Format:
        """The format of that name. Raises FormatError, and InvalidRequest, naming those there are."""
        if name not in self.files:
            known = ", ".join(self.all())
            raise InvalidRequest(f"There is no format {name[:60]!r}. Choose one of: {known}.", field="format")
        made = self._make(name)
        if isinstance(made, FormatError):
            raise made
        return made

    def of(self, asked: str | Mapping[str, Any]) -> Format:
        """The format of that name, or the one that these keys describe. Raises FormatError, InvalidRequest."""
        return self.get(asked) if isinstance(asked, str) else check(asked, "format", self.find)

    def asked(self, named: str) -> str | dict[str, Any]:
        """What a start's ``format`` is: a name, or the whole format that is in a file. Raises FormatError."""
        if not (named.endswith(".toml") or "/" in named or "\\" in named):
            return named
        return self.load(Path(named)).model_dump(mode="json", exclude_defaults=True)

    def load(self, path: Path) -> Format:
        """The format in a file that is none of these, but may extend one. Raises FormatError."""
        return self._parse(File("", path, read(path)))

    def find(self, name: str) -> Mapping[str, Any]:
        """The keys of a format, for one that extends it. Raises FormatError."""
        return _find(self.files, name)

    def _make(self, name: str) -> Format | FormatError:
        if name not in self._made:
            file = self.files[name]
            try:
                self._made[name] = file.fault or self._parse(file)
            except FormatError as error:
                self._made[name] = error
        return self._made[name]

    def _parse(self, file: File) -> Format:
        # What ships is the same whatever a person calls theirs.
        format_ = parse(file.text, file.source, self.find if file.path else partial(_find, self._shipped))
        if file.name and format_.name != file.name:
            raise misnamed(file.text, file.source, format_.name, file.name)
        return format_


def _find(among: Mapping[str, File], name: str) -> Mapping[str, Any]:
    if name not in among:
        raise FormatError(f"there is no format {name[:60]!r}; expected one of: {', '.join(among)}.")
    file = among[name]
    if file.fault:
        raise file.fault
    return keys(file.text, file.source)


def read(path: Path) -> str:
    """The text of a format's file. Raises FormatError."""
    try:
        if path.exists() and not path.is_file():
            raise FormatError(f"{path} is no file; expected one in TOML.")
        if path.stat().st_size > MOST_BYTES:
            raise FormatError(f"{path} has {path.stat().st_size} bytes; expected at most {MOST_BYTES}.")
        raw = path.read_bytes()
        return raw.decode()
    except OSError as error:
        raise FormatError(f"{path} cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise FormatError(f"{path}, line {line}: there is a byte that is not UTF-8; expected text in UTF-8.") from None


def _shipped() -> dict[str, File]:
    found = [entry for entry in files(__name__).iterdir() if entry.name.endswith(_ENDING)]
    names = [entry.name.removesuffix(_ENDING) for entry in found]
    return {name: File(name, None, entry.read_text("utf-8")) for name, entry in zip(names, found, strict=True)}


def _own(folder: Path) -> dict[str, File]:
    try:
        found = list(folder.iterdir()) if folder.exists() else []
    except OSError as error:
        raise SettingsError(f"The formats in {folder} cannot be read: {error.strerror or error}.") from None
    return {path.stem: _file(path) for path in found if path.name.endswith(_ENDING)}


def _file(path: Path) -> File:
    try:
        return File(path.stem, path, read(path))
    except FormatError as error:
        return File(path.stem, path, fault=error)
