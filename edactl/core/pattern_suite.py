"""Test suites of event patterns: cases with what is expected, and what came out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edactl.core.pattern import PatternError, compile_pattern
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edactl.core.pattern import Pattern


@dataclass(frozen=True)
class CaseResult:
    """What one case came to; `valid` speaks of the pattern alone, `reason` tells why it is so.

    `expected` is the match that the case asks for; false where it expects an invalid pattern.
    """

    id: str
    expected: bool
    match: bool
    valid: bool
    ok: bool
    reason: str | None


def run_case(case: object, number: int, rules: Mapping[str, Pattern]) -> CaseResult:
    """Run one case of a suite.

    A case has `name` (or `id`), `pattern` (object or JSON text) or `rule`, `event` (object or JSON
    text), perhaps the pattern's `dialect`, and `match` or `valid: false`. A case that is none fails
    with the reason; nothing raises.
    """
    name = _name(case, number)
    if not isinstance(case, dict):
        return _failed(name, "a case is a JSON object")
    expects_valid = case.get("valid", True)
    expected = case.get("match", expects_valid is False and False)
    if "match" not in case and expects_valid is not False:
        return _failed(name, "it says neither match nor valid: false")
    if not isinstance(expected, bool) or not isinstance(expects_valid, bool):
        return _failed(name, "match and valid are true or false")
    try:
        pattern = _pattern(case, rules)
    except PatternError as error:
        ok = not expects_valid and not expected
        return CaseResult(name, expected, match=False, valid=False, ok=ok, reason=str(error))
    except InputError as error:
        return _failed(name, error.message)
    match, reason = _verdict(pattern, case)
    ok = expects_valid and match is expected
    if not expects_valid:
        reason = "the pattern is valid"
    return CaseResult(name, expected, match, valid=True, ok=ok, reason=reason)


def _name(case: object, number: int) -> str:
    if isinstance(case, dict):
        for key in ("id", "name"):
            if isinstance(case.get(key), str | int):
                return str(case[key])
    return str(number)


def _failed(name: str, reason: str) -> CaseResult:
    return CaseResult(name, expected=False, match=False, valid=False, ok=False, reason=reason)


def _pattern(case: Mapping[str, Any], rules: Mapping[str, Pattern]) -> Pattern:
    if "pattern" in case:
        return compile_pattern(case["pattern"], str(case.get("dialect", "rule")))
    name = case.get("rule")
    if not isinstance(name, str):
        raise InputError("it has neither pattern nor rule")
    if name not in rules:
        raise InputError(f'there is no rule "{name}"; --rules names the file that has it')
    return rules[name]


def _verdict(pattern: Pattern, case: Mapping[str, Any]) -> tuple[bool, str | None]:
    """Whether it matches, and why it does not."""
    event = case.get("event", {})
    text = event if isinstance(event, str) else json.dumps(event)
    try:
        found = pattern.explain(text)
    except InputError as error:
        return False, error.message
    if found.match:
        return True, None
    nearest = found.alternatives[0]
    reasons = [one.reason for one in nearest.fields if not one.holds]
    return False, "; ".join(reasons) or nearest.note
