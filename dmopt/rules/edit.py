"""Rules changed on the way: added, switched, given other figures, by row or by text.

    near: proximity_service share=90 %; within_km=10     add       ID: RULE parameters
    near.within_km=12                                    change    ID.NAME=VALUE

NAME is a parameter of the rule or, where it has none of that name, a column of the
table `rules`. An edit gives another instance; what is wrong with it is told as for any
table.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from dmopt.data.folder import written_row
from dmopt.data.instance import Instance
from dmopt.data.rows import nearest, show
from dmopt.data.schema import TABLES
from dmopt.data.validate import read_table
from dmopt.errors import Fault, InstanceError
from dmopt.rules.catalogue import RULES
from dmopt.rules.parameters import parameters_of, parameters_text

Row = Mapping[str, Any]
COLUMNS = TABLES["rules"].column


def edit_rules(
    instance: Instance,
    *,
    add: Iterable[str | Row] = (),
    change: Iterable[str] = (),
    off: Iterable[str] = (),
    on: Iterable[str] = (),
) -> Instance:
    """The instance with other rules; everything else is the same.

    add: rows of the table `rules`, or texts "ID: RULE parameters". change: texts
    "ID.NAME=VALUE". off, on: ids to switch. Raises InstanceError with every fault.
    """
    faults: list[Fault] = []
    rows = rule_rows(instance)
    rows += [_added(each, faults) for each in add]
    by_id = {row.get("id", ""): row for row in rows}
    for text in change:
        _change(text, by_id, faults)
    for ids, state in ((off, False), (on, True)):
        for name in ids:
            if (row := _find(name, by_id, faults)) is not None:
                row["on"] = state
    if faults:
        raise InstanceError(faults)
    return with_rule_rows(instance, rows)


def rule_rows(instance: Instance) -> list[dict[str, Any]]:
    """The table `rules` as rows that may be changed."""
    rows = instance.rules.reset_index(drop=True).to_dict("records")
    return [{str(name): cell for name, cell in row.items()} for row in rows]


def with_rule_rows(instance: Instance, rows: Sequence[Row]) -> Instance:
    """The instance with these rows as its table `rules`.

    Raises InstanceError for cells that cannot be read and ids given twice.
    """
    sheet, faults = read_table(TABLES["rules"], list(rows), "rules")
    again = sheet.frame.id.duplicated().to_numpy()
    faults = faults or sheet.faults(again, "id", "a name given once")
    if faults:
        raise InstanceError(faults)
    frame = sheet.frame.set_index("id", drop=False).rename_axis(None)
    return replace(instance, tables={**instance.tables, "rules": frame})


def _added(each: str | Row, faults: list[Fault]) -> dict[str, Any]:
    if not isinstance(each, str):
        return written_row(each)
    found = re.fullmatch(r"\s*(.+?)\s*:\s*(\w+)\s*(.*)", each, re.DOTALL)
    if found is None:
        expected = "ID: RULE name=value; name=value"
        faults.append(Fault("rule added", None, "", show(each), expected))
        return {}
    return {"id": found[1], "rule": found[2], "parameters": found[3]}


def _change(text: str, by_id: Mapping[str, Any], faults: list[Fault]) -> None:
    left, mark, value = text.partition("=")
    name, dot, parameter = left.strip().rpartition(".")
    if not mark or not dot:
        expected = "ID.NAME=VALUE"
        faults.append(Fault("rule changed", None, "", show(text), expected))
        return
    row = _find(name, by_id, faults)
    if row is None:
        return
    kind = RULES.get(str(row.get("rule") or ""))
    own = getattr(kind, "model_fields", {})
    if parameter in COLUMNS and parameter not in ("id", "parameters", *own):
        row[parameter] = value.strip()
        return
    given, _ = parameters_of(str(row.get("parameters") or ""))
    row["parameters"] = parameters_text(given | {parameter: value.strip()})


def _find(name: str, by_id: Mapping[str, Any], faults: list[Fault]) -> Any | None:
    if name not in by_id:
        hint = nearest(name, list(by_id)) or f"rules are {', '.join(by_id) or 'none'}"
        faults.append(
            Fault("rules", None, "id", show(name), "a rule of the instance", hint)
        )
    return by_id.get(name)
