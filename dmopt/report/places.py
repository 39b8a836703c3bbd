"""What opens where: sites that work and infrastructure that stands."""

from collections.abc import Iterator

import pandas as pd

from dmopt.plan import views
from dmopt.plan.plan import Plan
from dmopt.report.table import Table, figure, per_cent
from dmopt.runs.words import quantity

NOWHERE = "the whole region"
MOST_MADE, MOST_PLACES = 3, 8
REACH = {
    "site": "its site",
    "district": "its district",
    "radius": "sites around it",
    "region": "the region",
}


def open_sites(plan: Plan) -> pd.DataFrame:
    """Sites open in any period: index site, those in the region first, then those with
    machines, then by what they send. Columns name, district, in_region, periods (in
    which it is open, texts), technologies (of its last open period), made (in words),
    utilisation (mean of those periods), working (bool: with machines in one of them),
    new (bool: did not stand before)."""
    rows = pd.DataFrame(views.sites(plan).drop(columns="geometry"))
    rows = rows[rows.open]
    by = rows.groupby("site", sort=False)
    last, made = by.last(), _made(plan)
    table = last[["name", "district", "in_region", "technologies"]].assign(
        periods=by.period.agg(list),
        made=[made.get(site, "") for site in last.index],
        utilisation=by.utilisation.mean(),
        sent=by.sent_t_per_yr.mean(),
        working=by.modules.max() > 0,
        new=(last.status == "candidate"),
    )
    table["name"] = table.name.where(table.name != "", table.index.to_series())
    order = ["in_region", "working", "sent"]
    return table.sort_values(order, ascending=False, kind="stable")


def _made(plan: Plan) -> pd.Series:
    """Site -> what it makes in a mean year, by-products aside: "2,580 x 1000 loaves of
    Fresh bread and 1 more"."""
    ledger, goods = plan.ledger, plan.instance.commodities
    flows = plan.tables["flows"]
    rows = ledger.items[ledger.items.made > 0]
    sent = pd.MultiIndex.from_frame(flows[["origin", "commodity"]].drop_duplicates())
    mine = pd.MultiIndex.from_frame(rows[["site", "commodity"]])
    rows = rows[mine.isin(sent)]
    years = plan.instance.periods.years / plan.instance.periods.years.sum()
    amount = rows.made * years.reindex(rows.period).to_numpy()
    total = amount.groupby([rows.site, rows.commodity]).sum().reset_index(name="made")
    worth = total.made * goods.t_per_unit.reindex(total.commodity).to_numpy()
    total = total.assign(worth=worth).sort_values("worth", ascending=False)
    words = [
        f"{quantity(made)} {times(goods.unit[name])} {goods.name[name] or name}"
        for name, made in zip(total.commodity, total.made, strict=True)
    ]
    listed = total.assign(words=words).groupby("site", sort=False).words.agg(list)
    return listed.map(
        lambda each: (
            ", ".join(each[:MOST_MADE])
            + (f" and {len(each) - MOST_MADE} more" if len(each) > MOST_MADE else "")
        )
    )


def times(unit: str) -> str:
    """A unit after a number: "t", but "x 1000 loaves"."""
    return f"x {unit}" if unit[:1].isdigit() else unit


def per(unit: str) -> str:
    """A unit after a price: "a pair", "for 1000 loaves"."""
    return f"for {unit}" if unit[:1].isdigit() else f"a {unit}"


def sites_table(plan: Plan, most: int | None = None) -> Table:
    """Open sites; if `most` is given only so many, and only those with machines."""
    sites = open_sites(plan)
    if most is not None:
        sites = sites[sites.working]
    several = len(plan.instance.periods) > 1
    head = ["Site", "District", "Stands there", "Makes a year", "Use of capacity"]
    rows = []
    shown = sites if most is None else sites.head(most)
    for row in shown.to_dict("records"):
        where = row["district"] or ("no district" if row["in_region"] else "outside")
        if not row["in_region"] and row["district"]:
            where += " (outside the region)"
        when = [", ".join(row["periods"])] if several else []
        cells = [row["technologies"] or "no machines", row["made"] or "nothing"]
        rows.append([row["name"], where, *when, *cells, per_cent(row["utilisation"])])
    if several:
        head.insert(2, "Open in")
    left = len(sites) - len(rows)
    note = f"and {left:,} more, in the table beside the map" if left else ""
    return Table("Sites that open or stay open", head, rows, len(head) - 1, note=note)


def infrastructure_table(plan: Plan) -> Table:
    """Infrastructure that stands, one row for each kind; places as in the last period
    in which they stand."""
    rows = pd.DataFrame(views.infrastructure(plan).drop(columns="geometry"))
    by = ["infrastructure", "location"]
    last = rows.drop_duplicates(by, keep="last")
    last = last.assign(
        built=rows.groupby(by).built.sum().reindex(_pairs(last, by)).to_numpy(),
        where=[
            _where(plan, *ends) for ends in zip(last.site, last.district, strict=True)
        ],
    )
    cells = []
    for key, part in last.groupby("infrastructure", sort=False):
        first = part.iloc[0]
        names = part["where"].tolist()
        more = len(names) - MOST_PLACES
        cells.append(
            [
                first["name"] or str(key),
                REACH.get(first.reach, first.reach),
                f"{', '.join(names[:MOST_PLACES])}"
                + (f" and {more} more" if more > 0 else ""),
                figure(len(part)),
                figure(part.steps.sum()),
                figure(part.built.sum()),
                figure(part.users.sum()),
            ]
        )
    return Table(
        "Infrastructure that stands",
        ["Infrastructure", "Serves", "Where", "Places", "Steps", "Built", "Users"],
        cells,
        numbers=3,
    )


def _where(plan: Plan, site: str, district: str) -> str:
    if site:
        return str(plan.instance.sites.name[site] or site)
    return district or NOWHERE


def _pairs(rows: pd.DataFrame, by: list[str]) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(rows[by])


def shared_words(plan: Plan) -> Iterator[str]:
    """ "2 x Digital hub": shared infrastructure in its last period, most first."""
    rows = pd.DataFrame(views.infrastructure(plan).drop(columns="geometry"))
    rows = rows.drop_duplicates(["infrastructure", "location"], keep="last")
    rows = rows[rows.reach != "site"]
    names = rows.name.where(rows.name != "", rows.infrastructure)
    for name, places in names.value_counts().items():
        yield f"{places} x {name}" if places > 1 else str(name)
