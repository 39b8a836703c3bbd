import numpy as np
import pytest

from dmopt.regions.network import MOST_SNAP_KM, Network, travel


def network(edges, minutes=True, count=4) -> Network:
    """Nodes 1 km apart on a line; edges (start, end, km, minutes), one way."""
    start, end, km, time = (np.array(column) for column in zip(*edges, strict=True))
    xy = np.column_stack([1000.0 * np.arange(count), np.zeros(count)])
    times = time.astype(float) if minutes else None
    return Network(xy, start, end, km.astype(float), times, [])


# 0 -> 1 -> 3 takes 4 min over 9 km, 0 -> 2 -> 3 takes 6 min over 4 km
FORK = [(0, 1, 4, 2), (1, 3, 5, 2), (0, 2, 2, 3), (2, 3, 2, 3)]
AT = 1000.0 * np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [3.0, 0.0]])


def test_the_fastest_way_counts_and_km_are_along_it():
    found = travel(network(FORK), AT[:1], AT)
    assert found.minutes[0].tolist() == [0, 2, 3, 4]
    assert found.km[0] == pytest.approx([0, 4, 2, 9], abs=1e-6)


def test_without_times_the_shortest_way_counts():
    found = travel(network(FORK, minutes=False), AT[:1], AT)
    assert found.km[0] == pytest.approx([0, 4, 2, 4], abs=1e-6)
    assert np.isnan(found.minutes).all()


def test_a_one_way_street_leads_one_way_and_what_cannot_be_reached_has_no_number():
    found = travel(network(FORK), AT[3:], AT)
    assert np.isnan(found.km[0, :3]).all() and np.isnan(found.minutes[0, :3]).all()
    assert found.km[0, 3] == 0


def test_of_parallel_edges_the_fastest_counts():
    found = travel(network([(0, 1, 9, 5), (0, 1, 3, 1), (0, 1, 1, 8)]), AT[:1], AT[1:2])
    assert found.minutes[0, 0] == 1 and found.km[0, 0] == pytest.approx(3)


def test_the_way_to_the_nearest_node_is_added():
    # 0.5 km to node 0 and 1 km from node 1, at 4 km in 2 min
    off = np.array([[0.0, 500.0]]), np.array([[1000.0, -1000.0]])
    found = travel(network([(0, 1, 4, 2)], count=2), *off)
    assert found.km[0, 0] == pytest.approx(4 + 1.5)
    assert found.minutes[0, 0] == pytest.approx(2 + 1.5 / 2)
    assert found.origin_snap_km[0] == pytest.approx(0.5)


def test_a_place_far_from_every_road_is_off_the_network():
    far = AT[:1] + np.array([0.0, 1000 * MOST_SNAP_KM + 1])
    found = travel(network(FORK), far, AT)
    assert np.isnan(found.km).all() and np.isnan(found.origin_snap_km[0])


def test_a_long_chain_adds_up():
    count = 300
    edges = [(i, i + 1, 1 + i % 3, 1) for i in range(count - 1)]
    net = network(edges, count=count)
    found = travel(net, net.xy[:1], net.xy[-1:])
    assert found.km[0, 0] == pytest.approx(sum(1 + i % 3 for i in range(count - 1)))


def test_cut_off_ends_of_a_large_network_are_left_out():
    # a ring of 200 nodes, and one node that only a one-way street leaves
    ring = [(i, (i + 1) % 200, 1, 1) for i in range(200)]
    whole = network([*ring, (200, 0, 1, 1)], count=201)
    kept = whole.without_small_parts()
    assert len(kept.xy) == 200 and len(kept.km) == 200
    assert "1 of 201 nodes" in kept.how[-1]
    small = network(FORK)
    assert small.without_small_parts() is small
