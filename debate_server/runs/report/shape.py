"""What a report is made of."""

from collections.abc import Collection
from dataclasses import dataclass

from debate_server.core.events import Usage
from debate_server.core.run import Run
from debate_server.runs.evaluation.shape import Evaluation
from debate_server.runs.rating.consistency import Consistency
from debate_server.runs.rating.rate import Ratings
from debate_server.runs.result import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A run with its ``id``, when it was ``created`` (ISO 8601), and what came of it. ``results``: of each entry its
    last; they are gone over more than once. ``spent``: what all that was held has cost, markings too. ``ratings``: of a
    tournament; ``judges``: where any was shown the agents in both orders."""

    id: str
    created: str
    run: Run
    evaluation: Evaluation
    results: Collection[Result]
    spent: Usage
    ratings: Ratings | None = None
    judges: tuple[Consistency, ...] = ()
