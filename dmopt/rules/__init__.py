"""Design and planning rules, one per file; each states itself twice: rows and check."""

from dmopt.rules.catalogue import make_rules
from dmopt.rules.rule import Rule

__all__ = ["Rule", "make_rules"]
