"""A second opinion on event patterns: slow, written from the grammar, one screen of plain rules.

It takes only valid patterns without address quirks, reads with the standard library, tries every
choice of values, and shares no code with edactl.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

ASTRAL = 0x10000
Branch = dict[str, list[Any]]


class Number(str):
    """A JSON number as written."""

    __slots__ = ()


class Pairs(list[tuple[str, Any]]):
    """An object's members, duplicates and all."""


def _load(text: str) -> Pairs:
    found: Pairs = json.loads(text, object_pairs_hook=Pairs, parse_int=Number, parse_float=Number)
    return found


def reference_matches(pattern: str, event: str) -> bool:
    """Whether the pattern matches, by trying everything."""
    values = list(_flatten(_load(event), (), {}))
    return any(_holds(branch, values) for branch in _branches(_load(pattern)))


def _branches(pattern: Pairs, base: str = "", before: list[Branch] | None = None) -> list[Branch]:
    found = before or [{}]
    for key, value in pattern:
        if key == "$or":
            found = [
                branch
                for member in value
                for branch in _branches(member, base, [dict(one) for one in found])
            ]
        elif isinstance(value, Pairs):
            found = _branches(value, f"{base}.{key}" if base else key, found)
        else:
            for branch in found:
                branch[f"{base}.{key}" if base else key] = value
    return found


counter = itertools.count()


def _flatten(one: Any, path: tuple[str, ...], places: dict[int, int]) -> Iterator[tuple[Any, ...]]:
    if isinstance(one, Pairs):
        for key, value in one:
            yield from _flatten(value, (*path, key), places)
    elif isinstance(one, list):
        array = next(counter)
        for at, value in enumerate(one):
            inner = {**places, array: at} if isinstance(value, list) else places
            yield from _flatten(value, path, inner)
    else:
        yield ".".join(path), one, places


def _holds(branch: Branch, values: list[tuple[Any, ...]]) -> bool:
    def search(paths: list[str], chosen: dict[int, int]) -> bool:
        if not paths:
            return True
        path, rest = paths[0], paths[1:]
        here = [(value, places) for name, value, places in values if name == path]
        fits = [one for one in here if all(chosen.get(a, i) == i for a, i in one[1].items())]
        wanted = branch[path]
        if not fits and any(_is_absence(one) for one in wanted) and search(rest, chosen):
            return True
        return any(
            any(_meets(one, value) for one in wanted) and search(rest, {**chosen, **places})
            for value, places in _within(chosen, here, fits)
        )

    return search(sorted(branch, key=lambda path: path.encode("utf-16-be")), {})


def _within(chosen: dict[int, int], here: list[Any], fits: list[Any]) -> list[Any]:
    """Those inside the first chosen array that the field has any value in; all when it has none."""
    for array in sorted(chosen):
        if any(array in places for _, places in here):
            return [one for one in fits if array in one[1]]
    return fits


def _is_absence(wanted: Any) -> bool:
    return isinstance(wanted, Pairs) and wanted[0] == ("exists", False)


def _meets(wanted: Any, value: Any) -> bool:
    if isinstance(wanted, Pairs):
        return _operator(*wanted[0], value)
    if isinstance(wanted, Number):
        return isinstance(value, Number) and (
            str(wanted) == str(value)
            or (_double(wanted) is not None and _double(wanted) == _double(value))
        )
    return type(wanted) is type(value) and wanted == value


def _double(text: str) -> float | None:
    value = float(text)
    exact = abs(value) != float("inf") and Decimal(text) == Decimal(repr(value))
    return value if exact else None


def _operator(name: str, operand: Any, value: Any) -> bool:
    is_string = isinstance(value, str) and not isinstance(value, Number)
    if name == "exists":
        return operand is True
    if name == "numeric":
        return isinstance(value, Number) and _in_range(operand, _double(value))
    if name == "anything-but":
        return _anything_but(operand, value)
    return is_string and _on_string(name, operand, value)


def _on_string(name: str, operand: Any, value: str) -> bool:
    if isinstance(operand, Pairs):
        return _on_string(f"{name} {operand[0][0]}", operand[0][1], value)
    match name:
        case "exactly":
            return bool(value == operand)
        case "prefix":
            return bool(value[: len(operand)] == operand)
        case "suffix":
            return value.endswith(str(operand))
    if name == "wildcard":
        expression = "".join(
            ".*" if part == "*" else re.escape(part[-1])
            for part in re.findall(r"\\.|.", operand, re.DOTALL)
        )
        return bool(re.fullmatch(expression, value, re.DOTALL))
    forms = "".join(
        f"(?:{re.escape(c.lower())}|{re.escape(c.upper())})" if ord(c) < ASTRAL else r"\?\?"
        for c in operand
    )
    around = {
        "prefix equals-ignore-case": (forms + ".*"),
        "suffix equals-ignore-case": ".*" + forms,
    }
    return bool(re.fullmatch(around.get(name, forms), value, re.DOTALL))


def _in_range(operand: list[Any], number: float | None) -> bool:
    if number is None:
        return False
    tests = {
        "=": float.__eq__,
        "<": float.__lt__,
        "<=": float.__le__,
        ">": float.__gt__,
        ">=": float.__ge__,
    }
    return all(
        tests[operand[at]](number, float(operand[at + 1])) for at in range(0, len(operand), 2)
    )


def _anything_but(operand: Any, value: Any) -> bool:
    if isinstance(operand, Pairs):
        ((form, texts),) = operand
        listed = texts if isinstance(texts, list) else [texts]
        return not any(_operator(form, text, value) for text in listed)
    listed = operand if isinstance(operand, list) else [operand]
    return not any(_meets(one, value) for one in listed)
