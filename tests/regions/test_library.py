import pandas as pd
import pytest

from dmopt.data.column import CONFIDENCE
from dmopt.data.schema import TABLES
from dmopt.errors import InstanceError
from dmopt.regions.library import _tables, catalogue, in_currency, sectors

SECTORS = [sector.id for sector in sectors()]
PLAIN = {"classes", "class_services", "locations", "outside", "suppliers"}
"""Tables whose figures get their source where they are put into an instance."""


def test_the_library_has_four_sectors():
    assert SECTORS == ["bread", "furniture", "orthotics", "parts"]


@pytest.mark.parametrize("folder", ["common", *SECTORS])
def test_every_figure_has_a_source_or_is_an_assumption(folder):
    for name, cells in _tables(folder):
        if name in PLAIN - {"classes", "class_services"}:
            continue
        assert cells["confidence"].isin(CONFIDENCE).all(), (folder, name)
        assert (cells["source"] != "").all(), (folder, name)


def test_what_two_sectors_share_is_the_same_in_both():
    seen = {}
    for folder in SECTORS:
        for name, cells in _tables(folder):
            keys = (
                [c for c in TABLES[name].unique if c in cells] if name in TABLES else []
            )
            for row in cells.to_dict("records") if keys else []:
                key = name, *(row[k] for k in keys)
                assert seen.setdefault(key, row) == row


def test_only_what_the_sectors_use_is_taken():
    bread = catalogue(["bread"])
    assert "release" not in set(bread["services"]["service"])
    assert "hospital" not in set(bread["classes"]["class"])
    assert "control_site" not in set(bread["infrastructure"]["infrastructure"])
    # a large connection needs the substation, which provides no service itself
    assert "primary_substation" in set(bread["infrastructure"]["infrastructure"])


def test_unknown_sectors_name_the_nearest():
    with pytest.raises(InstanceError, match="did you mean 'bread'"):
        catalogue(["bred", "parts"])
    with pytest.raises(InstanceError, match="sectors are bread"):
        catalogue([""])


def test_money_and_nothing_else_is_turned_into_another_currency():
    cells = pd.DataFrame(
        {
            "capital_cost": ["100", ""],
            "fee_per_yr": ["2", "3"],
            "cost_factor": ["1", "1"],
            "capacity_per_yr": ["5", "5"],
            "source": ["a", "b"],
        }
    )
    made = in_currency(cells, 1.5, "EUR")
    assert made["capital_cost"].tolist() == ["150", ""]
    assert made["fee_per_yr"].tolist() == ["3", "4.5"]
    assert made["cost_factor"].tolist() == ["1", "1"]
    assert made["capacity_per_yr"].tolist() == ["5", "5"]
    assert made["source"][0] == "a; times 1.5 EUR per GBP, as given"


def test_a_published_price_is_derived_in_another_currency_and_its_note_says_so():
    marks = ["published", "measured", "modelled", "published"]
    cells = pd.DataFrame(
        {"price": ["2", "2", "2", ""], "source": "a", "confidence": marks}
    )
    made = in_currency(cells, 1.5, "EUR")
    expected = ["derived", "derived", "modelled", "published"]
    assert made["confidence"].tolist() == expected
    assert made["note"].tolist() == [
        "published in GBP, derived in EUR",
        "measured in GBP, derived in EUR",
        "",
        "",
    ]
    kept = in_currency(cells.assign(note="b"), 1.5, "EUR")["note"].tolist()
    assert kept[0] == "b; published in GBP, derived in EUR" and kept[3] == "b"
    assert in_currency(cells, 1, "GBP")["confidence"].tolist() == marks


def test_every_column_of_money_of_the_schema_is_known():
    from dmopt.regions.library import MONEY

    money = {
        column.name
        for table in TABLES.values()
        for column in table.columns
        if MONEY.search(column.name)
    }
    told = {
        column.name
        for table in TABLES.values()
        for column in table.columns
        if any(w in column.meaning.split() for w in ("cost", "price", "capital"))
        and column.kind == "number"
    }
    # shares of capital, a factor, years and a life are no money
    assert told - money <= {
        "public_share",
        "cost_factor",
        "life_yr",
        "resale_share",
    }
