"""What is not installed with the program itself."""

from importlib import import_module
from typing import Final

from debate_server.core.errors import NotEquipped

_REPORTS: Final = ("choix", "matplotlib", "numpy", "scipy")


def need_reports() -> None:
    """Raises NotEquipped where what reckons and draws reports is not here."""
    try:
        for package in _REPORTS:
            import_module(package)
    except ImportError as error:
        raise NotEquipped(
            f"This needs {error.name or 'a package'}, which is not here. Type: scripts/setup reports (in a checkout), "
            "or pip install 'debate-server[reports]'"
        ) from None
