"""Documents as they were written: JSON and YAML with the text of numbers, repeated keys, lines."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.core.pattern.fields import NumberText
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable


MAX_VALUES = 200_000


class Members(dict[str, object]):
    """An object of a document; `lines` tells where its keys stand, in YAML and HCL.

    `repeated` has all members, in order, when a key of a JSON object was written twice.
    """

    def __init__(self, pairs: Iterable[tuple[str, object]] = ()) -> None:
        written = list(pairs)
        super().__init__(written)
        self.repeated = written if len(written) > len(self) else []
        self.lines: dict[str, int] = {}


@dataclass(frozen=True)
class Unresolved:
    """A value that the file itself does not tell.

    `shown` stands for it where a person reads it, as `${Queue.Arn}`; `what` names the expression
    that leaves it open; `resource` is the logical id or address that it belongs to, if any.
    """

    shown: str
    what: str
    resource: str = ""


def read_json(text: str, source: str) -> object:
    """A JSON document. Raises InputError with line and column."""
    try:
        return _decoder.decode(text)
    except RecursionError:
        raise InputError("nested too deep", where=source) from None
    except json.JSONDecodeError as error:
        raise InputError(
            f"not JSON: {error.msg}",
            where=f"{source}:{error.lineno}:{error.colno}",
            hint="edactl rule test --help names the kinds of files that are read",
        ) from None


# NaN and Infinity stay as they are written: whoever reads the pattern refuses them in AWS's words
_decoder = json.JSONDecoder(
    object_pairs_hook=Members,
    parse_float=NumberText,
    parse_int=NumberText,
    parse_constant=NumberText,
)


def json_text(value: object) -> str:
    """A value of a document as JSON, with numbers and repeated keys as they were written."""
    match value:
        case NumberText():
            return str(value)
        case Unresolved():
            return json.dumps(value.shown, ensure_ascii=False)
        case dict():
            pairs = (value.repeated if isinstance(value, Members) else None) or value.items()
            inner = ",".join(
                f"{json.dumps(key, ensure_ascii=False)}:{json_text(one)}" for key, one in pairs
            )
            return f"{{{inner}}}"
        case list() | tuple():
            return f"[{','.join(json_text(one) for one in value)}]"
    return json.dumps(value, ensure_ascii=False)


def plain(value: object) -> object:
    """A value with placeholders for what is not told, and numbers as Python has them."""
    match value:
        case Unresolved():
            return value.shown
        case NumberText():
            return json.loads(value)
        case dict():
            return {key: plain(one) for key, one in value.items()}
        case list():
            return [plain(one) for one in value]
    return value


def text_of_value(value: object) -> str:
    """A scalar as text; empty for none."""
    return "" if value is None else str(plain(value))


def unresolved_in(value: object) -> Unresolved | None:
    """The first value at or below this one that is not told."""
    match value:
        case Unresolved():
            return value
        case dict():
            inner: Iterable[object] = value.values()
        case list():
            inner = value
        case _:
            return None
    return next((found for one in inner if (found := unresolved_in(one))), None)


class Unfolded:
    """Named values that may refer to one another, so that a short file can unfold without end."""

    def __init__(self) -> None:
        self.values: dict[str, object] = {}
        self._weights: dict[int, int] = {}

    def keep(self, name: str, value: object) -> object:
        """The value, kept under the name; Unresolved where it has grown out of all bounds."""
        weight = self._weight(value)
        if weight > MAX_VALUES:
            value = Unresolved(
                f"${{{name}}}", f"{name}, which unfolds to over {MAX_VALUES:,} values"
            )
        elif isinstance(value, list | dict):
            self._weights[id(value)] = weight
        self.values[name] = value
        return value

    def _weight(self, value: object) -> int:
        known = self._weights.get(id(value))
        if known is not None:
            return known
        match value:
            case dict():
                return 1 + sum(self._weight(one) for one in value.values())
            case list():
                return 1 + sum(self._weight(one) for one in value)
            case str():
                return 1 + len(value) // 100
        return 1


def members(value: object) -> Members:
    """The value when it is an object, else an empty one."""
    if isinstance(value, Members):
        return value
    return Members(value.items()) if isinstance(value, dict) else Members()


def items(value: object) -> list[object]:
    """The value when it is a list, nothing for none, else the one value."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
