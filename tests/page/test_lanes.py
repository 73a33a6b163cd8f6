"""Turns that run at the same time, side by side: live, after a reload, replayed, and when one of them goes wrong."""

from playwright.async_api import Page, expect

from debate_server.core.events import AgentEnd, AgentError, AgentStart, Done, Event, Seat, Token, Usage
from tests.conftest import Server
from tests.page.conftest import Visit
from tests.page.others import log
from tests.page.test_looks import accessible, within
from tests.page.test_states import logged, standing

USED = Usage(10, 20)
NAMES = ("Member 1", "Member 2", "Member 3")
SEATS = (*(Seat(name, "member", "m1") for name in NAMES), Seat("Judge 1", "judge", "m2"), Seat("Chair", "chair", "m1"))
BEGUN: tuple[Event, ...] = tuple(AgentStart(name, turn, 1, 1, 1) for turn, name in enumerate(NAMES, 1))


def ended(turn: int, content: str, reason: str = "stop", ms: int = 400) -> Event:
    return AgentEnd(NAMES[turn - 1], turn, 1, content, reason, USED, ms, 1)  # type: ignore[arg-type]


async def corners(page: Page) -> list[list[int]]:
    """Where each lane begins: its left, its top."""
    found: list[list[int]] = await page.evaluate(
        "[...document.querySelectorAll('.lanes article')].map((lane) => lane.getBoundingClientRect())"
        ".map(({ left, top }) => [Math.round(left), Math.round(top)])"
    )
    return found


async def test_lanes_grow_side_by_side_and_a_fault_in_one_disturbs_no_other(visit: Visit, server: Server) -> None:
    debate = await logged(server, "At once?", BEGUN[1:], SEATS)
    async with visit(f"/d/{debate}", reduced_motion="reduce", bypass_csp=True) as page:
        await standing(page, "Member 2 is preparing, Member 3 is preparing")
        await log(server, debate, BEGUN[:1])
        await standing(page, "3 are speaking at the same time")
        words = [Token(NAMES[at % 3], at % 3 + 1, f"{'abc'[at % 3]}{at // 3} ") for at in range(6)]
        await log(server, debate, words)
        speeches = page.locator(".lanes .speech")
        await expect(speeches).to_have_text(["a0 a1", "b0 b1", "c0 c1"])
        (one, top), (two, also), (three, too) = await corners(page)
        assert one < two < three
        assert top == also == too
        await expect(page.get_by_role("button", name="Stop this one, Member 2")).to_be_visible()
        await accessible(page)
        failed = AgentError("Member 1", 1, 1, 1, "refused", "It hung up.", retrying=True, group=1)
        await log(server, debate, [failed, ended(2, "b0 b1 ", "stopped"), Token("Member 3", 3, "c2")])
        await expect(speeches).to_have_text(["", "b0 b1", "c0 c1 c2"])
        await expect(page.locator(".lanes .note:visible")).to_have_text(
            ["The attempt failed: It hung up. Trying again.", "stopped here"]
        )
        await expect(page.get_by_role("button", name="Stop this one")).to_have_count(2)
        await page.set_viewport_size({"width": 360, "height": 640})
        (left, _), (below, _), _ = await corners(page)
        assert left == below
        await within(page)


async def test_lanes_stand_in_their_order_in_whichever_they_end_and_are_replayed_at_once(
    visit: Visit, server: Server
) -> None:
    said = [f"{name} has an answer of its own, and that is all." for name in NAMES]
    ends = tuple(ended(turn, said[turn - 1]) for turn in (3, 1, 2))
    last = (AgentStart("Chair", 4, 2, 1), AgentEnd("Chair", 4, 2, "So.", "stop", USED, 1), Done("completed", USED))
    debate = await logged(server, "In order?", (*BEGUN, *ends, *last), SEATS)
    async with visit(f"/d/{debate}") as page:
        await expect(page.locator(".speech")).to_have_text([*said, "So."])
        await page.get_by_role("button", name="Replay").click()
        await standing(page, "Replay: 3 are speaking at the same time")
        await expect(page.locator(".lanes article[aria-busy=true]")).to_have_count(3)
        await expect(page.locator(".speech")).to_have_text([*said, "So."])
        await expect(page.get_by_role("list", name="Who votes").locator(".name")).to_have_text(["Judge 1"])
