"""The cost of a plan, recomputed from its tables alone.

Kinds, formulas and weights are those of docs/mathematics.md, "Cost". What is bought
is paid as an annuity from the period it is bought for to the end of the horizon:

    crf(r, n) = r / (1 - (1+r)^-n),  1/n at r = 0
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from dmopt.data.instance import Instance
from dmopt.plan.emissions import by_cause
from dmopt.plan.frames import cells, long, names_in, positions, rows_of, texts
from dmopt.plan.ledger import Ledger
from dmopt.plan.moves import from_site
from dmopt.plan.plan import Plan

KINDS = (
    "sites",
    "modules",
    "infrastructure",
    "operation",
    "energy",
    "labour",
    "land",
    "services",
    "stock",
    "inputs",
    "transport in",
    "transport between",
    "transport out",
    "disposal",
    "emissions",
    "unmet",
    "rules",
)
OWN_KIND = ("energy", "labour", "land")


def cost_table(plan: Plan) -> pd.DataFrame:
    """One row per period and kind, in their order: period, kind, cost_per_yr (money
    of one year of the period, not weighted)."""
    return plan.ledger.costs.copy(deep=False)


def total_cost(plan: Plan) -> float:
    """The cost that is minimised: money per year, or present value at the start of
    the first period where the instance says `discounted`."""
    return total(plan.instance, cost_table(plan))


def total(instance: Instance, costs: pd.DataFrame) -> float:
    """All of a cost table, weighted as in `total_cost`."""
    period = positions(instance.periods.index, costs.period)
    return float(costs.cost_per_yr.to_numpy() @ weights(instance)[period])


def infrastructure_costs(plan: Plan) -> dict[str, float]:
    """Kind of infrastructure (data, licence, quality ...) -> its part of the total:
    building, keeping, connections, fees. Platform, licence and hub costs apart."""
    ledger = plan.ledger
    parts = []
    for costs in (location_costs(ledger), connection_costs(ledger)):
        names = costs.index.get_level_values("infrastructure")
        total = costs.to_numpy(float) @ weights(plan.instance)
        parts.append(pd.Series(total, plan.instance.infrastructure.kind.reindex(names)))
    money = pd.concat(parts).groupby(level=0).sum()
    return {str(kind): float(cost) for kind, cost in money.items()}


def weights(instance: Instance) -> np.ndarray:
    """What a yearly cost in each period counts in the total, shape (periods,)."""
    years = instance.periods.years.to_numpy(float)
    if instance.settings.money == "annualised":
        return years / years.sum()
    rate = instance.settings.discount_rate
    if rate == 0:
        return years
    start = instance.periods.start_year.to_numpy(float)
    start = start - start[0]
    return ((1 + rate) ** -start - (1 + rate) ** -(start + years)) / rate


def annuity(instance: Instance, life_yr: ArrayLike) -> np.ndarray:
    """Share of the capital to be paid each year, same shape as `life_yr`."""
    rate, life = instance.settings.discount_rate, np.asarray(life_yr, float)
    if rate == 0:
        return 1 / life
    return rate / (1 - (1 + rate) ** -life)


def cost_table_of(ledger: Ledger) -> pd.DataFrame:
    """As `cost_table`; a ledger has it once as `costs`."""
    columns = {
        "sites": _total(site_costs(ledger)),
        "modules": _total(module_costs(ledger)),
        "infrastructure": _total(location_costs(ledger))
        + _total(connection_costs(ledger)),
        **_operation(ledger),
        **_services(ledger),
        **_goods(ledger),
        **_transport(ledger),
        "emissions": _emissions(ledger),
        "rules": _rules(ledger),
    }
    table = pd.DataFrame(columns, index=ledger.periods)[list(KINDS)]
    return long(table, "cost_per_yr", "kind").reset_index().astype({"kind": "str"})


def _total(costs: pd.DataFrame) -> np.ndarray:
    return costs.to_numpy(float).sum(axis=0)


def _each(price: ArrayLike, count: pd.DataFrame) -> np.ndarray:
    """Things x periods: price (things,) of each times its count."""
    return np.asarray(price, float)[:, None] * count.to_numpy()


def _since(price: ArrayLike, count: pd.DataFrame) -> np.ndarray:
    """As `_each`, of all that was counted so far."""
    return np.asarray(price, float)[:, None] * count.to_numpy().cumsum(axis=1)


def site_costs(ledger: Ledger) -> pd.DataFrame:
    """Sites x periods: opening, closing and keeping them, money of one year."""
    sites = ledger.instance.sites
    yearly = annuity(ledger.instance, sites.life_yr) * sites.opening_cost
    costs = (
        _since(yearly, ledger.opening)
        + _each(sites.closing_cost, ledger.closing) / ledger.years
        + _each(sites.fixed_cost_per_yr, ledger.open)
    )
    return pd.DataFrame(costs, ledger.open.index, ledger.periods)


def module_costs(ledger: Ledger) -> pd.DataFrame:
    """(site, technology) x periods: buying, keeping, moving, less what sales bring."""
    each_year = annuity(ledger.instance, ledger.of_pairs("life_yr"))
    so_far = ledger.modules["bought"].to_numpy().cumsum(axis=1)
    paid = each_year[:, None] * ledger.paid_so_far.to_numpy() * so_far
    regained = each_year * ledger.lowest_price * ledger.of_pairs("resale_share")
    # without a move_cost nothing moves: the checks say so where it does
    move = np.nan_to_num(ledger.of_pairs("move_cost").astype(float))
    modules = ledger.modules
    costs = (
        paid
        - _since(regained, modules["sold"])
        + _each(ledger.of_pairs("fixed_cost_per_yr"), modules["modules"])
        + _each(move, modules["moved_in"]) / ledger.years
    )
    return pd.DataFrame(costs, ledger.pairs, ledger.periods)


def location_costs(ledger: Ledger) -> pd.DataFrame:
    """(infrastructure, location) x periods: building and keeping steps."""
    places = ledger.locations
    price = places.capital_cost * places.cost_factor
    yearly = annuity(ledger.instance, places.life_yr) * price
    kept = _each(places.fixed_cost_per_yr, ledger.steps)
    costs = _since(yearly, ledger.built) + kept
    return pd.DataFrame(costs, places.index, ledger.periods)


def connection_costs(ledger: Ledger) -> pd.DataFrame:
    """(site, infrastructure, location) x periods: connecting and fees."""
    names = ledger.uses.index.get_level_values("infrastructure")
    kinds = ledger.instance.infrastructure
    kind = positions(kinds.index, names)
    yearly = annuity(ledger.instance, kinds.life_yr) * kinds.connection_cost
    fees = _each(cells(kinds.fee_per_yr, kind), ledger.uses)
    costs = _since(cells(yearly, kind), ledger.connecting) + fees
    return pd.DataFrame(costs, ledger.uses.index, ledger.periods)


def _operation(ledger: Ledger) -> dict[str, np.ndarray]:
    activity, items = ledger.activity, ledger.items
    price = ledger.instance.commodities.price.reindex(items.commodity).to_numpy()
    held = items.stock_days / 365 * ledger.instance.settings.holding_rate
    variable = activity.variable_cost * activity.quantity_per_yr
    return {
        "operation": ledger.per_period(activity, variable),
        "stock": ledger.per_period(items, held * price * items.made)
        + _total(ledger.holding_cost),
    }


def _services(ledger: Ledger) -> dict[str, np.ndarray]:
    """All services needed are paid, limited or not, at the site's own price."""
    needs = service_costs(ledger)
    return {
        kind: ledger.per_period(
            needs, needs.cost_per_yr.where(needs.cost_kind == kind, 0.0)
        )
        for kind in (*OWN_KIND, "services")
    }


