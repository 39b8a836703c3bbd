import numpy as np
import pandas as pd
import pytest

from dmopt.errors import InstanceError
from dmopt.importers.orlib_pmed import read_orlib_pmed, shortest_ways
from dmopt.solving.run import solve
from tests.importers.published import file_of, needs_published_files, optimum

# A path 1 - 2 - 3 - 4 with lengths 3, 1, 5; one site.
PATH = "4 3 1\n1 2 3\n2 3 1\n3 4 5\n"


def written(tmp_path, text):
    path = tmp_path / "tiny.txt"
    path.write_text(text)
    return path


def test_the_cost_is_the_sum_of_the_shortest_ways(tmp_path):
    # site at 2: 3 + 0 + 1 + 6 = 10; at 3: 4 + 1 + 0 + 5 = 10; at 1: 3 + 4 + 9 = 16
    result = solve(read_orlib_pmed(written(tmp_path, PATH)))
    assert result.cost == pytest.approx(10)


def test_exactly_p_sites_open(tmp_path):
    result = solve(read_orlib_pmed(written(tmp_path, PATH.replace("4 3 1", "4 3 2"))))
    # sites at 4 and at 2: 3 + 0 + 1 + 0 = 4
    assert result.cost == pytest.approx(4)
    assert len(result.plan.tables["opened"]) == 2


def test_of_an_edge_listed_twice_the_last_counts():
    edges = pd.DataFrame({"i": [0, 1], "j": [1, 0], "length": [2.0, 7.0]})
    assert shortest_ways(2, edges)[0, 1] == 7.0


def test_vertices_without_a_way_have_no_distance(tmp_path):
    instance = read_orlib_pmed(written(tmp_path, "3 1 2\n1 2 4\n"))
    reached = instance.distances.query("origin == 'site1'").destination
    assert reached.tolist() == ["zone1", "zone2"]


def test_ways_are_those_of_dijkstra_by_hand():
    # a square with one long side: 0-1 1, 1-2 1, 2-3 1, 3-0 10
    edges = pd.DataFrame(
        {"i": [0, 1, 2, 3], "j": [1, 2, 3, 0], "length": [1.0, 1.0, 1.0, 10.0]}
    )
    way = shortest_ways(4, edges)
    assert way[0].tolist() == [0, 1, 2, 3]
    assert np.array_equal(way, way.T)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("4 3 5\n1 2 3\n2 3 1\n3 4 5\n", "row 1: read 5, expected at most 4 sites"),
        (PATH.replace("3 4 5", "3 9 5"), "row 4: read 9, expected a vertex"),
        (PATH.replace("1 2 3", "0 2 3"), "row 2: read 0, expected a vertex"),
        (PATH.replace("2 3 1", "2.5 3 1"), "row 3: read 2.5, expected a vertex"),
        ("4 3 1\n1 2 3\n", "6 more numbers for edges"),
        (PATH + "1 2\n", "row 5: read 1, expected end of file"),
    ],
)
def test_a_fault_names_file_line_and_number(tmp_path, text, told):
    with pytest.raises(InstanceError) as caught:
        read_orlib_pmed(written(tmp_path, text))
    assert told in str(caught.value)


@needs_published_files
@pytest.mark.parametrize("name", ["pmed1", "pmed5"])
def test_the_published_optimum_comes_out(name):
    result = solve(read_orlib_pmed(file_of("orlib_pmed", name)), gap=1e-6)
    assert result.status == "optimal"
    assert result.cost == pytest.approx(optimum("orlib_pmed", name))
