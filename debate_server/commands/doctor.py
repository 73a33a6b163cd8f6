"""``debate doctor``: what is set up, what is not, and the next command to type."""

import platform
from pathlib import Path
from typing import Final

import aiohttp
import click

from debate_server.core.errors import LogError, LogInUse
from debate_server.log.lock import Lock
from debate_server.log.store import Store
from debate_server.settings import Settings
from debate_server.upstream.upstream import Upstream

# Seconds that a server on this machine has to say how it is.
HEALTH_TIMEOUT: Final = 5.0


async def examine(settings: Settings, program: str) -> int:
    """Print what was found; the exit code (0: a debate can be held, 1: it cannot). ``program`` is how it is typed."""
    click.echo(f"  ok    Python {platform.python_version()} on {platform.system()} {platform.machine()}")
    data_ok, address, token = _data(Path(settings.data))
    if address and (trouble := await _trouble(address, token)):
        click.echo(f"  no    {address}: {trouble}")
        data_ok = False
    async with Upstream(settings) as upstream:
        listing = await upstream.listing()
    for listed in listing.endpoints:
        where = listed.endpoint.base_url or "in this program"
        if listed.reason:
            click.echo(f"  no    {listed.endpoint.name}, {where}: {listed.reason}")
        else:
            names = [model.name for model in listed.models]
            more = f" and {len(names) - 5} more" if len(names) > 5 else ""
            click.echo(f"  ok    {listed.endpoint.name}, {where}: {', '.join(names[:5])}{more}")
    if listing.default is None:
        click.echo(f"\nNo model to use: {listing.why}")
    else:
        click.echo(f"\nModel: {listing.why}")
    if data_ok and listing.default is not None:
        page = f"open {address}" if address else f"{program} serve --open"
        click.echo(f'Next:  {program} run "Should cities ban cars?"   or   {page}')
        return 0
    return 1


async def _trouble(address: str, token: str) -> str:
    """Why a server that runs cannot start debates; empty where it can."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(HEALTH_TIMEOUT), headers=headers) as session,
            session.get(f"{address}/healthz") as response,
        ):
            told = await response.json()
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        return f"it does not answer as it should ({error or type(error).__name__}). End it and start it again."
    return str(told.get("reason") or "")


def _data(folder: Path) -> tuple[bool, str | None, str]:
    """Whether the data can be used, and where a server that uses it listens, with the token that it asks for."""
    try:
        with Lock(folder):
            store = Store(folder)
            damage = store.damage()
            store.close()
        if damage:
            click.echo(f"  no    {store.path} is damaged: {damage}. Go back to a copy of it (debate backup makes one).")
            return False, None, ""
        click.echo(f"  ok    data in {folder}")
    except LogInUse as error:
        listens = f", which listens on {error.address}" if error.address else ""
        click.echo(f"  ok    data in {folder}, used by a running process{listens}")
        return True, error.address, error.token
    except LogError as error:
        click.echo(f"  no    {error.message}")
        return False, None, ""
    return True, None, ""
