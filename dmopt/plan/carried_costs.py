"""What things made of other things cost: step 3 of products.py, along flows and through
stock."""

import numpy as np
import pandas as pd
import scipy.sparse as sp
from scipy.sparse.linalg import spsolve

from dmopt.plan.costs import KINDS, weights
from dmopt.plan.frames import long
from dmopt.plan.ledger import Ledger
from dmopt.plan.moves import from_site
from dmopt.plan.own_costs import COST, MADE, NODE, kg_price, output_shares


def carried(ledger: Ledger, own: pd.DataFrame) -> pd.DataFrame:
    """(site, commodity, period) x kinds with the cost of inputs carried along."""
    own = _with_taken(ledger, own)
    flows, nodes = ledger.flows, own.index
    into = flows[flows.destination_kind == "site"]
    use = _input_use(ledger)
    moved = into.assign(arc=np.arange(len(into)), site=into.destination)
    parts = moved.merge(
        use,
        left_on=["site", "commodity", "period"],
        right_on=["site", "input", "period"],
        suffixes=("", "_made"),
    )
    to = nodes.get_indexer(
        pd.MultiIndex.from_frame(parts[["site", "made_commodity", "period"]])
    )
    bought = ~from_site(parts)
    direct = moving_costs(ledger, parts).mul(parts["use"], axis=0)
    gain = np.zeros(own.shape)
    np.add.at(gain, to, direct.to_numpy())
    source = nodes.get_indexer(
        pd.MultiIndex.from_arrays([parts.origin, parts.commodity, parts.period])
    )
    inside = ~bought & (source >= 0)
    sent, kept = shares_sent(ledger)
    share = sent.reindex(into.index).to_numpy()[parts.arc] * parts["use"]
    here = kept.merge(
        use, left_on=NODE, right_on=["site", "input", "period"], suffixes=("", "_made")
    )
    made = nodes.get_indexer(
        pd.MultiIndex.from_frame(here[["site", "made_commodity", "period"]])
    )
    of = nodes.get_indexer(pd.MultiIndex.from_frame(here[NODE]))
    later, earlier, held = _through_time(ledger, nodes)
    matrix = sp.csr_matrix(
        (
            np.concatenate([share.to_numpy()[inside], here.share * here["use"], held]),
            (
                np.concatenate([to[inside], made, later]),
                np.concatenate([source[inside], of, earlier]),
            ),
        ),
        shape=(len(nodes),) * 2,
    )
    if not len(nodes):
        return own
    solved = spsolve(sp.eye(len(nodes), format="csc") - matrix.tocsc(), own + gain)
    return pd.DataFrame(
        np.asarray(solved).reshape(own.shape), index=nodes, columns=own.columns
    )


def _with_taken(ledger: Ledger, own: pd.DataFrame) -> pd.DataFrame:
    """The same with a row for all that is taken from stock in periods in which none of
    it is made; holding it is paid by what is held."""
    rows = ledger.stocks
    if not len(rows):
        return own
    taken = rows.assign(period=rows.until)[NODE]
    nodes = own.index.union(pd.MultiIndex.from_frame(taken)).drop_duplicates()
    own = own.reindex(nodes, fill_value=0.0)
    holding = long(ledger.holding_cost, COST)
    there = holding.index.intersection(nodes)
    own.loc[there, "stock"] += holding[there]
    return own


