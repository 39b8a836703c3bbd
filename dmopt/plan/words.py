"""What stands and what is made at a site, in words for labels and tables."""

import pandas as pd

from dmopt.plan.ledger import Ledger

BY = ["site", "period"]


def in_words(ledger: Ledger) -> pd.Series:
    """Modules by (site, period), most first: "2 x micro bakery, 1 x mixer"."""
    rows = ledger.plan.tables["modules"]
    rows = rows[rows.modules > 0]
    technologies = ledger.instance.technologies
    names = _names(technologies).reindex(rows.technology).to_numpy()
    rows = rows.assign(words=rows.modules.astype("str") + " x " + names)
    return _joined(rows, "modules").rename("technologies")


def amounts_in_words(ledger: Ledger) -> pd.Series:
    """What is made by (site, period), most first: "1,200 loaf bread, 12 kg crumbs"."""
    rows = ledger.items.groupby([*BY, "commodity"], as_index=False).made.sum()
    rows = rows[rows.made > 0]
    goods = ledger.instance.commodities
    units = goods.unit.reindex(rows.commodity).to_numpy()
    names = _names(goods).reindex(rows.commodity).to_numpy()
    number = [f"{made:,.0f}" if made >= 1 else f"{made:.3g}" for made in rows.made]
    words = pd.Series(number, rows.index, dtype="str") + " " + units + " " + names
    return _joined(rows.assign(words=words), "made").rename("made")


def _names(table: pd.DataFrame) -> pd.Series:
    """Name for people of each row; its id where there is none."""
    return table.name.where(table.name != "", table.index.to_series())


def _joined(rows: pd.DataFrame, most: str) -> pd.Series:
    ordered = rows.sort_values(most, ascending=False, kind="stable")
    return ordered.groupby(BY).words.agg(", ".join)
