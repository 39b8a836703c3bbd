"""The whole way of a planner through the page, at both widths."""

from pathlib import Path

import pytest

from dmopt.studies.session import AT_ONCE
from tests.browser import Browser
from tests.web.browser.page import NARROW, WIDE, WhatIf
from tests.web.server import INSTANCES, TOWN, Live, lines


@pytest.fixture(params=[WIDE, NARROW], ids=["1280", "390"])
def journey(request: pytest.FixtureRequest, browser: Browser, tmp_path: Path) -> WhatIf:
    server = Live(tmp_path / "data", TOWN)
    request.addfinalizer(server.end)
    return WhatIf(browser, server.address, request.param)


def test_from_opening_to_download(journey: WhatIf, tmp_path: Path) -> None:
    what_if = journey.opened()
    page = what_if.page

    what_if.plan("As given")
    what_if.part("result")
    assert page.inner_text("#result .badge").startswith("proven")
    # 2.63 million GBP a year: instances/rule-town/README.md
    assert page.inner_text("#result .cost") == "GBP 2.63 million a year"
    bound = page.inner_text("#result .bound")
    assert bound.startswith("No plan costs less than GBP 2.")
    assert page.locator("#result .against").count() == 0

    opened = what_if.state("shown.sites_open")
    site = next(each for each in opened if each != "plant")
    what_if.click_site(site)
    assert what_if.state("wish.sites") == {site: "open"}
    what_if.click_site(site)
    assert what_if.state("wish.sites") == {site: "shut"}
    what_if.part("change")
    assert "stays shut" in page.inner_text(".changes")
    assert page.inner_text("#plan") == "Plan again"

    what_if.open_group("Budget")
    page.fill("#budget-capital", "900000")
    page.keyboard.press("Tab")
    assert what_if.state("wish.budget") == {"capital": 900000}
    what_if.plan("Shut, and less money")
    what_if.part("result")
    assert site not in what_if.state("shown.sites_open")
    assert page.input_value("#base") == page.evaluate("dmopt.store.get().base.id")
    # without its best site, and with less money, the town pays more
    assert "more" in page.inner_text(".cost-sentence")
    verdicts = page.locator("#result .measures .change").all_inner_texts()
    assert verdicts and all(
        text.rpartition(", ")[2] in ("better", "worse", "higher", "lower")
        for text in verdicts
    )

    what_if.part("compare")
    what_if.until("document.querySelectorAll('.compare-table tbody tr').length > 3")
    costs = page.locator(".compare-table tbody tr").first.inner_text().split("\t")
    assert costs[0] == "Cost" and costs[1] == "GBP 2.63 million"
    assert costs[3].endswith("worse")
    assert page.locator("#compare canvas").count() == 2

    what_if.part("result")
    for name, start in {
        "GeoPackage": b"SQLite format 3\x00",
        "Excel": b"PK",
        "Map picture": b"\x89PNG",
    }.items():
        with page.expect_download() as told:
            page.click(f"#result a.file:has-text('{name}')")
        file = tmp_path / name  # one each: an earlier one may still be copied
        told.value.save_as(file)
        assert file.read_bytes().startswith(start)
    assert what_if.is_quiet()


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1280", "390"])
def test_studies_lead_to_the_map_and_back(
    browser: Browser, town: Live, size: tuple[int, int]
) -> None:
    what_if = WhatIf(browser, town.address, size).opened()
    page = what_if.page
    if what_if.state("history.some(each => each.name === 'As given') || null") is None:
        what_if.plan("As given")
    page.evaluate(
        """() => {
          const given = dmopt.store.get().history.find(e => e.name === "As given");
          return dmopt.actions.show(given.id);
        }"""
    )
    what_if.part("result")
    page.click("#result .links a[href='#studies']")
    what_if.study()

    # the worst loss is named, and its row leads to the site on the map
    worst = page.inner_text(".study-says .worst")
    first = page.locator(".stress tbody tr").first
    lost = first.locator(".name").inner_text().split("\n")[0]
    assert worst.startswith(f"Worst loss: {lost}. ") and "worst" in first.inner_text()
    first.locator("td[data-label='People served']").click()
    what_if.until("dmopt.store.get().view === 'map'")
    strip = page.locator("#map .on-map")
    assert strip.inner_text().startswith(f"Lost: {lost}. ")
    [mark] = what_if.state("onMap.marks")
    assert mark == page.evaluate(
        """name => dmopt.store.get().geo.sites.features
          .find(e => name === `site ${e.properties.name}`).geometry.coordinates""",
        lost,
    )
    what_if.until("dmopt.view.map.querySourceFeatures('marks').length > 0")
    strip.get_by_role("button", name="Remove the mark").click()
    what_if.until("dmopt.view.map.querySourceFeatures('marks').length === 0")
    assert not strip.is_visible()

    # each plan is a point that the keyboard reaches, and is put on the map
    page.evaluate("dmopt.store.set({ view: 'studies' })")
    rows = page.locator(".frontier tbody tr").count()
    marks = page.locator(".frontier-svg .point")
    plans = page.locator(".frontier tbody tr button").count()
    assert rows == 4 and 2 <= marks.count() <= plans
    before = what_if.state("shownMap")
    cheapest = what_if.state("shown.cost")
    marks.last.focus()  # the one that emits least: the first is the plan shown
    page.keyboard.press("Enter")
    what_if.until("dmopt.store.get().onMap?.plan > 0")
    assert what_if.state("shownMap") != before
    assert "Another plan: " in strip.inner_text() and "gap" in strip.inner_text()
    assert what_if.state("shown.cost") == cheapest
    what_if.part("result")
    assert 'figures here are those of "As given"' in page.inner_text("#result .on-map")
    what_if.part("map")
    strip.get_by_role("button", name="Back to the studies").click()
    assert page.locator(".frontier-svg .chosen").count() == 1
    page.evaluate("dmopt.store.set({ view: 'map' })")
    strip.get_by_role("button", name="Show the plan again").click()
    what_if.until("dmopt.store.get().onMap === null")
    assert what_if.state("shownMap") == before

    what_if.part("history")
    row = page.locator("#history tbody tr", has_text="As given").first
    assert "Studied: stress test, emissions and cost" in row.inner_text()
    assert what_if.is_quiet()


