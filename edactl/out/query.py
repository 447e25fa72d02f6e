"""`--query`: JMESPath, compiled before the first AWS call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edactl.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from edactl.core.record import JsonValue

    Query = Callable[[JsonValue], JsonValue]


def compile_query(expression: str, *, option: str = "--query") -> Query:
    """A function from a JSON value to what the expression selects in it.

    Raises UsageError with the position when the expression is no JMESPath; the function raises
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


def _reason(error: Exception) -> str:
    lines = str(error).splitlines()
    position = getattr(error, "lex_position", None)
    at = f" (at character {position + 1})" if isinstance(position, int) else ""
    return (lines[0] if lines else type(error).__name__).rstrip(":") + at
