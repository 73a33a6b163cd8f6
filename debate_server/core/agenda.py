"""The agenda: the rounds of a format laid out as what is held in one debate, and what of that is next.

It is the same from the first event to the last, so that a debate that is taken up again, or forked, finds its place by
what is in its transcript. What is over before its time is left out, and keeps its number.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from debate_server.core.format.shape import Format, Round, Sight
from debate_server.core.judging.counting import agreed, decided
from debate_server.core.transcript import Transcript


@dataclass(frozen=True, slots=True)
class Turn:
    """One scheduled slot to speak. ``number`` and ``round`` count from 1 over the whole debate.

    ``heard``: the turns before that number may be heard, as far as ``sees`` goes. ``group``: the first of the turns
    that run at the same time, None where it runs alone. ``brief``: the task for a small model, if there is one.
    """

    number: int
    round: int
    agent: str
    title: str
    task: str
    heard: int
    sees: Sight = "everything"
    group: int | None = None
    brief: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """What is held at the same time: turns (often one), or the ballots of a vote.

    ``round``: its number; that of a vote is the number of the round before it. ``part``: 0, and one more each time the
    debate was told to go on. ``lap``: how often the rounds that repeat were begun by then in this part, this time
    included; 0 where it is none of them. ``since``: the number of the round before that lap.
    """

    about: Round
    round: int
    part: int
    lap: int
    since: int
    turns: tuple[Turn, ...] = ()

    @property
    def optional(self) -> bool:
        """Whether it is left out where the debate is over before its time. One lap is held where one was asked for."""
        return self.lap > (1 if self.part else 0)

    def over(self, said: Transcript) -> bool:
        """Whether nothing of it is left to be held."""
        return all(said.settled(turn.number) for turn in self.turns) and not self.missing(said)

    def begun(self, said: Transcript) -> bool:
        """Whether anything of it was held."""
        return any(turn.number in said.attempts for turn in self.turns) or bool(
            self.about.voters and said.cast(self.about.name, self.round)
        )

    def whole(self, said: Transcript) -> bool:
        """Whether every turn of it was spoken to its end, or every ballot can be counted."""
        cast = said.cast(self.about.name, self.round)
        return all(said.is_whole(turn.number) for turn in self.turns) and all(ballot.winner for _, ballot in cast)

    def ballots(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The ballots that are asked for: the voter, and those it votes on, in one order and in the other."""
        for voter in self.about.voters or ():
            order = tuple(name for name in self.about.candidates or () if name != voter)
            yield from ((voter, shown) for shown in dict.fromkeys((order, order[::-1])))

    def missing(self, said: Transcript) -> list[tuple[str, tuple[str, ...]]]:
        """Those of its ballots that were not cast yet."""
        cast = {(ballot.judge, ballot.order) for _, ballot in said.cast(self.about.name, self.round)}
        return [ballot for ballot in self.ballots() if ballot not in cast]


def agenda(format_: Format, rounds: int, more: Sequence[int] = ()) -> tuple[Item, ...]:
    """All that is held in a debate of so many counted rounds, in its order; ``more``: after each of its ends it goes on
    for so many of the rounds that repeat, and ends again.

    Fixed rounds that count come first out of ``rounds``; those that repeat take the rest, down to none.
    """
    items: list[Item] = []
    turn, round_, since, last = 1, 0, 0, (0, 0)
    for about, part, lap in _held(format_, rounds, more):
        if (part, lap) != last:
            since, last = round_, (part, lap)
        round_ += about.speakers is not None
        for item in _items(about, round_, part, lap, since, turn):
            items.append(item)
            turn += len(item.turns)
    return tuple(items)


def _held(format_: Format, rounds: int, more: Sequence[int]) -> Iterator[tuple[Round, int, int]]:
    """Each round that is held, its part and its lap."""
    starts = [number for number, round_ in enumerate(format_.rounds) if round_.repeat] or [len(format_.rounds)]
    before, block = format_.rounds[: starts[0]], format_.rounds[starts[0] : starts[-1] + 1]
    after = format_.rounds[starts[-1] + 1 :]
    yield from ((round_, 0, 0) for round_ in before)
    for part, laps in enumerate((max(0, rounds - format_.fixed_rounds), *more)):
        yield from ((round_, part, lap + 1) for lap in range(laps) for round_ in block)
        yield from ((round_, part, 0) for round_ in after)


def _items(about: Round, round_: int, part: int, lap: int, since: int, first: int) -> Iterator[Item]:
    """What is held of one round, whose first turn has that number."""
    speakers = about.speakers or ()
    together = about.together and len(speakers) > 1
    turns = [
        Turn(
            number, round_, speaker, about.name, about.task, first if together else number, about.sees,
            first if together else None, about.brief.get(speaker),
        )
        for number, speaker in enumerate(speakers, first)
    ]  # fmt: skip
    if about.voters or together:
        yield Item(about, round_, part, lap, since, tuple(turns))
    else:
        yield from (Item(about, round_, part, lap, since, (turn,)) for turn in turns)


def remaining(format_: Format, items: Sequence[Item], said: Transcript) -> list[Item]:
    """What is left to be held, as far as that is known by now: what was passed over stays so, and the rounds that
    repeat are left out from where the format says that they are over."""
    kept = list(_kept(format_, items, said))
    begun = max((index for index, item in enumerate(kept) if item.begun(said)), default=0)
    return [item for item in kept[begun:] if not item.over(said)]


def lost(items: Sequence[Item], said: Transcript) -> tuple[str, str] | None:
    """Why the debate cannot go on, as a code and a message: those of one item all could not speak."""
    for item in items:
        turns = [turn.number for turn in item.turns]
        if turns and all(said.settled(turn) for turn in turns) and not any(said.ended(turn) for turn in turns):
            return said.given_up[turns[0]]
    return None


def passed_over(format_: Format, items: Sequence[Item], said: Transcript) -> bool:
    """Whether something was to be held and was not, since the debate began or was told to go on."""
    last = max((item.part for item in items), default=0)
    return any(not item.begun(said) for item in _kept(format_, items, said) if item.part == last)


def _kept(format_: Format, items: Sequence[Item], said: Transcript) -> Iterator[Item]:
    """All but what is left out because the debate is over before its time."""
    ended = -1
    for item in items:
        if item.optional and (ended == item.part or _is_decided(format_, item, said)):
            ended = item.part
        else:
            yield item


def _is_decided(format_: Format, item: Item, said: Transcript) -> bool:
    """Whether the lap that the item belongs to need not be held any more."""
    if format_.stop is None:
        return False
    if format_.stop.when == "agreement":
        return agreed(speech.content for speech in said.speeches.values() if speech.round == item.since)
    return decided(said, format_.stop.round or "", item.since)
