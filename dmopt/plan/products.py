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

from dmopt.plan.carried_costs import carried, moving_costs, shares_sent
from dmopt.plan.costs import KINDS, weights
from dmopt.plan.ledger import Ledger
from dmopt.plan.own_costs import own_costs
from dmopt.plan.plan import Plan


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
    ledger = plan.ledger
    delivered = _delivered(ledger, carried(ledger, own_costs(ledger)))
    weight = pd.Series(weights(plan.instance), ledger.periods)
    period = delivered.index.get_level_values("period")
    weighted = delivered.mul(weight.reindex(period).to_numpy(), axis=0)
    found = weighted.groupby(by).sum()
    found = found.reindex(index=names, columns=list(KINDS)).fillna(0.0)
    return _with_rest(ledger, found, weight)


def _with_rest(ledger: Ledger, found: pd.DataFrame, weight: pd.Series) -> pd.DataFrame:
    """What none could be told to cause, over all by what they have cost."""
    table = ledger.costs
    money = table.cost_per_yr * table.period.map(weight).astype(float)
    rest = money.groupby(table.kind).sum().reindex(found.columns) - found.sum()
    size = found.sum(axis=1).clip(lower=0)
    share = (
        size / size.sum() if size.sum() > 0 else pd.Series(1 / len(found), found.index)
    )
    return found + np.outer(share, rest)


def _delivered(ledger: Ledger, total: pd.DataFrame) -> pd.DataFrame:
    """(zone, commodity, period) x kinds: what arrives, and what does not."""
    flows = ledger.flows
    out = flows[flows.destination_kind == "zone"]
    origin = total.index.get_indexer(
        pd.MultiIndex.from_frame(out[["origin", "commodity", "period"]])
    )
    made = np.zeros((len(out), total.shape[1]))
    known = origin >= 0
    share = shares_sent(ledger)[0].reindex(out.index).to_numpy()
    made[known] = total.to_numpy()[origin[known]] * share[known, None]
    costs = moving_costs(ledger, out) + made
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
