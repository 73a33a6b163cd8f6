"""Runs to report on, made up with a seed; their evaluations are filled in by hand, as plausible as need be.

``python -m tests.runs.report.sample FOLDER`` writes them there as HTML, to be looked at.
"""

import sys
from collections.abc import Collection, Sequence
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

from debate_server.core.events import Seat, Usage
from debate_server.core.run import Run
from debate_server.runs.evaluation.shape import Evaluation, Interval, Matched, Pair, RoundScore, Score, Side, Swap
from debate_server.runs.evaluation.statistics import wilson
from debate_server.runs.rating.consistency import Consistency
from debate_server.runs.rating.met import Met
from debate_server.runs.rating.rate import Rated, Rating, Ratings
from debate_server.runs.report.shape import Report
from debate_server.runs.result import Fault, Given, Result, Vote

CREATED = "2026-11-20T09:00:00.000Z"
SEATS = (Seat("Optimist", "for", "m"), Seat("Skeptic", "against", "m"))
ALONE: dict[str, Any] = {"samples": 1.0, "difference": Interval(0.23, 0.05, 0.42), "p": 0.031, "short": 0}
NOBODY = Evaluation((), (), (), (), ())
TIMES = Fault("stalled", "The model said nothing for 300 s. Give it longer with --first-token-timeout.")
TOPICS = (
    "Should cities ban cars from their centres?", "Should schools teach cooking?", "Is a four-day week worth it?",
    "Should museums return what was taken?", "Ought voting to be a duty?", "Should homework be abolished?",
)  # fmt: skip


def result(number: int = 1, **changes: Any) -> Result:
    """A debate that was right, but for what is changed."""
    fields: dict[str, Any] = {
        "run": "r8k2", "entry": f"i{number}/society/1", "item": f"i{number}", "topic": f"What is {number} + {number}?",
        "format": "society", "model": "qwen3:4b", "repeat": 1, "swapped": False, "tags": (), "role": "debate",
        "attempt": 1, "debate": f"d{number:011}", "created": CREATED, "status": "completed", "winner": None,
        "answer": str(2 * number), "read": changes.get("answer", str(2 * number)),
        "confidence": 0.7, "consistent": None, "summary": None, "expected": str(2 * number), "choices": (),
        "scored": "number", "correct": True, "given": (Given("Agent 1", 1, 1, "4", 210, None),), "votes": (),
        "agents": SEATS, "usage": Usage(900, 300, 0.0012), "calls": 6, "seconds": 12.5, "error": None,
    }  # fmt: skip
    return Result(**(fields | changes))


def seats(count: int, model: str = "m") -> tuple[Seat, ...]:
    """So many that are alike."""
    return tuple(Seat(f"Agent {number}", "member", model) for number in range(1, count + 1))


def report(results: Collection[Result], evaluation: Evaluation = NOBODY, **changes: Any) -> Report:
    """What is made of those, of a run that asked for their formats and models."""
    asked: dict[str, Any] = {
        "asked": "a1", "source": "arithmetic.jsonl", "total": len(results), "score": "number", "seed": 7,
        "formats": tuple(dict.fromkeys(one.format for one in results if one.role == "debate")),
        "models": tuple(dict.fromkeys(one.model for one in results)),
    }  # fmt: skip
    ratings, judges = changes.pop("ratings", None), changes.pop("judges", ())
    run = Run(**(asked | changes))
    spent = sum((one.usage for one in results), Usage())
    return Report(
        id="r8k2", created=CREATED, run=run, evaluation=evaluation, results=results, spent=spent, ratings=ratings,
        judges=judges,
    )  # fmt: skip


def scored(format_: str, model: str = "qwen3:4b", right: int = 18, of: int = 30, **changes: Any) -> Score:
    fields: dict[str, Any] = {
        "format": format_, "model": model, "role": "debate", "debates": of, "failed": 0, "scored": of, "right": right,
        "unread": 0, "unmarked": 0, "accuracy": wilson(right, of), "tokens": 1200 * of,
        "cost_usd": 0.0012 * of, "tokens_each": 1200.0, "cost_each": 0.0012,
        "tokens_per_right": 1200 * of / right if right else None,
        "cost_per_right": 0.0012 * of / right if right else None, "rounds": (), "decided": {},
    }  # fmt: skip
    return Score(**(fields | changes))


