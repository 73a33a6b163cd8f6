"""``debate batch`` and ``tournament``: many debates, held here or at a server, their results told as they come."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Sequence
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import click
from yarl import URL

from debate_server.commands.progress import told
from debate_server.commands.serve import on_signals
from debate_server.commands.server import ServerGone, ServerRefused, asking, check_flags, session_at
from debate_server.commands.terminal import hush
from debate_server.commands.there import There
from debate_server.core.errors import DebateError, LogInUse, SettingsError
from debate_server.core.telling.words import listed, many
from debate_server.house import opened
from debate_server.log.lock import Lock
from debate_server.runs.holding.hold import Holding, Standing
from debate_server.runs.holding.output import Output
from debate_server.runs.holding.venue import Here, Venue
from debate_server.runs.items.source import Source
from debate_server.runs.orders.bill import Bill, Part, check
from debate_server.runs.orders.order import Make, Order
from debate_server.settings import Settings
from debate_server.web.app import make_app, serving

# Exit codes: all is done; some failed, or are left; a person pressed Ctrl-C.
DONE: Final = 0
PARTLY: Final = 4
INTERRUPTED: Final = 130
# Seconds until a server that went away is looked for again, and how often with nothing done in between.
SEARCH_PAUSE: Final = 2.0
MOST_SEARCHES: Final = 30
# Seconds in which a server says nothing at all, not even that it has nothing to say, before it is taken for gone.
SILENCE: Final = 120.0
# So many of those that failed are named.
MOST_NAMED: Final = 10


class OtherData(DebateError):
    """The server that went away came back without the run."""

    code = "other_data"


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How a run is held: ``at_once`` so many debates; ``out``: where results go, None for stdout; ``server``: its
    address, empty for whoever holds the data; ``again``: what failed is held again; ``dry_run``: nothing is held;
    ``flags``: those that were typed and that only this process would follow, not a server."""

    at_once: int
    out: Path | None
    server: str
    again: bool
    dry_run: bool
    flags: Sequence[str] = ()


async def batch(settings: Settings, make: Make, how: How) -> int:
    """Hold the run; the exit code. Raises DebateError where it cannot be held, and then nothing was spent."""
    task = asyncio.current_task()
    assert task is not None
    on_signals(task.cancel)
    with closing(Batch(make, how)) as batch_:
        try:
            return await _search(settings, batch_, how)
        except asyncio.CancelledError:
            if batch_.standing is not None:
                _tell_end(batch_.standing, batch_.run)
            return INTERRUPTED


async def _search(settings: Settings, batch_: "Batch", how: How) -> int:
    """Hold it wherever that can be done, again where a server goes away and comes back."""
    searches, done = 0, -1
    while True:
        try:
            async with _venue(settings, how, at_server=batch_.at_server) as (venue, address, token):
                return await batch_.hold(venue, address, token)
        except DebateError as error:
            if batch_.standing is None:
                if isinstance(error, ServerGone | ServerRefused):
                    raise SettingsError(f"{error.message} Look at --server and --data.") from None
                raise
            if not isinstance(error, ServerGone | ServerRefused | LogInUse):
                click.echo(error.message, err=True)
                _tell_end(batch_.standing, batch_.run)
                return PARTLY
            searches, done = (searches + 1 if batch_.standing.done == done else 1), batch_.standing.done
            if searches > MOST_SEARCHES:
                _tell_end(batch_.standing, batch_.run)
                return PARTLY
            if searches == 1:
                click.echo(f"{error.message} It is looked for again.", err=True)
                click.echo("That is for a minute. Start it, or end this (Ctrl-C): the same command goes on.", err=True)
            await asyncio.sleep(SEARCH_PAUSE)


