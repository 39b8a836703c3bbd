"""What each product costs: a plan's cost split over what zones want, by kind of cost.

1. What can be told to be of one (site, commodity) is: activity and its services by
   recipe; modules by the work their recipes give them; shared and own infrastructure
   by who needs the services it gives; a recipe with several outputs by their value.
2. What a site costs as such goes over what it makes, by what that has cost so far.
3. Inputs carry the cost of what they are made of along the flows:

       total[s,c] = own[s,c] + sum_b use[s,b,c] sum_o sent[o,s,b] total[o,b]

   use: share of input b at s that goes into c; sent: share of o's b that goes to s,
   for o = s what s makes and uses up itself. What is held for a later period takes
   its cost there; of inputs that are held it stays where they were brought in.
4. Deliveries carry it to zones, with their transport; unmet demand has its own price.

What no product can be told to cause (idle infrastructure, a site that makes nothing)
goes over all products by what they have cost so far. The sum over products is the
cost of the plan, kind by kind. This is a way to tell costs apart, not a price that
would hold if a product were dropped: shared capital is shared.
"""

import numpy as np
import pandas as pd
import scipy.sparse as sp
from scipy.sparse.linalg import spsolve

from dmopt.plan.costs import (
    KINDS,
    connection_costs,
    cost_table_of,
    location_costs,
    module_costs,
    service_costs,
    site_costs,
    weights,
)
from dmopt.plan.frames import long
from dmopt.plan.ledger import Ledger
from dmopt.plan.moves import from_site
from dmopt.plan.plan import Plan

COST = "cost"
MADE = ["site", "recipe", "period"]
NODE = ["site", "commodity", "period"]


def product_costs(plan: Plan) -> pd.DataFrame:
    """Commodities that zones want x kinds of cost, in the unit of the plan's total
    (money per year, or present value)."""
    wanted = sorted(set(plan.instance.demand_by_period.commodity))
    return _split_over(plan, "commodity", wanted)


def zone_costs(plan: Plan) -> pd.DataFrame:
    """Zones x kinds of cost: the same costs by where the products go, in the unit of
    the plan's total; a zone bears what its deliveries cost and what it goes without."""
    return _split_over(plan, "zone", list(plan.instance.zones.index))


def _split_over(plan: Plan, by: str, names: list[str]) -> pd.DataFrame:
    """A plan's cost over products or zones (the level `by`) x kinds of cost."""
    ledger = Ledger(plan.instance, plan)
    delivered = _delivered(ledger, _carried(ledger, _own(ledger)))
    weight = pd.Series(weights(plan.instance), ledger.periods)
    period = delivered.index.get_level_values("period")
    weighted = delivered.mul(weight.reindex(period).to_numpy(), axis=0)
    found = weighted.groupby(by).sum()
    found = found.reindex(index=names, columns=list(KINDS)).fillna(0.0)
    return _with_rest(ledger, found, weight)


def _with_rest(ledger: Ledger, found: pd.DataFrame, weight: pd.Series) -> pd.DataFrame:
    """What none could be told to cause, over all by what they have cost."""
    table = cost_table_of(ledger)
    money = table.cost_per_yr * table.period.map(weight).astype(float)
    rest = money.groupby(table.kind).sum().reindex(found.columns) - found.sum()
    size = found.sum(axis=1).clip(lower=0)
    share = (
        size / size.sum() if size.sum() > 0 else pd.Series(1 / len(found), found.index)
    )
    return found + np.outer(share, rest)


def _own(ledger: Ledger) -> pd.DataFrame:
    """(site, commodity, period) x kinds: what making costs there, inputs aside."""
    by_recipe = _recipe_costs(ledger)
    split = _output_shares(ledger)
    both = split.merge(by_recipe.reset_index(), on=MADE)
    kinds = [kind for kind in KINDS if kind in both]
    both[kinds] = both[kinds].mul(both.share, axis=0)
    own = both.groupby(NODE)[kinds].sum().reindex(columns=list(KINDS)).fillna(0.0)
    # the site itself, over what it makes, by what that costs so far
    sites = long(site_costs(ledger), COST).rename_axis(["site", "period"])
    size = own.sum(axis=1).clip(lower=1e-9)
    part = size / size.groupby(["site", "period"]).transform("sum")
    here = pd.MultiIndex.from_frame(own.reset_index()[["site", "period"]])
    own["sites"] += part.to_numpy() * sites.reindex(here).fillna(0.0).to_numpy()
    return own


