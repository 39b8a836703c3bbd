"""Design and planning rules, one per file; each states itself twice: rows and check."""

from dmopt.rules.catalogue import make_rules
from dmopt.rules.edit import edit_rules
from dmopt.rules.rule import Rule

__all__ = ["Rule", "edit_rules", "make_rules"]
