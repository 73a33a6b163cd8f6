"""What a report's table of debates is made of, small enough to be in the file: columns as JSON, deflated (RFC 1950), as
base64. The page's code unpacks it."""

import zlib
from base64 import b64encode
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import orjson

from debate_server.core.answer.same import same
from debate_server.runs.report.tally import failure_of, outcome_of
from debate_server.runs.report.words import clipped, short_models
from debate_server.runs.result import Result

# Characters of a topic in the table, and of an item's id and an answer: less and less, until there is room for all.
_LENGTHS: Final = (
    (300, 80), (200, 80), (130, 80), (90, 80), (60, 60), (40, 40), (25, 25), (25, 8), (25, 0), (15, 0), (8, 0),
)  # fmt: skip
# So many transcripts are unpacked when one of them is asked for.
TOGETHER: Final = 32


@dataclass(frozen=True, slots=True)
class Rows:
    """The first ``count`` debates, ``packed``. ``is_cut``: with texts as short as it takes to have room for them."""

    packed: str
    count: int
    is_cut: bool


def packed(value: Any) -> str:
    return b64encode(zlib.compress(orjson.dumps(value))).decode()


def rows(results: Collection[Result], transcripts: Mapping[str, str], room: int) -> Rows:
    """The table of them in at most ``room`` bytes: with texts as long as there is room for, and, where there is none
    for the shortest either, of the first of them. A column of words is ``of``, what there is in it, and ``at``, which
    of that each row has; ``told``: which transcript is the row's, -1 for none."""
    made = packed(_columns(results, transcripts, _LENGTHS[0]))
    if len(made) <= room:
        return Rows(made, len(results), is_cut=False)

    def fits(lengths: tuple[int, int]) -> bool:
        return len(packed(_columns(results, transcripts, lengths))) <= room

    at, count = bisect_left(_LENGTHS, True, lo=1, key=fits), len(results)
    lengths = _LENGTHS[min(at, len(_LENGTHS) - 1)]
    made = packed(_columns(results, transcripts, lengths))
    while count and len(made) > room:
        count = max(0, count * room // len(made))
        made = packed(_columns(list(islice(results, count)), transcripts, lengths))
    return Rows(made, count, is_cut=True)


def lots(results: Iterable[Result], transcripts: Mapping[str, str]) -> Iterator[list[str]]:
    """The transcripts that there are of them, in their order, so many together."""
    entries = [result.entry for result in results if result.entry in transcripts]
    for at in range(0, len(entries), TOGETHER):
        yield [transcripts[entry] for entry in entries[at : at + TOGETHER]]


def _columns(results: Collection[Result], transcripts: Mapping[str, str], lengths: tuple[int, int]) -> dict[str, Any]:
    models = short_models(dict.fromkeys(result.model for result in results))
    words: dict[str, list[str]] = {
        name: [] for name in ("item", "topic", "format", "model", "which", "outcome", "said")
    }
    columns: dict[str, list[Any]] = {name: [] for name in ("debate", "tokens", "cost", "told")}
    told = 0
    for result in results:
        for name, text in zip(words, _words(result, *lengths, models[result.model]), strict=True):
            words[name].append(text)
        columns["debate"].append(result.debate)
        columns["tokens"].append(result.usage.input + result.usage.output)
        columns["cost"].append(result.usage.cost_usd and float(f"{result.usage.cost_usd:.4g}"))
        columns["told"].append(told if result.entry in transcripts else -1)
        told += result.entry in transcripts
    return {name: _column(column) for name, column in words.items()} | columns


def _words(result: Result, longest: int, answer: int, model: str) -> Iterator[str]:
    yield clipped(result.item, answer)
    yield clipped(result.topic, longest)
    yield result.format
    yield model
    yield ", ".join(
        ["sides exchanged"] * result.swapped
        + [f"repeat {result.repeat}"] * (result.repeat > 1)
        + [f"attempt {result.attempt}"] * (result.attempt > 1)
        + [result.role] * (result.role != "debate")
    )
    yield outcome_of(result)
    yield clipped(_why(result), longest) if result.failed else _said(result, answer) if answer else ""


def _why(result: Result) -> str:
    failure = failure_of(result)
    return f"{failure.code}: {failure.message}"


def _said(result: Result, longest: int) -> str:
    """What its outcome rests on."""
    answer = clipped(result.answer, longest) if result.answer else ""
    if result.expected is not None:
        return f"{_given(result, longest)}, expected {clipped(result.expected, longest)}"
    sure = f"confidence {result.confidence:.0%}" if result.confidence is not None else ""
    return ", ".join(filter(None, (answer, sure)))


def _given(result: Result, longest: int) -> str:
    """The answer with what was read in it, where that is not plain to see."""
    if not result.answer:
        return "none"
    answer, read_ = clipped(result.answer, longest), clipped(result.read or "", longest)
    if result.scored is None or result.scored == "judge" or same(read_) == same(answer):
        return answer
    return f"{answer} (read as {read_})" if read_ else f"{answer} (nothing to be read in it)"


def _column(column: list[str]) -> dict[str, list[Any]]:
    of = {text: number for number, text in enumerate(dict.fromkeys(column))}
    return {"of": list(of), "at": [of[text] for text in column]}
