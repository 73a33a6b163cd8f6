"""Turns that run at the same time, told one after the other: events in, the same events out, each speech in one piece.

Of the turns that are being spoken one passes as it comes; what is said in the others is held back until it is their
turn. So it does not matter how they interleave: they come in the order of their numbers, and nothing is lost.
"""

from debate_server.core.events import AgentEnd, AgentError, AgentStart, Event, Message, Thinking, Token


class Lanes:
    """Call it with the events in the order of the log. What is held back is as long as the speeches are."""

    def __init__(self) -> None:
        self._live: int | None = None
        self._last: int | None = None
        self._groups: dict[int, int | None] = {}
        # By turn; what the audience said stands half a turn after the one that had begun last by then.
        self._held: dict[float, list[Event]] = {}

    def __call__(self, event: Event) -> list[Event]:
        """The events that are due with this one."""
        match event:
            case AgentStart() | Thinking() | Token() | AgentEnd() | AgentError():
                place: float = event.turn
                if isinstance(event, AgentStart):
                    self._groups[event.turn] = event.group
            case Message() if self._live is not None or self._held:
                place = event.turn + 0.5
            case Message():
                return [event]
            case _:
                return [*self._flush(), event]
        if place == self._live:
            return [event, *(self._release() if self._close(event) else ())]
        self._held.setdefault(place, []).append(event)
        return self._release() if self._live is None else []

    def _release(self) -> list[Event]:
        """What was held back and is due by now: whole turns, and then as much as there is of the next one."""
        due: list[Event] = []
        while self._live is None and self._held and self._is_due(first := min(self._held)):
            for event in self._held.pop(first):
                due.append(event)
                if first == int(first) and not self._close(event):
                    self._live = int(first)
        return due

    def _close(self, event: Event) -> bool:
        """Whether the turn that passes is over with this event."""
        if isinstance(event, AgentEnd) or (isinstance(event, AgentError) and not event.retrying):
            self._live, self._last = None, event.turn
            self._groups.pop(event.turn, None)
            return True
        return False

    def _is_due(self, place: float) -> bool:
        """Whether nothing is to come that stands before it. The turns of a group follow one another in number, though
        they may begin in another order."""
        group = self._groups.get(int(place))
        return group is None or place == group or self._last == place - 1

    def _flush(self) -> list[Event]:
        """All that was held back: what comes next is not of these turns."""
        held = [event for place in sorted(self._held) for event in self._held[place]]
        self._live = None
        self._held.clear()
        self._groups.clear()
        return held
