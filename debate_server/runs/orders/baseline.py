"""The baselines: a single answer, and a vote of as many as a debate's tokens buy.

To be worth its cost a debate has to beat the plurality of independent answers for the same money (Wang et al.,
arXiv:2203.11171; Smit et al., arXiv:2311.17371), so a run that is scored holds both on the same items.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import ceil
from typing import Any, Final

from debate_server.core.agenda import agenda
from debate_server.core.format.shape import Format
from debate_server.core.money.forecast import Voice, forecast, total
from debate_server.core.transcript import Transcript
from debate_server.engine.budget import UNKNOWN
from debate_server.formats import Formats
from debate_server.runs.orders.product import Chosen

SINGLE: Final = "single"
VOTE: Final = "vote"
# Fewer decide nothing.
LEAST: Final = 3
# The length of a usual question. The number of samples must not hang on the items, or a run would not be the same
# again when its file is read to the end.
_TOPIC: Final = "x" * 120


def baselines(formats: Formats, chosen: Iterable[Chosen], most: int, rounds: int | None = None) -> list[Chosen]:
    """What is to be held beside those formats, if debates among them come to answers: ``single``, if it is not there
    already, and as many samples as the dearest of them costs, in votes of at most ``most``. ``rounds``: of a debate,
    None for as many as its format has. One that only a server knows is taken to cost as much as such a vote."""
    held = list(chosen)
    debates = [one for one in held if one.answers and one.name not in (SINGLE, VOTE)]
    if not debates:
        return []
    sample = _tokens(formats.of(vote_of(formats, LEAST))) / LEAST
    here = formats.all()
    known = [one.asked for one in debates if isinstance(one.asked, dict) or one.asked in here]
    worth = [ceil(_tokens(formats.of(asked), rounds) / sample) for asked in known]
    samples = max(LEAST, *worth, *[most] * (len(known) < len(debates)))
    times = ceil(samples / most)
    vote = vote_of(formats, ceil(samples / times))
    found = [replace(Chosen.of(formats.of(vote), vote), beside=True, times=times)]
    if SINGLE not in [one.name for one in held]:
        found.append(replace(Chosen.of(formats.get(SINGLE), SINGLE), beside=True))
    return found


def vote_of(formats: Formats, samples: int) -> dict[str, Any]:
    """The format ``vote`` with that many samples, as a start asks for it."""
    keys: Mapping[str, Any] = formats.find(VOTE)
    [seat] = keys["agents"]
    return {**keys, "name": f"{VOTE}-{samples}", "agents": [{**seat, "count": samples}]}


def _tokens(format_: Format, rounds: int | None = None) -> int:
    """What a debate of so many rounds takes at most, read and said."""
    voices: dict[str, Voice] = {agent.name: UNKNOWN for agent in format_.agents}
    items = agenda(format_, format_.default_rounds if rounds is None else max(rounds, format_.least_rounds))
    usage = total(forecast(format_, voices, Transcript(topic=_TOPIC), items)).usage
    return usage.input + usage.output
