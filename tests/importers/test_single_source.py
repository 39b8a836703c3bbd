import pytest

from dmopt.errors import InstanceError
from dmopt.importers.single_source import read_single_source
from dmopt.solving.run import solve

# Sites: capacity 7 at 10 a year, capacity 8 at 30. Customers want 5, 4 and 3.
SITES, WANTED = "2 3\n7 10\n8 30\n", "5 4 3\n"
BY_SITE = "1 2 9\n4 6 5\n"
BY_CUSTOMER = "1 4\n2 6\n9 5\n"


def written(tmp_path, text):
    path = tmp_path / "tiny.txt"
    path.write_text(text)
    return path


def test_the_cost_is_the_published_objective(tmp_path):
    instance = read_single_source(written(tmp_path, SITES + WANTED + BY_SITE))
    # 12 units need both sites: 40. 7 at the first: {5} 1 + 6 + 5 = 12 leaves 7;
    # {4, 3} 2 + 9 + 4 = 15; {4} leaves 8: 2 + 4 + 5 = 11. So 51.
    assert solve(instance).cost == pytest.approx(51)


def test_no_customer_is_split(tmp_path):
    instance = read_single_source(written(tmp_path, SITES + WANTED + BY_SITE))
    flows = solve(instance).plan.tables["flows"]
    assert flows.destination.is_unique


def test_a_matrix_with_one_line_for_each_customer_is_the_same_problem(tmp_path):
    left = read_single_source(written(tmp_path, SITES + WANTED + BY_SITE))
    right = read_single_source(written(tmp_path, SITES + WANTED + BY_CUSTOMER))
    assert left.distances.equals(right.distances)


def test_a_matrix_without_lines_is_read_by_site(tmp_path):
    loose = " ".join((SITES + WANTED + BY_SITE).split())
    left = read_single_source(written(tmp_path, SITES + WANTED + BY_SITE))
    right = read_single_source(written(tmp_path, loose))
    assert left.distances.equals(right.distances)


def test_an_optimum_at_the_end_is_told_in_the_description(tmp_path):
    instance = read_single_source(written(tmp_path, SITES + WANTED + BY_SITE + "51\n"))
    assert "Optimum given in the file: 51." in instance.settings.description


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (SITES + WANTED + "1 2 9\n4 6", "1 more number for costs"),
        (SITES + "5 0 3\n" + BY_SITE, "row 4: read 0, expected a demand above 0"),
        (SITES + WANTED + BY_SITE + "51 52", "row 7: read 52, expected end of file"),
        ("0 3", "row 1: read 0"),
    ],
)
def test_a_fault_names_file_line_and_number(tmp_path, text, told):
    with pytest.raises(InstanceError) as caught:
        read_single_source(written(tmp_path, text))
    assert told in str(caught.value)
