"""The outcome: what of a transcript is in its result."""

from debate_server.core.agenda import agenda
from debate_server.core.events import Ballot, Usage, Verdict
from debate_server.core.judging.decide import verdict
from debate_server.core.run import Entry
from debate_server.core.transcript import Speech, Transcript
from debate_server.formats import Formats
from debate_server.runs.outcome import outcome
from debate_server.runs.result import Given, Result

ORDERS = (("Optimist", "Skeptic"), ("Skeptic", "Optimist"))
ENTRY = Entry(name="1/judge-only", item="1", format="judge-only")


def of(said: Transcript, entry: Entry = ENTRY) -> Result:
    return outcome("r", entry, said, "", Usage(), marked=None)


def judged(*named: str | None) -> Result:
    """A debate whose judge named those, in one order and in the other."""
    format_ = Formats("").get("judge-only")
    [vote] = [round_.name for round_ in format_.rounds if round_.voters]
    ballots = [
        (seq, Ballot("Judge", "m", vote, 2, order, winner, None, "", (), Usage()))
        for seq, (order, winner) in enumerate(zip(ORDERS, named, strict=True), 1)
    ]
    said = Transcript(status="done", reason="completed", ballots=ballots)
    said.verdict = verdict(format_, agenda(format_, format_.default_rounds), said)
    return of(said)


def test_a_debate_is_steady_or_not_where_ballots_count() -> None:
    assert (judged("Skeptic", "Skeptic").winner, judged("Skeptic", "Skeptic").consistent) == ("Skeptic", True)
    assert (judged("Skeptic", "Optimist").winner, judged("Skeptic", "Optimist").consistent) == ("tie", False)


def test_where_no_ballot_counts_nothing_is_said_of_how_steady_it_is() -> None:
    for named in ((None, None), ("Skeptic", None)):
        assert (judged(*named).winner, judged(*named).consistent) == (None, None)
    for winner, answer in ((None, "yes"), ("tie", None)):
        by_answers = Transcript(reason="completed", verdict=Verdict(winner, answer, None, {}, (), True, ""))
        assert of(by_answers).consistent is None
    assert of(Transcript(reason="failed")).consistent is None


def test_what_all_speeches_gave_is_in_it_also_where_it_was_no_answer() -> None:
    usage = Usage(9, 3, 0.5)
    said = Transcript(
        reason="completed",
        speeches={
            2: Speech("Sample 2", 2, 1, 1, "Who knows?", finish_reason="stop", usage=usage),
            1: Speech("Sample 1", 1, 1, 1, "It cannot be said.", finish_reason="length", usage=usage),
            3: Speech("Sample 3", 3, 1, 1, "Answer: yes"),  # still being spoken
        },
    )
    assert of(said).given == (
        Given("Sample 1", 1, 1, None, 12, 0.5),
        Given("Sample 2", 2, 1, None, 12, 0.5),
    )
