import pandas as pd

from dmopt.regions.distances import OFF, lost_in_words


def test_pairs_without_a_way_are_told_by_place():
    pairs = [("a", f"z{i}", "no way by road") for i in range(7)]
    pairs += [
        ("a", "island", f"destination {OFF}"),
        ("b", "island", f"destination {OFF}"),
    ]
    pairs += [("hut", "z1", f"origin {OFF}")]
    table = pd.DataFrame(pairs, columns=["origin", "destination", "why"])
    assert lost_in_words(table) == [
        "hut: farther than 3 km from every road",
        "island: farther than 3 km from every road",
        "a to z0, z1, z2, z3, z4 and 2 more: no way by road",
    ]