def service_costs(ledger: Ledger) -> pd.DataFrame:
    """Needs with cost_per_yr and cost_kind, the kind of cost it counts as."""
    services, needs = ledger.instance.services, ledger.needs
    by, own = ["site", "service"], ledger.instance.site_services
    row = positions(services.index, needs.service)
    own_price = cells(own.price, rows_of(names_in(needs, by), names_in(own, by)))
    price = np.where(np.isnan(own_price), cells(services.price, row), own_price)
    kind = services.kind.where(services.kind.isin(OWN_KIND), "services")
    return needs.assign(
        cost_per_yr=price * needs.quantity_per_yr.to_numpy(), cost_kind=texts(kind, row)
    )


def _goods(ledger: Ledger) -> dict[str, np.ndarray]:
    """Inputs from suppliers, disposal, and demand that is not met."""
    goods, tables = ledger.instance.commodities, ledger.plan.tables
    flows, disposal, unmet = ledger.flows, tables["disposal"], tables["unmet"]
    left = ledger.left_at_zones
    disposed = goods.disposal_cost.reindex(disposal.commodity).to_numpy()
    missed = goods.unmet_price.reindex(unmet.commodity).to_numpy()
    return {
        "inputs": ledger.per_period(flows, flows.gate_price * flows.quantity_per_yr),
        "disposal": ledger.per_period(disposal, disposed * disposal.quantity_per_yr)
        + ledger.per_period(left, left.cost_per_yr),
        "unmet": ledger.per_period(unmet, missed * unmet.quantity_per_yr),
    }


def _transport(ledger: Ledger) -> dict[str, np.ndarray]:
    flows = ledger.flows
    bought = ~from_site(flows)
    to_zone = flows.destination_kind == "zone"
    return {
        kind: ledger.per_period(flows, flows.cost_per_yr.where(chosen, 0.0))
        for kind, chosen in (
            ("transport in", bought),
            ("transport between", ~bought & ~to_zone),
            ("transport out", ~bought & to_zone),
        )
    }


def _emissions(ledger: Ledger) -> np.ndarray:
    kg = np.sum(list(by_cause(ledger).values()), axis=0)
    return kg / 1000 * ledger.instance.periods.emission_price_per_t.to_numpy(float)


def _rules(ledger: Ledger) -> np.ndarray:
    """What breaking soft rules and promises costs."""
    plan = ledger.plan
    paid = pd.DataFrame(
        [each for rule in plan.rules for each in rule.penalties(plan.instance, plan)],
        columns=["period", "cost_per_yr"],
    )
    broken = ledger.broken_promises
    return ledger.per_period(paid, paid.cost_per_yr) + ledger.per_period(
        broken, broken.cost_per_yr
    )
