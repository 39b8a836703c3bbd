import gzip

import pytest

from dmopt.errors import InstanceError
from dmopt.importers import numbers
from dmopt.importers.orlib_cap import read_orlib_cap
from dmopt.solving.run import solve
from tests.importers.published import file_of, needs_published_files, optimum

# Warehouses: capacity 10 at 50 a year, capacity 4 at 20. Customers: 6 and 4 units;
# all of the first costs 12 or 30, all of the second 40 or 8.
TWO_WAREHOUSES = """2 2
 10 50.
 4 20.
 6
 12.0 30.0
 4
 40.0 8.0
"""


def written(tmp_path, text, name="tiny.txt"):
    path = tmp_path / name
    path.write_text(text)
    return path


def test_the_cost_is_the_published_objective(tmp_path):
    instance = read_orlib_cap(written(tmp_path, TWO_WAREHOUSES))
    # both open: 50 + 20 + 12 + 8 = 90; only the first: 50 + 12 + 40 = 102;
    # the second alone cannot hold 10 units
    assert solve(instance).cost == pytest.approx(90)


def test_a_customer_may_be_served_by_two_warehouses(tmp_path):
    text = TWO_WAREHOUSES.replace(" 10 50.", " 7 50.").replace(" 4 20.", " 3 20.")
    # the second holds 3 of the 4 units: 70 + 12 + 3/4 x 8 + 1/4 x 40 = 98
    assert solve(read_orlib_cap(written(tmp_path, text))).cost == pytest.approx(98)


def test_each_capacity_is_a_technology_for_its_own_sites(tmp_path):
    instance = read_orlib_cap(written(tmp_path, TWO_WAREHOUSES))
    assert instance.technologies.capacity_per_yr.tolist() == [4.0, 10.0]
    assert instance.sites["class"].tolist() == ["capacity-10", "capacity-4"]


def test_lines_may_break_anywhere(tmp_path):
    one_line = written(tmp_path, " ".join(TWO_WAREHOUSES.split()), "one.txt")
    several = written(tmp_path, TWO_WAREHOUSES)
    left, right = read_orlib_cap(one_line), read_orlib_cap(several)
    assert left.distances.equals(right.distances)
    assert left.demand.equals(right.demand)


def test_the_word_capacity_stands_for_the_number_given(tmp_path):
    text = TWO_WAREHOUSES.replace(" 10 50.", " capacity 50.")
    path = tmp_path / "open.txt.gz"
    path.write_bytes(gzip.compress(text.encode()))
    instance = read_orlib_cap(path, capacity=8)
    assert instance.name == "open-8"
    assert sorted(instance.technologies.capacity_per_yr) == [4.0, 8.0]


def test_without_capacities_the_first_warehouse_can_serve_all(tmp_path):
    instance = read_orlib_cap(written(tmp_path, TWO_WAREHOUSES), uncapacitated=True)
    # the second alone: 20 + 30 + 8 = 58, now that it may hold 10 units
    assert solve(instance).cost == pytest.approx(58)


def test_the_word_capacity_without_a_number_is_a_fault(tmp_path):
    text = TWO_WAREHOUSES.replace(" 10 50.", " capacity 50.")
    with pytest.raises(InstanceError, match=r"tiny.txt, row 2: read 'capacity'"):
        read_orlib_cap(written(tmp_path, text))


def test_a_capacity_for_a_file_that_has_its_own_is_a_fault(tmp_path):
    with pytest.raises(InstanceError, match="has its own capacities"):
        read_orlib_cap(written(tmp_path, TWO_WAREHOUSES), capacity=8)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "expected 1 more number for the number of warehouses"),
        ("2 2\n 10 50", "row 2: read end of file, expected 2 more numbers"),
        (TWO_WAREHOUSES + "7", "row 8: read 7, expected end of file"),
        (TWO_WAREHOUSES.replace("12.0", "twelve"), "row 5: read 'twelve'"),
        (TWO_WAREHOUSES.replace("12.0", "nan"), "row 5: read 'nan'"),
        (TWO_WAREHOUSES.replace("12.0", "-12"), "row 5: read -12"),
        (TWO_WAREHOUSES.replace(" 6\n", " 0\n"), "row 4: read 0, expected a demand"),
        (TWO_WAREHOUSES.replace("2 2", "2.5 2"), "row 1: read 2.5"),
        ("999999 999999", "more numbers for capacities"),
    ],
)
def test_a_fault_names_file_line_and_number(tmp_path, text, told):
    with pytest.raises(InstanceError) as caught:
        read_orlib_cap(written(tmp_path, text))
    assert told in str(caught.value)
    assert str(caught.value).startswith("tiny.txt")


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"\x1f\x8bnot gzip"])
def test_a_file_that_is_no_text_is_a_fault(tmp_path, content):
    path = tmp_path / "tiny.txt"
    path.write_bytes(content)
    with pytest.raises(InstanceError, match="text file"):
        read_orlib_cap(path)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_file_that_unpacks_to_more_than_is_allowed_is_a_fault(
    pack, tmp_path, monkeypatch
):
    path = tmp_path / "tiny.txt"
    text = TWO_WAREHOUSES.encode()
    path.write_bytes(pack(text))
    monkeypatch.setattr(numbers, "MOST_BYTES", len(text))
    read_orlib_cap(path)
    monkeypatch.setattr(numbers, "MOST_BYTES", len(text) - 1)
    with pytest.raises(InstanceError, match="expected at most 45 bytes, unpacked"):
        read_orlib_cap(path)


@needs_published_files
@pytest.mark.parametrize("name", ["cap41", "cap62", "cap74"])
def test_the_published_optimum_comes_out(name):
    result = solve(read_orlib_cap(file_of("orlib_cap", name)), gap=1e-6)
    assert result.status == "optimal"
    assert result.cost == pytest.approx(optimum("orlib_cap", name), rel=1e-6)
