"""EventBridge, asked by target: which rules send to a queue, how, and temporary copies of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edactl.core.feed import RuleDelivery, RuleFeed, TargetInput
from edactl.errors import AwsError, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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

    def delivery(self, feed: RuleFeed, queue_arn: str) -> RuleDelivery:
        """How the rule delivers to this queue."""
        rule = self._session.call(
            "events",
            "describe_rule",
            resource=_named(feed.rule),
            Name=feed.rule,
            EventBusName=feed.bus,
        )
        targets = self._session.pages(
            "events",
            "list_targets_by_rule",
            items="Targets",
            resource=_named(feed.rule),
            Rule=feed.rule,
            EventBusName=feed.bus,
        )
        return RuleDelivery(
            feed=feed,
            rule_arn=rule["Arn"],
            pattern=rule.get("EventPattern") or None,
            enabled=rule.get("State", "ENABLED") != "DISABLED",
            inputs=tuple(_input(one) for one in targets if one["Arn"] == queue_arn),
        )

    def put_copy(
        self, name: str, original: RuleDelivery, queue_arn: str, tags: Mapping[str, str]
    ) -> None:
        """A rule of this name, on the same bus, that delivers the same to another queue.

        Raises AwsError also when EventBridge takes the rule and not its targets.
        """
        bus = original.feed.bus
        self._session.call(
            "events",
            "put_rule",
            resource=_named(name),
            Name=name,
            EventBusName=bus,
            EventPattern=original.pattern,
            Description=f"temporary copy of {original.feed.rule} by edactl queue tail",
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        )
        answer = self._session.call(
            "events",
            "put_targets",
            resource=_named(name),
            Rule=name,
            EventBusName=bus,
            Targets=[
                {"Id": str(number), "Arn": queue_arn, **_input_parameters(one)}
                for number, one in enumerate(original.inputs)
            ],
        )
        for failure in answer.get("FailedEntries", []):
            code = str(failure.get("ErrorCode", "Unknown"))
            raise AwsError(
                f"{_named(name)}: {failure.get('ErrorMessage', 'no reason given')} ({code})",
                code=code,
                operation="events:PutTargets",
            )

    def tag_copy(self, rule_arn: str, tags: Mapping[str, str]) -> None:
        """Add tags to a rule, replacing those of the same names."""
        self._session.call(
            "events",
            "tag_resource",
            resource=_named(rule_arn.rpartition("/")[2]),
            ResourceARN=rule_arn,
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        )

    def remove_copy(self, name: str, original: RuleDelivery) -> None:
        """Remove such a rule and its targets; one that is not there is fine."""
        bus = original.feed.bus
        ids = [str(number) for number in range(len(original.inputs))]
        self._remove("remove_targets", name, Rule=name, EventBusName=bus, Ids=ids)
        self._remove("delete_rule", name, Name=name, EventBusName=bus)

    def _remove(self, operation: str, name: str, **parameters: Any) -> None:
        try:
            self._session.call("events", operation, resource=_named(name), **parameters)
        except NotFound:
            return


def _named(rule: str) -> str:
    return f'rule "{rule}"'


def _input(target: dict[str, Any]) -> TargetInput:
    transformer: dict[str, Any] = target.get("InputTransformer", {})
    return TargetInput(
        path=target.get("InputPath"),
        constant=target.get("Input"),
        template=transformer.get("InputTemplate"),
        paths=transformer.get("InputPathsMap"),
    )


def _input_parameters(given: TargetInput) -> dict[str, Any]:
    if given.template is not None:
        paths = {"InputPathsMap": dict(given.paths)} if given.paths is not None else {}
        return {"InputTransformer": {"InputTemplate": given.template, **paths}}
    if given.constant is not None:
        return {"Input": given.constant}
    return {} if given.path is None else {"InputPath": given.path}
