"""The load's programs, compiled where they are not (any more)."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from scripts.benchmarks.machine import ROOT

SOURCES: Final = Path(__file__).parent
BUILT: Final = ROOT / ".bench" / "load"
FLAGS: Final = ("-std=gnu11", "-O2", "-Wall", "-Wextra")

# The package that brings a compiler, by the command that installs packages.
_PACKAGES: Final = {
    "apt-get install": "gcc libc6-dev",
    "dnf install": "gcc",
    "pacman -S": "gcc",
    "apk add": "build-base",
}


def program(name: str) -> Path:
    """The program of that name, up to date. Ends the bench where there is no compiler, with what brings one."""
    source, built = SOURCES / f"{name}.c", BUILT / name
    newest = max(path.stat().st_mtime for path in (source, SOURCES / "common.h"))
    if not built.exists() or built.stat().st_mtime < newest:
        BUILT.mkdir(parents=True, exist_ok=True)
        subprocess.run([_compiler(), *FLAGS, "-o", built, source], check=True)
    return built


def _compiler() -> str:
    if sys.platform != "linux":
        sys.exit("The live cases need Linux: their load is made with epoll. The others run everywhere.")
    for name in ("cc", "gcc", "clang"):
        if found := shutil.which(name):
            return found
    known = (f"{command} {package}" for command, package in _PACKAGES.items() if shutil.which(command.split()[0]))
    sys.exit(f"The live cases need a C compiler, and there is no cc. Type: {next(known, 'what installs gcc here')}")
