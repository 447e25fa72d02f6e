"""What is wrong with rules: all that AWS refuses, and what it takes and nobody means."""

from edactl.core.rule_lint.finding import CODES, SEVERITIES, Finding, Severity
from edactl.core.rule_lint.linter import lint, paths_of
from edactl.core.rule_lint.samples import Samples
from edactl.core.rule_lint.subject import Linted

__all__ = ["CODES", "SEVERITIES", "Finding", "Linted", "Samples", "Severity", "lint", "paths_of"]
