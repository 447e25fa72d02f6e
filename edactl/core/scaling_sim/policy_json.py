"""Existing policies, deployed or as JSON, as one contestant of a simulation.

Target tracking on CPU, and on metric math of what the simulation knows; step policies with their
alarms. What cannot be simulated is left out by name. Field names: Application Auto Scaling API
reference, PutScalingPolicy and DescribeScalingPolicies; CloudWatch API reference, DescribeAlarms.
"""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import TYPE_CHECKING

from edactl.core.deployed_scaling import (
    DEFAULT_COOLDOWN_SECONDS,
    DeployedPolicy,
    DeployedScaling,
    alarm_of,
)
from edactl.core.scaling_policy.deployed_metric import queries_of
from edactl.core.scaling_sim.existing import ExistingPolicies, Tracking
from edactl.core.scaling_sim.steps import (
    Adjustment,
    AlarmRule,
    AlarmSteps,
    StepRule,
    WatchedAlarm,
)
from edactl.core.scaling_sim.watched import watched_by, watched_in
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from edactl.core.deployed_scaling import ScalingAlarm
    from edactl.core.record import JsonValue
    from edactl.core.scaling_sim.controllers import Bounds, Controller

_NAMED = 3
_TRACKING, _STEPS = "TargetTrackingScaling", "StepScaling"
_VISIBLE, _SENT = "ApproximateNumberOfMessagesVisible", "NumberOfMessagesSent"
_HINT = (
    "PutScalingPolicy's input, or what aws application-autoscaling describe-scaling-policies says"
)
_ALARMS_HINT = "add MetricAlarms of aws cloudwatch describe-alarms to the file, or use --live"


def policies_of_json(text: bytes, *, name: str, where: str) -> ExistingPolicies:
    """The policies that a document describes; `name` is what results call them.

    PutScalingPolicy's input or its configuration, or DescribeScalingPolicies' answer, to which
    MetricAlarms of DescribeAlarms and ScalableTargets may be added. Raises InputError where it is
    none of them, and where nothing in it can be simulated.
    """
    try:
        document: JsonValue = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise InputError("it is not JSON", where=where, hint=_HINT) from None
    if not isinstance(document, dict):
        raise InputError("it is not a scaling policy", where=where, hint=_HINT)
    listed = document.get("ScalingPolicies", [document])
    found = [_policy(one, where) for one in listed] if isinstance(listed, list) else []
    if not found:
        raise InputError("there is no scaling policy in it", where=where, hint=_HINT)
    resource = _only_resource(found, where)
    targets = _objects(document.get("ScalableTargets") or [document])
    try:
        alarms = [alarm_of(one) for one in _objects(document.get("MetricAlarms"))]
        bounds = _bounds(_of_resource(targets, resource)[0])
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError):
        raise InputError(
            "its MetricAlarms or ScalableTargets are not what AWS says of it",
            where=where,
            hint=_HINT,
        ) from None
    policies = existing_policies(name, found, alarms, where=where)
    return replace(policies, least=bounds[0], most=bounds[1]) if bounds else policies


def _only_resource(policies: Sequence[DeployedPolicy], where: str) -> JsonValue:
    """Whose policies they are, None where they do not say. Raises InputError for several."""
    found = {str(one.document["ResourceId"]) for one in policies if "ResourceId" in one.document}
    if len(found) > 1:
        raise InputError(
            f"it has policies of {len(found)} services: {', '.join(sorted(found)[:_NAMED])}"
            + (", …" if len(found) > _NAMED else ""),
            where=where,
            hint="aws application-autoscaling describe-scaling-policies --service-namespace ecs"
            " --resource-id service/CLUSTER/SERVICE gives those of one",
        )
    return found.pop() if found else None


def _refuse(constant: str) -> JsonValue:
    raise ValueError(constant)


def deployed_policies(
    scaling: DeployedScaling, alarms: Sequence[ScalingAlarm], name: str
) -> ExistingPolicies:
    """What is deployed. Raises InputError where nothing of it can be simulated."""
    found = existing_policies(f"live:{name}", scaling.policies, alarms, where=name)
    return replace(
        found,
        least=scaling.minimum_tasks,
        most=scaling.maximum_tasks,
        suspended=scaling.suspended,
    )


def existing_policies(
    text: str, policies: Sequence[DeployedPolicy], alarms: Sequence[ScalingAlarm], *, where: str
) -> ExistingPolicies:
    """All that can be simulated of these. Raises InputError where nothing can."""
    trackings: list[Tracking] = []
    steps: list[Callable[[Bounds], Controller]] = []
    queues: set[str] = set()
    left_out: list[InputError] = []
    for one in policies:
        try:
            made, watched = _made(one, alarms)
        except InputError as error:
            named = f"{one.name}: {error.message}" if one.name else error.message
            left_out.append(InputError(named, hint=error.hint))
            continue
        queues |= watched
        if isinstance(made, Tracking):
            trackings.append(made)
        else:
            steps.append(made)
    said = tuple(error.message for error in left_out)
    if not (trackings or steps):
        hint = left_out[0].hint if left_out else "it has no scaling policy"
        raise InputError("; ".join(said) or "there is no scaling policy", where=where, hint=hint)
    return ExistingPolicies(
        text, tuple(trackings), tuple(steps), left_out=said, queues=frozenset(queues)
    )


