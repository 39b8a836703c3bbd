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
from dmopt.plan.frames import cells, names_in, paired, positions, rows_of
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
    offers, live = ledger.instance.infrastructure_services, ledger.live
    infrastructure, location = (live.index.get_level_values(n) for n in (0, 1))
    place, offer = paired(infrastructure, offers.infrastructure)
    periods = np.arange(live.shape[1])
    place, offer = np.repeat(place, len(periods)), np.repeat(offer, len(periods))
    period = np.resize(periods, len(place))
    return pd.DataFrame(
        {
            "infrastructure": infrastructure.array[place],
            "location": location.array[place],
            "period": live.columns.array[period],
            "live": live.to_numpy()[place, period],
            "site": ledger.locations.site.array[place],
            "reach": ledger.locations.reach.array[place],
            "service": offers.service.array[offer],
            "per_step": offers.per_step.to_numpy()[offer],
        }
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


def _at(needs: pd.DataFrame, rows: pd.DataFrame, amount: np.ndarray) -> np.ndarray:
    """Sum of the amounts of all rows that are of each need's site, service and
    period, (needs,)."""
    row = rows_of(names_in(rows, BY), names_in(needs, BY))
    return np.bincount(row[row >= 0], amount[row >= 0], len(needs))


def _enough(ledger: Ledger, provided: pd.DataFrame) -> Iterator[Violation]:
    services, own = ledger.instance.services, ledger.instance.site_services
    needs = ledger.needs[ledger.needs.service.isin(services.index[services.limited])]
    at_sites = (provided.reach == "site") & (provided.site != "")
    built = provided[at_sites & (provided.live != 0)]
    draws = ledger.plan.tables["draws"]
    by = ["site", "service"]
    base = cells(own.base, rows_of(names_in(needs, by), names_in(own, by)))
    there = (
        np.nan_to_num(base)
        + _at(needs, built, _amount(ledger, built))
        + _at(needs, draws, draws.quantity_per_yr.to_numpy(float))
    )
    excess = over(needs.quantity_per_yr, there)
    yield from broken("service", needs[BY], excess, "units/yr")


def _drawn(ledger: Ledger, provided: pd.DataFrame) -> Iterator[Violation]:
    draws = ledger.plan.tables["draws"]
    if draws.empty:
        return
    by = ["infrastructure", "location", "service", "period"]
    row = rows_of(names_in(draws, by), names_in(provided, by))
    rows = draws.assign(
        live=cells(provided.live, row), per_step=cells(provided.per_step, row)
    )
    uses = names_in(ledger.plan.tables["uses"], USE)
    allowed = (row >= 0) & (rows_of(names_in(draws, USE), uses) >= 0)
    excess = over(draws.quantity_per_yr, np.where(allowed, np.inf, 0.0))
    yield from broken("draw", draws[["site", *by]], excess, "units/yr")
    shared = (row >= 0) & rows.per_step.notna().to_numpy()
    total = np.bincount(row[shared], rows.quantity_per_yr[shared], len(provided))
    some = np.unique(row[shared])
    offered = provided.iloc[some]
    excess = over(total[some], offered.live * offered.per_step)
    yield from broken("share", offered[by], excess, "units/yr")
    rows = rows[(row >= 0) & ~shared]
    excess = over(rows.quantity_per_yr, _amount(ledger, rows))
    yield from broken("share", rows[["site", *by]], excess, "units/yr")


def _used(ledger: Ledger) -> Iterator[Violation]:
    uses, locations = ledger.uses, ledger.locations
    if uses.empty:
        return
    where = uses.to_numpy()
    far = where * ~reaches(ledger, uses.index)[:, None]
    yield from broken_over_time("reach", uses, far, "users")
    place = rows_of(without_site(uses.index).tolist(), locations.index.tolist())
    site = positions(ledger.open.index, uses.index.get_level_values("site"))
    most = np.minimum(ledger.steps.to_numpy()[place], ledger.open.to_numpy()[site])
    yield from broken_over_time("connected", uses, over(where, most), "users")
    some, row = np.unique(place, return_inverse=True)
    users = np.zeros((len(some), len(ledger.periods)), int)
    np.add.at(users, row, where)
    most = locations.max_users.to_numpy()[some, None]
    allowed = np.where(np.isnan(most), np.inf, most * ledger.live.to_numpy()[some])
    used = pd.DataFrame(users, locations.index[some], ledger.periods)
    yield from broken_over_time("max users", used, over(users, allowed), "users")