class Batch:
    """A run that is held, at one venue after the other where one goes away. Once it has begun, ``run`` is its id and
    ``standing`` how far it is; ``at_server``: it was held at one last."""

    def __init__(self, make: Make, how: How) -> None:
        self.run = ""
        self.standing: Standing | None = None
        self.at_server = False
        self._make = make
        self._how = how
        self._output: Output | None = None

    def close(self) -> None:
        """Let go of where the results go."""
        if self._output is not None:
            self._output.close()

    async def hold(self, venue: Venue, address: str, token: str = "") -> int:
        """Hold it there; the exit code. Raises DebateError where it cannot be held, and ServerGone."""
        order = await self._make(venue)
        bill = await check(order, venue)
        if self.standing is None:
            _tell_bad(order.items)
            _tell_warnings(order, bill)
        if self._how.dry_run:
            _tell_bill(bill)
            return DONE
        state = await venue.open(bill.run(order))
        if self.run not in ("", state.id):
            raise OtherData(f"What is at {address} now knows nothing of this run: its data are others.")
        if self._output is None:
            self._output = Output(self._how.out, state.id, again=self._how.again, only=await _names(order))
        page = f"{address}/runs/{state.id}{f'?token={token}' if token else ''}"
        click.echo(f"{many(bill.whole.debates, 'debate')}. Watch at {page}", err=True)
        holding = Holding(
            venue, state, self._output, at_once=self._how.at_once, again=self._how.again, marking=order.marking
        )
        self.run, self.standing, self.at_server = state.id, holding.standing, isinstance(venue, There) and venue.lasting
        code = await self._hold(holding, lambda: holding.hold(order.planned, bill.groups), venue)
        _tell_end(holding.standing, state.id)
        return code

    async def _hold(self, holding: Holding, work: Callable[[], Coroutine[Any, Any, None]], venue: Venue) -> int:
        """Hold it, and leave what is underway where something ends it. Raises ServerGone, ServerRefused."""
        task = asyncio.create_task(work(), name=f"run-{self.run}")
        try:
            async with told(holding.standing, lambda: venue.tokens):
                await asyncio.shield(task)
        except asyncio.CancelledError:
            click.echo(venue.leaving, err=True)
            with suppress(DebateError):  # the log may be lost too
                await holding.leave()
                await asyncio.wait([task])
            raise
        except BrokenPipeError:
            hush()
            await venue.leave(holding.underway)
        except (ServerGone, ServerRefused):
            raise
        except DebateError as error:
            click.echo(f"{error.message} {venue.leaving}", err=True)
            with suppress(DebateError):  # the log may be what is lost
                await venue.leave(holding.underway)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        return PARTLY if holding.standing.failures or holding.standing.left else DONE


@asynccontextmanager
async def _venue(settings: Settings, how: How, *, at_server: bool) -> AsyncIterator[tuple[Venue, str, str]]:
    """Where the run is held, its address, and the token that it asks for. One that was held ``at_server`` is not held
    here, where the settings are others and the server would find its data taken. Raises DebateError."""
    if how.server:
        address = _origin(how.server)
        check_flags(how.flags, address)
        async with session_at(address, settings.token, silence=SILENCE) as session:
            yield There(session), address, settings.token
        return
    try:
        async with _nowhere(settings) if at_server else _here(settings, how) as (venue, address):
            yield venue, address, settings.token
    except LogInUse as holder:
        if holder.address is not None:
            check_flags(how.flags, holder.address)
        async with asking(holder, silence=SILENCE) as session:
            yield There(session, lasting=holder.lasting), str(holder.address), holder.token


@asynccontextmanager
async def _nowhere(settings: Settings) -> AsyncIterator[tuple[Venue, str]]:
    """Raises ServerGone where nobody holds the data, and LogInUse."""
    with Lock(Path(settings.data)):
        raise ServerGone("The server was ended.")
    yield  # type: ignore[unreachable]  # which makes it a generator


def _origin(server: str) -> str:
    """The address of a server as a session takes it. Raises SettingsError."""
    with suppress(ValueError):
        url = URL(server)
        if url.scheme in ("http", "https") and url.path == "/":
            return str(url.origin())
    raise SettingsError(f"--server takes an address such as http://127.0.0.1:8080, not {server[:100]!r}.")


