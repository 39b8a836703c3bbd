"""Rules from the command line, and the commands that compare and explain."""

import json

import pytest

from dmopt.data.read import read_instance
from dmopt.data.write import write_instance
from dmopt.rules import edit_rules
from tests.cli.program import ROOT, dmopt
from tests.line import line, rule

# w alone 110; both open 140 (tests/line.py)


@pytest.fixture
def folder(tmp_path):
    write_instance(line(rules=rule("site_count", "least=1", "some")), tmp_path / "line")
    return tmp_path / "line"


def cost(folder, *options: str) -> float:
    told = dmopt(
        "solve",
        folder,
        "--gap",
        "0%",
        "--json",
        "-q",
        "--out",
        folder.parent / "run",
        *options,
    )
    assert told.exit_code == 0, told.stderr
    return json.loads(told.stdout)["cost"]


def test_rules_are_added_changed_and_switched_on_the_way(folder):
    assert cost(folder) == pytest.approx(110)
    near = "near: proximity_service share=100 %; within_km=5"
    assert cost(folder, "--rule", near) == pytest.approx(140)
    far = ("--rule", near, "--set", "near.within_km=10")
    assert cost(folder, *far) == pytest.approx(110)
    assert cost(folder, "--set", "some.least=2") == pytest.approx(130)
    off = ("--set", "some.least=2", "--off", "some")
    assert cost(folder, *off) == pytest.approx(110)
    soft = ("--rule", near, "--set", "near.soft_price=0.5")
    assert cost(folder, *soft) == pytest.approx(130)


def test_a_run_under_changed_rules_is_verified_under_the_same(folder):
    near = ("--rule", "near: proximity_service share=1; within_km=5")
    cost(folder, *near)
    run = folder.parent / "run"
    assert dmopt("verify", folder, run, *near).exit_code == 0
    assert dmopt("verify", folder, run).exit_code == 2  # other data


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--rule", "near proximity_service"), "ID: RULE"),
        (("--rule", "near: proximty_service share=1"), "proximity_service"),
        (("--set", "sme.least=2"), "did you mean 'some'"),
        (("--set", "some"), "ID.NAME=VALUE"),
        (("--set", "some.lest=2"), "least"),
        (("--off", "other"), "a rule of the instance"),
        (("--model", "distribted"), "did you mean 'distributed'"),
    ],
)
def test_what_is_wrong_with_them_is_told(folder, options, said):
    told = dmopt("solve", folder, "--out", folder.parent / "run", *options)
    assert told.exit_code == 2
    assert said in told.stderr
    assert not (folder.parent / "run").exists()


def test_rules_are_shown_as_sentences_with_their_status():
    town = ROOT / "instances" / "rule-town"
    told = dmopt("rules", town, "--model", "distributed")
    assert "R1.1 distributed R1.1 [reconstructed]: At least 90 %" in told.stdout
    catalogue = json.loads(dmopt("rules", "--json").stdout)
    assert len(catalogue) == 44
    assert {each["status"] for each in catalogue if each["dimension"][0] == "D"} == {
        "reconstructed"
    }


def test_a_kind_of_rule_is_shown_with_what_its_parameters_mean():
    told = dmopt("rules", "proximity_service")
    assert "R1.1 proximity_service [reconstructed]: Proximity service" in told.stdout
    assert "within_km: Longest way from a site to a zone that counts as near." in (
        told.stdout
    )
    assert "no_dominant_site" not in told.stdout
    (one,) = json.loads(dmopt("rules", "proximity_service", "--json").stdout)
    assert list(one["parameters"]) == ["share", "within_km", "per"]


def test_a_folder_named_like_a_kind_of_rule_is_an_instance(folder, monkeypatch):
    folder.rename(folder.parent / "licence")
    monkeypatch.chdir(folder.parent)
    assert "R7.1 licence" not in dmopt("rules", "licence").stdout