def _through_time(
    ledger: Ledger, nodes: pd.Index
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where what is set aside is used, where it was made, and which part of the yearly
    cost there goes with it, in yearly money of the later period."""
    rows, weight = ledger.stocks, weights(ledger.instance)
    earlier = nodes.get_indexer(pd.MultiIndex.from_frame(rows[NODE]))
    later = nodes.get_indexer(
        pd.MultiIndex.from_frame(rows.assign(period=rows.until)[NODE])
    )
    begin, end = rows["from"].to_numpy(), rows["to"].to_numpy()
    a_year = rows.units.to_numpy() / ledger.years[begin]
    gone = _gone(ledger).reindex(pd.MultiIndex.from_frame(rows[NODE])).to_numpy()
    held = a_year / gone * weight[begin] / weight[end]
    known = (earlier >= 0) & (later >= 0)
    return later[known], earlier[known], held[known]


def _aside(ledger: Ledger) -> pd.Series:
    """Units/yr set aside by NODE."""
    rows = ledger.stocks
    a_year = rows.assign(units=rows.units / ledger.years[rows["from"]])
    return a_year.groupby(NODE).units.sum()


def _gone(ledger: Ledger) -> pd.Series:
    """Units/yr sent away, used up and set aside of what a site has made, by NODE."""
    away = ledger.flows.groupby(["origin", "commodity", "period"]).quantity_per_yr.sum()
    parts = [away.rename_axis(NODE), _used_here(ledger), _aside(ledger)]
    return pd.concat(parts).groupby(level=NODE).sum()


def _used_here(ledger: Ledger) -> pd.Series:
    """Units/yr of what a site makes, or made before, and uses up itself, by NODE."""
    flows, items, stocks = ledger.flows, ledger.items, ledger.stocks
    made = items.groupby(NODE).made.sum()
    used = items.groupby(NODE).used.sum()
    taken = stocks.assign(period=stocks.until).groupby(NODE).left.sum()
    has = made.add(taken, fill_value=0.0).reindex(used.index).fillna(0.0)
    into = flows[flows.destination_kind == "site"]
    by = [into.destination, into.commodity, into.period]
    brought = into.quantity_per_yr.groupby(by).sum().rename_axis(NODE)
    own = (used - brought.reindex(used.index).fillna(0.0)).clip(lower=0.0)
    return own.where(has > 0, 0.0)


def _input_use(ledger: Ledger) -> pd.DataFrame:
    """site, period, input, made_commodity, use: where an input goes."""
    used = ledger.items[ledger.items.used > 0][[*MADE, "commodity", "used"]]
    total = used.groupby(["site", "commodity", "period"]).used.transform("sum")
    used = used.assign(part=used.used / total).rename(columns={"commodity": "input"})
    both = used.merge(output_shares(ledger), on=MADE)
    both["use"] = both.part * both.share
    by = ["site", "period", "input", "commodity"]
    uses = both.groupby(by)["use"].sum().reset_index()
    return uses.rename(columns={"commodity": "made_commodity"})


def shares_sent(ledger: Ledger) -> tuple[pd.Series, pd.DataFrame]:
    """Of what a site makes of a commodity in a period: the share that each flow sends
    away (by flow), and the share used up where it is made (NODE, share)."""
    flows, own = ledger.flows, _used_here(ledger)
    origins = [flows.origin, flows.commodity, flows.period]
    sent = flows.quantity_per_yr.groupby(origins).transform("sum")
    key = pd.MultiIndex.from_arrays(origins)
    aside = _aside(ledger).reindex(key).fillna(0.0).to_numpy()
    there = own.reindex(key).fillna(0.0).to_numpy() + aside
    total = _gone(ledger).reindex(own.index)
    kept = (own / total.where(total > 0)).rename("share")
    return flows.quantity_per_yr / (sent + there), kept[own > 0].reset_index()


def moving_costs(ledger: Ledger, flows: pd.DataFrame) -> pd.DataFrame:
    """Flows x kinds: transport, the supplier's price, emissions of both."""
    to_zone = flows.destination_kind == "zone"
    bought = ~from_site(flows)
    kind = np.select(
        [bought, to_zone], ["transport in", "transport out"], "transport between"
    )
    kg = flows.kg_per_yr + flows.gate_kg * flows.quantity_per_yr
    found = pd.DataFrame(0.0, flows.index, list(KINDS))
    for name in ("transport in", "transport out", "transport between"):
        found[name] = flows.cost_per_yr.where(kind == name, 0.0)
    found["inputs"] = flows.gate_price * flows.quantity_per_yr
    found["emissions"] = kg * kg_price(ledger, flows.period)
    return found
