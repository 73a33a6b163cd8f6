"""A reader who opens a report from disk, and hears what it says to the console and whom it asks."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from tests.page.conftest import browser

__all__ = ["browser"]

Open = Callable[..., AbstractAsyncContextManager[Page]]


@pytest.fixture
def open_(browser: Browser, tmp_path: Path) -> Open:
    """Opens a report in a browser's fresh profile, whose keyword arguments these are. When the reader leaves, it must
    have complained of nothing and asked for nothing but its own file."""

    @asynccontextmanager
    async def opened(html: str, **profile: Any) -> AsyncIterator[Page]:
        file = tmp_path / "report.html"
        file.write_text(html, encoding="utf-8")
        said, asked = list[str](), list[str]()
        context = await browser.new_context(**profile)
        context.on("console", lambda message: said.append(message.text))
        context.on("weberror", lambda error: said.append(str(error.error)))
        context.on("request", lambda request: asked.append(request.url))
        page = await context.new_page()
        await page.goto(file.as_uri())
        yield page
        await context.close()
        assert said == []
        assert asked == [file.as_uri()]

    return opened
