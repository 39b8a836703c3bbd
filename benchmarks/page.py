"""How soon the what-if page is drawn, and how smoothly it moves, for a large region.

    python benchmarks/page.py [--zones 2000] [--sites 300] [--runs 3]

A server of its own serves instances/rule-town; its map is replaced on the way to the
browser by a made-up one of the size asked for. Headless Chromium draws without a
graphics card, so that a planner's computer does better. Each run has an empty cache.

    paint_ms   until something is seen (first contentful paint)
    map_ms     until all zones and sites are drawn
    drag_ms    time between frames while the map is dragged: median, and 95 of 100
    zoom_ms    the same while it is zoomed
"""

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from record import record

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # the server and the browser are those of the tests

from playwright.sync_api import sync_playwright  # noqa: E402

from tests.browser import executable, flags  # noqa: E402
from tests.web.browser.large import large  # noqa: E402
from tests.web.server import TOWN, Live  # noqa: E402

STEPS, STEP_MS = 60, 16
DRAWN = "globalThis.dmopt?.store.get().isSettled && dmopt.view.map.loaded()"
FRAMES = """() => { globalThis.frames_ = []; let before = performance.now();
  const tick = now => { frames_.push(now - before); before = now;
    globalThis.ticking = requestAnimationFrame(tick); };
  globalThis.ticking = requestAnimationFrame(tick); }"""


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--zones", type=int, default=2_000)
    words.add_argument("--sites", type=int, default=300)
    words.add_argument("--runs", type=int, default=3)
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Live(Path(folder), TOWN)
        chromium = playwright.chromium.launch(
            executable_path=executable(), args=flags()
        )
        try:
            for run in range(1, asked.runs + 1):
                found = measure(chromium, server.address, asked.zones, asked.sites)
                row = {"zones": asked.zones, "sites": asked.sites, "run": run, **found}
                print("  ".join(f"{name} {value}" for name, value in row.items()))
                record("page", row)
        finally:
            chromium.close()
            server.end()


def measure(chromium: Any, address: str, zones: int, sites: int) -> dict[str, float]:
    """One run: the columns of a row."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()

    def change(route: Any) -> None:
        answer = route.fetch()
        body = json.dumps(large(answer.json(), zones, sites))
        route.fulfill(response=answer, body=body)

    page.route("**/api/instances/*/map", change)
    page.goto(address)
    page.wait_for_function(f"() => {DRAWN}", polling=20)
    drawn = page.evaluate("performance.now()")
    paint = page.evaluate(
        "performance.getEntriesByName('first-contentful-paint')[0].startTime"
    )
    drag, zoom = frames(page, dragged), frames(page, zoomed)
    context.close()
    return {
        "paint_ms": round(paint),
        "map_ms": round(drawn),
        "drag_ms": round(statistics.median(drag), 1),
        "drag_95_ms": round(statistics.quantiles(drag, n=20)[-1], 1),
        "zoom_ms": round(statistics.median(zoom), 1),
        "zoom_95_ms": round(statistics.quantiles(zoom, n=20)[-1], 1),
    }


def frames(page: Any, move: Any) -> list[float]:
    """Milliseconds between frames while something moves."""
    page.evaluate(FRAMES)
    move(page)
    found: list[float] = page.evaluate(
        "() => { cancelAnimationFrame(ticking); return frames_.slice(1); }"
    )
    return found


def dragged(page: Any) -> None:
    x, y = middle(page)
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(STEPS):
        page.mouse.move(x + 2 * step, y + step)
        page.wait_for_timeout(STEP_MS)
    page.mouse.up()


def zoomed(page: Any) -> None:
    page.mouse.move(*middle(page))
    for step in range(STEPS):
        page.mouse.wheel(0, -40 if step < STEPS / 2 else 40)
        page.wait_for_timeout(STEP_MS)


def middle(page: Any) -> tuple[float, float]:
    box = page.locator("#map-box").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


if __name__ == "__main__":
    main()
