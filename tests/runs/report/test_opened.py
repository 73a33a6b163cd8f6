"""The report in a browser, opened from disk."""

import re
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from playwright.async_api import Locator, Page, expect

from debate_server.runs.evaluation.shape import Evaluation, Swap
from debate_server.runs.report.page import to_html
from debate_server.runs.report.shape import Report
from debate_server.runs.result import Fault
from tests.page.test_looks import LONG, accessible, within
from tests.runs.report.conftest import Open
from tests.runs.report.reading import HOSTILE
from tests.runs.report.sample import (
    TIMES,
    arithmetic,
    beside,
    opinions,
    report,
    result,
    scored,
    tournament,
    transcripts,
)

SUMS = arithmetic()


async def topics(page: Page) -> list[str]:
    """What the rows are about, in their order."""
    told: list[str] = await page.locator("#debates tbody th").evaluate_all(
        "rows => rows.map(row => row.firstChild.data)"
    )
    return told


@pytest.mark.parametrize(
    "told",
    [arithmetic(["m", "n"], items=3), opinions(), tournament(), report([])],
    ids=["sums", "opinions", "rated", "none"],
)
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing(open_: Open, told: Report, scheme: str) -> None:
    # axe runs inside of the page, which its own policy would not let it.
    async with open_(to_html(told, transcripts(told)), color_scheme=scheme, bypass_csp=True) as page:
        await expect(page.locator(".packed")).to_have_count(0)
        await page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
        await accessible(page)


@pytest.mark.parametrize("told", [SUMS, opinions(), tournament()], ids=["sums", "opinions", "rated"])
@pytest.mark.parametrize("width", [360, 800, 1280])
async def test_nothing_is_wider_than_the_screen_and_one_of_each_figure_shows(
    open_: Open, told: Report, width: int
) -> None:
    async with open_(to_html(told), viewport={"width": width, "height": 700}) as page:
        await expect(page.locator(".count")).to_be_visible()
        await within(page)
        drawn = await page.locator("figure").count()
        await expect(page.locator("svg.narrow:visible")).to_have_count(drawn if width == 360 else 0)
        await expect(page.locator("svg.wide:visible")).to_have_count(0 if width == 360 else drawn)
        out = await page.locator("svg:visible").evaluate_all(
            """all => all.flatMap(svg => [...svg.querySelectorAll("text")].filter(text => {
              const [inner, outer] = [text.getBoundingClientRect(), svg.getBoundingClientRect()];
              return inner.left < outer.left - 8 || inner.right > outer.right + 8;
            }).map(text => text.textContent))"""
        )
        assert out == []
        tall = page.locator("#debates tbody .read").first
        assert await tall.evaluate("cell => cell.offsetHeight") < 80


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("words", ["x" * 300, LONG * 2], ids=["letters", "address"])
async def test_words_without_a_break_are_no_wider_than_the_screen(open_: Open, words: str, width: int) -> None:
    endless = result(
        topic=words, item=words[:100], format=words[:100], model=words, answer=words, expected=words, read=words
    )
    bad = result(2, topic=words, status="failed", correct=None, error=Fault("stalled", words), model=words)
    shown = Evaluation((scored(words[:100], words), scored("b", "c")), (beside(words[:100], words),), (), (), ())
    told = report([endless, bad], shown, source=words[:300])
    async with open_(to_html(told, transcripts(told)), viewport={"width": width, "height": 700}) as page:
        await page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
        await page.get_by_role("button", name="Read").first.click()
        await expect(page.locator("pre")).to_be_visible()
        await within(page)
        cut = await page.locator("#debates :is(th, td, pre)").evaluate_all(
            "all => all.filter((one) => one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 1).length"
        )
        assert cut == 0


