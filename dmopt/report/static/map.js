// The interactive map. Texts of the data are only ever set as text, never as HTML.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("map-data").textContent);
  const box = document.getElementById("interactive");
  const still = document.getElementById("still");
  const controls = document.getElementById("controls");
  const picked = document.getElementById("picked");
  const SVG = "http://www.w3.org/2000/svg";

  const value = (name) => new FormData(controls).get(name);
  const period = () => Number(value("period") || 0);
  const shade = () => value("shade");

  function fill() {
    const key = (shade() === "access" ? "w" : "q") + period();
    const classes = data.shades[shade()].colours.flatMap((colour, n) => [n, colour]);
    return ["match", ["get", key], ...classes, data.none];
  }

  function style() {
    const zones = data.outlines
      ? [
          { id: "zones", type: "fill", source: "zones", paint: { "fill-color": fill() } },
          {
            id: "rims", type: "line", source: "zones",
            paint: { "line-color": "#ffffff", "line-width": 0.4 },
          },
        ]
      : [
          {
            id: "zones", type: "circle", source: "zones",
            paint: {
              "circle-radius": 9, "circle-color": fill(),
              "circle-stroke-color": "#6B757E", "circle-stroke-width": 1,
            },
          },
        ];
    const line = (id, far, colour, dashes) => ({
      id, type: "line", source: "flows",
      filter: ["all", ["==", ["get", "t"], period()], ["==", ["get", "f"], far]],
      layout: { "line-cap": far ? "butt" : "round" },
      paint: {
        "line-color": colour, "line-opacity": 0.6, "line-width": ["get", "w"],
        ...(dashes ? { "line-dasharray": dashes } : {}),
      },
    });
    return {
      version: 8,
      sources: {
        zones: { type: "geojson", data: data.zones },
        flows: { type: "geojson", data: data.flows },
      },
      layers: [
        { id: "paper", type: "background", paint: { "background-color": "#FCFCFA" } },
        ...zones,
        line("afar", 1, data.afar, [3, 1.5]),
        line("near", 0, data.flow, null),
      ],
    };
  }

  function element(name, className, text) {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  }

  function words(title, lines) {
    const made = element("div", "popup");
    made.append(element("strong", "", title));
    for (const text of lines) made.append(element("p", "", text));
    picked.textContent = [title, ...lines].join("; ");
    return made;
  }

  function disc(state) {
    const made = element("button", "site");
    made.type = "button";
    made.style.width = made.style.height = state.r + "px";
    let from = 0;
    const parts = state.c.map(([colour, share]) => {
      const part = `${colour} ${from}turn ${from + share}turn`;
      from += share;
      return part;
    });
    if (parts.length) made.style.background = `conic-gradient(${parts.join(", ")})`;
    return made;
  }

  function mark(shape) {
    const made = document.createElementNS(SVG, "svg");
    made.setAttribute("viewBox", "0 0 12 12");
    made.setAttribute("class", "infrastructure");
    made.setAttribute("role", "img");
    const drawn = document.createElementNS(SVG, "polygon");
    drawn.setAttribute("points", data.shapes[shape]);
    made.append(drawn);
    return made;
  }

  let map;
  let placed = [];

  function place(made, at, options, title, lines) {
    const marker = new maplibregl.Marker({ element: made, ...options }).setLngLat(at);
    if (lines) {
      made.setAttribute("aria-label", [title, ...lines].join("; "));
      made.addEventListener("click", (event) => {
        event.stopPropagation();
        new maplibregl.Popup({ offset: 12, maxWidth: "280px" })
          .setLngLat(at).setDOMContent(words(title, lines)).addTo(map);
      });
    }
    placed.push(marker.addTo(map));
  }

  function placeAll() {
    for (const marker of placed) marker.remove();
    placed = [];
    const now = period();
    if (value("labels")) {
      for (const label of data.labels) {
        place(element("span", "district", label.n), label.at, {});
      }
    }
    if (value("marks")) {
      for (const each of data.marks.filter((m) => m.t === now)) {
        const offset = [14 * (each.p - (each.of - 1) / 2), 18];
        place(mark(each.m), each.at, { offset }, each.s, []);
      }
    }
    const sites = [...data.sites].sort((a, b) => a.states[now].o - b.states[now].o);
    for (const site of sites) {
      const state = site.states[now];
      const title = site.d ? `${site.n}, ${site.d}` : site.n;
      if (state.o) place(disc(state), site.at, {}, title, state.s);
      else if (value("closed")) {
        const made = element("button", "site closed");
        made.type = "button";
        place(made, site.at, {}, title, state.s);
      }
    }
  }

  function update() {
    for (const part of document.querySelectorAll(".shade")) {
      part.hidden = part.dataset.shade !== shade();
    }
    map.setPaintProperty("zones", data.outlines ? "fill-color" : "circle-color", fill());
    for (const [id, far] of [["afar", 1], ["near", 0]]) {
      map.setFilter(id, ["all", ["==", ["get", "t"], period()], ["==", ["get", "f"], far]]);
      map.setLayoutProperty(id, "visibility", value("flows") ? "visible" : "none");
    }
    placeAll();
  }

  function about(event) {
    const flows = map.queryRenderedFeatures(event.point, { layers: ["near", "afar"] });
    const zone = map.queryRenderedFeatures(event.point, { layers: ["zones"] })[0];
    if (flows.length) return words("Delivery", flows.slice(0, 3).map((f) => f.properties.s));
    if (!zone) return null;
    const found = zone.properties;
    const lines = found.d ? [found.d] : [];
    lines.push(`${Number(found.p).toLocaleString("en-GB")} people`);
    for (const [name, letter] of [["demand", "Q"], ["access", "W"]]) {
      lines.push(`${data.shades[name].title}: ${found[letter + period()]}`);
    }
    return words(found.n, lines);
  }

  function show() {
    map = new maplibregl.Map({
      container: "map", style: style(), bounds: data.bounds,
      fitBoundsOptions: { padding: 24 }, attributionControl: false,
      dragRotate: false, pitchWithRotate: false, maxPitch: 0,
    });
    map.touchZoomRotate.disableRotation();
    map.keyboard.disableRotation();
    map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-right");
    map.addControl(new maplibregl.ScaleControl({ unit: "metric" }), "bottom-left");
    map.once("load", () => {
      placeAll();
      box.dataset.drawn = "yes";
    });
    map.on("click", (event) => {
      const content = about(event);
      if (!content) return;
      new maplibregl.Popup({ maxWidth: "280px" })
        .setLngLat(event.lngLat).setDOMContent(content).addTo(map);
    });
    controls.addEventListener("change", update);
    controls.addEventListener("submit", (event) => event.preventDefault());
  }

  // Without WebGL the printed map stays.
  box.hidden = false;
  try {
    show();
    still.classList.add("print");
  } catch (problem) {
    box.hidden = true;
  }
})();
