"""An event as the engine sees it: fields with their values, and which array elements hold them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from edactl.core.pattern.conditions import Value
from edactl.core.pattern.error import PatternError
from edactl.core.pattern.text_forms import as_utf8
from edactl.core.pattern.tokens import (
    MAX_DEPTH,
    MAX_NAME_CHARACTERS,
    MAX_NUMBER_CHARACTERS,
    digits_counted,
    tokens,
)
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection

Event: TypeAlias = "str | bytes | dict[str, Any]"
Places: TypeAlias = "dict[int, int]"

_BLANKS = " \t\n\r"
NOT_AN_OBJECT = "Event must be a JSON object"


@dataclass(frozen=True, slots=True)
class FieldValue:
    """One value of a field; `places` are the arrays around it, each with its element's number."""

    value: Value
    places: Places


Fields: TypeAlias = "dict[str, list[FieldValue]]"


class Members(list[tuple[str, Any]]):
    """A JSON object with its keys as written: in order, with duplicates."""


class NumberText(str):
    """A JSON number as it is written."""

    __slots__ = ()


def read_event(event: Event) -> Members:
    """An event as members; numbers keep their text when it is given as text.

    From a mapping, numbers have the text that Python writes for them. Raises InputError for what
    is no JSON object, is nested deeper than 1,000 or holds a number of over 1,000 digits or a name
    of over 50,000 characters.
    """
    if isinstance(event, (str, bytes)):
        return _from_text(event)[0]
    return _members(event)


def read_line(line: str | bytes) -> Members:
    """The event that is alone on a line. Raises InputError when something follows it, too."""
    found, rest = _from_text(line)
    if rest.strip(_BLANKS):
        raise InputError("the event is not JSON: something follows it")
    return found


def _from_text(event: str | bytes) -> tuple[Members, str]:
    """The event's members and the text behind it, which the engine does not read."""
    if isinstance(event, bytes):
        try:
            event = event.decode("utf-8")
        except UnicodeDecodeError as error:
            raise InputError(f"the event is not UTF-8: {error.reason}") from None
    start = len(event) - len(event.lstrip(_BLANKS))
    if not event.startswith("{", start):
        raise InputError(NOT_AN_OBJECT)
    try:
        found, end = _decoder.raw_decode(event, start)
    except (ValueError, RecursionError):
        return _slowly(event)
    if _too_deep(found) or (len(event) > MAX_NAME_CHARACTERS and _has_long_name(found)):
        return _slowly(event)
    return Members(found), event[end:]


def _number(text: str) -> NumberText:
    if len(text) > MAX_NUMBER_CHARACTERS:
        raise ValueError("a long number")
    return NumberText(text)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


_decoder = json.JSONDecoder(
    object_pairs_hook=Members,
    parse_float=_number,
    parse_int=_number,
    parse_constant=_no_constant,
)


def _too_deep(found: Members) -> bool:
    """Whether more than the allowed number of brackets are open at once somewhere."""
    level: list[Any] = [found]
    for _ in range(MAX_DEPTH):
        inner = []
        for one in level:
            values = (value for _, value in one) if isinstance(one, Members) else one
            inner += [value for value in values if isinstance(value, list)]
        if not inner:
            return False
        level = inner
    return True


def _has_long_name(found: Members) -> bool:
    """Whether some name may be over the limit; only our own reader counts it exactly."""
    todo: list[Any] = [found]
    while todo:
        one = todo.pop()
        members = one if isinstance(one, Members) else [("", value) for value in one]
        if any(2 * len(name) > MAX_NAME_CHARACTERS for name, _ in members):
            return True
        todo += [value for _, value in members if isinstance(value, list)]
    return False


def _slowly(event: str) -> tuple[Members, str]:
    """The same by our own reader, which has no limit of its own and says what is wrong."""
    made: list[Any] = []
    keys: list[str] = []
    try:
        for token in tokens(event):
            match token.kind:
                case "key":
                    keys.append(token.text)
                case "{" | "[":
                    made.append(Members() if token.kind == "{" else [])
                case "}" | "]":
                    done = made.pop()
                    if not made:
                        return Members(done), event[token.end :]
                    _add(made, keys, done)
                case "number":
                    _add(made, keys, NumberText(token.text))
                case "string":
                    _add(made, keys, token.text)
                case _:
                    _add(made, keys, _LITERALS[token.text])
    except PatternError as error:
        raise InputError(
            f"the event is not JSON: {error.reason} (line {error.line}, column {error.column})"
        ) from None
    raise AssertionError("tokens end with a closed object")  # pragma: no cover


