"""The pages for people, as a browser shows them."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.http.servers import serving


pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    """The service with the settings of `make run`."""
    with serving() as url:
        yield url


@pytest.fixture
def page(browser: BrowserContext) -> Iterator[Page]:
    opened = browser.new_page()
    yield opened
    opened.close()


@pytest.mark.parametrize("path", ["/", "/about"])
@pytest.mark.parametrize("width", [360, 1100])
def test_a_page_fits_its_window_and_runs_without_complaints(
    served: str, page: Page, path: str, width: int
) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(served + path)
    assert complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_style_of_the_page_is_applied(served: str, page: Page) -> None:
    page.goto(f"{served}/")
    plain = "rgba(0, 0, 0, 0)"
    notice = page.locator(".notice").evaluate(
        "(box) => getComputedStyle(box).backgroundColor"
    )
    assert notice != plain