def beside(format_: str, model: str = "qwen3:4b", baseline: str = "vote", **changes: Any) -> Matched:
    fields: dict[str, Any] = {
        "format": format_, "model": model, "baseline": baseline, "unit": "dollars" if baseline == "vote" else None,
        "same_model": True, "items": 30, "right": 18, "baseline_right": 15,
        "tokens_each": 3900.0, "baseline_tokens_each": 3810.0, "cost_each": 0.0038, "baseline_cost_each": 0.0037,
        "samples": 11.3, "short": 2, "unmarked": 0, "missing": 0, "better": 8, "worse": 5,
        "difference": Interval(0.1, -0.1, 0.3), "p": 0.581,
    }  # fmt: skip
    return Matched(**(fields | changes))


def cheap(score: Score, times: float, role: str) -> Score:
    """The same at another price."""
    each = {"tokens_each": 1200 * times, "cost_each": 0.0012 * times, "tokens": int(1200 * times * score.scored)}
    kept = {name: getattr(score, name) for name in ("debates", "failed", "scored", "accuracy", "rounds")}
    return scored(score.format, score.model, score.right, score.scored, role=role, **(kept | each))


def arithmetic(models: Sequence[str] = ("qwen3:4b", "llama3.2:3b"), items: int = 30, seed: int = 1) -> Report:
    """Society, tit-for-tat, single and a vote on sums, each item by each model, with a few failures."""
    random, results, scores, matched = Random(seed), list[Result](), list[Score](), list[Matched]()
    for at, model in enumerate(models):
        for format_, role, skill, price in (
            ("society", "debate", 0.62, 3.2), ("tit-for-tat", "debate", 0.5, 2.6),
            ("single", "baseline", 0.38, 0.3), ("vote-12", "baseline", 0.55, 3.3),
        ):  # fmt: skip
            held = [
                _sum(random, number, format_, model, role, skill - 0.05 * at, price) for number in range(1, items + 1)
            ]
            results += held
            right = sum(one.correct or False for one in held)
            of = sum(one.correct is not None for one in held)
            score = scored(
                format_,
                model,
                right,
                of,
                failed=items - of,
                rounds=_rounds(random, right, of) if role == "debate" else (),
            )
            scores.append(cheap(score, price, role))
            if role == "debate":
                matched += [beside(format_, model, "single", **ALONE), beside(format_, model)]
    arms = [(score.format, score.model) for score in scores]
    pairs = [
        Pair(first=first, second=second, items=items, first_better=7, second_better=4, p=random.random(),
             difference=Interval(0.1, -0.12, 0.3))
        for number, first in enumerate(arms) for second in arms[number + 1 :]
    ]  # fmt: skip
    return report(results, Evaluation(tuple(scores), tuple(matched), tuple(pairs), (), ()), total=len(results) + 3)


def _sum(random: Random, number: int, format_: str, model: str, role: str, skill: float, price: float) -> Result:
    first, second, third = (random.randrange(10, 31) for _ in range(3))
    answer, failed = first + second * third, random.random() < 0.03
    right = not failed and random.random() < skill
    spent = price * random.uniform(0.7, 1.3)
    return result(
        number, entry=f"i{number}/{format_}/{model}", topic=f"What is {first} + {second} × {third}?", format=format_,
        model=model, role=role, debate=_id(random), expected=str(answer), correct=None if failed else right,
        answer=None if failed else str(answer if right else answer - second), confidence=None,
        status="failed" if failed else "completed", error=TIMES if failed else None,
        agents=seats({"single": 1, "vote-12": 12}.get(format_, 3), model),
        usage=Usage(int(900 * spent), int(300 * spent), 0.0012 * spent),
    )  # fmt: skip


def _id(random: Random) -> str:
    return "".join(random.choices("0123456789abcdefghjkmnpqrstvwxyz", k=12))


def _rounds(random: Random, right: int, of: int) -> tuple[RoundScore, ...]:
    first, second = max(right - 5, 0), max(right - 2, 0)
    return (
        RoundScore(1, of, first, 0, 0), RoundScore(2, of, second, 2, second - first + 2),
        RoundScore(3, of, right, 1, right - second + 1),
    )  # fmt: skip


