"""A what-if: what someone wishes to be otherwise in an instance, as plain data.

    model      a production model, by name
    rules      added, changed, switched (rules/edit.py)
    sites      forced open or shut
    knobs      prices and demand (studies/knobs.py)
    budget     most capital, most public capital: one figure or none for all periods,
               or for some of them
    changes    any other change of a table, as a scenario writes it (data/change.py)

They are made in this order. An empty wish is the instance as it is. A wish may come
from a stranger: it names no files, and all in it is checked before anything is solved.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, Self

import pandas as pd
from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    model_validator,
)

from dmopt.data.cells import UNWRITABLE
from dmopt.data.change import Change, change_faults, changed
from dmopt.data.instance import Instance
from dmopt.data.rows import nearest, show
from dmopt.data.validate import make_instance
from dmopt.errors import Fault, InstanceError
from dmopt.explaining.why import FORCED
from dmopt.models import read_model, with_model
from dmopt.rules.catalogue import make_rules
from dmopt.rules.edit import edit_rules
from dmopt.rules.rule import Rule
from dmopt.studies.knobs import every_knob

STRICT = ConfigDict(frozen=True, extra="forbid")
LONGEST = 2_000
"""Characters of one text."""
MOST = 1_000
"""Entries of one list."""
LARGEST = 1e15
"""Greatest number."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]
Texts = Annotated[list[Text], Field(max_length=MOST)]
Number = Annotated[float, Field(ge=-LARGEST, le=LARGEST, allow_inf_nan=False)]
Money = Annotated[float, Field(ge=0, le=LARGEST, allow_inf_nan=False)]
Model = Literal["distributed", "multi_domestic", "indigenous", "centralised", "free"]
"""Shipped models only: the path of a file is not for strangers to give."""


class RuleWish(BaseModel):
    """Rules added ("ID: RULE parameters"), changed ("ID.NAME=VALUE"), switched."""

    model_config = STRICT

    add: Texts = []
    change: Texts = []
    off: Texts = []
    on: Texts = []


NO_LIMIT: Literal["no limit"] = "no limit"


def _form(value: Any) -> str:
    """Which form a limit has, so that faults are told of that one alone."""
    if isinstance(value, str):
        return "words"
    return "by period" if isinstance(value, Mapping) else "money"


Limit = Annotated[
    Annotated[Money, Tag("money")] | Annotated[Literal["no limit"], Tag("words")],
    Discriminator(_form),
]
"""Most money in a period, or that there is no limit."""
Limits = Annotated[
    Annotated[Money, Tag("money")]
    | Annotated[Literal["no limit"], Tag("words")]
    | Annotated[dict[Text, Limit], Field(max_length=MOST), Tag("by period")],
    Discriminator(_form),
]
"""The same limit in every period, or by period: periods not named are as they are."""


class BudgetWish(BaseModel):
    """Most capital, and public capital, spent in a period; None: as it is."""

    model_config = STRICT

    capital: Limits | None = None
    public: Limits | None = None


class Wish(BaseModel):
    """What is to be otherwise."""

    model_config = STRICT

    model: Model | None = None
    rules: RuleWish = RuleWish()
    sites: dict[Text, Literal["open", "shut"]] = Field(default={}, max_length=10_000)
    knobs: dict[Text, Number] = Field(default={}, max_length=MOST)
    budget: BudgetWish = BudgetWish()
    changes: list[Change] = Field(default=[], max_length=MOST)

    @model_validator(mode="after")
    def _plain(self) -> Self:
        """Texts that can be written, numbers that are numbers, no files."""
        for place, value in _leaves(self.model_dump(), "wish"):
            if isinstance(value, str) and (
                len(value) > LONGEST * 10 or UNWRITABLE.search(value)
            ):
                raise ValueError(f"{place}: a short text without control characters")
            if isinstance(value, int | float) and not abs(value) <= LARGEST:
                raise ValueError(f"{place}: a number up to {LARGEST:g}")
        for each in self.changes:
            if isinstance(each.add, str) or isinstance(each.replace, str):
                raise ValueError("changes: rows, not the name of a file")
        return self


