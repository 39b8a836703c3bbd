"""Capital outlays: what is paid for at the start of each period."""

import numpy as np
import pandas as pd

from dmopt.plan.frames import cells, positions
from dmopt.plan.ledger import Ledger


def outlays(ledger: Ledger) -> pd.DataFrame:
    """One row per period and kind ("sites", "modules", "infrastructure",
    "connections"): capital (money spent) and public (the part that is public)."""
    kinds, capital, public = [], [], []
    for kind, (count, price, share) in _bought(ledger).items():
        spent = count.to_numpy(float) * (price if price.ndim == 2 else price[:, None])
        kinds.append(kind)
        capital.append(spent.sum(axis=0))
        public.append((spent * share[:, None]).sum(axis=0))
    periods = len(ledger.periods)
    return pd.DataFrame(
        {
            "period": np.tile(ledger.periods, len(kinds)),
            "kind": np.repeat(kinds, periods),
            "capital": np.concatenate(capital),
            "public": np.concatenate(public),
        }
    )


def _bought(
    ledger: Ledger,
) -> dict[str, tuple[pd.DataFrame, np.ndarray, np.ndarray]]:
    """Of each kind: things x periods, price of each thing, (things,) or by period, and
    its public share."""
    sites, places = ledger.instance.sites, ledger.locations
    build = (places.capital_cost * places.cost_factor).to_numpy()
    names = ledger.connecting.index.get_level_values("infrastructure")
    kinds = ledger.instance.infrastructure
    joined = positions(kinds.index, names)
    return {
        "sites": (
            ledger.opening,
            sites.opening_cost.to_numpy(),
            sites.public_share.to_numpy(),
        ),
        "modules": (
            ledger.modules["bought"],
            ledger.paid.to_numpy(),
            ledger.of_pairs("public_share"),
        ),
        "infrastructure": (ledger.built, build, places.public_share.to_numpy()),
        "connections": (
            ledger.connecting,
            cells(kinds.connection_cost, joined),
            cells(kinds.public_share, joined),
        ),
    }
