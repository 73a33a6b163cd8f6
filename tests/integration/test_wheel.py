"""The wheel, installed into a fresh environment elsewhere, has all that it needs: page, formats, dependencies."""

import os
import subprocess
import sys
from pathlib import Path

from tests.integration.processes import environment

ROOT = Path(__file__).parents[2]
ASK = """
import asyncio, aiohttp, sys
from debate_server.house import opened
from debate_server.settings import Settings
from debate_server.web.app import make_app, serving

async def ask():
    settings = Settings(data=sys.argv[1], port=0, demo=True)
    async with opened(settings) as house:
        async with serving(make_app(settings, house.log, house.upstream, house.runner)) as address:
            async with aiohttp.ClientSession(address) as session:
                for path in ("/", "/static/app.js", "/api/formats"):
                    async with session.get(path) as response:
                        print(response.status, (await response.text())[:2000].replace(chr(10), " "))

asyncio.run(ask())
"""


def run(*words: str | Path, cwd: Path, env: dict[str, str]) -> str:
    done = subprocess.run([str(word) for word in words], cwd=cwd, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_an_installed_wheel_serves_its_page_and_its_formats(tmp_path: Path) -> None:
    env = environment(tmp_path)
    run(sys.executable, "-m", "build", "--outdir", tmp_path / "dist", ROOT, cwd=tmp_path, env=env)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    run(sys.executable, "-m", "venv", tmp_path / "venv", cwd=tmp_path, env=env)
    binaries = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin")
    run(binaries / "python", "-m", "pip", "install", "--quiet", wheel, cwd=tmp_path, env=env)

    page, module, formats = run(binaries / "python", "-c", ASK, tmp_path / "data", cwd=tmp_path, env=env).splitlines()
    assert page.startswith("200 ")
    assert "<!doctype html>" in page.lower()
    assert module.startswith("200 ")
    assert formats.startswith("200 ")
    assert '"name":"classic"' in formats
    assert "serve" in run(binaries / "debate", "--help", cwd=tmp_path, env=env)
