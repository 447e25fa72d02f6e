"""What Application Auto Scaling has for one service of ECS: its scalable target and policies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edactl.core.record import JsonValue


@dataclass(frozen=True)
class DeployedPolicy:
    """A scaling policy. `document` is the input of PutScalingPolicy that makes it.

    `kind` is AWS's PolicyType: TargetTrackingScaling, StepScaling or PredictiveScaling. `alarms`
    are the names of the alarms that it acts on; target tracking makes its own.
    """

    name: str
    kind: str
    document: Mapping[str, JsonValue]
    alarms: tuple[str, ...] = ()

    @property
    def configuration(self) -> Mapping[str, JsonValue]:
        """The part of the document that says how it scales."""
        found = self.document.get(f"{self.kind}PolicyConfiguration", {})
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True)
class DeployedScaling:
    """A service's scalable target and its policies.

    `suspended` names what does not act: "scale-out", "scale-in", "scheduled scaling".
    """

    resource_id: str
    minimum_tasks: int
    maximum_tasks: int
    policies: tuple[DeployedPolicy, ...] = ()
    suspended: tuple[str, ...] = ()
