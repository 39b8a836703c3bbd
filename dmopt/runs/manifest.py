"""plan.json: what a run found, and all it takes to run it again."""

import importlib.metadata
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pandas as pd

from dmopt.data.instance import Instance
from dmopt.runs.fingerprint import instance_hash
from dmopt.runs.plain import plain
from dmopt.runs.words import badge
from dmopt.solving.result import Result

FORMAT = 1
PACKAGES = ("dmopt", "pyomo", "highspy", "numpy", "pandas", "geopandas")


def manifest(
    result: Result,
    instance: Instance,
    command: str,
    tables: Mapping[str, pd.DataFrame],
) -> dict[str, Any]:
    """The content of plan.json, plain values only; without a plan, cost,
    indicators and costs are null.

    tables: the tables for people, empty without a plan.
    """
    return plain(
        {
            "dmopt_run": FORMAT,
            "status": result.status,
            "badge": badge(result),
            "cost": result.cost,
            "bound": result.bound,
            "gap": result.gap,
            "currency": instance.settings.currency,
            "money": instance.settings.money,
            "path": result.path,
            "why_path": result.why_path,
            "proof": result.proof,
            "verified": result.verified,
            "indicators": tables.get("indicators"),
            "costs": tables.get("costs"),
            "manifest": {
                "instance": {
                    "name": instance.name,
                    "sha256": instance_hash(instance),
                    "settings": instance.settings.model_dump(mode="json"),
                },
                "written": datetime.now(UTC).isoformat(timespec="seconds"),
                "command": command,
                "options": dict(result.options),
                "seed": result.options.get("seed"),
                "seconds": result.seconds,
                "build_seconds": result.build_seconds,
                "peak_mb": result.peak_mb,
                "versions": versions(),
                "python": platform.python_version(),
            },
            "log": [
                {
                    "seconds": step.seconds,
                    "step": step.step,
                    "cost": step.cost,
                    "bound": step.bound,
                    "gap": step.gap,
                }
                for step in result.log
            ],
        }
    )


@cache
def versions() -> dict[str, str | None]:
    """Version of each package a run depends on; None where it is not installed."""
    return {name: _version(name) for name in PACKAGES}


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
