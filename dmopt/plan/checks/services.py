"""Services and the infrastructure that provides them.

    (service)    need <= base + own + sum draw         for every `limited` service
    (share)      sum_s draw <= per_step live           where per_step is given
                 draw <= most needed * live            where it is blank
    (draw)       draw = 0 unless uses = 1 and the infrastructure has the service
    (reach)      uses = 0 where the infrastructure is not shared or does not reach
    (connected)  uses <= steps,  uses <= open
    (max users)  sum_s uses <= max_users live          where given

own: sum of per_step live over infrastructure of reach `site` at the site; where
per_step is blank no limit once live >= 1, else most needed * live.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from dmopt.plan.checks.reach import reaches, without_site
from dmopt.plan.frames import long, positions
from dmopt.plan.ledger import Ledger
from dmopt.plan.tolerance import RELATIVE, over
from dmopt.plan.violation import Violation, broken, broken_over_time

BY = ["site", "service", "period"]
USE = ["site", "infrastructure", "location", "period"]


def check(ledger: Ledger) -> Iterator[Violation]:
    instance = ledger.instance
    if instance.services.empty and instance.infrastructure.empty:
        return  # nothing to need and nothing to use: `form` names what is strange
    there = provided(ledger)
    yield from _enough(ledger, there)
    yield from _drawn(ledger, there)
    yield from _used(ledger)


def provided(ledger: Ledger) -> pd.DataFrame:
    """What steps provide: one row per (infrastructure, location, service, period)
    with site (of the location), reach, live and per_step."""
    live = long(ledger.live, "live").reset_index()
    offers = ledger.instance.infrastructure_services
    offers = offers[["infrastructure", "service", "per_step"]]
    columns = ledger.locations[["site", "reach"]]
    return live.join(columns, on=["infrastructure", "location"]).merge(
        offers, on="infrastructure"
    )


def _amount(ledger: Ledger, rows: pd.DataFrame) -> np.ndarray:
    """Units/yr there are for the site of each row (columns site, service, live,
    per_step): per_step live; where blank no limit once live >= 1."""
    most = ledger.most_needed
    row = positions(most.index, rows.site)
    column = positions(most.columns, rows.service)
    asked = most.to_numpy()[row, column]
    live, per_step = rows.live.to_numpy(), rows.per_step.to_numpy(float)
    open_ended = np.where(live >= 1 - RELATIVE, np.inf, asked * live)
    return np.where(np.isnan(per_step), open_ended, np.nan_to_num(per_step) * live)


def _at(rows: pd.DataFrame, amount: pd.Series) -> np.ndarray:
    """The amount that stands under the names in each row; 0 where there is none."""
    names = pd.MultiIndex.from_frame(rows[amount.index.names])
    return np.nan_to_num(amount.reindex(names).to_numpy(float))


def _enough(ledger: Ledger, provided: pd.DataFrame) -> Iterator[Violation]:
    services = ledger.instance.services
    needs = ledger.needs[ledger.needs.service.isin(services.index[services.limited])]
    at_sites = (provided.reach == "site") & (provided.site != "")
    own = provided[at_sites & (provided.live != 0)]
    given = own.assign(own=_amount(ledger, own)).groupby(BY).own.sum()
    drawn = ledger.plan.tables["draws"].groupby(BY).quantity_per_yr.sum()
    base = ledger.instance.site_services.set_index(["site", "service"]).base
    there = _at(needs, given) + _at(needs, drawn) + _at(needs, base)
    excess = over(needs.quantity_per_yr, there)
    yield from broken("service", needs[BY], excess, "units/yr")


def _drawn(ledger: Ledger, provided: pd.DataFrame) -> Iterator[Violation]:
    draws = ledger.plan.tables["draws"]
    by = ["infrastructure", "location", "service", "period"]
    offers = provided.set_index(by)[["live", "per_step"]]
    rows = draws.join(offers, on=by)
    where = draws[["site", *by]]
    used = pd.MultiIndex.from_frame(draws[USE]).isin(
        pd.MultiIndex.from_frame(ledger.plan.tables["uses"][USE])
    )
    allowed = np.where(used & rows.live.notna(), np.inf, 0.0)
    yield from broken("draw", where, over(draws.quantity_per_yr, allowed), "units/yr")
    rows = rows[rows.live.notna()]
    shared = rows[rows.per_step.notna()]
    total = shared.groupby(by).agg(
        {
            "quantity_per_yr": "sum",
            "live": "first",
            "per_step": "first",
        }
    )
    excess = over(total.quantity_per_yr, total.live * total.per_step)
    yield from broken("share", total.index, excess, "units/yr")
    rows = rows[rows.per_step.isna()]
    excess = over(rows.quantity_per_yr, _amount(ledger, rows))
    yield from broken("share", rows[["site", *by]], excess, "units/yr")


def _used(ledger: Ledger) -> Iterator[Violation]:
    uses = ledger.uses
    far = ~reaches(ledger, uses.index)
    yield from broken_over_time("reach", uses, uses.mul(far, axis=0), "users")
    steps = ledger.steps.reindex(without_site(uses.index)).to_numpy()
    is_open = ledger.open.reindex(uses.index.get_level_values("site")).to_numpy()
    missing = over(uses, np.minimum(steps, is_open))
    yield from broken_over_time("connected", uses, missing, "users")
    users = uses.groupby(["infrastructure", "location"]).sum()
    most = ledger.locations.max_users.reindex(users.index).to_numpy()[:, None]
    live = ledger.live.reindex(users.index).to_numpy()
    allowed = np.where(np.isnan(most), np.inf, most * live)
    yield from broken_over_time("max users", users, over(users, allowed), "users")
