"""Results of a suite as CI systems read them: JUnit XML and TAP."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from edactl.core.pattern_suite import VALID_PATTERN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edactl.core.pattern_suite import CaseResult

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARKUP = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;"}


def junit_report(results: Sequence[CaseResult]) -> str:
    """A JUnit document with one test case for each result."""
    failed = sum(not one.ok for one in results)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append(f'<testsuite name="edactl rule check" tests="{len(results)}" failures="{failed}">')
    for one in results:
        name = _escaped(one.id)
        if one.ok:
            lines.append(f'  <testcase classname="patterns" name="{name}"/>')
        else:
            lines.append(f'  <testcase classname="patterns" name="{name}">')
            lines.append(f'    <failure message="{_escaped(_why(one))}"/>')
            lines.append("  </testcase>")
    return "\n".join([*lines, "</testsuite>", ""])


def tap_lines(results: Sequence[CaseResult]) -> Iterator[str]:
    """Lines of TAP, the Test Anything Protocol."""
    yield f"1..{len(results)}"
    for number, one in enumerate(results, 1):
        name = " ".join(one.id.replace("#", "\\#").split())
        yield f"{'ok' if one.ok else 'not ok'} {number} - {name}"
        if not one.ok:
            yield f"# {' '.join(_why(one).split())}"


def _why(one: CaseResult) -> str:
    if one.reason == VALID_PATTERN:
        return "expected an invalid pattern, got a valid one"
    came = "match" if one.match else "no match" if one.valid else "an invalid pattern"
    wanted = "match" if one.expected else "no match"
    return f"expected {wanted}, got {came}" + (f": {one.reason}" if one.reason else "")


def _escaped(text: str) -> str:
    return "".join(_MARKUP.get(one, one) for one in _NOT_XML.sub("?", text))
