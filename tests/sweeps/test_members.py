"""Members from tables and grids: what they say, and all that is wrong at once."""

import pytest

from dmopt.errors import InstanceError
from dmopt.studies.whatif import apply
from dmopt.sweeps import members_from_file, members_from_grid
from dmopt.sweeps.member import Member
from dmopt.sweeps.members import read_vary
from tests.line import line, rule

NEAR = "near: proximity_service share=90 %; within_km=12"


def written(folder, text, name="members.csv"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def told(error):
    """(row, column) of each fault."""
    return [(fault.row, fault.column) for fault in error.value.faults]


def test_a_table_says_what_each_member_wishes(tmp_path):
    instance = line(rules=rule("site_count", "most=2; where=all"))
    path = written(
        tmp_path,
        "member,model,rules,off,set,open,shut,capital,transport_price,gap,seed\n"
        f"a,free,{NEAR},,,,,,2,,\n"
        ",,,,,,,,,,\n"
        'b,,"few: site_count most=1; where=all | many: site_count least=1",mine,'
        "many.least=2,e,w,no limit,,0.5 %,7\n",
    )
    a, b = members_from_file(instance, path, gap=0.02, seed=3)
    assert (a.name, a.wish.model, a.wish.rules.add) == ("a", "free", [NEAR])
    assert (a.wish.knobs, a.gap, a.seed) == ({"transport_price": 2.0}, 0.02, 3)
    assert b.wish.rules.add == [
        "few: site_count most=1; where=all",
        "many: site_count least=1",
    ]
    assert (b.wish.rules.off, b.wish.rules.change) == (["mine"], ["many.least=2"])
    assert b.wish.sites == {"e": "open", "w": "shut"}
    assert b.wish.budget.capital == "no limit"
    assert (b.gap, b.seed, b.wish.knobs) == (0.005, 7, {})


def test_toml_says_the_same_as_a_table(tmp_path):
    csv = written(
        tmp_path, f"member,rules,transport_price,demand:bread\na,{NEAR},2,1.5\n"
    )
    toml = written(
        tmp_path,
        f'[[member]]\nmember = "a"\nrules = ["{NEAR}"]\ntransport_price = 2\n'
        '"demand:bread" = 1.5\n',
        "members.toml",
    )
    assert members_from_file(line(), csv) == members_from_file(line(), toml)


def test_toml_can_change_any_table(tmp_path):
    text = (
        '[[member]]\nmember = "dear"\n[[member.changes]]\ntable = "sites"\n'
        'where = {site = "w"}\nset = {fixed_cost_per_yr = 500}\n'
    )
    (member,) = members_from_file(line(), written(tmp_path, text, "m.toml"))
    assert apply(line(), member.wish).sites.fixed_cost_per_yr["w"] == 500


def test_every_fault_of_every_row_is_told_at_once(tmp_path):
    text = (
        "member,model,rules,off,open,transport_price,gap,seed,colour\n"
        "a,distribted,,,,,,,red\n"
        ",,,,,,,,\n"
        "A,,,near,,,,,\n"
        "../b,,,,,11,,,\n"
        "c,,few: no_such_rule x=1,,nowhere,cheap,200 %,1.5,\n"
        ",free,,,,1,,,\n"
    )
    with pytest.raises(InstanceError) as error:
        members_from_file(line(), written(tmp_path, text))
    assert told(error) == [
        (None, "colour"),
        (2, "model"),
        (4, "member"),  # A: on some disks the same folder as a
        (4, "off"),
        (5, "member"),
        (5, "transport_price"),
        (6, "transport_price"),
        (6, "gap"),
        (6, "seed"),
        (6, "rules"),
        (6, "open"),
        (7, "member"),
    ]
    assert {fault.place for fault in error.value.faults} == {"members.csv"}


def test_a_site_cannot_be_forced_both_ways(tmp_path):
    with pytest.raises(InstanceError) as error:
        members_from_file(line(), written(tmp_path, "member,open,shut\na,w,w | e\n"))
    assert told(error) == [(2, "shut")]
    assert error.value.faults[0].read == "'w'"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("m.csv", "member,seed\n"),
        ("m.csv", "member;seed\na;1\n"),
        ("m.toml", "[[member]\n"),
        ("m.toml", '[sweep]\nname = "x"\n[[member]]\nmember = "a"\n'),
        ("m.toml", 'member = "a"\n'),
        ("m.xlsx", ""),
    ],
)
def test_what_is_no_table_of_members_is_refused(name, text, tmp_path):
    with pytest.raises(InstanceError):
        members_from_file(line(), written(tmp_path, text, name))