def test_what_was_asked_before_is_compared_with_now(
    browser: Browser, town: Live
) -> None:
    what_if = WhatIf(browser, town.address).opened()
    page = what_if.page
    for name in ("Before", "Now"):
        what_if.plan(name)
    what_if.part("history")
    row = page.locator("#history tbody tr").filter(has=page.locator("text='Before'"))
    costs = row.locator("td.number").all_inner_texts()
    assert len(costs) == 2 and all(text.startswith("GBP") for text in costs)
    page.get_by_role("button", name="Compare with now: Before and Now").click()
    what_if.until("document.querySelectorAll('.compare-table tbody tr').length > 3")
    chosen = [
        page.evaluate(
            "id => document.querySelector(id).selectedOptions[0].text",
            f"#compare-{side}",
        )
        for side in ("left", "right")
    ]
    assert chosen == ["Before", "Now"]
    assert what_if.is_quiet()


def test_a_way_out_is_a_button(browser: Browser, town: Live) -> None:
    # A site needs a module to work, and 1,000 GBP buy none
    what_if = WhatIf(browser, town.address).opened()
    page = what_if.page
    what_if.open_group("Sites")
    page.select_option("[data-site='hill-street']", "open")
    what_if.open_group("Budget")
    page.fill("#budget-capital", "1000")
    page.keyboard.press("Tab")
    what_if.plan("Too much for too little")
    assert page.inner_text("#result .badge") == "no plan exists (proven)"
    said = page.inner_text("#result .messages")
    assert "No plan can keep all rules and limits: proven." in said
    assert "HiGHS" not in said
    page.click(".proof summary")
    assert "HiGHS" in page.inner_text(".proof")

    page.click("#explain")
    page.wait_for_selector(".ways-list")
    conflict = page.inner_text(".conflict")
    assert "You forced Hill street open" in conflict and "GBP 1,000" in conflict
    ways = page.locator(".ways-list > li > p:first-child").all_inner_texts()
    assert len(ways) == len(set(ways))

    forced = page.locator(".ways-list li", has_text="no longer forced")
    forced.locator("button").click()
    what_if.until("dmopt.store.get().runningId !== null")
    what_if.until("dmopt.store.get().runningId === null")
    assert what_if.state("shown.status") == "optimal"
    assert what_if.state("wish.sites") == {}
    assert what_if.state("wish.budget") == {"capital": 1000}
    assert what_if.is_quiet()


