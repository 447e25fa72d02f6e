"""The conditions of the pattern language, each made from its operand. Source: event-ruler 2.0.1."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from edactl.core.pattern.addresses import range_of_address, range_of_block
from edactl.core.pattern.conditions import Condition, NumberSpan, Value
from edactl.core.pattern.numbers import comparable
from edactl.core.pattern.text_forms import as_utf8, case_forms, wildcard_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from edactl.core.pattern.addresses import DigitRange
    from edactl.core.pattern.conditions import Side

LARGEST = 1.7976931348623157e308
Bound = Literal["<", "<=", ">", ">="]


def literal(text: str) -> Condition:
    """`true`, `false` or `null`."""

    def holds(value: Value) -> bool:
        return value.string is None and value.text == text

    return Condition("value", text, holds, no_string=True, literal=text)


def plain_string(text: str) -> Condition:
    """A plain string: equal text, or any spelling of the same address when it is an address."""
    addresses = range_of_address(text)
    return exactly(text, "value") if addresses is None else _address("value", text, addresses)


def exactly(text: str, operator: str = "exactly") -> Condition:
    """Equal text, never an address."""
    wanted = as_utf8(text)

    def holds(value: Value) -> bool:
        return value.string == wanted

    return Condition(operator, text, holds, exact=frozenset((wanted,)))


def plain_number(text: str) -> Condition:
    """A number: equal as numbers when both are comparable, else equal text."""
    wanted = comparable(text)

    def holds(value: Value) -> bool:
        if value.string is not None:
            return False
        return value.text == text or (wanted is not None and value.number == wanted)

    return Condition(
        "value",
        text,
        holds,
        no_string=True,
        spans=() if wanted is None else (NumberSpan(wanted, wanted),),
        literal=text,
        counts_numbers=wanted is not None,
    )


def cidr(text: str) -> Condition:
    """An address inside a block. Raises ValueError with the engine's wording."""
    return _address("cidr", text, range_of_block(text))


def _address(operator: str, text: str, addresses: DigitRange) -> Condition:
    def holds(value: Value) -> bool:
        return value.address is not None and addresses.holds(value.address)

    return Condition(operator, text, holds, addresses=addresses)


def with_address_quirks(
    conditions: tuple[Condition, ...], together: Iterable[Condition]
) -> tuple[Condition, ...]:
    """The conditions of one field as the engine's automaton has them when some are addresses.

    `together` are those that share the automaton, these among them. An address range also reads the
    digits of numbers, unless one of them takes numbers and the number is comparable; and a number's
    text also meets the hex digits of an address. Source: event-ruler 2.0.1, measured.
    """
    together = list(together)
    if not any(one.addresses for one in together):
        return conditions
    numeric = any(one.counts_numbers for one in together)
    return tuple(_quirky(one, numeric=numeric) for one in conditions)


def _quirky(condition: Condition, *, numeric: bool) -> Condition:
    ranges, text, plain = condition.addresses, condition.literal, condition.holds

    if ranges is not None:
        return replace(condition, holds=_digit_reader(ranges, plain, numeric=numeric))
    if text is None:
        return condition
    return replace(
        condition, holds=lambda value: plain(value) or value.address == text, no_string=False
    )


def _digit_reader(
    ranges: DigitRange, plain: Callable[[Value], bool], *, numeric: bool
) -> Callable[[Value], bool]:
    def holds(value: Value) -> bool:
        if value.string is not None:
            return plain(value)
        return not (numeric and value.number is not None) and ranges.holds(value.text)

    return holds


def prefix(text: str) -> Condition:
    """A string that starts so; "" is met by every string."""
    wanted = as_utf8(text)
    made = _on_strings("prefix", text, lambda string: string.startswith(wanted))
    return replace(made, edge=("prefix", wanted), any_string=not wanted)


def suffix(text: str) -> Condition:
    """A string that ends so; "" is met by every string."""
    wanted = as_utf8(text)
    made = _on_strings("suffix", text, lambda string: string.endswith(wanted))
    return replace(made, edge=("suffix", wanted), any_string=not wanted)


def equals_ignore_case(text: str) -> Condition:
    """The same string in any case."""
    return _on_strings("equals-ignore-case", text, case_forms(text).equals)


def prefix_ignore_case(text: str) -> Condition:
    """A string that starts so in any case."""
    return _on_strings("prefix equals-ignore-case", text, case_forms(text).starts)


def suffix_ignore_case(text: str) -> Condition:
    """A string that ends so in any case."""
    return _on_strings("suffix equals-ignore-case", text, case_forms(text).ends)


def wildcard(text: str) -> Condition:
    """A string that fits. Raises ValueError with the engine's wording."""
    parts = wildcard_parts(as_utf8(text))
    first, last = parts.pieces[0], parts.pieces[-1]
    needs: tuple[Side, str] = ("prefix", first) if first else ("suffix", last)
    return replace(_on_strings("wildcard", text, parts.matches), needs=needs)


def _on_strings(operator: str, operand: str, test: Callable[[str], bool]) -> Condition:
    def holds(value: Value) -> bool:
        return value.string is not None and test(value.string)

    return Condition(operator, operand, holds)


def exists() -> Condition:
    """Any value at all."""
    return Condition("exists", "true", lambda _value: True, any_string=True, any_number=True)


def absent() -> Condition:
    """No value: held by no value; the matcher asks for the field's absence."""
    return Condition("exists", "false", anything_but("", (), ()).holds, absent=True)


def numeric(span: NumberSpan, operand: tuple[str, ...]) -> Condition:
    """A comparable number inside the span."""

    def holds(value: Value) -> bool:
        return value.number is not None and span.holds(value.number)

    return Condition("numeric", operand, holds, no_string=True, spans=(span,), counts_numbers=True)


def anything_but_strings(texts: tuple[str, ...]) -> Condition:
    """Any value but these strings."""
    refused = frozenset(as_utf8(text) for text in texts)

    def holds(value: Value) -> bool:
        return value.string is None or value.string not in refused

    return Condition("anything-but", texts, holds, refused=refused, any_number=True)


def anything_but_numbers(numbers: tuple[float, ...], texts: tuple[str, ...]) -> Condition:
    """Any value but these numbers."""
    refused = frozenset(numbers)

    def holds(value: Value) -> bool:
        return value.number is None or value.number not in refused

    return Condition(
        "anything-but", texts, holds, any_string=True, spans=_around(refused), counts_numbers=True
    )


def _around(numbers: frozenset[float]) -> tuple[NumberSpan, ...]:
    """The spans between these numbers, and around them."""
    bounds = [None, *sorted(numbers), None]
    return tuple(
        NumberSpan(bottom, top, open_bottom=True, open_top=True) for bottom, top in pairwise(bounds)
    )


def anything_but(operator: str, inner: tuple[Condition, ...], texts: tuple[str, ...]) -> Condition:
    """Any value that meets none of the inner conditions; none at all is never met."""

    def holds(value: Value) -> bool:
        return bool(inner) and not any(one.holds(value) for one in inner)

    return Condition(f"anything-but {operator}", texts, holds, any_number=bool(inner))