def _leaves(value: Any, place: str) -> Any:
    """(place, value) of everything in it that is not a list or dict; keys too."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield place, key
            yield from _leaves(part, f"{place}.{key}" if key.isprintable() else place)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _leaves(part, place)
    elif value is not None:
        yield place, value


Step = Callable[[Instance, Wish], Instance]


@dataclass(frozen=True)
class Wished:
    """An instance as wished, and the rules that hold in it."""

    instance: Instance
    rules: Sequence[Rule]


def apply(instance: Instance, wish: Wish) -> Instance:
    """The instance as wished, all of it checked.

    Raises InstanceError with the faults of every part of the wish.
    """
    return wished(instance, wish).instance


def wished(instance: Instance, wish: Wish) -> Wished:
    """The same, with the rules that were made to check it. Raises as `apply`."""
    faults: list[Fault] = []
    given = instance
    for step in STEPS:
        try:
            given = step(given, wish)
        except InstanceError as error:
            faults += error.faults
    if not faults:
        return Wished(given, make_rules(given))
    try:
        make_rules(given)
    except InstanceError as error:
        faults += error.faults
    raise InstanceError(list(dict.fromkeys(faults)))


def _under_model(instance: Instance, wish: Wish) -> Instance:
    if wish.model is None:
        return instance
    return with_model(instance, read_model(wish.model))


def _with_rules(instance: Instance, wish: Wish) -> Instance:
    rules = wish.rules
    if not (rules.add or rules.change or rules.off or rules.on):
        return instance
    return edit_rules(
        instance, add=rules.add, change=rules.change, off=rules.off, on=rules.on
    )


def _with_sites(instance: Instance, wish: Wish) -> Instance:
    """Sites are forced by ordinary rules, as in explaining/why.py."""
    known = list(instance.sites.index)
    strange = [site for site in wish.sites if site not in instance.sites.index]
    if strange:
        raise InstanceError(
            [
                Fault(
                    "sites",
                    None,
                    "site",
                    show(site),
                    "a site of the instance",
                    nearest(site, known),
                )
                for site in strange
            ]
        )
    if not wish.sites:
        return instance
    return edit_rules(instance, add=[_force(s, how) for s, how in wish.sites.items()])


def _force(site: str, how: str) -> dict[str, str]:
    figure = "least=1" if how == "open" else "most=0"
    parameters = f"sites={site}; where=all; working=yes; {figure}"
    return {
        "id": forced_id(site, how),
        "rule": "site_count",
        "parameters": parameters,
        "owner": "what-if",
    }


def forced_id(site: str, how: str) -> str:
    """Id of the rule that forces a site open or shut."""
    return f"{FORCED} {site} {how}"


def _with_knobs(instance: Instance, wish: Wish) -> Instance:
    known = {knob.key: knob for knob in every_knob(instance)}
    faults = []
    for key, value in wish.knobs.items():
        knob = known.get(key)
        if knob is None:
            expected, hint = "a price or quantity to change", nearest(key, list(known))
            faults.append(Fault("knobs", None, key, show(key), expected, hint))
        elif not knob.low <= value <= knob.high:
            expected = f"{knob.low:g} to {knob.high:g}"
            faults.append(Fault("knobs", None, key, show(value), expected, knob.unit))
        else:  # also where it is what the first period has: it is meant for all
            instance = knob.edit(instance, value)
    if faults:
        raise InstanceError(faults)
    return instance


def _with_budget(instance: Instance, wish: Wish) -> Instance:
    """Faults name the budget and the period that there is not."""
    if wish.budget == BudgetWish():
        return instance
    periods, faults = instance.periods.copy(), []
    known = list(periods.index)
    for name, given in wish.budget:
        limits = given if isinstance(given, dict) else dict.fromkeys(known, given)
        for period, limit in limits.items():
            if period not in periods.index:
                near = nearest(period, known)
                expected = "a period of the instance"
                read = show(period)
                place = f"budget.{name}"
                faults.append(Fault(place, None, "", read, expected, near))
            elif limit is not None:
                most = float("nan") if limit == NO_LIMIT else limit
                periods.loc[period, f"{name}_budget"] = most
    if faults:
        raise InstanceError(faults)
    return replace(instance, tables={**instance.tables, "periods": periods})


def _with_changes(instance: Instance, wish: Wish) -> Instance:
    if not wish.changes:
        return instance
    tables: dict[str, Any] = dict(instance.tables)
    faults: list[Fault] = []
    for number, change in enumerate(wish.changes, 1):
        place = f"change {number}"
        wrong = change_faults(change, place)
        if not wrong:
            tables[change.table], wrong = changed(change, _rows(change), tables, place)
        faults += wrong
    if faults:
        raise InstanceError(faults)
    return make_instance(instance.settings.model_dump(), tables, "what-if")


def _rows(change: Change) -> pd.DataFrame | None:
    rows = change.add if change.add is not None else change.replace
    return None if rows is None else pd.DataFrame(rows)


STEPS: tuple[Step, ...] = (
    _under_model,
    _with_rules,
    _with_sites,
    _with_knobs,
    _with_budget,
    _with_changes,
)
