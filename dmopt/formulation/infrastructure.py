"""Infrastructure: shared means, built in whole steps, used by sites in reach.

    cost          crf capital_cost cost_factor sum_{t'<=t} built + fixed_cost steps
                  + crf connection_cost sum_{t'<=t} connecting + fee uses    money/yr
    (grow)        steps[i,l,t] = steps[i,l,t-1] + built[i,l,t]               steps
    (first)       steps[i,l,t] <= most sum_{l'} steps[i',l',t]
                  i' is required by i, l' are its locations that reach l
    (apart)       not both of two locations nearer than least_km
    (connected)   uses[s,i,l,t] <= steps[i,l,t];  uses[s,i,l,t] <= open[s,t]
    (users)       sum_s uses[s,i,l,t] <= max_users live[i,l,t]
    (connect)     connecting[s,i,l,t] >= uses[s,i,l,t] - uses[s,i,l,t-1]

    live[i,l,t] = steps[i,l,t] - sum_{t'<=t} (1 - ready[i,t',t]) built[i,l,t']

Own infrastructure (reach = site) has no `uses`: its site has it.

Needs: m.open.  Gives: m.steps, m.built, m.live[i, l, t], m.uses[s, i, l, t],
m.connecting, m.outlays (built, connecting).
"""

from typing import Any

import pyomo.environ as pyo

from dmopt.data.distances import straight_km
from dmopt.data.instance import Instance
from dmopt.formulation.money import crf, ready
from dmopt.formulation.scope import Scope


def add(m: pyo.ConcreteModel, instance: Instance, scope: Scope) -> Any:
    locations = scope.locations.set_index(["infrastructure", "location"])
    shared = instance.infrastructure.reach != "site"
    stands = locations.existing_steps.to_dict()
    most = locations[["max_steps", "existing_steps"]].max(axis=1).to_dict()

    m.IL = pyo.Set(initialize=list(locations.index), dimen=2)
    m.SIL = pyo.Set(initialize=[key for key in scope.reach if shared[key[1]]], dimen=3)
    whole = {"domain": pyo.NonNegativeIntegers}
    m.steps = pyo.Var(
        m.IL, m.T, bounds=lambda m, i, l, t: (stands[i, l], most[i, l]), **whole
    )
    m.built = pyo.Var(
        m.IL, m.T, bounds=lambda m, i, l, t: (0, most[i, l] - stands[i, l]), **whole
    )
    m.uses = pyo.Var(m.SIL, m.T, domain=pyo.Binary)
    connects = instance.infrastructure.connection_cost > 0
    m.connecting = pyo.Var(
        pyo.Set(initialize=[key for key in m.SIL if connects[key[1]]], dimen=3),
        m.T,
        bounds=(0, 1),
    )
    _growth(m, instance, stands)
    _users(m, instance)
    _prerequisites(m, instance, scope, most)
    _apart(m, instance, scope, most)
    return _cost(m, instance, locations)


def _growth(m: pyo.ConcreteModel, instance: Instance, stands: dict[Any, int]) -> None:
    share = ready(instance, instance.infrastructure.setup_yr)

    @m.Constraint(m.IL, m.T)
    def grow(m, i, l, t):
        stood = m.steps[i, l, m.before[t]] if m.before[t] else stands[i, l]
        return m.steps[i, l, t] == stood + m.built[i, l, t]

    @m.Expression(m.IL, m.T)
    def live(m, i, l, t):
        return m.steps[i, l, t] - sum(
            (1 - share[i][earlier, t]) * m.built[i, l, earlier]
            for earlier in m.until[t]
            if share[i][earlier, t] < 1
        )


def _users(m: pyo.ConcreteModel, instance: Instance) -> None:
    most_users = instance.infrastructure.max_users
    users: dict[tuple[str, str], list[str]] = {}
    for s, i, l in m.SIL:
        users.setdefault((i, l), []).append(s)

    @m.Constraint(m.SIL, m.T)
    def connected(m, s, i, l, t):
        return m.uses[s, i, l, t] <= m.steps[i, l, t]

    @m.Constraint(m.SIL, m.T)
    def open_user(m, s, i, l, t):
        return m.uses[s, i, l, t] <= m.open[s, t]

    limited = [key for key in users if most_users.notna()[key[0]]]

    @m.Constraint(pyo.Set(initialize=limited, dimen=2), m.T)
    def users_most(m, i, l, t):
        return (
            sum(m.uses[s, i, l, t] for s in users[i, l])
            <= most_users[i] * m.live[i, l, t]
        )

    @m.Constraint(m.connecting.index_set())
    def connect(m, s, i, l, t):
        used = m.uses[s, i, l, m.before[t]] if m.before[t] else 0
        return m.connecting[s, i, l, t] >= m.uses[s, i, l, t] - used


