"""The replays of archives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edactl.core.replay import Replay, progress

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edactl.aws.session import AwsSession
    from edactl.core.archive import Archive, Window


@dataclass(frozen=True)
class Replays:
    """The replays of one account and region. Every error is an AwsError or one of its kinds."""

    session: AwsSession

    def list(self, *, prefix: str = "", state: str = "", archive_arn: str = "") -> Iterator[Replay]:
        """Every replay of the past 90 days; paged by hand, since boto3 has no paginator.

        A list does not tell a replay's bus and rules: they are null.
        """
        chosen = {"NamePrefix": prefix, "State": state, "EventSourceArn": archive_arn}
        parameters = {key: value for key, value in chosen.items() if value}
        for item in self.session.pages(
            "events", "list_replays", items="Replays", resource="replays", **parameters
        ):
            yield _replay(item)

    def describe(self, name: str) -> Replay:
        """One replay. Raises NotFound."""
        return _replay(
            self.session.call("events", "describe_replay", resource=_named(name), ReplayName=name)
        )

    def start(
        self, name: str, archive: Archive, window: Window, rule_arns: Sequence[str]
    ) -> Replay:
        """Start a replay on the archive's own bus, for these rules, or for all when there are none.

        Tried once: a second try of a start that was taken would find its own name in use.
        """
        destination: dict[str, Any] = {"Arn": archive.bus_arn}
        if rule_arns:
            destination["FilterArns"] = list(rule_arns)
        self.session.call(
            "events",
            "start_replay",
            resource=_named(name),
            attempts=1,
            ReplayName=name,
            EventSourceArn=archive.resource,
            EventStartTime=window.start,
            EventEndTime=window.end,
            Destination=destination,
        )
        return self.describe(name)

    def cancel(self, name: str) -> Replay:
        """Ask AWS to cancel a replay; what was replayed stays so."""
        self.session.call("events", "cancel_replay", resource=_named(name), ReplayName=name)
        return self.describe(name)


def _named(name: str) -> str:
    return f'replay "{name}"'


def _replay(item: dict[str, Any]) -> Replay:
    destination = item.get("Destination")
    state = str(item.get("State", "STARTING"))
    start, end = item.get("EventStartTime"), item.get("EventEndTime")
    last = item.get("EventLastReplayedTime")
    return Replay(
        replay_name=item["ReplayName"],
        state=state,
        state_reason=item.get("StateReason") or None,
        archive=str(item.get("EventSourceArn", "")).rpartition("archive/")[2],
        bus=destination["Arn"].rpartition("event-bus/")[2] if destination else None,
        rules=_rule_names(destination) if destination else None,
        started_at=item.get("ReplayStartTime"),
        ended_at=item.get("ReplayEndTime"),
        event_start_time=start,
        event_end_time=end,
        last_replayed_at=last,
        progress=progress(state, start, end, last),
    )


def _rule_names(destination: dict[str, Any]) -> tuple[str, ...]:
    return tuple(arn.rpartition("/")[2] for arn in destination.get("FilterArns") or [])
