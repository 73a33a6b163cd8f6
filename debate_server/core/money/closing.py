"""What of a debate has to be held in any case, so that it is decided though it ends before its time."""

from collections.abc import Sequence

from debate_server.core.agenda import Item
from debate_server.core.format.shape import Format
from debate_server.core.transcript import Transcript


def closing(format_: Format, left: Sequence[Item], said: Transcript) -> list[Item]:
    """Of what is left, the votes and the speech that the decision rests on, each once. A vote on nothing new is none of
    them."""
    decision = format_.decision
    if decision is None:
        return []
    titles = [title for title in (decision.before, decision.round, decision.answer) if title is not None]
    last = max((speech.round for speech in said.speeches.values()), default=0)
    first: dict[str, Item] = {}
    for item in left:
        title = item.about.name
        is_new = item.round == last or not said.cast(title, last)
        if title == decision.answer or (title in titles and item.about.voters and is_new):
            first.setdefault(title, item)
    return list(first.values())