def _prerequisites(
    m: pyo.ConcreteModel, instance: Instance, scope: Scope, most: dict[Any, int]
) -> None:
    reaching = {
        (i, l, required): _locations_reaching(instance, scope, (i, l), required)
        for i, required in zip(
            instance.prerequisites.infrastructure,
            instance.prerequisites.requires,
            strict=True,
        )
        for i2, l in m.IL
        if i2 == i
    }

    @m.Constraint(pyo.Set(initialize=list(reaching), dimen=3), m.T)
    def first(m, i, l, required, t):
        there = sum(m.steps[required, l2, t] for l2 in reaching[i, l, required])
        return m.steps[i, l, t] - most[i, l] * there <= 0


def _locations_reaching(
    instance: Instance, scope: Scope, at: tuple[str, str], required: str
) -> list[str]:
    """Locations of `required` whose reach covers the location `at`."""
    table = scope.locations
    here = table[(table.infrastructure == at[0]) & (table.location == at[1])].iloc[0]
    there = table[table.infrastructure == required]
    if not len(there):
        return []
    reach = there.reach.iloc[0]
    if reach == "site":
        there = there[(there.site == here.site) & (there.site != "")]
    elif reach == "district":
        there = there[(there.district == here.district) & (there.district != "")]
    elif reach == "radius":
        here_too = table.loc[[here.name] * len(there)]
        there = there[
            straight_km(instance, there, here_too) <= there.radius_km.to_numpy()
        ]
    return list(there.location)


def _apart(
    m: pyo.ConcreteModel, instance: Instance, scope: Scope, most: dict[Any, int]
) -> None:
    least = instance.infrastructure.least_km
    pairs = []
    for i in least.index[least > 0]:
        there = scope.locations[scope.locations.infrastructure == i]
        both = there.merge(there, how="cross", suffixes=("", "_2"))
        both = both[both.location < both.location_2]
        second = both[["x_2", "y_2", "lon_2", "lat_2"]].set_axis(
            ["x", "y", "lon", "lat"], axis=1
        )
        near = straight_km(instance, both, second) < least[i]
        pairs += list(
            both.loc[near, ["infrastructure", "location", "location_2"]].itertuples(
                index=False, name=None
            )
        )
    close = sorted({(i, l) for i, *ends in pairs for l in ends})
    m.there = pyo.Var(pyo.Set(initialize=close, dimen=2), m.T, domain=pyo.Binary)

    @m.Constraint(m.there.index_set())
    def stands_there(m, i, l, t):
        return m.steps[i, l, t] <= most[i, l] * m.there[i, l, t]

    @m.Constraint(pyo.Set(initialize=pairs, dimen=3), m.T)
    def apart(m, i, l, other, t):
        return m.there[i, l, t] + m.there[i, other, t] <= 1


def _cost(m: pyo.ConcreteModel, instance: Instance, locations: Any) -> Any:
    table, rate = instance.infrastructure, instance.settings.discount_rate
    onward = {t: sum(m.weight[later] for later in m.onward[t]) for t in m.T}
    factor = {i: crf(rate, table.life_yr[i]) for i in table.index}
    step, here = table.capital_cost.to_dict(), locations.cost_factor.to_dict()
    capital = {(i, l): step[i] * here[i, l] for i, l in m.IL}
    keep, fee = table.fixed_cost_per_yr.to_dict(), table.fee_per_yr.to_dict()
    connection, public = table.connection_cost.to_dict(), table.public_share.to_dict()
    for (i, l, t), built in m.built.items():
        m.outlays[t].append((capital[i, l], public[i], built))
    for (_, i, _, t), connecting in m.connecting.items():
        m.outlays[t].append((connection[i], public[i], connecting))
    return (
        sum(
            onward[t] * factor[i] * capital[i, l] * m.built[i, l, t]
            for i, l, t in m.built
        )
        + sum(m.weight[t] * keep[i] * m.steps[i, l, t] for i, l, t in m.steps)
        + sum(
            onward[t] * factor[i] * connection[i] * m.connecting[s, i, l, t]
            for s, i, l, t in m.connecting
        )
        + sum(m.weight[t] * fee[i] * m.uses[s, i, l, t] for s, i, l, t in m.uses)
    )
