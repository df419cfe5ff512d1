"""The HTML page in a real browser: it loads without a word on the console, asks for nothing, and its filter works."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser import Browser
from compared import compared
from test_comparison_forms import hostile

from netc.comparing import html

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.tool("chromium")

GOLDEN = Path(__file__).parent / "golden"
SEEN = "[...document.querySelectorAll('tr.change')].filter((row) => row.offsetParent !== null)"
"""Rows that a reader sees."""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    found = Browser(tmp_path_factory.mktemp("browser"))
    yield found
    found.close()


@pytest.fixture(scope="module")
def page(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "diff.html"
    path.write_text(html.render(compared(GOLDEN / "old.net", GOLDEN / "new.net")), encoding="utf-8")
    return path


def ask(browser: Browser, **fields: str) -> int:
    """Fill in the filter as a reader would, and count the rows that stay."""
    for name in ("host", "kind", "effect", "how", "text"):
        browser.evaluate(f"document.forms[0].elements['{name}'].value = '{fields.get(name, '')}'")
    browser.evaluate("document.forms[0].elements.host.dispatchEvent(new Event('input', { bubbles: true }))")
    count = browser.evaluate(f"{SEEN}.length")
    assert isinstance(count, int)
    return count


def test_the_filter(browser: Browser, page: Path) -> None:
    browser.open(page)
    every = ask(browser)
    assert every == browser.evaluate("document.querySelectorAll('tr.change').length") > 10
    assert browser.evaluate("document.querySelector('output').value") == f"{every} changes"
    sysctls = ask(browser, kind="sysctl")
    assert 0 < sysctls < every
    assert browser.evaluate("document.querySelector('output').value") == f"{sysctls} of {every} changes"
    assert ask(browser, kind="sysctl") + ask(browser, kind="nic") < every
    assert ask(browser, kind="nic", effect="link") == 1
    assert ask(browser, how="removed") == browser.evaluate("document.querySelectorAll('tr[data-how=removed]').length")
    assert ask(browser, text="SOMAXCONN") == 1
    assert ask(browser, text="goal web-server, connection-rate") == 2
    assert ask(browser, host="web-02") == every
    assert ask(browser, host="web-04") == 0
    assert browser.evaluate("document.querySelector('section').hidden") is True
    assert ask(browser, text="no such thing") == 0
    assert ask(browser) == every


@pytest.mark.parametrize("dark", [False, True])
def test_it_looks_as_it_should(dark: bool, browser: Browser, page: Path, tmp_path: Path) -> None:
    browser.open(page, dark=dark)
    colours = browser.evaluate(
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    )
    assert colours == (["rgb(15, 20, 25)", "rgb(232, 237, 243)"] if dark else ["rgb(255, 255, 255)", "rgb(27, 33, 40)"])
    widths = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert browser.evaluate(widths) == 0, "the page is wider than the window"
    # Both pictures are drawn, each with a style sheet that does not reach the page or the other.
    shapes = "[...document.querySelectorAll('figure > div')].map((d) => d.shadowRoot.querySelectorAll('.core').length)"
    assert browser.evaluate(shapes) == [10, 10], "eight cores, and two in the legend"
    grounds = (
        "[...document.querySelectorAll('figure > div')].map((d) => getComputedStyle("
        "d.shadowRoot.querySelector('.page')).fill)"
    )
    assert browser.evaluate(grounds) == [colours[0]] * 2
    data = browser.picture(tmp_path / "diff.png")
    assert data.startswith(b"\x89PNG") and len(data) > 50_000, "an empty page is smaller"


def test_narrow_windows_scroll_tables_alone(browser: Browser, page: Path) -> None:
    browser.open(page, width=420, height=800)
    assert browser.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


def test_hostile_words_do_nothing(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "hostile.html"
    path.write_text(html.render(hostile(20)), encoding="utf-8")
    browser.open(path)
    assert browser.evaluate("document.scripts.length") == 1
    assert browser.evaluate(f"{SEEN}.length") > 20


def test_the_console_was_silent_and_nothing_was_asked_for(browser: Browser) -> None:
    assert browser.troubles == []
    assert {url.partition(":")[0] for url in browser.requests} <= {"file", "about"}