_LITERALS = {"true": True, "false": False, "null": None}


def _add(made: list[Any], keys: list[str], value: object) -> None:
    if isinstance(made[-1], Members):
        made[-1].append((keys.pop(), value))
    else:
        made[-1].append(value)


def _members(event: dict[str, Any]) -> Members:
    """A mapping from Python as members; lists and mappings inside are read by `fields_of`."""
    if not isinstance(event, dict):
        raise InputError(NOT_AN_OBJECT)
    return Members(_items(event))


@dataclass(frozen=True)
class Wanted:
    """The paths that a pattern asks for, and the steps by which the engine walks to them.

    A key of an event is entered only when it is a step of some path, as Java splits paths: empty
    steps at the end do not count.
    """

    paths: frozenset[str]
    steps: frozenset[str]

    def enters(self, key: str) -> bool:
        """Whether the engine looks below this key."""
        return key in self.steps or ("." in key and self.steps.issuperset(java_split(key)))


def java_split(path: str) -> list[str]:
    """The steps of a path, those empty at the end dropped; "" is one empty step."""
    steps = path.split(".")
    while len(steps) > 1 and not steps[-1]:
        steps.pop()
    return [] if steps == [""] and path else steps


def wanted(paths: Collection[str]) -> Wanted:
    """What a pattern with these paths looks at."""
    return Wanted(frozenset(paths), frozenset(step for path in paths for step in java_split(path)))


def fields_of(event: Members, want: Wanted) -> Fields:
    """The values of the wanted fields, in the order of the event."""
    return _Flattener(want).run(event)


class _Flattener:
    """Walks an event with a stack of its own, so depth costs no recursion."""

    def __init__(self, want: Wanted) -> None:
        self.want = want
        self.found: Fields = {}
        self.arrays = 0

    def run(self, event: Members) -> Fields:
        todo: list[tuple[Any, str | None, Places]] = [(event, None, {})]
        while todo:
            one, path, places = todo.pop()
            if isinstance(one, (Members, dict)):
                members = one if isinstance(one, Members) else _items(one)
                inner = [
                    (value, key if path is None else f"{path}.{key}", places)
                    for key, value in members
                    if self.want.enters(key)
                ]
                todo += reversed(inner)
            elif isinstance(one, (list, tuple)):
                todo += reversed(self._elements(one, path, places))
            elif path in self.want.paths:
                self.found.setdefault(path, []).append(FieldValue(_value(one), places))
        return self.found

    def _elements(
        self, array: Collection[Any], path: str | None, places: Places
    ) -> list[tuple[Any, str | None, Places]]:
        """The elements; only those that hold more carry the array's own number."""
        number = self.arrays
        self.arrays += 1
        return [
            (one, path, {**places, number: at} if isinstance(one, (list, tuple, dict)) else places)
            for at, one in enumerate(array)
        ]


def _items(mapping: dict[str, Any]) -> Collection[tuple[str, Any]]:
    for key in mapping:
        if not isinstance(key, str):
            raise InputError(f"an event's keys are texts, not {type(key).__name__} ({key!r:.40})")
    return mapping.items()


def _value(one: object) -> Value:
    if isinstance(one, NumberText):
        return Value(str(one), is_string=False)
    if isinstance(one, str):
        return Value(as_utf8(one), is_string=True)
    if one is None or isinstance(one, bool):
        return Value(_NAMES[one], is_string=False)
    text = _number_text(one)
    if not _is_json_number(text):
        raise InputError(f"an event holds no {type(one).__name__} ({text[:40]})")
    return Value(text, is_string=False)


def _number_text(one: object) -> str:
    try:
        text = str(one)
    except ValueError:  # Python writes no whole number of over 4,300 digits
        text = "1" * (MAX_NUMBER_CHARACTERS + 1)
    if digits_counted(text) > MAX_NUMBER_CHARACTERS:
        raise InputError(f"an event holds no number of over {MAX_NUMBER_CHARACTERS:,} digits")
    return text


_NAMES = {True: "true", False: "false", None: "null"}


def _is_json_number(text: str) -> bool:
    return text not in {"nan", "inf", "-inf"} and text.lstrip("-")[:1].isdigit()