def test_a_grid_is_every_combination():
    instance = line(rules=rule("site_count", "most=2; where=all"))
    vary = read_vary(["transport_price=0.5,2", "mine.most=1, 2", "off=,mine"])
    members = members_from_grid(instance, vary, gap=0.1)
    assert len(members) == 2 * 2 * 2
    assert len({member.name for member in members}) == 8
    last = members[-1]
    assert last.name == "transport_price=2,mine.most=2,off=mine"
    assert (last.wish.knobs, last.gap) == ({"transport_price": 2.0}, 0.1)
    assert last.wish.rules.change == ["mine.most=2"]
    assert members[0].wish.rules.off == []
    assert members[0].name.endswith("off=none")


def test_values_that_give_the_same_name_have_names_of_their_own():
    grid = members_from_grid(line(), {"rules": ["a: site_count most=1; where=all"] * 2})
    assert len({member.name for member in grid}) == 2


def long_rules(count):
    return [
        f"{'x' * 98}{n}: site_count most={n}; where=all" for n in range(1, count + 1)
    ]


def test_long_names_stay_as_they_are_in_a_wider_grid():
    few, more = long_rules(2), long_rules(4)
    narrow = members_from_grid(line(), {"rules": few, "demand": [1, 2]})
    wide = members_from_grid(line(), {"rules": more[::-1], "demand": [3, 2, 1]})
    assert len({member.name for member in wide}) == 12
    found = {member.name: member for member in wide}
    assert len(narrow) == 4
    assert all(found[member.name] == member for member in narrow)


def test_a_name_does_not_end_in_a_point():
    grid = members_from_grid(line(), read_vary(["transport_price=1.,2.,2"]))
    names = [member.name for member in grid]
    assert names == ["transport_price=1", "transport_price=2", "transport_price=2-2"]


@pytest.mark.parametrize(
    ("options", "columns"),
    [
        ({"gap": 2, "time_limit_s": float("inf")}, {"gap", "time_limit_s"}),
        ({"seed": -1}, {"seed"}),
        ({"gap": "much"}, {"gap"}),
        ({"speed": 3}, {"speed"}),
    ],
)
def test_options_that_no_member_can_have_are_told_at_once(options, columns, tmp_path):
    path = written(tmp_path, "member,demand\na,1\n")
    for asked in (
        lambda: members_from_grid(line(), {"demand": [1]}, **options),
        lambda: members_from_file(line(), path, **options),
    ):
        with pytest.raises(InstanceError) as error:
            asked()
        assert {column for _, column in told(error)} == columns


def test_numbers_beyond_all_bounds_are_faults(tmp_path):
    with pytest.raises(InstanceError) as error:
        members_from_grid(line(), {"demand": [10**400], "seed": [1]})
    assert told(error) == [(1, "demand")]
    for number in ("9" * 5_000, "0x" + "f" * 5_000):
        text = f'[[member]]\nmember = "a"\ngap = {number}\n'
        with pytest.raises(InstanceError):
            members_from_file(line(), written(tmp_path, text, "m.toml"))


def test_faults_of_a_grid_are_told_at_once():
    with pytest.raises(InstanceError) as error:
        members_from_grid(line(), read_vary(["demand=1,-1", "model=free,best", "x=1"]))
    columns = {column for _, column in told(error)}
    assert columns == {"x", "demand", "model"}


@pytest.mark.parametrize("text", ["transport_price", "=1,2", ""])
def test_what_is_no_column_with_values_is_refused(text):
    with pytest.raises(InstanceError):
        read_vary([text])


@pytest.mark.parametrize("name", ["", ".a", "a/b", "a.", "é" * 76, "-a", "a b", "a\n"])
def test_a_name_that_cannot_be_a_folders_is_refused(name):
    with pytest.raises(ValueError):
        Member(name=name)
