"""The rules of a bus: their targets and tags, and removing the temporary ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edactl.core.bus import Rule, Target, target_of_record
from edactl.errors import AwsError, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edactl.aws.session import AwsSession


@dataclass(frozen=True)
class BusRules:
    """The rules of one account and region. Every error is an AwsError or one of its kinds."""

    session: AwsSession

    def rules_of(self, bus: str, prefix: str = "") -> Iterator[Rule]:
        """Every rule of a bus, managed ones too."""
        parameters = {"NamePrefix": prefix} if prefix else {}
        for item in self.session.pages(
            "events",
            "list_rules",
            items="Rules",
            resource=f'bus "{bus}"',
            EventBusName=bus,
            **parameters,
        ):
            yield _rule(item, bus)

    def describe(self, bus: str, name: str) -> Rule:
        """One rule. Raises NotFound."""
        answer = self.session.call(
            "events", "describe_rule", resource=f'rule "{name}"', Name=name, EventBusName=bus
        )
        return _rule(answer, bus)

    def targets(self, rule: Rule) -> tuple[Target, ...]:
        """The targets of a rule."""
        return self.targets_of(rule.bus, rule.name)

    def targets_of(self, bus: str, name: str) -> tuple[Target, ...]:
        """The targets of the rule of this name. Raises NotFound."""
        found = self.session.pages(
            "events",
            "list_targets_by_rule",
            items="Targets",
            resource=f'rule "{name}"',
            Rule=name,
            EventBusName=bus,
        )
        return tuple(target_of_record(item) for item in found)

    def tags(self, rule: Rule) -> dict[str, str]:
        """The tags of a rule."""
        answer = self.session.call(
            "events",
            "list_tags_for_resource",
            resource=f'rule "{rule.name}"',
            ResourceARN=rule.arn,
        )
        return {item["Key"]: item["Value"] for item in answer.get("Tags", [])}

    def remove(self, rule: Rule) -> None:
        """Remove a rule: its targets first, since AWS refuses a rule that has some."""
        try:
            ids = [target.target_id for target in self.targets(rule)]
            if ids:
                self._remove_targets(rule, ids)
            self.session.call(
                "events",
                "delete_rule",
                resource=f'rule "{rule.name}"',
                Name=rule.name,
                EventBusName=rule.bus,
            )
        except NotFound:
            return

    def _remove_targets(self, rule: Rule, ids: list[str]) -> None:
        answer = self.session.call(
            "events",
            "remove_targets",
            resource=f'rule "{rule.name}"',
            Rule=rule.name,
            EventBusName=rule.bus,
            Ids=ids,
        )
        for failure in answer.get("FailedEntries", []):
            code = str(failure.get("ErrorCode", "Unknown"))
            raise AwsError(
                f'rule "{rule.name}" keeps target {failure.get("TargetId")}:'
                f" {failure.get('ErrorMessage')} ({code})",
                code=code,
                operation="events:RemoveTargets",
            )


def _rule(item: dict[str, Any], bus: str) -> Rule:
    return Rule(
        name=item["Name"],
        arn=item["Arn"],
        bus=bus,
        state=item.get("State", "ENABLED"),
        pattern=item.get("EventPattern") or None,
        schedule=item.get("ScheduleExpression") or None,
        description=item.get("Description") or None,
        managed_by=item.get("ManagedBy") or None,
    )
