"""What has come of an entry before: nothing, a debate that is over, or one that is to go on."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from debate_server.core.events import Usage
from debate_server.core.run import Entry
from debate_server.runs.result import FAILED

# A run's debates by the keys of their entries: id, state (the reason, once one is done), what it has cost.
Known = Mapping[str, tuple[str, str, Usage]]


@dataclass(frozen=True, slots=True)
class Found:
    """The attempt at an entry that counts.

    ``debate``: its id, None where it is still to be begun, from ``retries``, the attempt before, if there was one.
    ``over``: nothing is to be waited for; ``paused``: it has to be told to go on. ``spent``: what it has cost, and
    ``before``: what those before it have.
    """

    entry: Entry
    debate: str | None = None
    retries: str | None = None
    over: bool = False
    paused: bool = False
    spent: Usage = field(default_factory=Usage)
    before: Usage = field(default_factory=Usage)

    def after(self) -> "Found":
        """The attempt that is to go on where this one was cut; from the beginning where that was deleted."""
        return Found(self.entry.next, retries=self.debate, before=self.before + self.spent)


def find(entry: Entry, known: Known, *, again: bool) -> Found:
    """The attempt that counts. One that was interrupted goes on as another one; one that failed too, if ``again``."""
    before, last = Usage(), Found(entry)
    while entry.key in known or entry.next.key in known:  # one between them may have been deleted
        if (there := known.get(entry.key)) is not None:
            debate, state, spent = there
            over = state not in ("queued", "running", "paused")
            last = Found(entry, debate, over=over, paused=state == "paused", spent=spent, before=before)
            before += spent
            if state == "interrupted" or (again and state in FAILED):
                last = last.after()
        entry = entry.next
    return last
