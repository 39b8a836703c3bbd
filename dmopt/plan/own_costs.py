"""What making things costs where they are made, inputs aside: steps 1 and 2 of
products.py."""

import numpy as np
import pandas as pd

from dmopt.plan.costs import (
    KINDS,
    connection_costs,
    location_costs,
    module_costs,
    service_costs,
    site_costs,
)
from dmopt.plan.frames import long
from dmopt.plan.ledger import Ledger

COST = "cost"
MADE = ["site", "recipe", "period"]
NODE = ["site", "commodity", "period"]


def own_costs(ledger: Ledger) -> pd.DataFrame:
    """(site, commodity, period) x kinds: what making costs there, inputs aside."""
    by_recipe = _recipe_costs(ledger)
    split = output_shares(ledger)
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
    return both, both.kg * kg_price(ledger, both.period)


def kg_price(ledger: Ledger, period: pd.Series) -> np.ndarray:
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


def output_shares(ledger: Ledger) -> pd.DataFrame:
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
