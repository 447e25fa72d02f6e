"""EventBridge's pattern language, offline: the verdict that AWS would give, and why.

>>> compile_pattern('{"source": ["com.flix"]}').matches('{"source": "com.flix"}')
True
"""

from edactl.core.pattern.compiled import Pattern, compile_pattern
from edactl.core.pattern.error import PatternError
from edactl.core.pattern.rule_set import RuleSet

__all__ = ["Pattern", "PatternError", "RuleSet", "compile_pattern"]
