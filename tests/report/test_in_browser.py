"""The report in a real browser, from disk: no request, a drawn map, nothing alive."""

import io
import itertools
from pathlib import Path

import pytest
from matplotlib.image import imread

from dmopt.plan.plan import make_plan
from dmopt.report import as_option, write_report
from tests.browser import Browser, Seen, address
from tests.line import changed
from tests.maps.city import city, plan_of, result_of
from tests.report.towns import result, towns
from tests.rules.plans import flow, standing

HOSTILE = (
    "<script>window.pwned=1</script>",
    '"><img src=x onerror="window.pwned=2">',
    "</script><script>window.pwned=3</script>",
    '=HYPERLINK("http://example.org")',
    "{{ 7 * 7 }} `<b>` &amp;",
    "'-window.pwned=4-'",
)
CONTRAST = """() => {
  const parse = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => {
    const bend = (v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    const part = (v) => bend(v / 255);
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const behind = (node) => {
    for (; node; node = node.parentElement) {
      const found = parse(getComputedStyle(node).backgroundColor);
      if (found.length === 3 || found[3] === 1) return found;
    }
    return [255, 255, 255];
  };
  const bad = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !node.getClientRects().length) continue;
    const [a, b] = [parse(getComputedStyle(node).color), behind(node)].map(light);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) bad.push([walk.currentNode.data.slice(0, 40), ratio]);
  }
  return bad;
}"""


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Path:
    """The report of the made-up city in two periods, beside itself as another."""
    plan = plan_of(city(periods=2))
    mine, other = as_option(result_of(plan)), as_option(result_of(plan), "the other")
    path = tmp_path_factory.mktemp("report") / "city.html"
    return write_report(mine, path, others=[other])


def drawn(seen: Seen) -> None:
    seen.page.wait_for_selector("#interactive[data-drawn]", timeout=30_000)
    seen.page.wait_for_timeout(500)


def test_it_opens_from_disk_without_a_request_and_draws_its_map(
    browser: Browser, page: Path
) -> None:
    seen = browser.open(page, viewport={"width": 1200, "height": 900})
    drawn(seen)
    assert seen.requests == [address(page)]
    assert seen.outside == [] and seen.errors == []
    assert not seen.page.locator("#still").is_visible()
    # zones in several shades, and lines: not a blank sheet
    colours = pixels(seen)
    for shade in ((241, 244, 246), (218, 226, 232), (155, 174, 189)):
        assert colours.get(shade, 0) > 500, shade
    assert seen.page.locator(".site").count() == 4
    assert seen.page.locator(".district").all_text_contents() != []


def pixels(seen: Seen) -> dict[tuple[int, int, int], int]:
    """Colours on the map's canvas -> how many pixels."""
    shot = imread(io.BytesIO(seen.page.locator("#map canvas").screenshot()))
    found: dict[tuple[int, int, int], int] = {}
    for pixel in (shot[..., :3] * 255).round().astype(int).reshape(-1, 3).tolist():
        found[tuple(pixel)] = found.get(tuple(pixel), 0) + 1
    return found


def test_the_map_answers(browser: Browser, page: Path) -> None:
    seen = browser.open(page, viewport={"width": 1200, "height": 900})
    drawn(seen)
    before = pixels(seen)
    seen.page.get_by_label("Way to the nearest open site").check()
    seen.page.wait_for_timeout(500)
    after = pixels(seen)
    assert before.get((218, 226, 232), 0) > 500 > after.get((218, 226, 232), 0)
    seen.page.get_by_label("Period").select_option(index=1)
    assert seen.page.locator(".site").count() == 6
    seen.page.get_by_label("places not used").check()
    assert seen.page.locator(".site.closed").count() == 19
    # by keyboard: from the controls on to a site, opened with Enter
    seen.page.locator(".site:not(.closed)").first.focus()
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_selector(".popup")
    assert "yard" in seen.page.locator(".popup").inner_text()
    assert seen.errors == []


def test_sites_are_reached_with_the_tab_key(browser: Browser, page: Path) -> None:
    seen = browser.open(page, viewport={"width": 1200, "height": 900})
    drawn(seen)
    seen.page.locator("#controls [name=labels]").focus()
    for _ in range(12):
        seen.page.keyboard.press("Tab")
        if seen.page.evaluate("document.activeElement.className").startswith("site"):
            return
    pytest.fail("no site came up within 12 presses of Tab")


@pytest.mark.parametrize("how", ["no WebGL", "no scripts"])
def test_without_webgl_or_scripts_the_printed_map_stays(
    browser: Browser, page: Path, how: str
) -> None:
    seen = browser.new(java_script_enabled=how != "no scripts")
    if how == "no WebGL":
        seen.page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    seen.page.goto(address(page))
    assert seen.page.locator("#still img").is_visible()
    assert not seen.page.locator("#interactive").is_visible()
    assert seen.page.locator("#summary").is_visible()


