"""The journal of a redrive: backup, resume log and audit file in one. Pure: text in, text out.

NDJSON. A header, then a line for what became of a batch: `planned` with each message in full, on
disk before it is sent; `sent` with the new ids, on disk before anything is deleted; `deleted`,
`skipped`, `failed`, `ambiguous`, `returned`; `restored` when the backup was sent again; `end` with
the balance when the run was over. A last line that was cut off does not count.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, TypeAlias

from edactl.core.record import record_of, to_json_value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edactl.core.message import Message
    from edactl.core.record import JsonValue
    from edactl.core.redrive import RedriveFailure

VERSION = 1
LETTER_LINES = frozenset({"deleted", "failed", "ambiguous", "returned", "restored"})
"""The lines that only say what letters came to."""


@dataclass(frozen=True)
class JournalHeader:
    """What a journal belongs to. `kind` is redrive, move or drop.

    `destination` is the ARN of the one queue that all letters go to, null when each goes to where
    it came from. `options` are those that decide which letters go, and as what.
    """

    run_id: str
    kind: str
    account: str
    region: str
    queue_arn: str
    destination: str | None
    options: Mapping[str, JsonValue]
    started_at: str

    @property
    def options_hash(self) -> str:
        """Changes when the options do, also by hand."""
        text = json.dumps([self.destination, dict(self.options)], sort_keys=True)
        return sha256(text.encode()).hexdigest()[:16]

    @property
    def queue_name(self) -> str:
        """The name of the queue that letters were taken from."""
        return self.queue_arn.rpartition(":")[2]

    def line(self) -> str:
        """The header as the first line of the file."""
        return line(
            {
                "edactl_journal": VERSION,
                **record_of(self),
                "options_hash": self.options_hash,
            }
        )


@dataclass(frozen=True)
class Planned:
    """A message that was about to be sent: all of it, its receipt handle, and where it was to go.

    `payload` is what was to be sent in place of the body, null when it was the body itself.
    `planned_at` is in seconds since 1970. `door` and `sender` are those of the route.
    """

    message: Message
    receipt_handle: str
    destination: str
    payload: str | None
    planned_at: float
    door: str = "sqs"
    sender: str = ""


@dataclass(frozen=True)
class SentIds:
    """New ids by old ones. Not `once` when the destination may have got them before."""

    ids: Mapping[str, str]
    once: bool = True


@dataclass(frozen=True)
class Skipped:
    """Letters that were left, by their ids the receipt handles that hid them meanwhile."""

    handles: Mapping[str, str]


@dataclass(frozen=True)
class Ids:
    """Letters that came to something: `what` is one of LETTER_LINES."""

    what: str
    ids: tuple[str, ...]


@dataclass(frozen=True)
class End:
    """The run was over; `balance` is its report."""

    balance: Mapping[str, JsonValue]


Entry: TypeAlias = Planned | SentIds | Skipped | Ids | End


_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def line(record: Mapping[str, JsonValue]) -> str:
    """One line of NDJSON."""
    return _encode(record) + "\n"


def planned_line(planned: Planned) -> str:
    """The line that holds the whole message, before it is sent."""
    return line({"planned": {**vars(planned), "message": message_record(planned.message)}})


def message_record(message: Message) -> dict[str, JsonValue]:
    """What `record_of` makes of a message, in less time: it is done for every letter."""
    return {
        **vars(message),
        "attributes": {**message.attributes},
        "message_attributes": {
            name: {**vars(value)} if value.binary_value is None else record_of(value)
            for name, value in message.message_attributes.items()
        },
        "sent_at": to_json_value(message.sent_at),
        "first_received_at": to_json_value(message.first_received_at),
    }


def sent_line(ids: Mapping[str, str], *, once: bool) -> str:
    """The line that says that these letters arrived, and under which ids."""
    sent: dict[str, JsonValue] = {"sent": {**ids}}
    return line(sent if once else sent | {"once": False})


def ids_line(what: str, ids: Sequence[str]) -> str:
    """The line that says what these letters came to."""
    return line({what: [*ids]})


def skipped_line(reasons: Sequence[tuple[str, str, str]]) -> str:
    """The line that says why letters were left, each as id, receipt handle and reason."""
    return line({"skipped": [[*one] for one in reasons]})


def failure_line(what: str, failures: Sequence[RedriveFailure]) -> str:
    """The line that says why letters `failed`, or are `ambiguous`."""
    return line({what: [record_of(one) for one in failures]})


def end_line(balance: Mapping[str, JsonValue]) -> str:
    """The last line of a run."""
    return line({"end": {**balance}})
