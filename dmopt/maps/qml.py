"""Layer styles in QML, the XML in which QGIS (3.18 and later) keeps them.

A style is a list of `Entry`: a symbol for each value, or range of values, of one
attribute. With one period it becomes a categorised or graduated renderer; with
several a tree of rules, a branch for each period, of which the first is switched on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element, SubElement, indent, tostring

DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
VERSION = "3.28.0-Firenze"
EXPRESSION = "3"
PERIOD = "period"


@dataclass(frozen=True)
class Symbol:
    """kind: "fill", "line" or "marker".  properties: as QGIS names them, mm and
    "r,g,b,a".  sized: expression for the size of a marker in mm, or ""."""

    kind: str
    properties: Mapping[str, str]
    sized: str = ""


@dataclass(frozen=True)
class Entry:
    """value: a text, or (lower, upper) with the upper end included."""

    label: str
    symbol: Symbol
    value: str | tuple[float, float]


def rgba(colour: str, alpha: int = 255) -> str:
    """ "#RRGGBB" as QGIS writes it: "r,g,b,a"."""
    parts = [str(int(colour[place : place + 2], 16)) for place in (1, 3, 5)]
    return ",".join([*parts, str(alpha)])


def style(attribute: str, entries: Sequence[Entry], periods: Sequence[str]) -> str:
    """The QML of a layer: entries by an attribute, branches by period."""
    root = Element("qgis", version=VERSION, styleCategories="Symbology")
    renderer = SubElement(
        root, "renderer-v2", symbollevels="0", forceraster="0", enableorderby="0"
    )
    branches = 1
    if len(periods) > 1:
        branches = len(periods)
        renderer.set("type", "RuleRenderer")
        _add_rules(renderer, attribute, entries, periods)
    elif entries and isinstance(entries[0].value, tuple):
        renderer.set("type", "graduatedSymbol")
        renderer.set("attr", attribute)
        renderer.set("graduatedMethod", "GraduatedColor")
        _add_ranges(renderer, entries)
    else:
        renderer.set("type", "categorizedSymbol")
        renderer.set("attr", attribute)
        _add_categories(renderer, entries)
    symbols = SubElement(renderer, "symbols")
    for number in range(branches * len(entries)):
        _add_symbol(symbols, str(number), entries[number % len(entries)].symbol)
    indent(root)
    return DOCTYPE + tostring(root, encoding="unicode")


def _add_categories(renderer: Element, entries: Sequence[Entry]) -> None:
    group = SubElement(renderer, "categories")
    for number, entry in enumerate(entries):
        node = _add_entry(group, "category", entry, number)
        node.set("value", str(entry.value))
        node.set("type", "string")


def _add_ranges(renderer: Element, entries: Sequence[Entry]) -> None:
    group = SubElement(renderer, "ranges")
    for number, entry in enumerate(entries):
        node = _add_entry(group, "range", entry, number)
        lower, upper = map(float, entry.value)
        node.set("lower", repr(lower))
        node.set("upper", repr(upper))


def _add_entry(group: Element, kind: str, entry: Entry, symbol: int) -> Element:
    return SubElement(group, kind, label=entry.label, symbol=str(symbol), render="true")


def _add_rules(
    renderer: Element, attribute: str, entries: Sequence[Entry], periods: Sequence[str]
) -> None:
    rules = SubElement(renderer, "rules", key=_key(attribute))
    for place, period in enumerate(periods):
        branch = SubElement(rules, "rule", key=_key(attribute, period), label=period)
        branch.set("filter", f'"{PERIOD}" = {_quoted(period)}')
        if place > 0:
            branch.set("checkstate", "0")
        for number, entry in enumerate(entries):
            key = _key(attribute, period, entry.label)
            rule = SubElement(branch, "rule", key=key, label=entry.label)
            rule.set("filter", _test(attribute, entry.value, number == 0))
            rule.set("symbol", str(place * len(entries) + number))


def _test(attribute: str, value: str | tuple[float, float], first: bool) -> str:
    """QGIS expression that picks the features of an entry."""
    if isinstance(value, str):
        return f'"{attribute}" = {_quoted(value)}'
    above = ">=" if first else ">"
    lower, upper = map(float, value)
    return f'"{attribute}" {above} {lower!r} AND "{attribute}" <= {upper!r}'


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def _key(*names: str) -> str:
    """A key that is the same each time the same style is written."""
    return "{" + str(uuid5(NAMESPACE_URL, "\n".join(names))) + "}"


def _add_symbol(symbols: Element, name: str, symbol: Symbol) -> None:
    node = SubElement(
        symbols,
        "symbol",
        type=symbol.kind,
        name=name,
        alpha="1",
        clip_to_extent="1",
        force_rhr="0",
    )
    layer = SubElement(node, "layer", enabled="1", locked="0")
    layer.set("class", f"Simple{symbol.kind.title()}")
    layer.set("pass", "0")
    options = SubElement(layer, "Option", type="Map")
    for key, value in symbol.properties.items():
        SubElement(options, "Option", name=key, type="QString", value=value)
    if symbol.sized:
        _add_size(layer, symbol.sized)


def _add_size(layer: Element, expression: str) -> None:
    """The data-defined size of a marker."""
    node = SubElement(
        SubElement(layer, "data_defined_properties"), "Option", type="Map"
    )
    SubElement(node, "Option", name="name", type="QString", value="")
    properties = SubElement(node, "Option", name="properties", type="Map")
    size = SubElement(properties, "Option", name="size", type="Map")
    SubElement(size, "Option", name="active", type="bool", value="true")
    SubElement(size, "Option", name="expression", type="QString", value=expression)
    SubElement(size, "Option", name="type", type="int", value=EXPRESSION)
    SubElement(node, "Option", name="type", type="QString", value="collection")
