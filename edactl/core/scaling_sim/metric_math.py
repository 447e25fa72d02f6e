"""Metric math, evaluated minute by minute on what the simulation knows.

Arithmetic, comparisons, AND and OR, IF, FILL, and MAX, MIN, SUM and AVG of a list. A series without
a datapoint makes what is computed of it one without, as does a division by zero. Source: CloudWatch
user guide, "Using math expressions with CloudWatch metrics"; that AND and OR take a missing
datapoint for false is assumed.
"""

from __future__ import annotations

import math
import operator
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Value: TypeAlias = "float | None"
Values: TypeAlias = "Mapping[str, Value]"
Formula: TypeAlias = "Callable[[Values], Value]"

_TOKENS = re.compile(
    r"\s*(?:(\d+(?:\.\d*)?|\.\d+)|([A-Za-z_]\w*)|(<=|>=|==|!=|&&|\|\||[-+*/^()<>,\[\]]))"
)
_COMPARISONS: dict[str, Callable[[float, float], float]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
_LISTS: dict[str, Callable[[list[float]], float]] = {
    "MAX": max,
    "MIN": min,
    "SUM": sum,
    "AVG": lambda found: sum(found) / len(found),
}
_ROUNDED: dict[str, Callable[[float], float]] = {
    "CEIL": math.ceil,
    "FLOOR": math.floor,
    "ABS": abs,
}
_DEEPEST, _MOST_WORDS = 60, 300


@dataclass(frozen=True)
class Expression:
    """A formula of the values by id, and the ids that it names."""

    formula: Formula
    names: tuple[str, ...]


def compile_expression(text: str) -> Expression:
    """An expression, ready to compute. Raises InputError for what is not known here.

    One with `FILL(m, REPEAT)` remembers: compile a fresh one for each run.
    """
    parser = _Parser(text, _tokens(text))
    found = parser.either()
    if parser.next_word is not None:
        raise parser.wrong(parser.next_word)
    return Expression(found, tuple(dict.fromkeys(parser.names)))


def _tokens(text: str) -> list[str]:
    found: list[str] = []
    at = 0
    while at < len(text.rstrip()):
        match = _TOKENS.match(text, at)
        if match is None:
            raise _unknown(text, text[at:].strip()[:20])
        found.append(match[match.lastindex or 0])
        at = match.end()
    if len(found) > _MOST_WORDS:
        raise _unknown(text[:40], f"so many as {len(found)} words")
    return found


def _unknown(text: str, what: str) -> InputError:
    return InputError(
        f'"{what}" of the expression "{text}" cannot be simulated',
        hint="arithmetic, comparisons, IF, FILL, and MAX, MIN, SUM or AVG of a [list] can",
    )


@dataclass
class _Parser:
    """Recursive descent; each method gives the formula of one level of precedence."""

    text: str
    tokens: list[str]
    at: int = 0
    depth: int = 0
    names: list[str] = field(default_factory=list)

    @property
    def next_word(self) -> str | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def wrong(self, what: str | None) -> InputError:
        return _unknown(self.text, what or "the end")

    def _take(self, *wanted: str) -> str | None:
        word = self.next_word
        if word is None or word.upper() not in wanted:
            return None
        self.at += 1
        return word.upper()

    def _expect(self, wanted: str) -> None:
        if not self._take(wanted):
            raise self.wrong(self.next_word)

    def either(self) -> Formula:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.wrong("so many parentheses")
        found = self._both()
        while self._take("OR", "||"):
            found = _joined(found, self._both(), any)
        self.depth -= 1
        return found

    def _both(self) -> Formula:
        found = self._compared()
        while self._take("AND", "&&"):
            found = _joined(found, self._compared(), all)
        return found

    def _compared(self) -> Formula:
        found = self._sum()
        while sign := self._take(*_COMPARISONS):
            found = _binary(found, self._sum(), _COMPARISONS[sign])
        return found

    def _sum(self) -> Formula:
        found = self._product()
        while sign := self._take("+", "-"):
            found = _binary(found, self._product(), operator.add if sign == "+" else operator.sub)
        return found

    def _product(self) -> Formula:
        found = self._negated()
        while sign := self._take("*", "/"):
            found = _binary(found, self._negated(), operator.mul if sign == "*" else _divided)
        return found

    def _negated(self) -> Formula:
        if self._take("-"):
            return _binary(lambda _: 0.0, self._negated(), operator.sub)
        found = self._atom()
        return _binary(found, self._negated(), _power) if self._take("^") else found

    def _atom(self) -> Formula:
        word = self.next_word
        if word is None:
            raise self.wrong(None)
        self.at += 1
        if word == "(":
            found = self.either()
            self._expect(")")
            return found
        if word[0].isdigit() or word[0] == ".":
            number = float(word)
            return lambda _: number
        if self.next_word == "(":
            return self._call(word)
        if not word[0].islower():
            raise self.wrong(word)
        self.names.append(word)
        return lambda values: values[word]

    def _call(self, name: str) -> Formula:
        self.at += 1
        match name.upper():
            case "IF":
                found = self._condition()
            case "FILL":
                found = self._filled()
            case upper if upper in _ROUNDED:
                found = _one(self.either(), _ROUNDED[upper])
            case upper if upper in _LISTS and self._take("["):
                found = self._listed(_LISTS[upper])
            case _:
                raise self.wrong(name)
        self._expect(")")
        return found

    def _condition(self) -> Formula:
        condition = self.either()
        self._expect(",")
        first = self.either()
        second: Formula = self.either() if self._take(",") else lambda _: None

        def formula(values: Values) -> Value:
            chosen = condition(values)
            return None if chosen is None else first(values) if chosen else second(values)

        return formula

    def _filled(self) -> Formula:
        series = self.either()
        self._expect(",")
        if self._take("REPEAT"):
            return _repeated(series)
        other = self.either()

        def formula(values: Values) -> Value:
            found = series(values)
            return other(values) if found is None else found

        return formula

    def _listed(self, together: Callable[[list[float]], float]) -> Formula:
        parts = [self.either()]
        while self._take(","):
            parts.append(self.either())
        self._expect("]")

        def formula(values: Values) -> Value:
            known = [one for part in parts if (one := part(values)) is not None]
            return _finite(float(together(known))) if known else None

        return formula


def _repeated(series: Formula) -> Formula:
    last: Value = None

    def formula(values: Values) -> Value:
        nonlocal last
        found = series(values)
        last = last if found is None else found
        return last

    return formula


def _binary(first: Formula, second: Formula, compute: Callable[[float, float], Value]) -> Formula:
    def formula(values: Values) -> Value:
        one, two = first(values), second(values)
        return None if one is None or two is None else _finite(compute(one, two))

    return formula


def _joined(first: Formula, second: Formula, together: Callable[[Sequence[bool]], bool]) -> Formula:
    return lambda values: float(together([bool(first(values)), bool(second(values))]))


def _one(series: Formula, compute: Callable[[float], float]) -> Formula:
    def formula(values: Values) -> Value:
        found = series(values)
        return None if found is None else float(compute(found))

    return formula


def _finite(found: Value) -> Value:
    """The number, or no datapoint for what is too large to be one."""
    return found if found is not None and math.isfinite(found) else None


def _divided(one: float, two: float) -> Value:
    return one / two if two else None


def _power(one: float, two: float) -> Value:
    try:
        found = one**two
    except (OverflowError, ZeroDivisionError):
        return None
    return found if isinstance(found, float) else None
