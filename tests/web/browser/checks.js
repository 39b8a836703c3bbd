/* Checks of a page by what people need, run inside it. Each gives a list of findings. */
globalThis.checks = (() => {
  const visible = (element) => element.checkVisibility({ visibilityProperty: true }) &&
    element.getClientRects().length > 0 && !element.closest(".visually-hidden");
  const all = (selector) => [...document.querySelectorAll(selector)].filter(visible);
  const say = (element) => `${element.tagName.toLowerCase()}${element.id ? `#${element.id}` : ""}` +
    `.${String(element.className?.baseVal ?? element.className).replaceAll(" ", ".")} "${(element.textContent ?? "").trim().slice(0, 40)}"`;
  const CONTROLS = "a[href], button, input, select, summary, textarea, [role=region][tabindex], [role=button]";

  function nameOf(element) {
    const by = (element.getAttribute("aria-labelledby") ?? "").split(" ").filter(Boolean)
      .map((id) => document.getElementById(id)?.textContent ?? "").join(" ");
    const labels = [...(element.labels ?? [])].map((label) => label.textContent).join(" ");
    const own = element.matches("input, select") ? "" : element.textContent;
    return (by || element.getAttribute("aria-label") || labels || own || element.title || "").trim();
  }

  function channel(value) {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const parse = (text) => {
    const parts = text.match(/[\d.]+/g).map(Number);
    return [parts.slice(0, 3), parts[3] ?? 1];
  };
  function groundOf(element) {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const [colour, alpha] = parse(getComputedStyle(at).backgroundColor);
      if (alpha > 0) layers.push([colour, alpha]);
      if (alpha === 1) break;
    }
    return layers.reverse().reduce((under, [colour, alpha]) =>
      colour.map((value, place) => value * alpha + under[place] * (1 - alpha)), [255, 255, 255]);
  }
  function contrast(element) {
    const [ink] = parse(getComputedStyle(element).color);
    const [a, b] = [light(ink), light(groundOf(element))].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  }

  return {
    nameless: () => all(CONTROLS).filter((each) => !nameOf(each)).map(say),
    faint: () => all("body *").filter((element) => {
      const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
      if (!hasText && !element.matches("input, select")) return false;
      if (element.closest("[aria-hidden=true], svg, .maplibregl-canvas-container")) return false;
      const { fontSize, fontWeight } = getComputedStyle(element);
      const size = Number.parseFloat(fontSize);
      const isLarge = size >= 24 || (size >= 18.66 && Number(fontWeight) >= 700);
      return contrast(element) < (isLarge ? 3 : 4.5);
    }).map((element) => `${say(element)} ${contrast(element).toFixed(2)}`),
    ids() {
      const ids = [...document.querySelectorAll("[id]")].map((each) => each.id);
      const twice = ids.filter((id, place) => ids.indexOf(id) !== place);
      const lost = [];
      for (const name of ["for", "aria-labelledby", "aria-describedby"])
        for (const element of document.querySelectorAll(`[${name}]`))
          for (const id of element.getAttribute(name).split(" "))
            if (!document.getElementById(id)) lost.push(`${say(element)} ${name}=${id}`);
      return [...twice, ...lost];
    },
    captionless: () => [...document.querySelectorAll("table")].filter((table) => !table.caption?.textContent).map(say),
    jumpingHeadings() {
      let before = 1;
      // Headings that are only heard count too.
      const shown = (heading) => heading.checkVisibility();
      return [...document.querySelectorAll("main h2, main h3, main h4, main h5")].filter(shown).filter((heading) => {
        const level = Number(heading.tagName[1]);
        const jumps = level > before + 1;
        before = level;
        return jumps;
      }).map(say);
    },
    tooWide: () => [document.documentElement, document.body, ...all("main > section, .scroll, .start, .top, .page > div")]
      .filter((each) => each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).overflowX !== "auto" || each.getBoundingClientRect().right > innerWidth + 1)
      .map(say),
    tooSmall: (least) => all(CONTROLS).filter((element) => {
      const label = element.closest("label") ?? element.labels?.[0];
      const boxes = [element, label].filter(Boolean).map((each) => each.getBoundingClientRect());
      return Math.max(...boxes.map((box) => box.height)) < least - 0.5;
    }).map((element) => `${say(element)} ${element.getBoundingClientRect().height}`),
  };
})();
