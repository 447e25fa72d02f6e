"""What of each service has a DLQ: the resources that may, and the calls that tell.

Each reader lists its resources by a few calls and gives a question for each, which is one call or
none. Every error is an AwsError or one of its kinds.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from edactl.aws.events import EventBuses
from edactl.aws.rules import BusRules
from edactl.core.dead_letter_source import DeadLetterSource, SourceKind
from edactl.core.queue import dead_letter_arn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from edactl.aws.session import AwsSession
    from edactl.core.bus import Bus, Rule

Question: TypeAlias = "Callable[[], Iterator[DeadLetterSource]]"
_FULL_ARN = "arn:"


@dataclass(frozen=True)
class BusSources:
    """Event buses: their own DLQ takes what their encryption fails on."""

    session: AwsSession
    what: str = "event buses"

    def questions(self) -> Iterator[Question]:
        """One for each bus."""
        return (partial(self._of, bus) for bus in EventBuses(self.session).list_buses())

    def _of(self, bus: Bus) -> Iterator[DeadLetterSource]:
        found = EventBuses(self.session).describe_bus(bus.name)
        if found.dead_letter_arn:
            yield DeadLetterSource(SourceKind.BUS, found.arn, found.dead_letter_arn)


@dataclass(frozen=True)
class RuleSources:
    """Rules of every bus, but those that AWS services manage: these have no DLQ of the account."""

    session: AwsSession
    what: str = "rules"

    def questions(self) -> Iterator[Question]:
        """One for each rule of each bus."""
        for bus in EventBuses(self.session).list_buses():
            for rule in BusRules(self.session).rules_of(bus.name):
                if rule.managed_by is None:
                    yield partial(self._of, rule)

    def _of(self, rule: Rule) -> Iterator[DeadLetterSource]:
        for target in BusRules(self.session).targets(rule):
            if target.dead_letter_arn:
                yield DeadLetterSource(
                    SourceKind.RULE, rule.arn, target.dead_letter_arn, target.arn
                )


@dataclass(frozen=True)
class ScheduleSources:
    """Schedules of EventBridge Scheduler; only GetSchedule tells of a DLQ."""

    session: AwsSession
    what: str = "schedules"

    def questions(self) -> Iterator[Question]:
        """One for each schedule."""
        for one in self.session.pages(
            "scheduler", "list_schedules", items="Schedules", resource="schedules"
        ):
            yield partial(self._of, one["GroupName"], one["Name"])

    def _of(self, group: str, name: str) -> Iterator[DeadLetterSource]:
        found = self.session.call(
            "scheduler",
            "get_schedule",
            resource=f'schedule "{name}"',
            GroupName=group,
            Name=name,
        )
        target: dict[str, Any] = found.get("Target", {})
        if dlq := target.get("DeadLetterConfig", {}).get("Arn"):
            yield DeadLetterSource(SourceKind.SCHEDULE, found["Arn"], dlq, target.get("Arn"))


@dataclass(frozen=True)
class SubscriptionSources:
    """Subscriptions of SNS that are confirmed; only GetSubscriptionAttributes tells of a DLQ.

    `only` are the ARNs of those to ask; all of the account otherwise.
    """

    session: AwsSession
    only: tuple[str, ...] | None = None
    what: str = "subscriptions"

    def questions(self) -> Iterator[Question]:
        """One for each subscription."""
        arns = self._all() if self.only is None else self.only
        return (partial(self._of, arn) for arn in arns)

    def _all(self) -> Iterator[str]:
        for one in self.session.pages(
            "sns", "list_subscriptions", items="Subscriptions", resource="subscriptions"
        ):
            if one["SubscriptionArn"].startswith(_FULL_ARN):  # else it is PendingConfirmation
                yield one["SubscriptionArn"]

    def _of(self, subscription_arn: str) -> Iterator[DeadLetterSource]:
        answer = self.session.call(
            "sns",
            "get_subscription_attributes",
            resource=f'subscription "{subscription_arn}"',
            SubscriptionArn=subscription_arn,
        )
        found: dict[str, str] = answer.get("Attributes", {})
        if dlq := dead_letter_arn(found.get("RedrivePolicy")):
            yield DeadLetterSource(
                SourceKind.SUBSCRIPTION,
                subscription_arn,
                dlq,
                found.get("Endpoint"),
                raw=found.get("RawMessageDelivery") == "true",
            )


@dataclass(frozen=True)
class FunctionSources:
    """Lambda functions: their dead-letter config, and their on-failure destinations.

    The list tells of the first; each function has to be asked of the second, unless it is not
    wanted.
    """

    session: AwsSession
    with_destinations: bool = True
    what: str = "functions"

    def questions(self) -> Iterator[Question]:
        """One for each function."""
        for function in _marked(self.session, "list_functions", "Functions", self.what):
            yield partial(self._of, function)

    def _of(self, function: dict[str, Any]) -> Iterator[DeadLetterSource]:
        arn = function["FunctionArn"]
        if dlq := function.get("DeadLetterConfig", {}).get("TargetArn"):
            yield DeadLetterSource(SourceKind.FUNCTION, arn, dlq)
        if self.with_destinations:
            yield from self._destinations(function["FunctionName"])

    def _destinations(self, name: str) -> Iterator[DeadLetterSource]:
        for config in _marked(
            self.session,
            "list_function_event_invoke_configs",
            "FunctionEventInvokeConfigs",
            f'function "{name}"',
            FunctionName=name,
        ):
            if dlq := _on_failure(config):
                yield DeadLetterSource(SourceKind.FUNCTION_DESTINATION, config["FunctionArn"], dlq)


@dataclass(frozen=True)
class MappingSources:
    """Event source mappings of Lambda: the on-failure destination of those that read streams."""

    session: AwsSession
    what: str = "event source mappings"

    def questions(self) -> Iterator[Question]:
        """One for each mapping, which is no call: the list tells all."""
        for mapping in _marked(
            self.session, "list_event_source_mappings", "EventSourceMappings", self.what
        ):
            yield partial(self._of, mapping)

    def _of(self, mapping: dict[str, Any]) -> Iterator[DeadLetterSource]:
        if dlq := _on_failure(mapping):
            stream = mapping.get("EventSourceArn", mapping.get("UUID", ""))
            yield DeadLetterSource(
                SourceKind.EVENT_SOURCE_MAPPING, stream, dlq, mapping.get("FunctionArn")
            )


@dataclass(frozen=True)
class PipeSources:
    """Pipes that read a stream: those of other sources leave failures in the source's own DLQ."""

    session: AwsSession
    what: str = "pipes"

    def questions(self) -> Iterator[Question]:
        """One for each pipe that reads a stream."""
        for pipe in self.session.pages("pipes", "list_pipes", items="Pipes", resource="pipes"):
            if any(f":{service}:" in pipe.get("Source", "") for service in ("kinesis", "dynamodb")):
                yield partial(self._of, pipe["Name"])

    def _of(self, name: str) -> Iterator[DeadLetterSource]:
        found = self.session.call("pipes", "describe_pipe", resource=f'pipe "{name}"', Name=name)
        parameters: dict[str, Any] = found.get("SourceParameters", {})
        for part in ("KinesisStreamParameters", "DynamoDBStreamParameters"):
            config: dict[str, Any] = parameters.get(part, {}).get("DeadLetterConfig", {})
            if dlq := config.get("Arn"):
                yield DeadLetterSource(SourceKind.PIPE, found["Arn"], dlq, found.get("Target"))


def _on_failure(config: dict[str, Any]) -> str | None:
    destination: dict[str, Any] = config.get("DestinationConfig", {}).get("OnFailure", {})
    return destination.get("Destination")


def _marked(
    session: AwsSession, operation: str, items: str, resource: str, **parameters: Any
) -> Iterator[dict[str, Any]]:
    """Every item of an operation of Lambda, which pages by Marker and NextMarker."""
    while True:
        answer = session.call("lambda", operation, resource=resource, **parameters)
        yield from answer.get(items, [])
        if not answer.get("NextMarker"):
            return
        parameters["Marker"] = answer["NextMarker"]
