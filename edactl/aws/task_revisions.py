"""Task definitions whole, in the form that registers the next revision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from edactl.aws.ecs import described_definition
from edactl.aws.ecs_shapes import definition_of, settable_tags

if TYPE_CHECKING:
    from edactl.aws.session import AwsSession
    from edactl.core.record import JsonValue
    from edactl.core.task import TaskDefinition


@dataclass(frozen=True)
class TaskRevisions:
    """The revisions of one account and region. Every error is an AwsError or one of its kinds."""

    session: AwsSession

    def document(self, name: str) -> tuple[TaskDefinition, dict[str, JsonValue]]:
        """A definition, and what registers the same again, tags too. Raises NotFound.

        Whatever RegisterTaskDefinition takes is copied, by the model of the botocore that runs: a
        field that is new to ECS is not lost. AWS's own tags (`aws:`) cannot be set, and are not.
        """
        answer = described_definition(self.session, name, include=["TAGS"])
        whole = answer["taskDefinition"]
        document = {field: value for field, value in whole.items() if field in self._taken()}
        tags = settable_tags(answer.get("tags", []))
        return definition_of(whole), document | ({"tags": tags} if tags else {})

    def _taken(self) -> set[str]:
        model = self.session.client("ecs").meta.service_model
        shape: Any = model.operation_model("RegisterTaskDefinition").input_shape
        return set(shape.members)

    def register(self, document: dict[str, JsonValue]) -> TaskDefinition:
        """The new revision: the newest active one of its family from now on."""
        answer = self.session.call(
            "ecs",
            "register_task_definition",
            resource=f'task definition "{document["family"]}"',
            **cast("dict[str, Any]", document),  # AWS's own names, none of ours
        )
        return definition_of(answer["taskDefinition"])