async def edges(page: Page, table: Locator) -> tuple[Any, Any]:
    """The colours of a table's left and right edge, between its head's words and its rows."""
    box = await table.bounding_box()
    assert box
    image = Image.open(BytesIO(await page.screenshot())).convert("RGB")
    return image.getpixel((int(box["x"]) + 1, int(box["y"]) + 3)), image.getpixel(
        (int(box["x"] + box["width"]) - 2, int(box["y"]) + 3)
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_table_that_goes_on_beyond_the_screen_has_a_shadow_there(open_: Open, scheme: str) -> None:
    async with open_(to_html(SUMS), viewport={"width": 360, "height": 700}, color_scheme=scheme) as page:
        table = page.locator("#accuracy .wide-table")
        await page.locator("#accuracy details").evaluate("one => { one.open = true; }")
        await table.scroll_into_view_if_needed()
        paper, shade = await edges(page, table)
        assert sum(abs(one - other) for one, other in zip(paper, shade, strict=True)) > 60
        await table.evaluate("one => { one.scrollLeft = one.scrollWidth; }")
        assert (await edges(page, table))[1] == paper
        # What a row is about stays in sight.
        assert await table.locator("tbody th").first.evaluate("one => one.getBoundingClientRect().left") >= 0
        await page.set_viewport_size({"width": 1280, "height": 700})
        await table.scroll_into_view_if_needed()
        assert await edges(page, table) == (paper, paper)
        await page.emulate_media(media="print")
        assert await table.evaluate("one => getComputedStyle(one).backgroundImage") == "none"


@pytest.mark.parametrize("width", [360, 1280])
async def test_no_words_of_a_figure_stand_on_others(open_: Open, width: int) -> None:
    names = ("alpha", "beta", "gamma-large-instruct-2512-preview", "MMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMM")
    shares = ((1.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    swaps = tuple(
        Swap(format="oxford", model=name, meetings=9, speaking_for=for_, speaking_against=against, same=0)
        for name, (for_, against) in zip(names, shares, strict=True)
    )
    told = report([result()], replace(SUMS.evaluation, swaps=swaps))
    async with open_(to_html(told), viewport={"width": width, "height": 700}) as page:
        await expect(page.locator("#swaps svg:visible")).to_have_count(1)
        touching = await page.locator("svg:visible").evaluate_all(
            """all => all.flatMap(svg => [...svg.querySelectorAll("text")].flatMap((text, at, those) => {
              const inner = text.getBoundingClientRect();
              return those.slice(at + 1).filter(other => {
                const outer = other.getBoundingClientRect();
                return inner.left < outer.right - 1 && outer.left < inner.right - 1
                  && Math.abs(inner.top - outer.top) < inner.height / 2;
              }).map(other => `${text.textContent} | ${other.textContent}`);
            }))"""
        )
        assert touching == []


async def test_debates_are_filtered_sorted_and_shown_batch_by_batch(open_: Open) -> None:
    async with open_(to_html(SUMS)) as page:
        count, rows = page.locator(".count"), page.locator("#debates tbody tr")
        await expect(count).to_have_text("50 of 240 debates shown")
        await page.get_by_role("button", name="Show 50 more").click()
        await expect(rows).to_have_count(100)

        await page.get_by_label("Format").select_option("single")
        await page.get_by_label("Model").select_option("qwen3:4b")
        await expect(count).to_have_text("30 of 30 debates shown, of 240 in all: single, qwen3:4b")
        await page.get_by_label("Outcome").select_option("right")
        right = next(score.right for score in SUMS.evaluation.scores if score.format == "single")
        await expect(rows).to_have_count(right)

        await page.get_by_role("button", name="topic").click()
        assert await topics(page) == sorted(await topics(page))
        await page.get_by_role("button", name="topic").click()
        assert await topics(page) == sorted(await topics(page), reverse=True)
        await expect(page.locator("th[aria-sort]")).to_have_text("topic")

        first = (await topics(page))[0]
        await page.get_by_label("Words to find").fill(first.upper())
        await expect(rows).to_have_count(1)
        await page.get_by_label("Words to find").fill("nothing has these words")
        await expect(count).to_have_text(
            "0 of 0 debates shown, of 240 in all: “nothing has these words”, single, qwen3:4b, right"
        )


async def test_costs_are_sorted_as_numbers(open_: Open) -> None:
    async with open_(to_html(SUMS)) as page:
        await page.get_by_role("button", name="tokens").click()
        told = await page.locator("#debates td.tokens").all_inner_texts()
        numbers = [int(text.replace(",", "")) for text in told]
        assert numbers == sorted(one.usage.input + one.usage.output for one in SUMS.results)[:50]


async def test_a_transcript_is_read_where_it_is_asked_for_as_text(open_: Open) -> None:
    results = [result(number) for number in range(40)]
    texts = {one.entry: f"{HOSTILE.replace(chr(0), '')} {one.topic}" for one in results}
    async with open_(to_html(report(results), texts)) as page:
        button = page.get_by_role("button", name="Read What is 37 + 37?")
        await button.click()
        await expect(page.locator("pre")).to_contain_text("<script>alert(1)</script><img src=x onerror=alert(2)>")
        await expect(page.locator("pre")).to_contain_text("What is 37 + 37?")
        await expect(button).to_have_attribute("aria-expanded", "true")
        await expect(page.locator("#debates img")).to_have_count(0)
        await button.click()
        await expect(page.locator("pre")).to_have_count(0)


async def test_hostile_words_in_rows_stay_words(open_: Open) -> None:
    bad = result(2, topic=HOSTILE, status="failed", correct=None, error=TIMES, format=HOSTILE, model=HOSTILE)
    async with open_(to_html(report([result(topic=HOSTILE, answer=HOSTILE), bad]))) as page:
        await expect(page.locator("#debates tbody tr")).to_have_count(2)
        await expect(page.locator("#debates tbody th").first).to_contain_text("</script><script>alert(1)</script>")
        await expect(page.locator("#debates .failed")).to_contain_text(f"stalled: {TIMES.message}")


async def test_where_the_server_is_known_rows_link_to_its_page(open_: Open) -> None:
    async with open_(to_html(report([result()]), address="http://127.0.0.1:8484/")) as page:
        link = page.get_by_role("link", name="Read What is 1 + 1?")
        await expect(link).to_have_attribute("href", "http://127.0.0.1:8484/d/d00000000001")


async def test_where_nothing_leads_to_a_transcript_rows_have_their_ids_below_a_heading(open_: Open) -> None:
    async with open_(to_html(report([result()]))) as page:
        await expect(page.get_by_role("columnheader").last).to_have_text("ID")
        await expect(page.locator("#debates td").last).to_have_text("d00000000001")


async def test_without_scripts_all_stands_but_the_table_of_debates(open_: Open) -> None:
    async with open_(to_html(SUMS), java_script_enabled=False) as page:
        await expect(page.locator("svg.wide").first).to_be_visible()
        await expect(page.get_by_text("240 debates in this file, packed")).to_be_visible()
        await expect(page.locator("#failures tbody tr").first).to_contain_text("stalled")


async def test_on_paper_all_numbers_are_open_and_there_is_nothing_to_press(open_: Open) -> None:
    async with open_(to_html(SUMS), viewport={"width": 700, "height": 900}, color_scheme="dark") as page:
        await expect(page.locator(".count")).to_be_visible()
        await page.emulate_media(media="print")
        await expect(page.locator("svg.wide").first).to_be_visible()
        await expect(page.locator("svg.narrow:visible")).to_have_count(0)
        await expect(page.locator("#accuracy details table")).to_be_visible()
        await expect(page.get_by_role("search")).to_be_hidden()
        await expect(page.get_by_role("button", name="Show")).to_be_hidden()
        assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


async def test_on_paper_debates_are_listed_where_there_are_few_and_else_it_says_where_they_are(open_: Open) -> None:
    async with open_(to_html(SUMS)) as page:
        count, table, said = page.locator(".count"), page.locator("#debates table"), page.locator(".on-paper")
        await expect(count).to_have_text("50 of 240 debates shown")
        await expect(said).to_be_hidden()
        await page.emulate_media(media="print")
        await expect(said).to_have_text(re.compile("^240 debates are listed in the file that this was printed from;"))
        await expect(said).to_be_visible()
        await expect(count).to_be_hidden()
        await expect(table).to_be_hidden()

        await page.emulate_media(media="screen")
        await page.get_by_label("Outcome").select_option("failed")
        await page.emulate_media(media="print")
        await expect(table).to_be_visible()
        await expect(count).to_have_text("10 of 10 debates shown, of 240 in all: failed")
        await expect(said).to_be_hidden()


async def test_no_table_is_wider_than_the_paper(open_: Open) -> None:
    # A4 without its margins, in the pixels of CSS.
    async with open_(to_html(SUMS), viewport={"width": 688, "height": 900}) as page:
        await expect(page.locator(".count")).to_be_visible()
        await page.emulate_media(media="print")
        await within(page)
