"""What the page does with refusals, hostile data and large regions."""

import json
from typing import Any

from tests.browser import Browser
from tests.web.browser.large import large
from tests.web.browser.page import WhatIf
from tests.web.server import Live

HOSTILE = "<img src=x onerror=\"document.title='taken'\"><script>1</script>"


def test_a_fault_is_shown_at_its_field_and_nothing_is_lost(
    browser: Browser, town: Live
) -> None:
    what_if = WhatIf(browser, town.address).opened()
    page = what_if.page
    what_if.open_group("Prices and demand")
    # past what the field allows: as somebody with another page might send it
    page.evaluate(
        """() => { const { store } = dmopt;
          const wish = structuredClone(store.get().wish);
          wish.knobs.demand = 99; wish.sites["hill-street"] = "shut";
          store.set({ wish }); }"""
    )
    page.click("#plan")
    field = page.locator("#knob-demand")
    page.wait_for_selector("#knob-demand[aria-invalid='true']")
    described = field.get_attribute("aria-describedby")
    assert "knob-demand-fault" in described
    assert "0 to 10" in page.inner_text("#knob-demand-fault")
    assert "does not fit" in page.inner_text("#notice")
    assert what_if.state("wish.sites") == {"hill-street": "shut"}
    assert what_if.state("runningId") is None
    page.reload()
    what_if.opened()
    assert what_if.state("wish.sites") == {"hill-street": "shut"}


def test_a_rule_that_cannot_be_read_is_told(browser: Browser, town: Live) -> None:
    what_if = WhatIf(browser, town.address).opened()
    page = what_if.page
    what_if.open_group("Rules")
    page.fill("#add-rule", "near: proximity_service share=900 %; within_km=10")
    page.click(".adder button")
    page.click("#plan")
    notice = page.wait_for_selector("#notice .notice li")
    assert notice is not None and "share" in notice.inner_text()
    assert "near: proximity_service" in page.inner_text(".changes")


def test_names_are_text_wherever_they_are_shown(browser: Browser, town: Live) -> None:
    def named(text: str) -> str:
        """Every name of an answer becomes hostile."""
        found = json.loads(text)
        _rename(found)
        return json.dumps(found)

    what_if = WhatIf(browser, town.address)
    page = what_if.page

    def change(route: Any) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=named(answer.text()))

    page.route("**/api/instances**", change)
    page.route("**/api/scenarios?**", change)
    page.reload()
    what_if.opened()
    for part in ("change", "history", "tables", "compare"):
        what_if.part(part)
        page.wait_for_timeout(100)
    assert HOSTILE in page.inner_text("#tables")
    assert page.title() == "What if? - dmopt"
    assert page.locator("main img[onerror]").count() == 0
    assert what_if.is_quiet()


def _rename(value: Any) -> None:
    if isinstance(value, list):
        for each in value:
            _rename(each)
    if isinstance(value, dict):
        for key, each in value.items():
            if key in ("name", "label", "sentence", "district") and each:
                value[key] = HOSTILE
            _rename(each)


def test_two_thousand_zones_and_three_hundred_sites_are_drawn(
    browser: Browser, town: Live
) -> None:
    what_if = WhatIf(browser, town.address)
    page = what_if.page

    def change(route: Any) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=json.dumps(large(answer.json())))

    page.route("**/api/instances/*/map", change)
    page.reload()
    what_if.opened()
    what_if.until("dmopt.view.map.loaded()")
    drawn = page.evaluate(
        """() => new Set(dmopt.view.map.queryRenderedFeatures({ layers: ["zones"] })
             .map(each => each.properties.id)).size"""
    )
    assert drawn == 2_000
    marks = page.evaluate(
        """() => new Set(dmopt.view.map.queryRenderedFeatures(
             { layers: ["sites", "small-sites"] }).map(e => e.properties.id)).size"""
    )
    assert marks == 300
    assert page.locator("[data-site]").count() == 300
    assert what_if.is_quiet()
