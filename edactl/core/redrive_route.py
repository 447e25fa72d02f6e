"""Which letters go, where each goes, and what is sent for it. Pure.

A door is a way out: a queue, a rule's target, a function. A route names a door and a destination
behind it; `decide` puts a filter, a route and an edit together for one letter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

from edactl.core.letter_payload import payload_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edactl.core.letter import Letter
    from edactl.core.message import Message

SQS_DOOR = "sqs"
DROP_DOOR = "drop"
"""Into the journal, and nowhere else; the destination is the DLQ, where a restore puts it again."""
FILE_DOOR = "file"
BUS_DOOR = "bus"
TOPIC_DOOR = "topic"
FUNCTION_DOOR = "function"
RULE_DOOR = "rule-target"
SCHEDULE_DOOR = "schedule-target"
SUBSCRIPTION_DOOR = "subscription"


@dataclass(frozen=True)
class Route:
    """Where a letter goes: the kind of door, and the ARN of what is behind it.

    `sender` is the ARN of the rule, schedule or subscription on whose behalf it goes there, each in
    its own way; empty where there is none.
    """

    door: str
    destination: str
    sender: str = ""

    @property
    def name(self) -> str:
        """The destination as messages show it."""
        return self.destination.rpartition(":")[2]


@dataclass(frozen=True)
class Skip:
    """The letter stays where it is, and why."""

    reason: str


@dataclass(frozen=True)
class Carried:
    """A letter on its way out: what is sent for it, and where. `letter.message` is the original."""

    letter: Letter
    route: Route
    payload: str

    @property
    def message(self) -> Message:
        """The message as it lay in the DLQ."""
        return self.letter.message


Decision: TypeAlias = Carried | Skip


class Router(Protocol):
    """Knows where a letter goes."""

    def route(self, letter: Letter, /) -> Route | Skip:
        """Where this letter goes, or why nowhere."""
        ...


@dataclass(frozen=True)
class ToOnePlace:
    """Every letter goes the same way."""

    place: Route

    def route(self, _letter: Letter) -> Route:
        """That way."""
        return self.place


@dataclass(frozen=True)
class Decider:
    """What to do with a letter.

    Each filter gives a reason to leave a letter, or None. `as_it_is` sends the body byte for byte
    whatever the origin says is to be sent. `edit` makes the new payload of an old one.
    """

    router: Router
    filters: Sequence[Callable[[Letter], str | None]] = ()
    edit: Callable[[Letter, str], str | Skip] | None = None
    as_it_is: bool = False

    def decide(self, letter: Letter) -> Decision:
        """Where the letter goes and as what, or why it stays."""
        for reason in (wanted(letter) for wanted in self.filters):
            if reason is not None:
                return Skip(reason)
        if letter.problem and not self.as_it_is:
            return Skip(letter.problem)
        route = self.router.route(letter)
        if isinstance(route, Skip):
            return route
        payload = letter.message.body if self.as_it_is else payload_of(letter)
        if payload is None:
            return Skip(f"a letter of origin {letter.origin} does not hold what was sent")
        edited = self.edit(letter, payload) if self.edit else payload
        return edited if isinstance(edited, Skip) else Carried(letter, route, edited)