@asynccontextmanager
async def _here(settings: Settings, how: How) -> AsyncIterator[tuple[Venue, str]]:
    """This process, which serves the page too, on this machine and any free port, for as long as it holds the run."""
    most = max(settings.max_running, how.at_once)
    settings = replace(settings, host="127.0.0.1", port=0, max_running=most)
    async with (
        opened(settings) as house,
        serving(make_app(settings, house.log, house.upstream, house.runner)) as address,
    ):
        house.lock.listening(address, settings.token, lasting=False)
        venue = Here(house.log, house.upstream, house.runner)
        try:
            yield venue, address
        finally:  # what others have held here meanwhile goes on with them, when what is being said is said
            house.runner.close()
            if others := house.runner.underway:
                click.echo("What is still being said here is said first; its debates can go on elsewhere.", err=True)
                with suppress(DebateError):  # the log may be lost
                    await venue.leave(others)


async def _names(order: Order) -> Collection[str] | None:
    """The entries that are asked for, where that is a part of the run; None for all of it."""
    if order.items.limit is None:
        return None
    return await asyncio.to_thread(lambda: {one.entry.name for one in order.planned()})


def _tell_bad(items: Source) -> None:
    """Which lines are left out, on stderr."""
    for bad in items.bad:
        click.echo(bad.message, err=True)
    if items.skipped:
        click.echo(f"Left out: {many(items.skipped, 'bad line')}.", err=True)


def _tell_warnings(order: Order, bill: Bill) -> None:
    if order.warning:
        click.echo(order.warning, err=True)
    if bill.unscored:
        click.echo(f"No answers come of {listed(bill.unscored)}, only winners: none of that is scored.", err=True)


def _tell_bill(bill: Bill) -> None:
    named = {"debate": "", "baseline": ", beside them", "marking": ", of answers"}
    in_order = sorted(bill.parts.items(), key=lambda part: list(named).index(part[0][0]))
    parts = {f"{format_}{named[role]}": part for (role, format_), part in in_order}
    if len(parts) > 1:
        parts["all of it"] = bill.whole
    rows = [("", "debates", "calls", "tokens", "cost"), *(_row(name, part) for name, part in parts.items())]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for name, *numbers in rows:
        cells = [number.rjust(width) for number, width in zip(numbers, widths[1:], strict=True)]
        click.echo("  ".join((name.ljust(widths[0]), *cells)))


def _row(name: str, part: Part) -> tuple[str, ...]:
    least, most = part.least.usage, part.most.usage
    tokens = _between(f"{least.input + least.output:,}", f"{most.input + most.output:,}")
    cost = _between(_dollars(least.cost_usd), _dollars(most.cost_usd))
    return name, f"{part.debates:,}", _between(f"{part.least.calls:,}", f"{part.most.calls:,}"), tokens, cost


def _between(least: str, most: str) -> str:
    return most if least == most else f"{least} – {most}"


def _tell_end(standing: Standing, run: str) -> None:
    """What came of it, on stderr."""
    for trouble in standing.troubles.values():
        click.echo(trouble, err=True)
    failed = len(standing.failures)
    click.echo(f"{standing.done - failed} of {many(standing.total, 'debate')} held.{_left(standing)}", err=True)
    for why in list(dict.fromkeys(standing.failures.values()))[:MOST_NAMED]:
        names = [name for name, cause in standing.failures.items() if cause == why]
        named = ", ".join(names[:MOST_NAMED]) + (" and others" if len(names) > MOST_NAMED else "")
        click.echo(f"{len(names)} failed: {named}. {why}", err=True)
    if failed:
        click.echo("--retry-failed holds what failed again.", err=True)
    if standing.done:
        click.echo(f"What they show: debate report {run}", err=True)


def _left(standing: Standing) -> str:
    return f" {standing.left:,} left; the same command goes on." if standing.left else ""


def _dollars(amount: float | None) -> str:
    return "unknown" if amount is None else f"${amount:,.4f}" if amount else "free"
