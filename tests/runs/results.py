"""Results as a run has them, made by hand."""

from collections.abc import Sequence
from typing import Any

from debate_server.core.events import Seat, Usage
from debate_server.runs.result import Given, Result, Vote


def result(item: str = "i", format_: str = "society", model: str = "m", **fields: Any) -> Result:
    """A debate of 100 tokens that came to an end, of an item whose right answer is "yes"."""
    wanted: dict[str, Any] = {
        "run": "r", "entry": f"{item}/{format_}/{model}/{fields.get('repeat', 1)}/{fields.get('swapped', False)}",
        "item": item, "topic": f"About {item}", "format": format_, "model": model, "repeat": 1, "swapped": False,
        "tags": (), "role": "debate", "attempt": 1, "debate": "d", "created": "", "status": "completed", "winner": None,
        "answer": None, "read": fields.get("answer"), "confidence": None, "consistent": None,
        "summary": None, "expected": "yes", "choices": (),
        "scored": "exact", "correct": None, "given": (), "votes": (), "agents": (), "usage": Usage(80, 20, 0.5),
        "calls": 1, "seconds": 1.0, "error": None,
    }  # fmt: skip
    return Result(**(wanted | fields))


def right(item: str, format_: str = "society", *, correct: bool = True, **fields: Any) -> Result:
    """A debate that was scored."""
    return result(item, format_, correct=correct, answer="yes" if correct else "no", **fields)


def rounds(*answers: str) -> tuple[Given, ...]:
    """By round, the answers of the agents, a letter each: y, n, or - for none."""
    words = {"y": "yes", "n": "no", "-": None}
    return tuple(
        Given(f"Agent {place}", place + len(said) * number, number, words[letter], 10, None)
        for number, said in enumerate(answers, 1)
        for place, letter in enumerate(said, 1)
    )


def samples(answers: str, tokens: int = 10, cost: float | None = None) -> tuple[Given, ...]:
    """A vote's answers, each of so many tokens and dollars."""
    words = {"y": "yes", "n": "no", "-": None}
    return tuple(
        Given(f"Sample {place}", place, 1, words[letter], tokens, cost) for place, letter in enumerate(answers, 1)
    )


def met(item: str, models: tuple[str, str], winner: str | None, **fields: Any) -> Result:
    """A debate of one model for the topic and another against it; ``winner``: "Pro", "Con", "tie"."""
    seats = (Seat("Pro", "for", models[0]), Seat("Con", "against", models[1]), Seat("Judge", "judge", "j"))
    wanted: dict[str, Any] = {"agents": seats, "winner": winner, "expected": None, "scored": None}
    return result(item, "judge-only", ",".join(sorted(models)), **(wanted | fields))


def votes(judge: str, named: Sequence[str | None], *, round_: int = 1, model: str = "j") -> tuple[Vote, ...]:
    """A judge's ballots, the first with Pro first and the second the other way round."""
    orders = (("Pro", "Con"), ("Con", "Pro"))
    return tuple(
        Vote(judge, model, "Judgement", round_, order, winner) for order, winner in zip(orders, named, strict=False)
    )