def test_a_budget_of_several_periods_is_seen_set_and_lifted(
    browser: Browser, tmp_path: Path
) -> None:
    server = Live(tmp_path / "data", INSTANCES / "west-midlands-2035")
    try:
        what_if = WhatIf(browser, server.address).opened()
        page = what_if.page
        what_if.open_group("Budget")
        assert page.get_attribute("#budget-capital", "placeholder") == (
            "differs by period"
        )
        # the figures of instances/west-midlands-2035/scenario.toml
        says = page.inner_text("#budget-capital-says")
        assert "2027 GBP 40.0 million, 2031 GBP 50.0 million" in says
        page.click("text=Capital budget by period")
        page.fill("#budget-capital-2031", "30000000")
        page.keyboard.press("Tab")
        page.get_by_role("button", name="No limit: 2035, GBP").click()
        assert what_if.state("wish.budget") == {
            "capital": {"2031": 30_000_000, "2035": "no limit"}
        }
        assert "2031 GBP 30.0 million, 2035 no limit" in page.inner_text(".changes")
        page.get_by_role("button", name="No limit: Capital budget, GBP").click()
        assert what_if.state("wish.budget") == {"capital": "no limit"}
        page.get_by_role("button", name="Reset Capital budget, GBP").click()
        assert what_if.state("wish.budget") == {}
        assert what_if.is_quiet()
    finally:
        server.end()


def test_a_second_click_is_answered_from_the_first(
    browser: Browser, tmp_path: Path
) -> None:
    server = Live(tmp_path / "data", TOWN)
    try:
        what_if = WhatIf(browser, server.address).opened()
        what_if.plan("As given")
        cost, opened = what_if.state("shown.cost"), what_if.state("shown.sites_open")
        assert not any(step["step"] == AT_ONCE for step in what_if.state("trace"))
        site = next(each for each in opened if each != "plant")
        what_if.click_site(site)
        what_if.click_site(site)
        assert what_if.state("wish.sites") == {site: "shut"}
        what_if.plan("Shut")
        assert any(step["step"] == AT_ONCE for step in what_if.state("trace"))
        assert site not in what_if.state("shown.sites_open")
        assert not what_if.state(f"shownMap.sites['{site}'].open")
        assert what_if.state("shown.cost") > cost
        # as it was: the plan is at hand
        what_if.click_site(site)
        what_if.plan("As given again")
        assert what_if.state("shown.cost") <= cost * 1.02
        assert what_if.is_quiet()
    finally:
        server.end()


def test_another_click_stops_what_runs(browser: Browser, tmp_path: Path) -> None:
    server = Live(tmp_path / "data", INSTANCES / "west-midlands")
    try:
        what_if = WhatIf(browser, server.address).opened()
        page = what_if.page
        what_if.begin("First", gap="0.001", limit="600")
        what_if.until("dmopt.store.get().trace.some(each => each.cost !== null)")
        assert page.inner_text("#plan") == "Planning ..." and page.is_disabled("#plan")
        page.evaluate(
            """() => { const { store } = dmopt, { wish } = store.get();
              store.set({ wish: { ...wish, knobs: { transport_price: 1.1 } } }); }"""
        )
        assert page.inner_text("#plan") == "Stop, and plan this"
        what_if.begin("Second", gap="0.05", limit="10")
        what_if.ended("Second")
        states = {each["name"]: each["state"] for each in what_if.state("history")}
        assert states == {"First": "cancelled", "Second": "done"}
        assert what_if.state("shown.verified") and what_if.is_quiet()
    finally:
        server.end()


def test_a_stopped_plan_is_kept(browser: Browser, tmp_path: Path) -> None:
    # 0.1 % on the West Midlands takes far longer than this test waits
    server = Live(tmp_path / "data", INSTANCES / "west-midlands")
    try:
        what_if = WhatIf(browser, server.address).opened()
        page = what_if.page
        what_if.begin("Stopped", gap="0.001", limit="180")
        # a plan may come before any bound does
        what_if.until("dmopt.store.get().trace.some(each => each.cost && each.bound)")
        facts = page.inner_text(".progress .facts")
        assert "GBP" in facts and "%" in facts
        # the plan at hand is shown, verified, while a better one is looked for
        what_if.until("dmopt.store.get().shown?.cost")
        assert what_if.state("shown.state") == "running"
        assert what_if.state("shown.verified") and what_if.state("shown.sites_open")
        assert any(site["open"] for site in what_if.state("shownMap.sites").values())
        assert page.inner_text("#result .badge").startswith("so far ")
        assert page.locator("#result .files").count() == 0
        page.click("#stop")
        what_if.ended("Stopped")
        assert what_if.state("shown.state") == "cancelled"
        assert what_if.state("shown.cost") > what_if.state("shown.bound") > 0
        assert "You stopped it" in page.inner_text("#result .bound")
        assert what_if.is_quiet()
    finally:
        server.end()
    done = [line["action"] for line in lines(tmp_path / "data" / "log.jsonl")]
    assert "cancel" in done
