"""The command `withstand` as a user runs it."""

import json

import pandas as pd
import pytest

from dmopt.data.write import write_instance
from tests.cli.program import dmopt, two_bakeries


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    folder = tmp_path_factory.mktemp("town") / "town"
    write_instance(two_bakeries(), folder)
    return folder


def test_the_plan_its_rounds_and_losses_are_written(town, tmp_path):
    out = tmp_path / "out"
    given = ("--serve", "100%", "--lose", "site", "--gap", "0.1%", "--out", out)
    told = dmopt("withstand", town, *given)
    assert told.exit_code == 0, told.stderr
    assert "Whatever one site is lost, at least 100 % of demand" in told.stdout
    assert "round 2: 1 loss left too little" in told.stderr
    names = {path.name for path in out.iterdir()}
    assert names == {"study.json", "rounds.csv", "losses.csv", "worst.png", "plan"}
    rounds = pd.read_csv(out / "rounds.csv")
    # 86 with one site, 110 with both (tests/cli/program.py)
    assert rounds.cost.tolist() == pytest.approx([86, 110])
    assert rounds.holds.tolist() == [False, True]
    checked = dmopt("verify", town, out / "plan")
    assert checked.exit_code == 0, checked.stderr


def test_one_object_says_what_is_known(town, tmp_path):
    given = ("--serve", "100%", "--out", tmp_path / "out", "--json", "--quiet")
    told = dmopt("withstand", town, *given)
    found = json.loads(told.stdout)
    assert found["holds"] and found["cost"] == pytest.approx(110)
    assert found["price_least"] <= 24 <= found["price_most"]
    assert not told.stderr


def test_what_no_plan_can_ends_with_words(tmp_path):
    one = {"id": "one", "rule": "site_count", "parameters": "most=1; where=all"}
    write_instance(two_bakeries(rules=[one]), tmp_path / "town")
    told = dmopt("withstand", tmp_path / "town", "--out", tmp_path / "out")
    assert told.exit_code == 1 and "No plan serves at least 80 %" in told.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (("--lose", "road, site:site9"), ["one of site", "did you mean 'site2'?"]),
        (("--lose", ""), ["one or more of site"]),
        (("--serve", "120%"), ["120"]),
    ],
)
def test_what_cannot_be_asked_is_refused(town, given, expected):
    told = dmopt("withstand", town, *given)
    assert told.exit_code == 2 and "Traceback" not in told.stderr
    assert all(words in told.stderr for words in expected)
