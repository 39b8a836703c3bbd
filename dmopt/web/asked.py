"""Conflicts and ways out in the words of what was asked on the page.

A site that a wish forces is forced by a rule (studies/whatif.py). Whoever asked for it
knows the site's name and what they asked, not the id of that rule.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from dmopt.data.instance import Instance
from dmopt.explaining.suspects.suspect import Suspect
from dmopt.explaining.ways import Step
from dmopt.studies.whatif import Wish, forced_id
from dmopt.web.words import spoken

BUDGET = "budget"


@dataclass(frozen=True)
class Forced:
    """A site that a wish forces: its name for people, and how (open or shut)."""

    site: str
    how: str


Asked = Mapping[tuple[str, ...], Forced]
"""Name of a suspect -> the forced site that it stands for."""


def asked_of(instance: Instance, wish: Wish) -> Asked:
    """The sites that a wish forces."""
    names = instance.sites.name
    return {
        (forced_id(site, how),): Forced(names[site] or site, how)
        for site, how in wish.sites.items()
    }


def member(suspect: Suspect, asked: Asked) -> dict[str, str]:
    """A member of a conflict: what it is, and what it asks."""
    forced = asked.get(suspect.name)
    if forced is None:
        return {"label": _label(suspect), "sentence": suspect.says}
    does = {"open": "works in every period", "shut": "works in no period"}[forced.how]
    return {
        "label": f"you forced {forced.site} {forced.how}",
        "sentence": f"{forced.site} {does}.",
    }


def said(step: Step, asked: Asked) -> str:
    """A step of a way out."""
    forced = asked.get(step.suspect.name)
    if forced is not None:
        return f"{forced.site} no longer forced {forced.how}"
    if step.suspect.kind != BUDGET:
        return f"{step.says()} ({step.suspect.label})"
    if step.figure is not None:
        return spoken(step.says())
    return f"no limit to the {_label(step.suspect)}"


def _label(suspect: Suspect) -> str:
    """ "capital budget of 2030"; others as they call themselves."""
    if suspect.kind != BUDGET:
        return suspect.label
    period, money = suspect.name
    return f"{money} budget of {period}"
