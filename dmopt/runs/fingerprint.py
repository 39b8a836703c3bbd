"""Fingerprint of an instance: two instances with the same content have the same.

SHA-256 over the settings, then every table in the order of the schema: its name,
its key, and each column's cells as they stand. It does not depend on the form the
instance was read from. The order of rows counts: where several plans are equally
good, it can decide which one is found.

A table that came into the schema later counts where it holds rows, and a column that
came later where it says something else than nothing: runs written before they came are
of the same data still.
"""

import hashlib
import json

import numpy as np
import pandas as pd
import shapely

from dmopt.data.column import Column
from dmopt.data.instance import Instance
from dmopt.data.schema import TABLES
from dmopt.data.tables.over_time import OVER_TIME

LATER = (
    "uncertain",
    "worlds",
    "world_changes",
    *(table.name for table in OVER_TIME),
)
"""Tables that the schema did not have when the first runs were kept."""
LATER_COLUMNS = {("sites", "availability"): 1.0, ("uncertain", "site"): ""}
"""Columns, as (table, column), that they did not have, with what it says where it says
nothing."""


def instance_hash(instance: Instance) -> str:
    """SHA-256 of all that is given, 64 hexadecimal digits."""
    digest = hashlib.sha256()
    settings = instance.settings.model_dump(mode="json")
    digest.update(json.dumps(settings, sort_keys=True).encode())
    for name, declared in TABLES.items():
        table = instance.tables[name]
        if name in LATER and not len(table):
            continue
        digest.update(f"\n{name} {len(table)}\n".encode())
        for column in declared.columns:
            usual = LATER_COLUMNS.get((name, column.name))
            if usual is not None and (table[column.name] == usual).all():
                continue
            digest.update(f"\n{column.name}\n".encode())
            digest.update(_cells(table, column))
    return digest.hexdigest()


def _cells(table: pd.DataFrame, column: Column) -> bytes:
    """The cells of one column as bytes that only the same cells give."""
    kept_as_index = column.name not in table.columns
    values = table.index if kept_as_index else table[column.name]
    if column.kind == "number":
        return _floats(values.to_numpy(np.float64))
    if column.kind in ("integer", "flag"):
        return values.to_numpy(np.int64).astype("<i8").tobytes()
    if column.kind == "geometry":
        written = shapely.to_wkb(values.to_numpy(object), hex=True, byte_order=1)
        return json.dumps(written.tolist()).encode()
    return json.dumps(values.tolist()).encode()


def _floats(values: np.ndarray) -> bytes:
    """Little-endian doubles, with one zero and one NaN."""
    values = np.where(np.isnan(values), np.nan, values + 0.0)
    return values.astype("<f8").tobytes()
