"""Sites on a map that may never open, and the rules that say so."""

import pandas as pd

from dmopt.data.instance import Instance
from dmopt.rules.shut import kept_shut

COLUMNS = ["excluded_by", "reason"]


def excluded(instance: Instance) -> pd.DataFrame:
    """Index site: those that their status or a hard rule keeps shut in every period.

    Columns excluded_by (ids of rules, separated by "; "; "": its status alone), reason
    ("flood: Quay flood plain (flood): may flood once in 100 years").
    """
    found = kept_shut(instance)
    rows = {
        site: (
            "; ".join(each.rule for each in every if each.rule),
            "; ".join(map(str, every)),
        )
        for site, every in found.items()
    }
    table = pd.DataFrame.from_dict(rows, orient="index", columns=COLUMNS)
    order = instance.sites.index[instance.sites.index.isin(table.index)]
    return table.reindex(order).astype("str")
