"""EventBridge buses: what they are, and putting events on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edactl.aws.session import ATTEMPTS
from edactl.core.bus import Bus
from edactl.core.put_outcome import EntryOutcome
from edactl.core.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edactl.aws.session import AwsSession
    from edactl.core.event import Entry


@dataclass(frozen=True)
class EventBuses:
    """The event buses of one account and region. `endpoint_id` sends through a global endpoint.

    `attempts` is how often PutEvents is tried in all; who must know of each lost answer says 1.
    """

    session: AwsSession
    endpoint_id: str | None = None
    attempts: int = ATTEMPTS

    def describe_bus(self, name: str) -> Bus:
        """The bus of this name or ARN. Raises NotFound."""
        answer = self.session.call(
            "events", "describe_event_bus", resource=f'bus "{name}"', Name=name
        )
        return _bus(answer)

    def list_buses(self, prefix: str = "") -> Iterator[Bus]:
        """Every bus; boto3 has no paginator for this, so it is paged by hand."""
        parameters = {"NamePrefix": prefix} if prefix else {}
        for item in self.session.pages(
            "events", "list_event_buses", items="EventBuses", resource="buses", **parameters
        ):
            yield _bus(item)

    def create_bus(self, name: str) -> Bus:
        """A new bus."""
        self.session.call("events", "create_event_bus", resource=f'bus "{name}"', Name=name)
        return self.describe_bus(name)

    def put_events(self, entries: Sequence[Entry]) -> list[EntryOutcome]:
        """What AWS said of each entry, in their order: a 200 can hold failures.

        Raises AwsError when the whole request failed.
        """
        parameters: dict[str, Any] = {"Entries": [_request_entry(entry) for entry in entries]}
        if self.endpoint_id:
            parameters["EndpointId"] = self.endpoint_id
        answer = self.session.call(
            "events",
            "put_events",
            resource=f'bus "{entries[0].bus}"',
            attempts=self.attempts,
            validate=False,
            **parameters,
        )
        return [
            EntryOutcome(
                event_id=item.get("EventId"),
                error_code=item.get("ErrorCode"),
                error_message=item.get("ErrorMessage"),
            )
            for item in answer.get("Entries", [])
        ]


def _request_entry(entry: Entry) -> dict[str, Any]:
    request: dict[str, Any] = {
        "Source": entry.source,
        "DetailType": entry.detail_type,
        "Detail": entry.detail,
        "EventBusName": entry.bus,
    }
    if entry.time is not None:
        request["Time"] = entry.time
    if entry.resources:
        request["Resources"] = list(entry.resources)
    if entry.trace_header:
        request["TraceHeader"] = entry.trace_header
    return request


def _bus(answer: dict[str, Any]) -> Bus:
    created = answer.get("CreationTime")
    return Bus(
        name=answer["Name"],
        arn=answer.get("Arn", ""),
        description=answer.get("Description") or None,
        created_at=rfc3339(created) if created else None,
        has_policy=bool(answer.get("Policy")),
        policy=answer.get("Policy"),
        kms_key=answer.get("KmsKeyIdentifier"),
        dead_letter_arn=answer.get("DeadLetterConfig", {}).get("Arn"),
    )