def _made(
    policy: DeployedPolicy, alarms: Sequence[ScalingAlarm]
) -> tuple[Tracking | Callable[[Bounds], Controller], frozenset[str]]:
    if policy.kind == _TRACKING:
        return _tracking(policy)
    if policy.kind == _STEPS:
        return _steps(policy, alarms)
    raise InputError(f"{policy.kind} cannot be simulated", hint="target tracking and steps can")


def backlog_target_of(scaling: DeployedScaling) -> float | None:
    """The backlog per task that a deployed policy holds; the lowest of several.

    Told by its metric: math over visible messages, and not over those sent.
    """
    targets = [
        float(target)
        for policy in scaling.policies
        if policy.kind == _TRACKING
        and _holds_backlog(policy)
        and isinstance(target := policy.configuration.get("TargetValue"), int | float)
    ]
    return min(targets, default=None)


def _holds_backlog(policy: DeployedPolicy) -> bool:
    queries = queries_of(policy)
    named = json.dumps(queries)
    return len(queries) > 1 and _VISIBLE in named and _SENT not in named


def _policy(item: JsonValue, where: str) -> DeployedPolicy:
    """A policy of a document: whole, or its configuration alone."""
    if not isinstance(item, dict):
        raise InputError("it is not a scaling policy", where=where, hint=_HINT)
    kind = next((one for one in (_TRACKING, _STEPS) if f"{one}PolicyConfiguration" in item), None)
    kind = str(
        item.get("PolicyType") or kind or (_STEPS if "StepAdjustments" in item else _TRACKING)
    )
    key = f"{kind}PolicyConfiguration"
    if not isinstance(item.get(key, {}), dict):
        raise InputError("it is not a scaling policy", where=where, hint=_HINT)
    return DeployedPolicy(
        name=str(item.get("PolicyName") or ""),
        kind=kind,
        document=item if key in item else {key: item},
        alarms=tuple(str(one.get("AlarmName")) for one in _objects(item.get("Alarms"))),
    )


def _objects(value: JsonValue) -> list[dict[str, JsonValue]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _of_resource(
    targets: Sequence[dict[str, JsonValue]], resource: JsonValue
) -> Sequence[dict[str, JsonValue]]:
    if resource is None:
        return targets
    return [one for one in targets if one.get("ResourceId", resource) == resource]


def _bounds(target: Mapping[str, JsonValue]) -> tuple[int, int] | None:
    least, most = target.get("MinCapacity"), target.get("MaxCapacity")
    return None if least is None or most is None else (int(str(least)), int(str(most)))


def _tracking(policy: DeployedPolicy) -> tuple[Tracking, frozenset[str]]:
    configuration = policy.configuration
    target = configuration.get("TargetValue")
    if isinstance(target, bool) or not isinstance(target, int | float) or not 0 < target < math.inf:
        raise InputError("it has no TargetValue above 0", hint=_HINT)
    watched = watched_by(policy)
    return (
        Tracking(
            watched.fresh,
            float(target),
            _seconds(configuration.get("ScaleOutCooldown")),
            _seconds(configuration.get("ScaleInCooldown")),
            scales_in=configuration.get("DisableScaleIn") is not True,
        ),
        watched.queues,
    )


def _seconds(value: JsonValue) -> float:
    return float(value) if isinstance(value, int | float) else DEFAULT_COOLDOWN_SECONDS


def _steps(
    policy: DeployedPolicy, alarms: Sequence[ScalingAlarm]
) -> tuple[Callable[[Bounds], Controller], frozenset[str]]:
    """The maker of a step policy's controller, and the queues that its alarms watch."""
    named = [one for one in alarms if one.name in policy.alarms or not policy.alarms]
    if not named:
        raise InputError("its steps act on alarms, which are not known", hint=_ALARMS_HINT)
    rule = _step_rule(policy.configuration)
    watched = [(_alarm_rule(one), watched_in(one.queries)) for one in named]

    def make(bounds: Bounds) -> Controller:
        return AlarmSteps(rule, [WatchedAlarm(one, two.fresh()) for one, two in watched], bounds)

    return make, frozenset[str]().union(*(one.queues for _, one in watched))


def _step_rule(configuration: Mapping[str, JsonValue]) -> StepRule:
    steps = _objects(configuration.get("StepAdjustments"))
    try:
        adjustments = tuple(
            Adjustment(
                _bound(one.get("MetricIntervalLowerBound")),
                _bound(one.get("MetricIntervalUpperBound")),
                int(str(one["ScalingAdjustment"])),
            )
            for one in steps
        )
    except (KeyError, ValueError):
        raise InputError("its StepAdjustments are not what AWS says", hint=_HINT) from None
    least = configuration.get("MinAdjustmentMagnitude")
    return StepRule(
        adjustments,
        str(configuration.get("AdjustmentType", "ChangeInCapacity")),
        _seconds(configuration.get("Cooldown")),
        least if isinstance(least, int) else 1,
    )


def _bound(value: JsonValue) -> float | None:
    return None if value is None else float(str(value))


def _alarm_rule(alarm: ScalingAlarm) -> AlarmRule:
    return AlarmRule(
        alarm.threshold,
        alarm.comparison,
        max(1, math.ceil(alarm.period_seconds / 60)),
        max(1, alarm.periods),
        max(1, alarm.datapoints),
        alarm.statistic,
        alarm.missing,
    )
