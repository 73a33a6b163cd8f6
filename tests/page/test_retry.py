"""Retry: from a debate that failed or was cut to one that begins with what was said whole."""

import pytest
from playwright.async_api import expect

from tests.conftest import Server
from tests.fakes.script import Reset, Say, Script, refuse
from tests.fakes.upstream import FakeUpstream
from tests.page.conftest import Visit

HELD: dict[str, list[Script]] = {
    "failed": [[Say("For it.")], [refuse(401, "who are you")]],
    "cut": [[Say("For it.")], [Say("Against", finish=None), Reset()], [Say("So it is.")]],
}


@pytest.mark.parametrize("held", HELD.values(), ids=HELD.keys())
async def test_retry_goes_on_with_what_was_said_whole_and_says_where_that_is_from(
    visit: Visit, server: Server, fake: FakeUpstream, held: list[Script]
) -> None:
    fake.play(*held)
    debate = (await server.debate("Is it worth a retry?", rounds=1))[0]["debate"]
    fake.play([Say("Against it, whole.")], [Say("And so it is.")])

    async with visit(f"/d/{debate}") as page:
        await page.get_by_role("button", name="Retry").dblclick()
        await page.wait_for_url(lambda address: address.endswith("/d/" + debate) is False)
        speeches = page.locator(".speech")
        await expect(speeches).to_have_text(["For it.", "Against it, whole.", "And so it is."])
        await expect(page.get_by_role("button", name="Run again")).to_be_visible()
        await expect(page.get_by_role("button", name="Retry")).to_have_count(0)
        await page.get_by_role("navigation", name="Forks").get_by_role("link").first.click()
        await page.wait_for_url(f"**/d/{debate}")
        await expect(speeches.first).to_have_text("For it.")
    assert len(server.house.log.list(10)) == 2, "pressed twice, it is one debate"
