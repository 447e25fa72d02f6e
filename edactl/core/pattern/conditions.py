"""What one value of a pattern asks of one value of an event."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from edactl.core.pattern.addresses import DigitRange, address_hex
from edactl.core.pattern.numbers import comparable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


Side = Literal["prefix", "suffix"]


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
    it; `absent` marks `exists: false`, which no value meets.

    The rest lets many conditions be looked up at once: `exact` the strings that alone meet it,
    `edge` the start or end that is all a string needs, `needs` one that it needs beside others,
    `refused` the strings that alone do not meet it; `any_string` and `no_string` hold for every
    string, `any_number` for every number; `spans` are the numbers that meet it. `literal` is the
    text of a plain value that is no string, `addresses` the range of an address. `counts_numbers`
    tells that the engine then reads numbers as numbers.
    """

    operator: str
    operand: object
    holds: Callable[[Value], bool]
    absent: bool = False
    exact: frozenset[str] | None = None
    edge: tuple[Side, str] | None = None
    needs: tuple[Side, str] | None = None
    refused: frozenset[str] | None = None
    any_string: bool = False
    no_string: bool = False
    any_number: bool = False
    spans: tuple[NumberSpan, ...] = ()
    literal: str | None = None
    addresses: DigitRange | None = None
    counts_numbers: bool = False

    def points(self) -> list[float]:
        """The numbers at which its answer changes."""
        return [point for span in self.spans for point in span.points()]

    def places(self, points: Sequence[float]) -> list[tuple[int, int]]:
        """Where its ranges lie on the line of places: 2n+1 is points[n], 2n the numbers before."""
        return [span.places(points) for span in self.spans]


@dataclass(frozen=True)
class NumberSpan:
    """A range of numbers; None is no bound."""

    bottom: float | None
    top: float | None
    open_bottom: bool = False
    open_top: bool = False

    def points(self) -> list[float]:
        """Its bounds."""
        return [one for one in (self.bottom, self.top) if one is not None]

    def places(self, points: Sequence[float]) -> tuple[int, int]:
        """The first and last place inside; 2n+1 is points[n], 2n the numbers before it."""
        first, last = 0, 2 * len(points)
        if self.bottom is not None:
            first = 2 * bisect_left(points, self.bottom) + 1 + self.open_bottom
        if self.top is not None:
            last = 2 * bisect_left(points, self.top) + 1 - self.open_top
        return first, last

    def holds(self, number: float) -> bool:
        """Whether a number is inside."""
        if self.bottom is not None and (
            number <= self.bottom if self.open_bottom else number < self.bottom
        ):
            return False
        return self.top is None or (number < self.top if self.open_top else number <= self.top)
