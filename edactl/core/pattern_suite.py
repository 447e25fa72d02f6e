"""Test suites of event patterns: cases with what is expected, and what came out.

Patterns and events that stand in a suite as objects keep the spelling of their numbers and their
duplicate keys: the verdict depends on both.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from edactl.core.pattern import PatternError, compile_pattern
from edactl.core.pattern.fields import Members, NumberText
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edactl.core.pattern import Pattern

VALID_PATTERN = "the pattern is valid"  # said of a case that expects it not to be


@dataclass(frozen=True)
class NotACase:
    """A line of a suite that is not JSON, and why."""

    reason: str


def cases_in(text: str, name: str) -> list[object]:
    """The cases of a JSON suite: an array, an object with `cases`, one case, or one a line.

    A line that is not JSON is a NotACase, unless every line is one: then the file is no suite.
    Raises InputError for that, with `name` and the first line, for a suite without a case, and for
    one nested too deep to be read.
    """
    try:
        return cases_of(_read(text), name)
    except RecursionError:
        raise InputError("nested too deep", where=name) from None
    except ValueError:
        return _lines(text, name)


def cases_of(document: object, name: str) -> list[object]:
    """The cases of a document that is read. Raises InputError when it has none."""
    if isinstance(document, Members):
        document = dict(document)
    if isinstance(document, dict) and isinstance(document.get("cases"), list):
        document = document["cases"]
    if isinstance(document, dict):
        return [document]
    if not isinstance(document, list) or not document:
        raise InputError("no cases in it", where=name, hint="a list of cases")
    return [dict(case) if isinstance(case, Members) else case for case in document]


def _lines(text: str, name: str) -> list[object]:
    cases: list[object] = []
    refused: list[InputError] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            case = _read(line)
        except (ValueError, RecursionError) as error:
            reason = f"not JSON: {error}" if isinstance(error, ValueError) else "nested too deep"
            cases.append(NotACase(f"line {number}: {reason}"))
            hint = "a list of cases, or one case a line"
            refused.append(InputError(reason, where=f"{name}:{number}", hint=hint))
        else:
            cases.append(dict(case) if isinstance(case, Members) else case)
    if refused and len(refused) == len(cases):
        raise refused[0]
    if not cases:
        raise InputError("no cases in it", where=name, hint="a list of cases, or one case a line")
    return cases


def _no_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")


def _read(text: str) -> object:
    found: object = json.loads(
        text,
        object_pairs_hook=Members,
        parse_float=NumberText,
        parse_int=NumberText,
        parse_constant=_no_constant,
    )
    return found


def _written(value: object) -> str:
    """The JSON text of a value that was read, its numbers and duplicate keys as they were."""
    if isinstance(value, Members | dict):
        members = value if isinstance(value, Members) else value.items()
        written = (f"{json.dumps(str(key))}:{_written(one)}" for key, one in members)
        return "{" + ",".join(written) + "}"
    if isinstance(value, list):
        return f"[{','.join(map(_written, value))}]"
    return str(value) if isinstance(value, NumberText) else json.dumps(value)


def _text(value: object) -> str:
    """The JSON text that a case has, or has as an object. Raises InputError for what is none."""
    if isinstance(value, str):
        return value
    try:
        return _written(value)
    except RecursionError:
        raise InputError("nested too deep") from None
    except TypeError as error:
        raise InputError(f"no JSON: {error}") from None


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
    with the reason; nothing raises. `number` is the name of a case without one.
    """
    name = _name(case, number)
    if isinstance(case, NotACase):
        return _failed(name, case.reason)
    if not isinstance(case, dict):
        return _failed(name, "a case is a JSON object")
    expects_valid = case.get("valid", True)
    expected = case.get("match", False)
    if "match" not in case and expects_valid is not False:
        return _failed(name, "it says neither match nor valid: false")
    if not isinstance(expected, bool) or not isinstance(expects_valid, bool):
        return _failed(name, "match and valid are true or false")
    if expects_valid and "event" not in case:
        return _failed(name, "it has no event")
    try:
        pattern = _pattern(case, rules)
    except PatternError as error:
        ok = not expects_valid and not expected
        return CaseResult(name, expected, match=False, valid=False, ok=ok, reason=str(error))
    except InputError as error:
        return _failed(name, error.message, expected=expected)
    match, reason = _verdict(pattern, case)
    ok = expects_valid and match is expected
    if not expects_valid:
        reason = VALID_PATTERN
    return CaseResult(name, expected, match, valid=True, ok=ok, reason=reason)


def _name(case: object, number: int) -> str:
    if isinstance(case, dict):
        for key in ("id", "name"):
            if isinstance(case.get(key), str | int):
                return str(case[key])
    return str(number)


def _failed(name: str, reason: str, *, expected: bool = False) -> CaseResult:
    return CaseResult(name, expected=expected, match=False, valid=False, ok=False, reason=reason)


def _pattern(case: Mapping[str, Any], rules: Mapping[str, Pattern]) -> Pattern:
    if "pattern" in case:
        return compile_pattern(_text(case["pattern"]), str(case.get("dialect", "rule")))
    name = case.get("rule")
    if not isinstance(name, str):
        raise InputError("it has neither pattern nor rule")
    if name not in rules:
        raise InputError(f'there is no rule "{name}"; --rules names the file that has it')
    return rules[name]


def _verdict(pattern: Pattern, case: Mapping[str, Any]) -> tuple[bool, str | None]:
    """Whether it matches, and why it does not."""
    try:
        found = pattern.explain(_text(case.get("event", {})))
    except InputError as error:
        return False, error.message
    if found.match:
        return True, None
    nearest = found.alternatives[0]
    reasons = [one.reason for one in nearest.fields if not one.holds]
    return False, "; ".join(reasons) or nearest.note
