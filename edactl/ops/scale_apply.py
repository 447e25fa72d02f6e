"""Bring a service's scaling from one state to another, and say how far that came.

Nothing is sent before the former state is on disk. The range is registered first: a policy needs
it, and a new range under the old policy only widens or narrows what that does. A policy that was
not there is deleted before the target is deregistered. Every call may be repeated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from edactl.core.scaling_policy.requests import target_of
from edactl.core.scaling_policy.state import policy_differs, range_differs
from edactl.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edactl.core.scaling_policy.requests import Document
    from edactl.core.scaling_policy.service_place import ServicePlace
    from edactl.core.scaling_policy.state import State

Operation = Literal[
    "RegisterScalableTarget", "PutScalingPolicy", "DeleteScalingPolicy", "DeregisterScalableTarget"
]


@dataclass(frozen=True)
class Step:
    """One call to make, and what became of it. `error` is AWS's answer when it failed."""

    operation: Operation
    request: Document
    status: Literal["planned", "done", "failed"] = "planned"
    error: str | None = None


class ScalingTarget(Protocol):
    """Changes a service's scaling."""

    def send(self, operation: Operation, request: Document, /) -> None:
        """Make one call. Raises AwsError or one of its kinds."""
        ...


class RunLog(Protocol):
    """Remembers what a run did, beyond the death of the process."""

    def sending(self, operation: str, /) -> None:
        """A call is about to be made."""
        ...

    def sent(self, operation: str, /) -> None:
        """It was answered well."""
        ...

    def failed(self, operation: str, error: str, /) -> None:
        """It was not, or nobody knows."""
        ...

    def end(self) -> None:
        """Every call was answered well."""
        ...


@dataclass(frozen=True)
class Result:
    """What became of each step, and the error that stopped the run."""

    steps: tuple[Step, ...]
    error: AwsError | None = None


def steps(before: State, after: State, place: ServicePlace) -> tuple[Step, ...]:
    """The calls that lead from one state to the other, in their order; none when they are equal."""
    found: list[Step] = []
    register = after.register(place)
    if register is not None and range_differs(before, after):
        found.append(Step("RegisterScalableTarget", register))
    if policy_differs(before, after):
        if after.policy is not None:
            found.append(Step("PutScalingPolicy", after.policy))
        else:
            found.append(Step("DeleteScalingPolicy", _named(before.policy or {})))
    if register is None and before.range is not None:
        found.append(Step("DeregisterScalableTarget", target_of(place)))
    return tuple(found)


def carry_out(planned: Sequence[Step], target: ScalingTarget, log: RunLog) -> Result:
    """Make the calls; the first that fails ends the run, and the rest stays planned."""
    done: list[Step] = []
    for place, step in enumerate(planned):
        log.sending(step.operation)
        try:
            target.send(step.operation, step.request)
        except AwsError as error:
            log.failed(step.operation, error.message)
            failed = Step(step.operation, step.request, "failed", error.message)
            return Result((*done, failed, *planned[place + 1 :]), error)
        log.sent(step.operation)
        done.append(Step(step.operation, step.request, "done"))
    log.end()
    return Result(tuple(done))


def _named(policy: Document) -> Document:
    """The fields by which a policy is deleted."""
    wanted = ("PolicyName", "ServiceNamespace", "ResourceId", "ScalableDimension")
    return {name: policy[name] for name in wanted}
