"""What one value of a pattern asks of one value of an event."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from edactl.core.pattern.addresses import DigitRange, address_hex
from edactl.core.pattern.numbers import comparable

if TYPE_CHECKING:
    from collections.abc import Callable


class Value:
    """One scalar of an event: `string` when it is one, else None; `text` as the engine sees it."""

    def __init__(self, text: str, *, is_string: bool) -> None:
        self.text = text
        self.string = text if is_string else None

    @cached_property
    def number(self) -> float | None:
        """The number that numeric conditions see; None for other values and odd numbers."""
        if self.string is not None or self.text in {"true", "false", "null"}:
            return None
        return comparable(self.text)

    @cached_property
    def address(self) -> str | None:
        """The hex digits of a string that is an IP address."""
        return None if self.string is None else address_hex(self.string)


@dataclass(frozen=True)
class Condition:
    """One member of a field's list in a pattern.

    `operator` is the pattern language's name, "value" for a plain member; `operand` is what was
    written, for people: a string, number text or tuple. `holds` says whether an event's value meets
    it; `absent` marks `exists: false`, which no value meets. `table` are the texts of strings that
    alone can meet it, where there are such; `span` and `number` are what numbers it takes;
    `addresses` the range that it compares addresses with.
    """

    operator: str
    operand: object
    holds: Callable[[Value], bool]
    absent: bool = False
    exact: frozenset[str] | None = None
    literal: str | None = None
    number: float | None = None
    span: NumberSpan | None = None
    addresses: DigitRange | None = None
    counts_numbers: bool = False


@dataclass(frozen=True)
class NumberSpan:
    """A range of numbers; None is no bound."""

    bottom: float | None
    top: float | None
    open_bottom: bool = False
    open_top: bool = False

    def holds(self, number: float) -> bool:
        """Whether a number is inside."""
        if self.bottom is not None and (
            number <= self.bottom if self.open_bottom else number < self.bottom
        ):
            return False
        return self.top is None or (number < self.top if self.open_top else number <= self.top)
