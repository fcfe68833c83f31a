"""The short part of the browser tests that also runs in Firefox, where there is one.

All of them run there by `make test-firefox`.
"""

import pytest

from chromium_page import started_firefox
from live_figures import KINDS, shown
from test_translate_page import (
    FRENCH,
    SENTENCE,
    address,  # noqa: F401  a fixture
    button,
    crosses,
    folder,  # noqa: F401  a fixture
    french,
    load,
    visit,
)

pytestmark = pytest.mark.timeout(900)

FOCUSED = "() => document.activeElement.id || document.activeElement.tagName"
KEYS = ("ArrowRight", "Enter", "ArrowLeft")


@pytest.fixture(scope="module")
def browser():
    yield from started_firefox()


@pytest.mark.parametrize("kind", KINDS)
def test_a_figure_lives_and_answers_to_keys(browser, tmp_path, kind):
    with shown(browser, tmp_path, kind, width=375) as (page, figure):
        assert page.locator("s2s-figure img.s2s-still").count() == 0  # the fallback has gone
        page.locator("#before").focus()
        assert any(answers(page, figure) for _ in range(30))


def answers(page, figure):
    """Go on to the next control; say whether a key on it changes the figure."""
    page.keyboard.press("Tab")
    focused = page.evaluate(FOCUSED)
    assert focused != "after", "no control answered to a key"
    if focused == "SUMMARY":  # the browser opens these by itself
        return False
    before = figure.inner_html()
    for key in KEYS:
        page.keyboard.press(key)
        page.wait_for_timeout(50)
        if figure.inner_html() != before:
            return True
    return False


def test_a_model_translates(address, browser):  # noqa: F811
    with visit(browser, address) as page:
        button(page)
        page.get_by_label("English sentence").fill(SENTENCE)
        load(page)
        assert french(page) == FRENCH and crosses(page)
        assert page.problems == []