def test_rules_in_the_settings_file_are_rules(folder):
    (folder / "rules.csv").unlink()
    with (folder / "instance.toml").open("a") as file:
        file.write(
            '\n[[rule]]\nid = "near"\nrule = "proximity_service"\n'
            'parameters = {share = 1, within_km = 5}\nproducts = ["bread"]\n'
        )
    assert cost(folder) == pytest.approx(140)


def test_rules_in_two_places_are_a_fault(folder):
    with (folder / "instance.toml").open("a") as file:
        file.write('\n[[rule]]\nid = "near"\nrule = "site_count"\n')
    told = dmopt("check", folder)
    assert told.exit_code == 2
    assert "not in both" in told.stderr


def test_explain_names_what_collides_and_ways_out(folder):
    two = ("--set", "some.least=3")
    told = dmopt("explain", folder, *two)
    assert told.exit_code == 1
    assert "These cannot all hold:" in told.stdout
    assert "least: 3 -> 2 sites (rule some)" in told.stdout
    about = json.loads(dmopt("explain", folder, *two, "--json", "-q").stdout)
    assert about["infeasible"]
    cost_of = {way["says"]: way["cost"] for way in about["ways"]}
    assert cost_of["least: 3 -> 2 sites (rule some)"] == pytest.approx(130)
    assert dmopt("explain", folder).exit_code == 0


def test_price_why_and_firm_answer_in_json(folder):
    near = ("--rule", "near: proximity_service share=1; within_km=5")
    prices = json.loads(
        dmopt("price", folder, *near, "--gap", "0%", "--json", "-q").stdout
    )
    by_name = {each["name"]: each for each in prices["prices"]}
    assert by_name["near"]["low"] == pytest.approx(30)
    why = json.loads(dmopt("why", folder, "e", "--json", "-q", "--gap", "0%").stdout)
    assert why["high"] == pytest.approx(20)
    assert "costs GBP 20 more" in dmopt("why", folder, "e", "-q", "--gap", "0%").stdout
    firm = json.loads(dmopt("firm", folder, "--json", "-q", "--gap", "0%").stdout)
    assert {row["site"]: row["firm"] for row in firm["sites"]} == {
        "w": "always",
        "e": "never",
    }


def test_why_takes_an_earlier_run(folder):
    cost(folder)
    told = dmopt("why", folder, "w", "--run", folder.parent / "run", "-q")
    assert "Forced shut" in told.stdout


def test_compare_and_breakeven_write_a_study(folder):
    out = folder.parent / "compared"
    told = dmopt(
        "compare",
        folder,
        "--models",
        "free,centralised,indigenous",
        "--json",
        "-q",
        "--out",
        out,
    )
    about = json.loads(told.stdout)
    assert [m["model"] for m in about["models"]] == [
        "free",
        "centralised",
        "indigenous",
    ]
    assert {"study.json", "comparison.csv", "products.csv", "maps.png"} <= {
        path.name for path in out.iterdir()
    }
    (out / "mine.txt").write_text("keep")
    again = dmopt("compare", folder, "--models", "free", "--out", out)
    assert again.exit_code == 2 and (out / "mine.txt").exists()

    chart = folder.parent / "volume"
    told = dmopt(
        "breakeven",
        folder,
        "--over",
        "volume",
        "--values",
        "0.5,1",
        "--models",
        "free,centralised",
        "--out",
        chart,
        "-q",
    )
    assert told.exit_code == 0, told.stderr
    assert (chart / "breakeven.png").exists()
    assert dmopt("breakeven", folder, "--over", "wages").exit_code == 2


def test_an_edit_keeps_what_it_does_not_change():
    instance = read_instance(ROOT / "instances" / "rule-town")
    edited = edit_rules(instance, add=["few: site_count most=3"])
    assert edited.tables["sites"] is instance.tables["sites"]
    assert list(edited.rules.index) == ["few"]
