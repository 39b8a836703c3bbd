"""For everybody: labels, contrast, sizes to touch, keyboard, no overflow."""

from pathlib import Path

import pytest

from tests.browser import Browser
from tests.web.browser.page import NARROW, WIDE, WhatIf
from tests.web.server import Live

CHECKS = (Path(__file__).parent / "checks.js").read_text()
PARTS = ("map", "change", "result", "history", "compare", "prices", "studies", "tables")


@pytest.fixture(params=[WIDE, NARROW], ids=["1280", "390"])
def planned(request: pytest.FixtureRequest, browser: Browser, town: Live) -> WhatIf:
    """The page with a plan, all parts unfolded."""
    what_if = WhatIf(browser, town.address, request.param).opened()
    if what_if.state("shown?.cost ?? null") is None:
        what_if.plan("As given")
    what_if.study()
    what_if.part("change")
    what_if.page.click("#model-distributed")
    what_if.until("dmopt.store.get().rules.length > 0")
    what_if.page.evaluate(
        "document.querySelectorAll('details').forEach(each => { each.open = true; })"
    )
    what_if.page.evaluate(CHECKS)
    return what_if


def go(what_if: WhatIf, part: str) -> None:
    what_if.page.evaluate("part => dmopt.store.set({ view: part })", part)
    what_if.page.wait_for_timeout(50)


def test_every_control_has_a_name(planned: WhatIf) -> None:
    for part in PARTS:
        go(planned, part)
        assert planned.page.evaluate("checks.nameless()") == []


def test_text_stands_out_from_its_ground(planned: WhatIf) -> None:
    for part in PARTS:
        go(planned, part)
        assert planned.page.evaluate("checks.faint()") == []


def test_ids_are_given_once_and_lead_somewhere(planned: WhatIf) -> None:
    assert planned.page.evaluate("checks.ids()") == []


def test_tables_have_captions_and_headings_go_down_by_one(planned: WhatIf) -> None:
    assert planned.page.evaluate("checks.captionless()") == []
    for part in PARTS:
        go(planned, part)
        assert planned.page.evaluate("checks.jumpingHeadings()") == []


def test_nothing_is_wider_than_the_page(planned: WhatIf) -> None:
    for part in PARTS:
        go(planned, part)
        assert planned.page.evaluate("checks.tooWide()") == []


def test_narrow_pages_have_controls_for_fingers(planned: WhatIf) -> None:
    if not planned.narrow:
        pytest.skip("wide pages are used with a pointer")
    for part in PARTS:
        go(planned, part)
        assert planned.page.evaluate("checks.tooSmall(44)") == []


def test_a_site_is_shut_by_keyboard_alone(browser: Browser, town: Live) -> None:
    what_if = WhatIf(browser, town.address).opened()
    page = what_if.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent").startswith("Sites"):
            break
    page.keyboard.press("Enter")
    for _ in range(6):
        page.keyboard.press("Tab")
        site = page.evaluate("document.activeElement.dataset.site ?? null")
        if site:
            break
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert what_if.state("wish.sites") == {site: "shut"}
    # the panel was drawn again, and the focus stayed
    assert page.evaluate("document.activeElement.dataset.site") == site
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"


def test_progress_is_said_aloud(browser: Browser, town: Live) -> None:
    what_if = WhatIf(browser, town.address).opened()
    live = what_if.page.locator("#live")
    assert live.get_attribute("aria-live") == "polite"
    what_if.plan("Heard")
    what_if.until("document.querySelector('#live').textContent.startsWith('Finished')")
    assert "proven" in live.inner_text()
