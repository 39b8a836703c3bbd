"""The what-if page as a person uses it: what tests do with it, in a few words."""

import json
from typing import Any

from tests.browser import Browser, Seen

WIDE, NARROW = (1280, 800), (390, 844)
PATIENCE_MS = 60_000


class WhatIf:
    """One open page. width and height in pixels; narrow pages are touched."""

    def __init__(
        self, browser: Browser, address: str, size: tuple[int, int] = WIDE, **more: Any
    ) -> None:
        width, height = size
        self.narrow = width < 1000
        self.seen: Seen = browser.new(
            viewport={"width": width, "height": height}, has_touch=self.narrow, **more
        )
        self.page = self.seen.page
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.goto(address)

    def opened(self) -> "WhatIf":
        """Once the region is there, and what was planned last is shown."""
        self.until("globalThis.dmopt?.store.get().isSettled")
        return self

    def part(self, name: str) -> None:
        """Go to a part of the page, by the links of this width."""
        if not self.narrow and name in ("map", "change", "result"):
            name = "map"
        links = ".tabbar" if self.narrow else ".views"
        self.page.click(f"{links} a[href='#{name}']")

    def until(self, condition: str) -> None:
        self.page.wait_for_function(f"() => Boolean({condition})")

    def state(self, path: str) -> Any:
        """A part of what the page knows."""
        return self.page.evaluate(f"() => dmopt.store.get().{path}")

    def open_group(self, title: str) -> None:
        """Unfold a part of the panel of changes."""
        group = self.page.locator(f"details.group:has(> summary h3:text-is('{title}'))")
        if group.get_attribute("open") is None:
            group.locator("summary").first.click()

    def click_site(self, site: str) -> None:
        """Click a site on the map, where it is drawn."""
        self.part("map")
        self.until("dmopt.view.map.loaded() && dmopt.view.map.areTilesLoaded()")
        at = self.page.evaluate(
            """site => {
              const { map } = dmopt.view;
              const found = dmopt.store.get().geo.sites.features
                .find(each => each.properties.id === site);
              const { x, y } = map.project(found.geometry.coordinates);
              const box = map.getContainer().getBoundingClientRect();
              return { x: box.x + x, y: box.y + y };
            }""",
            site,
        )
        before = self.state("wish")
        if self.narrow:
            self.page.touchscreen.tap(at["x"], at["y"])
        else:
            self.page.mouse.click(at["x"], at["y"])
        self.page.wait_for_function(
            "before => JSON.stringify(dmopt.store.get().wish) !== before",
            arg=json.dumps(before, separators=(",", ":"), ensure_ascii=False),
        )

    def begin(self, name: str, gap: str = "0.02", limit: str = "10") -> None:
        """Press the button that plans; sets name, gap and time limit first."""
        self.part("change")
        self.page.fill("#scenario-name", name)
        self.page.select_option("#gap", gap)
        self.page.select_option("#time-limit", limit)
        self.page.click("#plan")
        self.until("dmopt.store.get().runningId !== null")

    def ended(self, name: str) -> None:
        """Wait until the scenario of this name is shown."""
        self.until("dmopt.store.get().runningId === null")
        self.until(f"dmopt.store.get().shown?.name === {name!r}")

    def plan(self, name: str) -> None:
        self.begin(name)
        self.ended(name)

    def study(self) -> None:
        """Both studies of the plan shown, asked for where they are not known."""
        self.page.evaluate("dmopt.store.set({ view: 'studies' })")
        self.page.select_option("#frontier-points", "4")
        for kind in ("stress", "frontier"):
            if self.state(f"shown.asked?.{kind} ?? null") != "done":
                self.page.click(f"#ask-{kind}")
        for kind in ("stress", "frontier"):
            self.until(f"document.querySelector('.{kind} tbody tr')")
            self.until(f"document.querySelector('#stop-{kind}').hidden")

    def is_quiet(self) -> bool:
        """Nothing left the machine and nothing went wrong."""
        assert self.seen.outside == []
        assert self.seen.errors == []
        return True
