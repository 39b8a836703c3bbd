"""Road networks from files: an edge table, GraphML, an OpenStreetMap extract.

Edge table (CSV, workbook): columns from, to, km or minutes or both, and if wanted
oneway (yes, no: an edge counts both ways unless told). The nodes' places are in columns
from_x, from_y, to_x, to_y (region's CRS) or from_lon, from_lat, to_lon, to_lat, or in a
table of their own: node, x, y or node, lon, lat.

GraphML, as OSMnx writes it: nodes with x, y (or lon, lat; degrees), edges with length
in metres and, if there, travel_time in seconds; or km and minutes. Directed unless it
says otherwise.

.osm.pbf: drivable ways, by pyrosm (extra `roads`); minutes from length and `SPEED_KMH`,
or the signed limit where that is lower. These speeds are an assumption.
"""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd

from dmopt.data.raw import check_file, one_fault
from dmopt.data.rows import Rows
from dmopt.errors import Fault, InstanceError
from dmopt.regions.extras import extra_module
from dmopt.regions.ground import to_metres
from dmopt.regions.network import Network
from dmopt.regions.own_sites import read_cells

SPEED_KMH = {
    "motorway": 90.0,
    "trunk": 65.0,
    "primary": 40.0,
    "secondary": 36.0,
    "tertiary": 32.0,
    "unclassified": 28.0,
    "residential": 22.0,
    "living_street": 10.0,
    "service": 12.0,
}
OTHER_KMH = 25.0
MILE_KM = 1.609344
YES = ("yes", "true", "1")
DEGREES, METRES = ("lon", "lat"), ("x", "y")
SAME = {"lon": 1e-5, "x": 1.0}
"""A node's coordinates may differ by this much, rounding: about a metre."""


def read_network(
    path: str | Path, crs: str, nodes: str | Path | None = None
) -> Network:
    """The network of a file, nodes in the region's CRS (metric).

    nodes: table of nodes for an edge table that has no coordinates.
    Raises InstanceError with every fault found.
    """
    path = Path(path)
    check_file(path)
    name = path.name.lower()
    if name.endswith(".pbf"):
        found = _pbf(path, crs)
    elif name.endswith((".graphml", ".xml")):
        found = _graphml(path, crs)
    else:
        found = _edge_table(path, crs, Path(nodes) if nodes else None)
    if not len(found.km):
        raise one_fault(path.name, "at least one road")
    return found.without_small_parts()


def _edge_table(path: Path, crs: str, nodes: Path | None) -> Network:
    edges, rows = read_cells(path)
    missing = [c for c in ("from", "to") if c not in edges]
    faults = [Fault(path.name, 1, c, "", "this column") for c in missing]
    told = [c for c in ("km", "minutes") if c in edges]
    if not told:
        faults.append(Fault(path.name, 1, "", "", "a column km, minutes, or both"))
    if faults:
        raise InstanceError(faults)
    figures = {c: _numbers(edges[c]) for c in told}
    for column, values in figures.items():
        wrong = ~(np.isfinite(values) & (values >= 0))
        faults += rows.faults(wrong, column, edges[column], "a number, 0 or more")
    place, found = _node_places(edges, rows, nodes)
    faults += found
    if faults:
        raise InstanceError(faults)
    return _network_of(edges, figures, place, crs, path.name)


def _node_places(
    edges: pd.DataFrame, rows: Rows, nodes: Path | None
) -> tuple[pd.DataFrame, list[Fault]]:
    """Nodes by name with two columns of coordinates, lon, lat or x, y."""
    ends = pd.concat([edges["from"], edges["to"]])
    if nodes is not None:
        table, listed = read_cells(nodes)
        pair = next((p for p in (DEGREES, METRES) if set(p) <= set(table)), None)
        if "node" not in table or pair is None:
            expected = "columns node, and lon, lat or x, y"
            return table, [Fault(nodes.name, 1, "", "", expected)]
        place, wrong = _one_place_each(table.set_index("node")[list(pair)], listed)
        unknown = ~edges["from"].isin(place.index) | ~edges["to"].isin(place.index)
        pairs = list(zip(edges["from"], edges["to"], strict=True))
        expected = f"nodes of {nodes.name}"
        return place, [
            *rows.faults(unknown, "from, to", pairs, expected),
            *wrong,
        ]
    for pair in (DEGREES, METRES):
        columns = [f"{end}_{axis}" for end in ("from", "to") for axis in pair]
        if set(columns) <= set(edges):
            at = np.vstack([edges[columns[:2]], edges[columns[2:]]])
            told = pd.DataFrame(at, index=pd.Index(ends), columns=list(pair))
            number = np.tile(rows.numbers, 2)
            down = np.argsort(number, kind="stable")
            return _one_place_each(told.iloc[down], Rows(rows.place, number[down]))
    expected = "places of the nodes: columns from_lon, from_lat, to_lon, to_lat"
    return ends.to_frame(), [
        Fault(rows.place, 1, "", "", expected, "or a table of nodes: --road-nodes FILE")
    ]


