"""A production model: a named set of rules, and an instance under it.

What a model changes is rules and nothing else: demand, sites, costs and emission
factors are the instance's own in all of them, so that their costs can be compared. The
instance's own rules hold in every model but `free`, which has none: its cost is at most
that of any other, and its bound holds for all of them.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from dmopt.data.folder import written_row
from dmopt.data.instance import Instance
from dmopt.data.rows import nearest, show
from dmopt.errors import Fault, InstanceError
from dmopt.rules.edit import rule_rows, with_rule_rows
from dmopt.rules.where import listed, products_named

PURE = ("distributed", "multi_domestic", "indigenous", "centralised")
"""Models that are one way to produce; `hybrid` mixes them, `free` has no rules."""
MODELS = (*PURE, "free")
"""Models shipped as data, by name."""


@dataclass(frozen=True)
class ProductionModel:
    """name: as asked for; label, about: for people; status: confirmed or reconstructed.

    keeps_own_rules: whether the instance's own rules hold too.
    rules: rows of the table `rules`.
    """

    name: str
    label: str
    about: str
    status: str
    keeps_own_rules: bool
    rules: tuple[Mapping[str, Any], ...]


def read_model(name: str) -> ProductionModel:
    """A shipped model by its name, or a user's own by the path of its TOML file.

    Raises InstanceError where there is none, or the file is not one.
    """
    if name in MODELS:
        text = files("dmopt.models").joinpath(f"{name}.toml").read_text("utf-8")
    elif name.endswith(".toml"):
        text = _text_of(name)
    else:
        hint = nearest(name, MODELS)
        expected = f"one of {', '.join(MODELS)}, or the path of a .toml file"
        raise InstanceError([Fault("model", None, "", show(name), expected, hint)])
    return _parsed(name, text)


def _text_of(path: str) -> str:
    try:
        return Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        fault = Fault("model", None, "", show(path), "a file that can be read", reason)
        raise InstanceError([fault]) from None


def _parsed(name: str, text: str) -> ProductionModel:
    try:
        content = tomllib.loads(text)
        about = content["model"]
        rules = tuple(written_row(row) for row in content.get("rule", []))
        return ProductionModel(
            name=Path(name).stem,
            label=str(about["label"]),
            about=str(about.get("about", "")),
            status=str(about.get("status", "reconstructed")),
            keeps_own_rules=bool(about.get("keeps_own_rules", True)),
            rules=rules,
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        expected = "TOML with [model] (label) and [[rule]] rows"
        fault = Fault(name, None, "", "", expected, str(error))
        raise InstanceError([fault]) from None


def with_model(instance: Instance, model: ProductionModel) -> Instance:
    """The instance under a model; rules of the model have its name before their id."""
    rows = [*_own(instance, model), *(_named(model, row) for row in model.rules)]
    return with_rule_rows(instance, rows)


def with_mix(instance: Instance, model_of: Mapping[str, ProductionModel]) -> Instance:
    """The instance with each product under a model of its own.

    model_of: commodity that zones want -> its model. A rule of a model then covers
    the products under it that it covered anyhow.
    """
    products: dict[str, list[str]] = {}
    models = {model.name: model for model in model_of.values()}
    for product, model in model_of.items():
        products.setdefault(model.name, []).append(product)
    rows = rule_rows(instance)
    for name, under in products.items():
        rows += _restricted(instance, models[name], under)
    return with_rule_rows(instance, rows)


def _restricted(
    instance: Instance, model: ProductionModel, products: Iterable[str]
) -> list[dict[str, Any]]:
    rows = []
    for row in model.rules:
        named = listed(str(row.get("products", "")))
        covered = products_named(instance, named)
        both = [product for product in products if product in covered]
        if both:
            rows.append(_named(model, row) | {"products": "; ".join(both)})
    return rows


def _own(instance: Instance, model: ProductionModel) -> list[dict[str, Any]]:
    return rule_rows(instance) if model.keeps_own_rules else []


def _named(model: ProductionModel, row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "id": f"{model.name} {row.get('id', '')}"}
