"""Names in the folder of a scenario, which the server and its children share."""

import shutil
from pathlib import Path

RUN = "run"
"""Folder of the run."""
WISHED = "instance"
"""Folder of the instance that the run is of, the wish in it."""
SHOWN = "shown-"
"""Folders of the plans shown on the way, and their numbers."""
FIGURES = "result.json.gz"
STRESS, FRONTIER = "stress", "frontier"
"""Kinds of studies; their answers are files of that name and .json.gz."""
TRADED = "traded"
"""Folder of the maps of a frontier's plans."""


def map_name(place: int | str) -> str:
    """File of the map of the period at a place; "*": of any."""
    return f"map-{place}.json.gz"


def answer_name(kind: str) -> str:
    """File of the answer to a question."""
    return f"{kind}.json.gz"


def traded_map(folder: Path, plan: int, place: int) -> Path:
    """File of the map of a frontier's plan, in the period at a place."""
    return folder / TRADED / f"plan-{plan}-{map_name(place)}"


def clear_shown(folder: Path) -> None:
    """Remove what was shown on the way to the plan that is kept."""
    for each in folder.glob(f"{SHOWN}*"):
        shutil.rmtree(each, ignore_errors=True)
