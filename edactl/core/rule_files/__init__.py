"""Rules out of files of every kind: `rules_in`, and what it gives."""

from edactl.core.rule_files.reading import rules_among, rules_in, rules_of_module
from edactl.core.rule_files.rules import NamedRule, NoRules, SkippedRule

__all__ = [
    "NamedRule",
    "NoRules",
    "SkippedRule",
    "rules_among",
    "rules_in",
    "rules_of_module",
]
