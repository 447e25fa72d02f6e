"""The archives of buses."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edactl.core.archive import Archive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edactl.aws.session import AwsSession


@dataclass(frozen=True)
class Archives:
    """The archives of one account and region. Every error is an AwsError or one of its kinds."""

    session: AwsSession

    def list(self, *, prefix: str = "", bus_arn: str = "") -> Iterator[Archive]:
        """Every archive, or those of one bus; paged by hand, since boto3 has no paginator."""
        parameters = {"NamePrefix": prefix} if prefix else {}
        if bus_arn:
            parameters["EventSourceArn"] = bus_arn
        for item in self.session.pages(
            "events", "list_archives", items="Archives", resource="archives", **parameters
        ):
            yield _archive(item)

    def describe(self, name: str) -> Archive:
        """One archive. Raises NotFound."""
        answer = self.session.call(
            "events", "describe_archive", resource=_named(name), ArchiveName=name
        )
        return _archive(answer)

    def create(
        self, name: str, bus_arn: str, *, pattern: str | None, retention_days: int, description: str
    ) -> Archive:
        """A new archive of a bus."""
        parameters: dict[str, Any] = {"RetentionDays": retention_days} if retention_days else {}
        if pattern is not None:
            parameters["EventPattern"] = pattern
        if description:
            parameters["Description"] = description
        self.session.call(
            "events",
            "create_archive",
            resource=_named(name),
            ArchiveName=name,
            EventSourceArn=bus_arn,
            **parameters,
        )
        return self.describe(name)

    def delete(self, name: str) -> None:
        """Delete an archive and every event in it. Raises NotFound."""
        self.session.call("events", "delete_archive", resource=_named(name), ArchiveName=name)


def _named(name: str) -> str:
    return f'archive "{name}"'


def _archive(item: dict[str, Any]) -> Archive:
    bus_arn = str(item.get("EventSourceArn", ""))
    pattern = item.get("EventPattern")
    return Archive(
        name=item["ArchiveName"],
        bus=bus_arn.rpartition("event-bus/")[2],
        bus_arn=bus_arn,
        state=item.get("State", "ENABLED"),
        state_reason=item.get("StateReason") or None,
        retention_days=int(item.get("RetentionDays") or 0),
        event_count=item.get("EventCount"),
        size_bytes=item.get("SizeBytes"),
        created_at=item.get("CreationTime"),
        description=item.get("Description") or None,
        event_pattern=json.loads(pattern) if pattern else None,
        arn=item.get("ArchiveArn"),
    )
