"""What a report's table of debates is made of, small enough to be in the file: columns as JSON, deflated (RFC 1950), as
base64. The page's code unpacks it."""

import zlib
from base64 import b64encode
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

import orjson

from debate_server.core.answer.same import same
from debate_server.runs.report.tally import failure_of, outcome_of
from debate_server.runs.report.words import clipped, short_models
from debate_server.runs.result import Result

# Characters of all topics in the table together, and of one of them.
_TOPICS: Final = 900_000
_LONGEST: Final = 300
_SHORTEST: Final = 40
_ANSWER: Final = 80
# So many transcripts are unpacked when one of them is asked for.
TOGETHER: Final = 32


def packed(value: Any) -> str:
    return b64encode(zlib.compress(orjson.dumps(value), 9)).decode()


def rows(results: Collection[Result], transcripts: Mapping[str, str]) -> tuple[dict[str, Any], list[list[str]]]:
    """The columns of the table, and the transcripts that there are, in lots. A column of words is ``of``, what there is
    in it, and ``at``, which of that each row has; ``told``: which transcript is the row's, -1 for none."""
    longest = max(_SHORTEST, min(_LONGEST, _TOPICS // max(len(results), 1)))
    models = short_models(dict.fromkeys(result.model for result in results))
    words: dict[str, list[str]] = {
        name: [] for name in ("item", "topic", "format", "model", "which", "outcome", "said")
    }
    columns: dict[str, list[Any]] = {name: [] for name in ("debate", "tokens", "cost", "told")}
    texts: list[str] = []
    for result in results:
        for name, text in zip(words, _words(result, longest, models[result.model]), strict=True):
            words[name].append(text)
        columns["debate"].append(result.debate)
        columns["tokens"].append(result.usage.input + result.usage.output)
        columns["cost"].append(result.usage.cost_usd and float(f"{result.usage.cost_usd:.4g}"))
        text_ = transcripts.get(result.entry)
        columns["told"].append(-1 if text_ is None else len(texts))
        texts += [] if text_ is None else [text_]
    lots = [texts[at : at + TOGETHER] for at in range(0, len(texts), TOGETHER)]
    return {name: _column(column) for name, column in words.items()} | columns, lots


def _words(result: Result, longest: int, model: str) -> Iterator[str]:
    yield clipped(result.item, _ANSWER)
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
    yield _said(result)


def _said(result: Result) -> str:
    """What its outcome rests on."""
    if result.failed:
        failure = failure_of(result)
        return f"{failure.code}: {failure.message}"
    answer = clipped(result.answer, _ANSWER) if result.answer else ""
    if result.expected is not None:
        return f"{_given(result)}, expected {clipped(result.expected, _ANSWER)}"
    sure = f"confidence {result.confidence:.0%}" if result.confidence is not None else ""
    return ", ".join(filter(None, (answer, sure)))


def _given(result: Result) -> str:
    """The answer with what was read in it, where that is not plain to see."""
    if not result.answer:
        return "none"
    answer, read_ = clipped(result.answer, _ANSWER), clipped(result.read or "", _ANSWER)
    if result.scored is None or result.scored == "judge" or same(read_) == same(answer):
        return answer
    return f"{answer} (read as {read_})" if read_ else f"{answer} (nothing to be read in it)"


def _column(column: list[str]) -> dict[str, list[Any]]:
    of = {text: number for number, text in enumerate(dict.fromkeys(column))}
    return {"of": list(of), "at": [of[text] for text in column]}
