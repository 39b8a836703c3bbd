"""Sites that may never open, whatever they cost, and what keeps each shut."""

from dataclasses import dataclass

from dmopt.data.instance import Instance
from dmopt.rules.catalogue import make_rules


@dataclass(frozen=True, slots=True)
class Exclusion:
    """One thing that keeps a site shut.

    rule: id of the rule; "" where it is the site's own status. reason: in words, "" if
    none is given.
    """

    site: str
    rule: str
    reason: str

    def __str__(self) -> str:
        """ "flood: Quay flood plain (flood)"; "excluded: no reason given"."""
        return f"{self.rule or 'excluded'}: {self.reason or 'no reason given'}"


def kept_shut(instance: Instance) -> dict[str, list[Exclusion]]:
    """Site -> what keeps it shut: its status first, then hard rules in their order.

    Raises InstanceError for rules that cannot be read.
    """
    sites = instance.sites
    reasons = sites.reason[sites.status == "excluded"]
    found = [Exclusion(str(s), "", str(reason)) for s, reason in reasons.items()]
    found += [
        Exclusion(s, rule.id, reason)
        for rule in make_rules(instance)
        for s, reason in rule.reasons(instance).items()
    ]
    by_site: dict[str, list[Exclusion]] = {}
    for each in found:
        by_site.setdefault(each.site, []).append(each)
    return by_site