def _one_place_each(told: pd.DataFrame, rows: Rows) -> tuple[pd.DataFrame, list[Fault]]:
    """Nodes by name, once each, and what is wrong: no coordinates, or in another place
    than where the node first was."""
    place = told.apply(_numbers_of)
    once = place[~place.index.duplicated()]
    first = once.index.get_indexer(place.index)
    gap = np.abs(place.to_numpy(float) - once.to_numpy(float)[first]).max(axis=1)
    unread = ~np.isfinite(place.to_numpy(float)).all(axis=1)
    names = list(place.index)
    known = np.flatnonzero(~place.index.duplicated())
    return once, [
        *rows.faults(unread, "", names, "coordinates of this node"),
        *rows.faults(
            ~unread & (gap > SAME[place.columns[0]]),
            "",
            names,
            "one place for each node",
            lambda i: f"first elsewhere, in row {rows.numbers[known[first[i]]]}",
        ),
    ]


def _network_of(
    edges: pd.DataFrame,
    figures: dict[str, np.ndarray],
    place: pd.DataFrame,
    crs: str,
    file: str,
) -> Network:
    xy = _in_metres(place.to_numpy(float), tuple(place.columns), crs)
    start, end = (place.index.get_indexer(pd.Index(edges[c])) for c in ("from", "to"))
    how = [f"roads: {len(edges):,} edges from {file}"]
    minutes = figures.get("minutes")
    km = figures.get("km")
    if km is None:
        km = np.hypot(*(xy[start] - xy[end]).T) / 1000
        how.append("km of an edge: straight between its nodes, as the file has minutes")
    oneway = edges["oneway"] if "oneway" in edges else pd.Series("", index=edges.index)
    both = ~oneway.str.strip().str.lower().isin(YES).to_numpy()
    return Network(
        xy,
        np.concatenate([start, end[both]]),
        np.concatenate([end, start[both]]),
        np.concatenate([km, km[both]]),
        None if minutes is None else np.concatenate([minutes, minutes[both]]),
        how,
    )


def _graphml(path: Path, crs: str) -> Network:
    try:
        root = ElementTree.parse(path).getroot()
    except ElementTree.ParseError as error:
        raise one_fault(path.name, "GraphML", "", str(error)) from error
    names = {
        each.get("id", ""): each.get("attr.name", "") for each in _all(root, "key")
    }
    graph = next(_all(root, "graph"), None)
    if graph is None:
        raise one_fault(path.name, "GraphML with a graph")
    nodes = list(_all(graph, "node"))
    ids = pd.Index([n.get("id", "") for n in nodes])
    edges = [
        {"from": e.get("source", ""), "to": e.get("target", "")} | _data(e, names)
        for e in _all(graph, "edge")
    ]
    place = pd.DataFrame([_data(n, names) for n in nodes], index=ids)
    # OSMnx calls degrees x and y; a projected graph has metres there
    pair = DEGREES if set(DEGREES) <= set(place) else METRES
    table = pd.DataFrame(edges)
    figures = {
        name: _numbers(table[column]) * factor
        for name, column, factor in (
            ("km", "length", 0.001),
            ("km", "km", 1.0),
            ("minutes", "travel_time", 1 / 60),
            ("minutes", "minutes", 1.0),
        )
        if column in table
    }
    if not set(pair) <= set(place) or not figures:
        expected = "nodes with x, y and edges with length (m), km or minutes"
        raise one_fault(path.name, expected)
    place = place[list(pair)].apply(_numbers_of)
    faults = [
        Fault(path.name, None, name, f"{(~ok).sum():,} edges without", "a number >= 0")
        for name, values in figures.items()
        if not (ok := np.isfinite(values) & (values >= 0)).all()
    ]
    if not np.isfinite(place.to_numpy()).all():
        faults.append(Fault(path.name, None, "", "", "coordinates of every node"))
    for node in ids[ids.duplicated()].unique():
        faults.append(
            Fault(path.name, None, "", f"node {node!r} again", "each node once")
        )
    lost = ~(table["from"].isin(place.index) & table["to"].isin(place.index))
    if lost.any():
        read = f"{lost.sum():,} edges without"
        faults.append(Fault(path.name, None, "", read, "both nodes of every edge"))
    if faults:
        raise InstanceError(faults)
    if pair == METRES and (place.abs().max() <= [360, 90]).all():
        place.columns = pd.Index(DEGREES)
    directed = graph.get("edgedefault") != "undirected"
    table["oneway"] = "yes" if directed else ""
    return _network_of(table, figures, place, crs, path.name)


