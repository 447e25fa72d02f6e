"""What comes of one event at one target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Delivered:
    """The target is sent this text: SQS has it as body, Lambda reads it as its event."""

    text: str


@dataclass(frozen=True, slots=True)
class NoInput:
    """The target is started and is told nothing of the event; `reason` says why."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotDelivered:
    """EventBridge sends this target nothing for this event; `reason` says why."""

    reason: str


Outcome: TypeAlias = Delivered | NoInput | NotDelivered
