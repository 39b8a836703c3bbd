"""Production models: data that every instance can be put under, rules and no more."""

import pytest

from dmopt.data.read import read_instance
from dmopt.errors import InstanceError
from dmopt.models import MODELS, PURE, read_model, with_mix, with_model
from dmopt.rules import make_rules
from dmopt.rules.catalogue import RULES, catalogue
from tests.cli.program import ROOT
from tests.line import line, rule

FOLDERS = sorted(path.parent for path in (ROOT / "instances").glob("*/instance.toml"))


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_every_instance_can_be_put_under_every_model(folder, name):
    instance = with_model(read_instance(folder), read_model(name))
    assert len(make_rules(instance)) == len(instance.rules)


@pytest.mark.parametrize("name", MODELS)
def test_a_model_changes_rules_and_nothing_else(name):
    # accounting is the same in all models only if every other table is the same object
    instance = line()
    under = with_model(instance, read_model(name))
    assert under.settings is instance.settings
    others = [table for table in instance.tables if table != "rules"]
    assert all(under.tables[each] is instance.tables[each] for each in others)


@pytest.mark.parametrize("name", PURE)
def test_ids_of_a_models_rules_are_codes_of_the_catalogue(name):
    model = read_model(name)
    for row in model.rules:
        assert row["rule"] in RULES
        assert row["id"] == catalogue()["rules"][row["rule"]]["code"]
    assert model.status == "reconstructed"


def test_the_distributed_model_speaks_of_every_dimension():
    dimensions = {
        catalogue()["rules"][row["rule"]]["dimension"]
        for row in read_model("distributed").rules
    }
    assert dimensions == {f"D{n}" for n in range(1, 8)}


def test_own_rules_hold_in_every_model_but_free():
    instance = line(rules=rule("site_count", "most=1", "mine"))
    for name in MODELS:
        ids = [each.id for each in make_rules(with_model(instance, read_model(name)))]
        assert ("mine" in ids) == (name != "free")


def test_a_users_own_model_is_a_file(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        '[model]\nlabel = "Mine"\n\n[[rule]]\nid = "few"\nrule = "site_count"\n'
        "parameters = {most = 1}\n"
    )
    (one,) = make_rules(with_model(line(), read_model(str(path))))
    assert one.id == "mine few"
    assert one.kind.sentence().startswith("At most 1")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[model", "TOML"),
        ("[model]\n", "label"),
        ("rule = 3\n[model]\nlabel = 'x'", "TOML with"),
    ],
)
def test_a_file_that_is_no_model_is_told(tmp_path, text, said):
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(InstanceError, match=said):
        read_model(str(path))


def test_an_unknown_model_is_told_with_the_nearest():
    with pytest.raises(InstanceError, match="did you mean 'distributed'"):
        read_model("distribted")


def test_in_a_mix_each_product_keeps_the_rules_of_its_model():
    instance = read_instance(ROOT / "instances" / "rule-town")
    mix = {
        "bread": read_model("centralised"),
        "cake": read_model("multi_domestic"),
        "brace": read_model("distributed"),
        "spare": read_model("distributed"),
    }
    for each in make_rules(with_mix(instance, mix)):
        model = each.id.split()[0]
        assert set(each.where.products) <= {
            p for p, m in mix.items() if m.name == model
        }
        assert len(each.where.products)