def _all(root: ElementTree.Element, tag: str) -> Any:
    return (each for each in root.iter() if each.tag.rpartition("}")[2] == tag)


def _data(item: ElementTree.Element, names: dict[str, str]) -> dict[str, str]:
    return {
        names.get(d.get("key", ""), d.get("key", "")): d.text or ""
        for d in _all(item, "data")
    }


def _pbf(path: Path, crs: str) -> Network:
    module = extra_module("pyrosm", "roads", "roads from .osm.pbf (--roads)")
    try:
        found = module.OSM(str(path)).get_network(nodes=True, network_type="driving")
    except (ValueError, OSError, RuntimeError) as error:
        raise one_fault(path.name, "an .osm.pbf extract", "", str(error)) from error
    if found is None or found[0] is None:
        raise one_fault(path.name, "an extract with drivable roads")
    nodes, ways = found
    kind = ways["highway"].astype("str").str.removesuffix("_link")
    speed = kind.map(SPEED_KMH).fillna(OTHER_KMH).to_numpy(float)
    limit = ways["maxspeed"] if "maxspeed" in ways else pd.Series(index=ways.index)
    signed = np.array([_limit_kmh(text) for text in limit])
    speed = np.fmin(speed, signed)
    km = ways["length"].to_numpy(float) / 1000
    edges = pd.DataFrame({"from": ways["u"], "to": ways["v"]})
    told = ways["oneway"].astype("str") if "oneway" in ways else ""
    edges["oneway"] = told
    if "junction" in ways:
        edges.loc[(ways["junction"] == "roundabout").to_numpy(), "oneway"] = "yes"
    back = (edges["oneway"] == "-1").to_numpy()
    edges.loc[back, ["from", "to"]] = edges.loc[back, ["to", "from"]].to_numpy()
    edges.loc[back, "oneway"] = "yes"
    place = nodes.drop_duplicates("id").set_index("id")[list(DEGREES)]
    figures = {"km": km, "minutes": km / speed * 60}
    network = _network_of(edges.reset_index(drop=True), figures, place, crs, path.name)
    network.how.append(
        "minutes: length by an assumed speed for each class of road (motorway "
        f"{SPEED_KMH['motorway']:.0f} to residential {SPEED_KMH['residential']:.0f} "
        "km/h), or the signed limit where lower; no traffic"
    )
    return network


def _limit_kmh(text: Any) -> float:
    """A signed limit in km/h ("30 mph", "50"); NaN where there is none."""
    words = str(text).replace("mph", " mph").split()
    try:
        value = float(words[0])
    except (ValueError, IndexError):
        return np.nan
    kmh = value * MILE_KM if words[1:] == ["mph"] else value
    return kmh if kmh > 0 else np.nan


def _in_metres(xy: np.ndarray, axes: tuple[str, ...], crs: str) -> np.ndarray:
    return to_metres(crs, xy[:, 0], xy[:, 1]) if axes == DEGREES else xy


def _numbers(cells: pd.Series) -> np.ndarray:
    return pd.to_numeric(cells, errors="coerce").to_numpy(float)


def _numbers_of(cells: pd.Series) -> pd.Series:
    return pd.to_numeric(cells, errors="coerce")
