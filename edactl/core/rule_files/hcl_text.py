"""Terraform's texts: escapes, the parts of a template, and numbers as jsonencode writes them."""

from __future__ import annotations

import re
import sys
from decimal import Decimal

from edactl.core.pattern.fields import NumberText

_ESCAPE = re.compile(r'\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[nrt"\\])')
_MARK = re.compile(r"\$\$\{|%%\{|\$\{|%\{")
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def unescaped(text: str) -> str:
    """The inside of a quoted text, its escapes resolved."""
    return _ESCAPE.sub(_character, text)


def _character(escape: re.Match[str]) -> str:
    code = escape[1]
    return _SIMPLE[code] if code in _SIMPLE else chr(min(int(code[1:], 16), sys.maxunicode))


def template_parts(text: str) -> list[tuple[bool, str]] | None:
    """Literal and expression parts of a template; None when it has directives or never ends."""
    parts: list[tuple[bool, str]] = []
    literal, at = "", 0
    while mark := _MARK.search(text, at):
        literal += text[at : mark.start()]
        if mark[0] in {"$${", "%%{"}:
            literal, at = literal + mark[0][1:], mark.end()
            continue
        end = _end_of(text, mark.end())
        if mark[0] == "%{" or end is None:
            return None
        parts += [(False, literal)] if literal else []
        parts.append((True, text[mark.end() : end]))
        literal, at = "", end + 1
    literal += text[at:]
    return [*parts, (False, literal)] if literal or not parts else parts


def _end_of(text: str, at: int) -> int | None:
    """Where the brace closes that was opened before `at`; braces in strings do not count."""
    depth, quoted = 1, False
    while at < len(text):
        if text[at] == "\\" and quoted:
            at += 1
        elif text[at] == '"':
            quoted = not quoted
        elif not quoted:
            depth += {"{": 1, "}": -1}.get(text[at], 0)
            if not depth:
                return at
        at += 1
    return None


def number_text(text: str) -> NumberText:
    """A number as jsonencode writes it: 1.50 is 1.5, 3e2 is 300."""
    found = Decimal(text).normalize()
    return NumberText(f"{found:f}" if abs(found.adjusted()) < 400 else text)  # noqa: PLR2004 -- a double's range