def _recipe_costs(ledger: Ledger) -> pd.DataFrame:
    """(site, recipe, period) x kinds."""
    activity = ledger.activity
    parts = [
        _cost(activity, activity.variable_cost * activity.quantity_per_yr, "operation"),
        _stock(ledger),
        _by_work(ledger, long(module_costs(ledger), COST).reset_index(), "modules"),
        *_service_parts(ledger),
        _cost(*_emission_cost(ledger), "emissions"),
        _disposal(ledger),
    ]
    rows = pd.concat(parts, ignore_index=True)
    return rows.pivot_table(COST, MADE, "kind", "sum", fill_value=0.0, observed=True)


def _cost(rows: pd.DataFrame, cost: pd.Series, kind: str) -> pd.DataFrame:
    return rows[MADE].assign(cost=cost, kind=kind)


def _stock(ledger: Ledger) -> pd.DataFrame:
    items = ledger.items
    held = items.stock_days / 365 * ledger.instance.settings.holding_rate
    price = ledger.instance.commodities.price.reindex(items.commodity).to_numpy()
    return _cost(items, held * price * items.made, "stock")


def _by_work(ledger: Ledger, costs: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Costs of (site, technology, period) over its recipes by the work they give."""
    work = ledger.activity[[*MADE, "technology", "work"]]
    by = ["site", "technology", "period"]
    total = work.groupby(by).work.transform("sum")
    each = work.assign(share=work.work / total.where(total > 0)).merge(costs, on=by)
    return _cost(each, each.share * each[COST], kind)


def _service_parts(ledger: Ledger) -> list[pd.DataFrame]:
    """What services cost, and the infrastructure behind them, to who needs them."""
    needs = _needs(ledger)
    total = needs.groupby(["site", "service", "period"]).units.transform("sum")
    needs = needs.assign(share=needs.units / total.where(total > 0))
    paid = service_costs(ledger)[
        ["site", "service", "period", "cost_per_yr", "cost_kind"]
    ]
    priced = needs.merge(paid, on=["site", "service", "period"])
    behind = needs.merge(_infrastructure(ledger), on=["site", "service", "period"])
    return [
        priced[MADE].assign(
            cost=priced.share * priced.cost_per_yr, kind=priced.cost_kind
        ),
        _cost(behind, behind.share * behind[COST], "infrastructure"),
    ]


def _needs(ledger: Ledger) -> pd.DataFrame:
    """Units of each service that each (site, recipe, period) needs, its part of what
    its modules need included."""
    instance, activity = ledger.instance, ledger.activity
    own = activity[[*MADE, "quantity_per_yr"]].merge(instance.recipe_needs, on="recipe")
    modules = ledger.plan.tables["modules"][["site", "technology", "period", "modules"]]
    standing = modules.merge(instance.technology_needs, on="technology")
    work = activity[[*MADE, "technology", "work"]]
    by = ["site", "technology", "period"]
    total = work.groupby(by).work.transform("sum")
    each = work.assign(share=work.work / total.where(total > 0)).merge(standing, on=by)
    return pd.concat(
        [
            own.assign(units=own.quantity_per_yr * own.per_unit),
            each.assign(units=each.share * each.modules * each.per_module),
        ]
    )[[*MADE, "service", "units"]]


def _infrastructure(ledger: Ledger) -> pd.DataFrame:
    """site, service, period, cost: infrastructure to the sites and services it serves.

    Shared: by draws, each service of a location alike; fees and connections to their
    site. Own: to its site, its services alike.
    """
    columns = ["site", "service", "period", COST]
    by_place = ["infrastructure", "location", "period"]
    services = ledger.instance.infrastructure_services[["infrastructure", "service"]]
    services = services.assign(
        part=1 / services.groupby("infrastructure").service.transform("size")
    )
    steps = long(location_costs(ledger), COST).reset_index()
    draws = ledger.plan.tables["draws"]
    total = draws.groupby([*by_place, "service"]).quantity_per_yr.transform("sum")
    drawn = draws.assign(share=draws.quantity_per_yr / total.where(total > 0))
    served = drawn.groupby(by_place).service.transform("nunique")
    shared = drawn.assign(share=drawn.share / served).merge(steps, on=by_place)
    own = ledger.locations.query("reach == 'site'").site.reset_index()
    own = own.merge(steps, on=["infrastructure", "location"]).merge(services)
    joined = long(connection_costs(ledger), COST).reset_index().merge(services)
    return pd.concat(
        [
            shared.assign(cost=shared.share * shared[COST])[columns],
            own.assign(cost=own.part * own[COST])[columns],
            joined.assign(cost=joined.part * joined[COST])[columns],
        ]
    )


def _emission_cost(ledger: Ledger) -> tuple[pd.DataFrame, pd.Series]:
    """What emissions of recipes and of the services they need cost."""
    needs, activity = _needs(ledger), ledger.activity
    kg = ledger.instance.services.emissions_kg.reindex(needs.service).to_numpy()
    both = pd.concat(
        [
            activity[MADE].assign(kg=activity.emissions_kg * activity.quantity_per_yr),
            needs[MADE].assign(kg=kg * needs.units),
        ],
        ignore_index=True,
    )
    return both, both.kg * _kg_price(ledger, both.period)


def _kg_price(ledger: Ledger, period: pd.Series) -> np.ndarray:
    price = ledger.instance.periods.emission_price_per_t / 1000
    return price.reindex(period).to_numpy(float)


def _disposal(ledger: Ledger) -> pd.DataFrame:
    """To the recipes that made what is got rid of."""
    rows = ledger.plan.tables["disposal"]
    price = ledger.instance.commodities.disposal_cost.reindex(rows.commodity)
    rows = rows.assign(cost=price.to_numpy() * rows.quantity_per_yr)
    items = ledger.items[ledger.items.made > 0]
    total = items.groupby(NODE).made.transform("sum")
    made = items.assign(share=items.made / total)
    both = made.merge(rows[[*NODE, COST]], on=NODE)
    return _cost(both, both.share * both[COST], "disposal")


def _output_shares(ledger: Ledger) -> pd.DataFrame:
    """site, recipe, period, commodity, share: a recipe's cost over its outputs by
    value; by quantity where none has a price."""
    items = ledger.items[ledger.items.made > 0]
    price = ledger.instance.commodities.price.reindex(items.commodity).to_numpy()
    value = items.made * price
    by = [items[name] for name in MADE]
    worth, units = (
        value.groupby(by).transform("sum"),
        items.made.groupby(by).transform("sum"),
    )
    share = np.where(worth > 0, value / worth.where(worth > 0), items.made / units)
    return items[[*MADE, "commodity"]].assign(share=share)


def _carried(ledger: Ledger, own: pd.DataFrame) -> pd.DataFrame:
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
    direct = _moving(ledger, parts).mul(parts["use"], axis=0)
    gain = np.zeros(own.shape)
    np.add.at(gain, to, direct.to_numpy())
    source = nodes.get_indexer(
        pd.MultiIndex.from_arrays([parts.origin, parts.commodity, parts.period])
    )
    inside = ~bought & (source >= 0)
    sent, kept = _shares_of_output(ledger)
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
    both = used.merge(_output_shares(ledger), on=MADE)
    both["use"] = both.part * both.share
    by = ["site", "period", "input", "commodity"]
    uses = both.groupby(by)["use"].sum().reset_index()
    return uses.rename(columns={"commodity": "made_commodity"})


def _shares_of_output(ledger: Ledger) -> tuple[pd.Series, pd.DataFrame]:
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


def _moving(ledger: Ledger, flows: pd.DataFrame) -> pd.DataFrame:
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
    found["emissions"] = kg * _kg_price(ledger, flows.period)
    return found


def _delivered(ledger: Ledger, total: pd.DataFrame) -> pd.DataFrame:
    """(zone, commodity, period) x kinds: what arrives, and what does not."""
    flows = ledger.flows
    out = flows[flows.destination_kind == "zone"]
    origin = total.index.get_indexer(
        pd.MultiIndex.from_frame(out[["origin", "commodity", "period"]])
    )
    made = np.zeros((len(out), total.shape[1]))
    known = origin >= 0
    share = _shares_of_output(ledger)[0].reindex(out.index).to_numpy()
    made[known] = total.to_numpy()[origin[known]] * share[known, None]
    costs = _moving(ledger, out) + made
    by = [out.destination, out.commodity, out.period]
    unmet = ledger.plan.tables["unmet"]
    price = ledger.instance.commodities.unmet_price.reindex(unmet.commodity)
    missed = pd.DataFrame(0.0, unmet.index, list(KINDS))
    missed["unmet"] = np.nan_to_num(price.to_numpy()) * unmet.quantity_per_yr
    missing = [unmet.zone, unmet.commodity, unmet.period]
    names = ["zone", "commodity", "period"]
    both = pd.concat(
        [
            costs.groupby(by).sum().rename_axis(names),
            missed.groupby(missing).sum().rename_axis(names),
        ]
    )
    return both.groupby(level=names).sum()
