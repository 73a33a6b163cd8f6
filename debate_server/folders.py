"""Where a person's own data and formats are, where nobody says otherwise."""

from dataclasses import replace
from pathlib import Path
from typing import Final

from debate_server.core.errors import SettingsError
from debate_server.settings import Settings

PROGRAM: Final = "debate-server"


def placed(settings: Settings) -> Settings:
    """The settings with their folders named. Raises SettingsError for formats in a folder that is not there."""
    if settings.formats and not Path(settings.formats).is_dir():
        raise SettingsError(f"formats is {settings.formats!r}; it must be a folder that is there.")
    formats = settings.formats or str(config_folder() / "formats")
    return replace(settings, data=settings.data or _data_folder(), formats=formats)


def config_folder() -> Path:
    from platformdirs import user_config_dir

    return Path(user_config_dir(PROGRAM, appauthor=False))


def _data_folder() -> str:
    from platformdirs import user_data_dir

    return user_data_dir(PROGRAM, appauthor=False)