def opinions(seed: int = 2) -> Report:
    """Topics without right answers, in two formats, with judges."""
    random, results = Random(seed), list[Result]()
    for number, topic in enumerate(TOPICS * 5, 1):
        for format_, sides in (("classic", ("Optimist", "Skeptic")), ("oxford", ("Proposition", "Opposition"))):
            results.append(result(
                number, entry=f"i{number}/{format_}", topic=topic, format=format_, debate=_id(random), answer=None,
                winner=random.choices([*sides, "tie", None], [5, 3, 2, 1])[0], expected=None, scored=None,
                correct=None, confidence=round(random.uniform(0.5, 0.95), 2), consistent=random.random() < 0.8,
                agents=tuple(Seat(name, side, "m") for name, side in zip(sides, ("for", "against"), strict=True)),
                votes=(Vote("Judge", "m", "Verdict", 3, sides, sides[0]),), given=(), usage=Usage(4200, 1500, None),
            ))  # fmt: skip
    return report(results, source="topics.txt", score=None)


MODELS = (
    "qwen3:4b",
    "llama3.2:3b",
    "gemma3:4b",
    "phi-4-mini",
    "mistral-small@http://localhost:8000/v1",
    "smollm2:1.7b",
)


def tournament(models: Sequence[str] = MODELS, seed: int = 3) -> Report:
    """Every pair on a few topics with the sides exchanged; ratings and judges."""
    base, random = opinions(seed), Random(seed)
    swaps = tuple(
        Swap(format=format_, model=model, meetings=20, speaking_for=random.uniform(0.3, 0.75),
             speaking_against=random.uniform(0.25, 0.7), same=random.randrange(6, 16))
        for model in models for format_ in ("classic", "oxford")
    )  # fmt: skip
    sides = tuple(
        Side(format=format_, meetings=60, share=wilson(right, 120), same=27)
        for format_, right in (("classic", 62), ("oxford", 81))
    )
    strong = sorted((random.uniform(800, 1200) for _ in models), reverse=True)
    rated = tuple(
        Rated(model, Rating(at, at - 60, at + 70), "within", 40, 18, 4)
        for model, at in zip(models, strong, strict=True)
    )
    beats = tuple(tuple(1 / (1 + 10 ** ((other - one) / 400)) for other in strong) for one in strong)
    played = tuple(Met(one, other, 8, 4, 3, 1) for one, other in combinations(models, 2))
    ratings = Ratings(rated, beats, played, 8 * len(played), len(TOPICS))
    judges = (Consistency("Judge A", "m", 40, 33, wilson(33, 40)), Consistency("Judge B", "m", 40, 21, wilson(21, 40)))
    evaluation = Evaluation((), (), (), swaps, sides)
    asked = {"kind": "tournament", "source": "topics.txt", "score": None, "swap_sides": True, "models": tuple(models)}
    return report(base.results, evaluation, ratings=ratings, judges=judges, **asked)


def transcripts(told: Report) -> dict[str, str]:
    """What was said, as ``debate report`` puts it in."""
    return {
        one.entry: f"{one.topic}\n{one.format}, {one.model}\n\n— Round 1 —\n\nAgent 1\nLet me think.\n\n"
        f"Answer: 4\n\n— Round 2 —\n\nAgent 1\nI see.\n\nAnswer: {one.answer}\n"
        for one in told.results
    }


if __name__ == "__main__":
    from debate_server.runs.report.page import to_html

    folder = Path(sys.argv[1])
    sums, many_ = arithmetic(), arithmetic([f"organisation/model-{number}-instruct" for number in range(5)])
    for name, text in {
        "arithmetic": to_html(sums, transcripts(sums)),
        "arms": to_html(many_),
        "opinions": to_html(opinions(), address="http://127.0.0.1:8484"),
        "tournament": to_html(tournament(), address="http://127.0.0.1:8484"),
        "failed": to_html(report([result(number, status="failed", correct=None, error=TIMES) for number in range(3)])),
        "empty": to_html(report([])),
    }.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
