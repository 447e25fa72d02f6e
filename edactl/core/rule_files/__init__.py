"""Rules out of files: one entry, `rules_in`, and what it gives."""

from edactl.core.rule_files.listing import rules_in
from edactl.core.rule_files.rules import NamedRule, SkippedRule

__all__ = ["NamedRule", "SkippedRule", "rules_in"]
