"""Whether a format holds together: that its parts refer to what is there, and can be held."""

import string
from collections.abc import Iterable
from itertools import groupby
from typing import Final

from debate_server.core.format.shape import MOST_SEATS, Format, Round
from debate_server.core.judging.counting import TIE

# What a task or a persona may refer to in braces, and a brief task.
PLACEHOLDERS: Final = frozenset({"topic", "words", "others"})
BRIEF_PLACEHOLDERS: Final = frozenset({"topic", "heard"})

# How many of the names that there are is told to who wrote another one.
MOST_KNOWN: Final = 20
# A judge reads labels where names were said: these would be found in speeches where nobody is meant.
_WORDS: Final = frozenset({"yes", "no", TIE})


def findings(format_: Format) -> Iterable[str]:
    """What is wrong, one at a time: the key, and what was expected. What is said of a key presumes that what was said
    of it before is mended."""
    if wrong := [*_agents(format_)]:
        yield from wrong  # the rest refers to them
        return
    yield from _names(format_)
    yield from _crowds(format_)
    for number, round_ in enumerate(format_.rounds):
        yield from (f"rounds[{number}].{finding}" for finding in _round(round_))
        yield from (f"rounds[{number}].{finding}" for finding in _vote(format_, round_))
    yield from _repeats(format_)
    yield from _stop(format_)
    yield from _decision(format_)
    for where, text, known in _templates(format_):
        yield from _unknown(where, text, known)


def _agents(format_: Format) -> Iterable[str]:
    seats = [name for agent in format_.agents for name in agent.names]
    if len(set(seats)) < len(seats) or len({agent.name for agent in format_.agents}) < len(format_.agents):
        yield "agents: two of them have the same name; expected each to have its own"
    if len(seats) > MOST_SEATS:
        yield f"agents: they are {len(seats)} seats; expected at most {MOST_SEATS}"
    if TIE in seats:
        yield f"agents: one is called {TIE!r}, as a vote that nobody wins; expected another name"


def _names(format_: Format) -> Iterable[str]:
    """Names that refer to nothing, or to two rounds."""
    agents = [agent.name for agent in format_.agents]
    rounds = [round_.name for round_ in format_.rounds]
    if len(set(rounds)) < len(rounds):
        yield "rounds: two of them have the same name; expected each to have its own"
    for number, round_ in enumerate(format_.rounds):
        where = f"rounds[{number}]"
        for key, names in (
            ("speakers", round_.speakers), ("voters", round_.voters), ("candidates", round_.candidates)
        ):  # fmt: skip
            yield from _missing(f"{where}.{key}", names or (), agents, "agent")
        yield from _missing(f"{where}.brief", round_.brief, [*(round_.speakers or round_.voters or ())], "speaker")
    seats = list(dict.fromkeys([*agents, *(seat for agent in format_.agents for seat in agent.names)]))
    for number, example in enumerate(format_.examples):
        where = f"examples[{number}].speeches"
        yield from _missing(where, example.speeches, rounds, "round")
        for title, speeches in example.speeches.items():
            yield from _missing(f"{where}.{title}", speeches, seats, "agent")
        yield from _missing(f"examples[{number}].ballots", example.ballots, rounds, "round")
        for title, ballot in example.ballots.items():
            yield from _missing(f"examples[{number}].ballots.{title}.winner", (ballot.winner,), seats, "agent")
    for where, name in _references(format_):
        yield from _missing(where, (name,) if name is not None else (), rounds, "round")


def _missing(where: str, names: Iterable[str], known: list[str], what: str) -> Iterable[str]:
    expected = ", ".join([*known[:MOST_KNOWN], *(["…"] if len(known) > MOST_KNOWN else [])])
    for name in names:
        if name not in known:
            yield f"{where}: {name[:60]!r} is no {what}; expected one of: {expected}"


def _crowds(format_: Format) -> Iterable[str]:
    """Lists that are too long once every seat that ``count`` speaks of is in them."""
    counts = {agent.name: agent.count for agent in format_.agents}
    for number, round_ in enumerate(format_.rounds):
        for key, names in (("speakers", round_.speakers), ("voters", round_.voters)):
            if (seats := sum(counts.get(name, 0) for name in names or ())) > MOST_SEATS:
                yield f"rounds[{number}].{key}: they are {seats} seats; expected at most {MOST_SEATS}"


def _references(format_: Format) -> Iterable[tuple[str, str | None]]:
    if format_.stop is not None:
        yield "stop.round", format_.stop.round
    if (decision := format_.decision) is not None:
        yield "decision.round", decision.round
        yield "decision.before", decision.before
        yield "decision.answer", decision.answer


def _round(round_: Round) -> Iterable[str]:
    if (round_.speakers is None) == (round_.voters is None):
        yield "speakers: expected either speakers or voters"
        return
    if round_.speakers is not None:
        if round_.candidates is not None or round_.ranked:
            yield "candidates: only a round of voters has candidates; expected voters instead of speakers"
        if round_.together and len(set(round_.speakers)) < len(round_.speakers):
            yield "speakers: nobody can speak twice at the same time; expected different agents, or together = false"
        return
    voters, candidates = set(round_.voters or ()), set(round_.candidates or ())
    for key, names in (("voters", round_.voters), ("candidates", round_.candidates)):
        if len(set(names or ())) < len(names or ()):
            yield f"{key}: somebody is in it twice; expected each to be in it once"
    if round_.together:
        yield "together: votes are always cast at the same time; expected it to be left out"
    if round_.sees == "own side":
        yield "sees: a voter has no side; expected one of: everything, last round, nothing"
    if not candidates:
        yield "candidates: expected the agents that are voted on"
    if not round_.ranked and (own := voters & candidates):
        yield f"voters: {min(own)!r} would vote on itself; expected other agents than the candidates"


