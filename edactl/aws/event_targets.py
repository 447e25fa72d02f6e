"""EventBridge, asked by target: which rules send to a queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edactl.core.feed import RuleFeed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edactl.aws.session import AwsSession


class RulesByTarget:
    """The rules of one account and region. Every error is an AwsError or one of its kinds."""

    def __init__(self, session: AwsSession) -> None:
        self._session = session

    def feeding(self, queue_arn: str) -> Iterator[RuleFeed]:
        """The rules of every bus that have this queue as a target; one call a bus."""
        for bus in self._session.pages(
            "events", "list_event_buses", items="EventBuses", resource="event buses"
        ):
            name = bus["Name"]
            for rule in self._session.pages(
                "events",
                "list_rule_names_by_target",
                items="RuleNames",
                resource=f'rules of bus "{name}"',
                TargetArn=queue_arn,
                EventBusName=name,
            ):
                yield RuleFeed(name, rule)