def test_headings_tables_pictures_and_forms_are_told_to_screen_readers(
    browser: Browser, page: Path
) -> None:
    seen = browser.open(page)
    drawn(seen)
    ask = seen.page.evaluate
    assert ask("document.documentElement.lang") == "en"
    levels = ask(
        "[...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])"
    )
    assert levels.count(1) == 1 and levels[0] == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))
    for tag in ("header", "nav", "main", "footer"):
        assert seen.page.locator(f"body > {tag}").count() == 1
    assert ask("[...document.images].every(i => i.alt.length > 20)")
    assert ask("[...document.querySelectorAll('table')].every(t => t.caption)")
    assert ask("[...document.querySelectorAll('th')].every(t => t.scope)")
    assert ask("[...document.querySelectorAll('input,select')].every(i => i.labels[0])")
    assert ask(
        "[...document.querySelectorAll('button')].every("
        "b => b.ariaLabel || b.title || b.textContent)"
    )
    assert ask(
        "new Set([...document.querySelectorAll('[id]')].map(e => e.id)).size"
        " === document.querySelectorAll('[id]').length"
    )


def test_all_text_has_contrast(browser: Browser, page: Path) -> None:
    seen = browser.open(page)
    seen.page.evaluate(
        "document.querySelectorAll('details').forEach(d => { d.open = true })"
    )
    assert seen.page.evaluate(CONTRAST) == []


def test_texts_of_the_data_stay_texts(browser: Browser, tmp_path: Path) -> None:
    seen = browser.open(write_report(hostile(), tmp_path / "page.html"))
    drawn(seen)
    for site in seen.page.locator(".site").all():
        site.dispatch_event("click")
    seen.page.locator("#map canvas").click(position={"x": 200, "y": 200})
    assert seen.page.evaluate("window.pwned") is None
    assert seen.outside == [] and seen.errors == []
    shown = seen.page.locator("body").inner_text()
    everything = seen.page.locator("body").evaluate("b => b.textContent")
    for text in HOSTILE[:4]:
        assert text in everything, text
    assert HOSTILE[0] in shown
    assert "49" not in seen.page.title()


def hostile():
    """The two towns with names that would like to be something else."""
    script, image, breakout, formula, template, quote = HOSTILE
    zones = [
        {"zone": breakout, "district": image, "population": 60, "x": 0, "y": 0},
        {"zone": "east", "district": template, "population": 9, "x": 9000, "y": 0},
    ]
    demand = [
        {"zone": zone, "commodity": "bread", "quantity_per_yr": 50}
        for zone in (breakout, "east")
    ]
    sites = [
        {"site": script, "name": "", "district": image, "x": 0, "y": 0},
        {"site": "e", "name": formula, "district": template, "x": 9000, "y": 0},
    ]
    technologies = changed(
        "technologies", name=image, family=breakout, source=formula, note=script
    )
    rules = [
        {
            "id": breakout,
            "rule": "site_count",
            "parameters": "least=1",
            "source": image,
            "author": quote,
        }
    ]
    instance = towns(
        {"name": script, "description": image, "credit": breakout, "licence": template},
        zones=zones,
        sites=sites,
        demand=demand,
        technologies=technologies,
        rules=rules,
    )
    plan = make_plan(
        instance,
        {
            "opened": [{"site": script, "period": "y"}],
            "modules": [standing(script)],
            "activity": [
                {
                    "site": script,
                    "recipe": "bake",
                    "period": "y",
                    "quantity_per_yr": 100,
                }
            ],
            "flows": [flow(script, zone, 50) for zone in (breakout, "east")],
        },
    )
    return as_option(result(plan), image)


def test_even_markup_that_got_in_would_not_run_or_load(
    browser: Browser, page: Path, tmp_path: Path
) -> None:
    """The policy of the page holds where escaping would have failed."""
    slipped = (
        "<script>window.pwned = 1</script><img src=x onerror='window.pwned = 2'>"
        "<img src='http://example.org/a.png'><iframe src='http://example.org'></iframe>"
        "<script src='http://example.org/a.js'></script>"
    )
    broken = tmp_path / "broken.html"
    text = page.read_text(encoding="utf-8")
    broken.write_text(text.replace("<main>", f"<main>{slipped}", 1), encoding="utf-8")
    seen, why = browser.new(), []
    seen.page.on("requestfailed", lambda request: why.append(request.failure))
    seen.page.goto(address(broken))
    assert seen.page.evaluate("window.pwned") is None
    assert set(why) == {"csp"} and len(why) >= 2
    assert seen.errors  # what was refused is on the console


def test_the_summary_prints_on_two_pages_and_folded_parts_print_too(
    browser: Browser, page: Path
) -> None:
    seen = browser.open(page)
    seen.page.emulate_media(media="print")
    assert seen.page.locator("#still img").is_visible()
    assert not seen.page.locator("#interactive").is_visible()
    assert not seen.page.locator("nav").is_visible()
    seen.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert (
        seen.page.evaluate("document.querySelectorAll('details:not([open])').length")
        == 0
    )
    seen.page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert (
        seen.page.evaluate("document.querySelectorAll('details:not([open])').length")
        > 0
    )
    whole = pages(seen.page.pdf(prefer_css_page_size=True))
    seen.page.evaluate(
        "for (const part of document.querySelectorAll("
        "'main > section:not(#summary), footer')) part.remove()"
    )
    assert pages(seen.page.pdf(prefer_css_page_size=True)) <= 2 < whole


def pages(pdf: bytes) -> int:
    """Pages of a PDF as Chromium writes it."""
    return pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ")