def _vote(format_: Format, round_: Round) -> Iterable[str]:
    """Whether there is something to choose, and by names that are no words."""
    if not (round_.voters and round_.candidates):
        return
    seats = {agent.name: agent.names for agent in format_.agents}
    candidates = [seat for name in round_.candidates for seat in seats.get(name, ())]
    for voter in round_.voters:
        others = len(candidates) - (voter in round_.candidates)
        if others < 2:
            yield f"candidates: {voter!r} has {others} to choose from besides itself; expected at least 2"
    for name in candidates:
        if len(name) == 1 or name.casefold() in _WORDS:
            yield f"candidates: {name!r} is a word too, and judges read labels for names; expected a longer name"


def _repeats(format_: Format) -> Iterable[str]:
    repeating = [round_ for round_ in format_.rounds if round_.repeat]
    if sum(repeat for repeat, _ in groupby(format_.rounds, lambda round_: round_.repeat)) > 1:
        yield "rounds: those that repeat stand apart; expected them to follow one another"
    if repeating and not any(round_.speakers for round_ in repeating):
        yield "rounds: nobody speaks in those that repeat; expected one with speakers"
    for number, round_ in enumerate(format_.rounds):
        if round_.repeat and not round_.counts:
            yield f"rounds[{number}].counts: a round that repeats counts; expected true"
    if not any(round_.speakers for round_ in format_.rounds):
        yield "rounds: nobody speaks; expected a round with speakers"
    if not format_.repeats and format_.default_rounds != format_.least_rounds:
        yield f"default_rounds: no round repeats; expected {format_.least_rounds}, or a round with repeat = true"
    if format_.default_rounds < format_.least_rounds:
        yield f"default_rounds: expected {format_.least_rounds} or more, one for each round that counts"


def _stop(format_: Format) -> Iterable[str]:
    if (stop := format_.stop) is None:
        return
    if not format_.repeats:
        yield "stop: nothing repeats; expected a round with repeat = true"
    if stop.when == "agreement" and stop.round is not None:
        yield "stop.round: it is the last round that agrees; expected it to be left out"
    judged = format_.round(stop.round)
    if stop.when == "decided" and (judged is None or not judged.voters or judged.ranked or not judged.repeat):
        yield "stop.round: expected a round of voters with repeat = true, not ranked"


def _decision(format_: Format) -> Iterable[str]:
    if (decision := format_.decision) is None:
        return
    names = [round_.name for round_ in format_.rounds]
    round_, before, answer = (format_.round(name) for name in (decision.round, decision.before, decision.answer))
    if decision.by == "chair" and (decision.round is not None or answer is None):
        yield "decision.answer: expected the round in which the chair speaks, and no other"
    if decision.by == "panel" and (round_ is None or not round_.voters or round_.ranked):
        yield "decision.round: expected a round of voters, not ranked"
    if decision.by == "ranking" and (round_ is None or not round_.ranked):
        yield "decision.round: expected a round of voters with ranked = true"
    if decision.by == "vote" and (round_ is None or round_.ranked):
        yield "decision.round: expected a round of speakers, or of voters, not ranked"
    if decision.before is not None:
        if decision.by != "vote":
            yield 'decision.before: only by = "vote" counts a vote before; expected it to be left out'
        elif round_ is None or before is None or not (round_.voters and before.voters) or before.ranked:
            yield "decision.before: expected a round of voters, where the decision's own is one too"
        elif names.index(before.name) >= names.index(round_.name):
            yield "decision.before: it is not before the decision's round; expected an earlier one"
    if decision.by == "vote" and round_ is not None and round_.speakers and answer is not None:
        yield "decision.answer: most of the answers in the decision's round are the answer; expected it to be left out"
    if answer is not None and len(answer.speakers or ()) != 1:
        yield "decision.answer: expected a round of one speaker"


def _templates(format_: Format) -> Iterable[tuple[str, str, frozenset[str]]]:
    """Where a template stands, the template, and what it may refer to."""
    yield "manners", format_.manners, PLACEHOLDERS
    for number, agent in enumerate(format_.agents):
        yield f"agents[{number}].persona", agent.persona, PLACEHOLDERS
        yield f"agents[{number}].brief", agent.brief or "", PLACEHOLDERS
    for number, round_ in enumerate(format_.rounds):
        yield f"rounds[{number}].task", round_.task, PLACEHOLDERS
        for name, text in round_.brief.items():
            yield f"rounds[{number}].brief.{name}", text, BRIEF_PLACEHOLDERS


def _unknown(where: str, text: str, known: frozenset[str]) -> Iterable[str]:
    try:
        fields = [field[1:] for field in string.Formatter().parse(text) if field[1] is not None]
    except ValueError as error:
        yield f"{where}: {error}; expected {{{{ and }}}} for plain braces"
        return
    named = ", ".join(f"{{{name}}}" for name in sorted(known))
    for name, spec, convert in fields:
        if name not in known or spec or convert:  # a width could make a prompt of any length
            shown = f"{name}{f'!{convert}' if convert else ''}{f':{spec}' if spec else ''}"
            yield f"{where}: unknown {{{shown[:60]}}}; expected one of: {named}"
