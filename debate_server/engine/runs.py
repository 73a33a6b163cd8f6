"""Runs as the log has them: opened once, their debates begun once, and how far they are."""

from collections.abc import Iterator, Mapping, Sequence

from debate_server.core.errors import InvalidRequest
from debate_server.core.events import Usage
from debate_server.core.run import Begin, Entry, Run, State
from debate_server.engine.runner import Runner
from debate_server.log.log import Log
from debate_server.log.naming import new_id
from debate_server.log.rows import Key, Member, RunRow

# Where the keys of runs count.
_SCOPE = "runs"


class Runs:
    """All runs in a log, whose debates a runner holds."""

    def __init__(self, log: Log, runner: Runner) -> None:
        self._log = log
        self._runner = runner

    async def open(self, run: Run) -> State:
        """The run that is asked for: a new one, or the one that there is, whose budget and total are what they are now.
        Raises InvalidRequest where its debates would have another model by now, and LogUnavailable."""
        key, asked = Key(_SCOPE, run.asked, ""), run.model_dump_json().encode()
        if (made := self._log.made_under(key)) is None:
            made = new_id()
            self._log.open_run(made, asked, key)
        elif (found := self._log.run(made)).asked != asked:
            _check_models(Run.model_validate_json(found.asked).addresses, run.addresses)
            self._log.ask_anew(found, asked)
        await self._log.commit()
        return self.look(made)

    async def begin(self, run: str, begin: Begin) -> str:
        """Begin a debate of a run, detached; its id. The same entry and attempt are the same debate. Raises UnknownRun,
        InvalidRequest, and as ``Runner.start`` and ``Runner.retry``."""
        self._log.run(run)
        of = Member(run, begin.entry.key, begin.entry.model_dump_json().encode(), begin.entry.role != "marking")
        if begin.retries is None:
            return await self._runner.start(begin.start, detached=True, of=of)
        if not self._has(run, begin.entry, begin.retries):
            raise InvalidRequest("What is retried is no debate of this entry.", field="retries")
        return await self._runner.retry(begin.retries, detached=True, of=of)

    def _has(self, run: str, entry: Entry, debate: str) -> bool:
        """Whether a debate is one that was held for that entry."""
        row = self._log.row(debate) if self._log.has(debate) else None
        return row is not None and row.run == run and row.entry_name == entry.name

    def look(self, run: str) -> State:
        """How far it is. Raises UnknownRun."""
        return self._state(self._log.run(run))

    def all(self, limit: int, before: str | None = None) -> Sequence[State]:
        """Newest first; ``before`` names the one after which to go on. Raises UnknownRun."""
        return [self._state(row) for row in self._log.runs(limit, before)]

    def held(self, run: str) -> Iterator[tuple[str, str, str, Usage]]:
        """Of each of its debates, oldest first: its entry's key, its id, its state, what it has cost. Raises
        UnknownRun."""
        self._log.run(run)
        return self._log.held(run)

    def _state(self, row: RunRow) -> State:
        return state_of(row, list(self._log.tally(row.id)))


def _check_models(before: Mapping[str, str], now: Mapping[str, str]) -> None:
    for name, address in before.items():
        if (other := now.get(name, address)) != address:
            asked = f"what is called {name}" if name else "what is taken where no model is named"
            raise InvalidRequest(
                f"This run was begun with {address}, and {asked} is another by now: {other}. To go on, have it be that "
                f"again; for a run with the new one, name it whole (--model {other}).",
                field="addresses",
            )


def state_of(row: RunRow, counted: Sequence[tuple[str, int, Usage]]) -> State:
    """How far a run is, from what is counted of its debates by state."""
    spent = sum((usage for _, _, usage in counted), Usage())
    debates = {state: count for state, count, _ in counted if count}
    return State(row.id, row.created, Run.model_validate_json(row.asked), debates, spent)
