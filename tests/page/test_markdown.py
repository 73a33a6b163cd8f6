"""What a speech may be beside text: a subset of Markdown, as elements, whatever pieces it comes in."""

import asyncio
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.emphasis import EMPHASIS
from tests.fakes.script import Gate, Say
from tests.fakes.upstream import FakeUpstream
from tests.page.conftest import Visit, start

# What a sink makes of pieces of text: its elements by tag, nested in brackets, or its text alone.
SHOWN = """
async (pieces) => {
    const { Words } = await import('/static/words.js');
    await import('/static/markdown.js');
    const root = document.createElement('div');
    const words = new Words(root, 4);
    for (const piece of pieces) words.append(piece);
    words.end();
    await import('/static/markdown.js');  // is there after the one that the words wait for
    await new Promise((resolve) => setTimeout(resolve));
    const drawn = (node) => node instanceof Text ? node.data
        : `<${node.localName}>` + [...node.childNodes].map(drawn).join('') + `</${node.localName}>`;
    const links = [...root.querySelectorAll('a[href]')];
    return {
        tags: [...root.childNodes].map(drawn).join(''),
        text: root.textContent,
        links: links.map(({ href, rel, target }) => [href, rel, target]),
    };
}
"""
SELECT = """
() => {
    const words = document.querySelector('.speech p').firstChild;
    getSelection().setBaseAndExtent(words, 0, words, words.length);
}
"""
SAFE = ["noopener noreferrer", "_blank"]


async def shown(page: Page, text: str, size: int = 1000) -> Any:
    return await page.evaluate(SHOWN, [text[at : at + size] for at in range(0, len(text), size)])


CASES = {
    "One.\n\nTwo\nlines.": "<p>One.</p><p>Two\nlines.</p>",
    "So **be** it, *all*.": "<p>So <strong>be</strong> it, <em>all</em>.</p>",
    "It:\n\n- one\n- two": "<p>It:</p><ul><li>one</li><li>two</li></ul>",
    "1. one\n2. two": "<ol><li>one</li><li>two</li></ol>",
    "# Loud\n\n###### Low": "<h4>Loud</h4><h4>Low</h4>",
    "> He said so.": "<blockquote><p>He said so.</p></blockquote>",
    "Use `a_b`.": "<p>Use <code>a_b</code>.</p>",
    "```js\nlet a;\n```\n": "<pre>let a;</pre>",
    "|a|\n|---|\n|b|\n": "<div><table><thead><tr><th>a</th></tr></thead>"
    "<tbody><tr><td>b</td></tr></tbody></table></div>",
    "C:\\dir \\ here": "<p>C:\\dir \\ here</p>",
    "A snake_case_name, $5 and $x$, \\(y\\), 2 * 3": "<p>A snake_case_name, $5 and $x$, \\(y\\), 2 * 3</p>",
    "<b>bold</b> &amp; [1] *": "<p><b>bold</b> &amp; [1] *</p>",
    "* **one\n* 2*3*4 *two*\n\n***\n": "<ul><li><strong>one</strong></li><li>2*3*4 <em>two</em></li></ul><hr></hr>",
    **{text: f"<p>{words}</p>" for text, words in EMPHASIS.items()},
}


@pytest.mark.parametrize("size", [1000, 1])
async def test_markdown_is_shown_as_elements_whatever_pieces_it_comes_in(visit: Visit, size: int) -> None:
    async with visit() as page:
        made = {text: (await shown(page, text, size))["tags"] for text in CASES}
    spaced = {text: tags.replace("<a>", "").replace("</a>", "") for text, tags in made.items()}
    assert spaced == CASES


async def test_links_go_to_the_web_and_to_mail_only_and_say_where(visit: Visit) -> None:
    cases = {
        "[a report](https://example.org/x)": ("a report (example.org)", [["https://example.org/x", *SAFE]]),
        "[https://bank.example](https://evil.example)": (
            "https://bank.example (evil.example)",
            [["https://evil.example/", *SAFE]],
        ),
        "See https://example.org/a_(b).": ("See https://example.org/a_(b).", [["https://example.org/a_(b)", *SAFE]]),
        "![a cat](https://example.org/cat.png)": ("a cat (example.org)", [["https://example.org/cat.png", *SAFE]]),
        "[write](mailto:me@example.org)": ("write (me@example.org)", [["mailto:me@example.org", *SAFE]]),
        "[click](javascript:x)": ("[click](javascript:x)", []),
    }
    async with visit() as page:
        for text, (words, links) in cases.items():
            made = await shown(page, text)
            assert (made["text"], made["links"]) == (words, links)


@pytest.mark.parametrize(
    "text",
    [
        "[a](never closed, and\n\nmore words",
        "*_" * 2000 + "deep",
        "> " * 500 + "deep",
        "1" * 10_000,
        "`" * 5_000,
        "- " * 5_000,
        "[x](" + "y" * 10_000,
        "https://" + "z" * 10_000,
    ],
    ids=lambda text: text[:12],
)
async def test_nothing_of_a_speech_is_lost_in_markdown_that_goes_wrong(visit: Visit, text: str) -> None:
    async with visit() as page:
        made = await shown(page, f"Before. {text}", 100)

    def letters(words: str) -> str:
        return "".join(letter for letter in words if letter.isalnum())

    assert letters(made["text"]) == letters(f"Before. {text}")


async def test_words_are_never_touched_again_once_they_are_shown(visit: Visit, fake: FakeUpstream) -> None:
    held = asyncio.Event()
    fake.play([Say("Plain words first", finish=None), Gate(held), Say(", and **then** more.\n\n- And a list.")])
    async with visit(reduced_motion="reduce") as page:
        await start(page, "Select?")
        speech = page.locator(".speech").first
        await expect(speech).to_have_text("Plain words first")
        await page.evaluate(SELECT)
        held.set()
        await expect(speech.locator("li")).to_have_text("And a list.")
        await expect(speech.locator("strong")).to_have_text("then")
        assert await page.evaluate("() => getSelection().toString()") == "Plain words first"
