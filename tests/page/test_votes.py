"""Votes where they were held, and the verdict that rests on them."""

import pytest
from playwright.async_api import expect

from debate_server.core.events import AgentEnd, AgentStart, Ballot, Done, Event, Quote, Seat, Usage, Verdict
from tests.conftest import Server
from tests.page.conftest import Visit
from tests.page.others import log
from tests.page.test_looks import accessible, within
from tests.page.test_states import logged, standing

USED = Usage(10, 20)
SIDES = ("Pro", "Con")
SEATS = (
    Seat("Pro", "for", "m1"), Seat("Con", "against", "m1"), Seat("Voter 1", "audience", "m2"),
    Seat("Voter 2", "audience", "m2"), Seat("Chair", "chair", "m1"),
)  # fmt: skip
FOUND, MISSING = "Fares cost more than they bring in.", "Nobody walks."


def ballot(judge: str, title: str, round_: int, winner: str | None, *, swapped: bool = False) -> Ballot:
    order = SIDES[::-1] if swapped else SIDES
    if winner is None:
        return Ballot(judge, "m2", title, round_, order, None, None, "", (), USED, problem="It answered in prose.")
    quotes = (Quote(FOUND, 1), Quote(MISSING, None))
    return Ballot(judge, "m2", title, round_, order, winner, 0.4, "It had a number.", quotes, USED)


SAID = (AgentStart("Pro", 1, 1, 1), AgentEnd("Pro", 1, 1, FOUND, "stop", USED, 1))


async def test_a_vote_fills_as_its_ballots_come_and_says_what_is_awaited(visit: Visit, server: Server) -> None:
    debate = await logged(server, "Votes?", (ballot("Voter 1", "Vote before", 0, "Pro"),), SEATS)
    async with visit(f"/d/{debate}", viewport={"width": 360, "height": 640}) as page:
        cells = page.locator(".vote tbody tr").nth(0).locator("td"), page.locator(".vote tbody tr").nth(1).locator("td")
        await expect(cells[0]).to_have_text(["Voter 1", "Pro", "awaited"])
        await expect(cells[1]).to_have_text(["Voter 2", "awaited", "awaited"])
        await standing(page, "Waiting for the ballots or the next speaker")
        swapped = ballot("Voter 1", "Vote before", 0, "Con", swapped=True)
        await log(server, debate, [swapped, ballot("Voter 2", "Vote before", 0, None)])
        await expect(cells[0]).to_have_text(["Voter 1", "Con", "Pro"])  # a column is an order, whichever came first
        await expect(cells[1]).to_have_text(["Voter 2", "No vote. It answered in prose.", "awaited"])
        await log(server, debate, [*SAID, ballot("Voter 2", "Vote after", 1, "Con")])
        await expect(cells[1]).to_have_text(["Voter 2", "No vote. It answered in prose.", "—"])
        await expect(page.locator("caption")).to_have_text(["Vote before", "Vote after"])
        order = page.locator(".turns > .turn")
        await expect(order).to_contain_text(["Vote before", FOUND, "Vote after"])
        await page.reload()
        await expect(order).to_contain_text(["Vote before", FOUND, "Vote after"])
        await within(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_verdict_names_every_ballot_strikes_out_what_nobody_said_and_repeats_no_speech(
    visit: Visit, server: Server, scheme: str
) -> None:
    answer = "Both have a point.\n\nLet fares fall at night."
    events: tuple[Event, ...] = (
        *SAID, ballot("Voter 1", "Vote", 1, "Pro"), ballot("Voter 2", "Vote", 1, None),
        AgentStart("Chair", 2, 2, 1), AgentEnd("Chair", 2, 2, answer, "stop", USED, 1),
        Verdict("Pro", answer, None, {"Pro": FOUND}, (4, 5), True, "Let fares fall at night."), Done("completed", USED),
    )  # fmt: skip
    debate = await logged(server, "Verdict?", events, SEATS, warnings=("One model speaks and judges.",))
    async with visit(f"/d/{debate}", color_scheme=scheme, bypass_csp=True) as page:
        await expect(page.locator(".warning")).to_have_text("One model speaks and judges.")
        verdict = page.get_by_role("region", name="The verdict")
        await expect(verdict.locator(".decision-line")).to_have_text("Pro made the better case")
        await expect(verdict.get_by_role("link", name="what Chair said last")).to_have_attribute("href", "#t2")
        await expect(verdict.locator(".sure")).to_have_text("How sure: —")
        assert (await page.locator(".paper").inner_text()).count("Let fares fall at night.") == 1
        await verdict.get_by_text("The 2 ballots").click()
        one, other = verdict.locator("li").nth(0), verdict.locator("li").nth(1)
        await expect(one).to_contain_text("Voter 1: Pro, by 40%. It had a number.")
        await expect(one).to_contain_text("Vote · m2 · shown Pro, Con")
        await expect(one.get_by_role("link")).to_have_attribute("href", "#t1")
        await expect(one.locator("s")).to_have_text(f"“{MISSING}”")
        await expect(one).to_contain_text("not found")
        await expect(other).to_contain_text("Voter 2: No vote. It answered in prose.")
        await accessible(page)
