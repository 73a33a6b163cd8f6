"""``debate doctor``: what is set up, what is not, and the next command to type."""

import platform
from pathlib import Path

import click

from debate_server.core.errors import LogError, LogInUse
from debate_server.log.lock import Lock
from debate_server.log.store import Store
from debate_server.settings import Settings
from debate_server.upstream.upstream import Upstream


async def examine(settings: Settings, program: str) -> int:
    """Print what was found; the exit code (0: a debate can be held, 1: it cannot). ``program`` is how it is typed."""
    click.echo(f"  ok    Python {platform.python_version()} on {platform.system()} {platform.machine()}")
    data_ok, address = _data(Path(settings.data))
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


def _data(folder: Path) -> tuple[bool, str | None]:
    """Whether the data can be used, and where a server that uses it listens."""
    try:
        with Lock(folder):
            store = Store(folder)
            damage = store.damage()
            store.close()
        if damage:
            click.echo(f"  no    {store.path} is damaged: {damage}. Go back to a copy of it (debate backup makes one).")
            return False, None
        click.echo(f"  ok    data in {folder}")
    except LogInUse as error:
        listens = f", which listens on {error.address}" if error.address else ""
        click.echo(f"  ok    data in {folder}, used by a running process{listens}")
        return True, error.address
    except LogError as error:
        click.echo(f"  no    {error.message}")
        return False, None
    return True, None
