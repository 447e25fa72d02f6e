"""The policies that a command line names, as words or as the JSON of an existing one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from edactl.cli.opened import chunks_of
from edactl.core.queueing.waits import least_slots
from edactl.core.scaling_sim.existing import ExistingPolicies
from edactl.core.scaling_sim.policies import parse_policy
from edactl.core.scaling_sim.policy_json import deployed_policies, policies_of_json
from edactl.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edactl.cli.context import CommandContext
    from edactl.core.scaling_sim.results import Contest, Contestant


def policies_of(
    context: CommandContext, texts: Sequence[str], live: str, contest: Contest, queue: str
) -> list[Contestant]:
    """The policies named and the deployed one; where none is, the usual ones for this trace.

    What of them cannot be simulated is warned of. Raises UsageError and InputError.
    """
    found: list[Contestant] = [_policy(text) for text in texts]
    if live:
        found.append(_deployed(context, live))
    if not found:
        found += [parse_policy(text) for text in _usual(contest)]
    if len({one.text for one in found}) < len(found):
        raise UsageError("a --policy is named twice", hint="name each policy once")
    for one in found:
        if isinstance(one, ExistingPolicies):
            _warn_of(context, one, queue)
    return found


def _policy(text: str) -> Contestant:
    if text.startswith("@") or text.endswith(".json") or "/" in text:
        name = text.removeprefix("@")
        return policies_of_json(b"".join(chunks_of(name)), name=Path(name).name, where=name)
    return parse_policy(text)


def _deployed(context: CommandContext, live: str) -> ExistingPolicies:
    """What is deployed for a service. Raises NotFound where there is no such service.

    Raises AwsError on the sandbox, and InputError where nothing scales the service.
    """
    from edactl.core.scaling_policy.service_place import parse_service_place

    place = parse_service_place(live)
    session = context.session(read_only=True)
    from edactl.aws.ecs_services import EcsServices
    from edactl.aws.scaling_policies import ScalingAlarms
    from edactl.cli.scale_deployed import deployed_scaling

    service = EcsServices(session).describe(place.cluster, place.service)
    scaling = deployed_scaling(context, session, place)
    if scaling is None:
        raise InputError(
            f"{place} is not behind Application Auto Scaling: {service.desired} tasks stay",
            hint=f"--policy fixed:{service.desired} instead of --live",
        )
    if not scaling.policies:
        raise InputError(
            f"{place} has no scaling policy: {service.desired} tasks stay",
            hint=f"--policy fixed:{service.desired} instead of --live; or edactl scale apply",
        )
    named = [name for one in scaling.policies if one.kind == "StepScaling" for name in one.alarms]
    return deployed_policies(scaling, ScalingAlarms(session).named(named), str(place))


def _warn_of(context: CommandContext, policies: ExistingPolicies, queue: str) -> None:
    warn = context.messages.warn
    for one in policies.left_out:
        warn(f"{policies.text} is simulated without {one}")
    if policies.suspended:
        warn(f"{policies.text}: {', '.join(policies.suspended)} suspended, and simulated so")
    others = sorted(policies.queues - {queue})
    if queue and others:
        warn(
            f"{policies.text} watches {', '.join(others)}, not {queue}: it is simulated on {queue}"
        )


def _usual(contest: Contest) -> list[str]:
    """Enough fixed tasks for the busiest minute, and each kind of policy once."""
    setting, latency = contest.setting, contest.latency_seconds
    work = setting.work
    spare = latency - work.percentile_seconds(95)
    peak = max(contest.trace.per_minute) / 60
    slots = least_slots(peak, work.mean_seconds, max(0.0, spare), 95, variation=work.variation)
    textbook = latency / work.mean_seconds
    acceptable = max(1, int(setting.concurrency * spare / work.mean_seconds))
    wanted = [
        f"fixed:{-(-slots // setting.concurrency)}",
        "step",
        "cpu:70",
        "queue-depth:100",
        f"backlog:{textbook:g}",
        f"backlog:{acceptable}",
        "load:0.75",
        f"step1:{acceptable}",
    ]
    return list(dict.fromkeys(wanted))
