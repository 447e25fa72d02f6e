"""What became of a letter at a door."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edactl.core.message import MessageAttribute
    from edactl.errors import EdactlError


@dataclass(frozen=True)
class Parcel:
    """What one letter comes to where it goes.

    `name` is the same however often the letter is sent in one run. `key` is a message group, or a
    partition key.
    """

    text: str
    name: str
    key: str | None
    attributes: Mapping[str, MessageAttribute]


@dataclass(frozen=True)
class Delivered:
    """The destination took it; `new_id` is its id there, empty where there is none."""

    new_id: str = ""


@dataclass(frozen=True)
class Refused:
    """The destination did not take it, for certain; `retryable` when the same may work later.

    `throttled` when the destination asks for fewer at once.
    """

    code: str
    message: str
    retryable: bool = False
    throttled: bool = False


@dataclass(frozen=True)
class Unknown:
    """The answer was lost: the destination may have taken it, or not."""

    reason: str


@dataclass(frozen=True)
class Halted:
    """The destination did not take it, and will not take others either: the run has to stop."""

    error: EdactlError


Delivery: TypeAlias = Delivered | Refused | Unknown | Halted
