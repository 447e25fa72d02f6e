"""`--query`: JMESPath, compiled before the first AWS call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from edactl.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from edactl.core.record import JsonValue

    Query = Callable[[JsonValue], JsonValue]


def compile_query(expression: str, *, option: str = "--query") -> Query:
    """A function from a JSON value to what the expression selects in it.

    Raises UsageError with the position when the expression is no JMESPath, and when it calls a
    function that JMESPath lacks or gives one the wrong number of arguments; the function raises
    UsageError when the expression does not fit the value (a function given a wrong type).
    """
    from jmespath import compile as jmespath_compile
    from jmespath.exceptions import JMESPathError

    try:
        compiled = jmespath_compile(expression)
    except JMESPathError as error:
        raise UsageError(
            f"{option} {expression!r} is not JMESPath: {_reason(error)}",
            hint='https://jmespath.org; quote keys with a dash as "detail-type"',
        ) from None
    if wrong := _wrong_call(cast("dict[str, Any]", compiled.parsed)):
        raise UsageError(
            f"{option} {expression!r} is not JMESPath: {wrong}",
            hint="https://jmespath.org/specification.html#built-in-functions",
        )

    def select(value: JsonValue) -> JsonValue:
        try:
            found: JsonValue = compiled.search(value)
        except JMESPathError as error:
            raise UsageError(
                f"{option} {expression!r} failed: {_reason(error)}",
                hint="-o json without it shows what there is to select from",
            ) from None
        return found

    return select


def _wrong_call(node: dict[str, Any]) -> str | None:
    """What is wrong with a call in this part of the expression; jmespath looks only as it runs."""
    from jmespath.functions import Functions

    if node["type"] == "function_expression":
        name, given = node["value"], len(node["children"])
        known = Functions.FUNCTION_TABLE.get(name)
        if known is None:
            return f"there is no function {name}()"
        takes = len(known["signature"])
        variadic = known["signature"][-1].get("variadic", False)
        if given < takes or (given > takes and not variadic):
            return f"{name}() takes {takes}{' or more' if variadic else ''}, not {given}"
    return next(filter(None, map(_wrong_call, node["children"])), None)


def _reason(error: Exception) -> str:
    lines = str(error).splitlines()
    position = getattr(error, "lex_position", None)
    at = f" (at character {position + 1})" if isinstance(position, int) else ""
    return (lines[0] if lines else type(error).__name__).rstrip(":") + at
