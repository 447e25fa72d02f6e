"""A run before anything is sent: what is, what is to be, and what an operator should know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edactl.core.scaling_policy.requests import policy_request
from edactl.core.scaling_policy.state import Range, State, changes, other_policies
from edactl.errors import GuardError

if TYPE_CHECKING:
    from edactl.core.deployed_scaling import DeployedScaling
    from edactl.core.ecs_service import Service
    from edactl.core.scaling_policy.run_log import LoggedRun
    from edactl.core.scaling_policy.service_place import ServicePlace
    from edactl.core.scaling_policy.state import Change
    from edactl.core.scaling_policy.wanted import WantedPolicy


def wanted_state(wanted: WantedPolicy) -> State:
    """The state that has this policy and its range."""
    return State(Range(wanted.minimum_tasks, wanted.maximum_tasks), policy_request(wanted))


def refuse_other_type(before: State, after: State, place: ServicePlace) -> None:
    """Raise GuardError when a policy of the same name is of another type."""
    old, new = before.policy, after.policy
    if old and new and old["PolicyType"] != new["PolicyType"]:
        raise GuardError(
            f"{place} has a {old['PolicyType']} policy named {old['PolicyName']} already",
            hint="--policy-name NAME for a name of its own",
        )


def notices(
    before: State, after: State, deployed: DeployedScaling | None, service: Service
) -> tuple[str, ...]:
    """What happens at once, or works against the policy, whatever its metric."""
    place = str(service.place)
    found: list[str] = []
    if after.policy is not None:
        own = str(after.policy["PolicyName"])
        found += [
            f"policy {name} scales {place} too: the one that wants most tasks wins, and all must"
            " agree to scale in"
            for name in other_policies(deployed, own)
        ]
    if deployed and deployed.suspended:
        found.append(f"{' and '.join(deployed.suspended)} of {place} is suspended, and stays so")
    if after.range is None and before.range is not None:
        found.append(f"the scheduled actions of {place} are deleted with its registration, if any")
    if after.range is not None and after.range != before.range:
        found += _at_once(after.range, service.desired)
    return tuple(found)


def _at_once(wanted: Range, desired: int) -> list[str]:
    """A range that does not hold the desired count changes it at once.

    Source: Application Auto Scaling user guide, "Register a scalable target".
    """
    at_once = min(max(desired, wanted.minimum_tasks), wanted.maximum_tasks)
    if at_once == desired:
        return []
    return [f"the desired count goes from {desired} to {at_once} at once, to be within the range"]


def refuse_changed_since(run: LoggedRun, found: State) -> None:
    """Raise GuardError when somebody changed what a rollback would put back."""
    if run.left(found):
        return
    header = run.header
    differing = ", ".join(one.field for one in changes(header.after, found))
    raise GuardError(
        f"{header.service} was changed since run {header.run_id}: {differing}",
        hint="look at it with --dry-run --force; --force puts back what was before that run",
    )


def refuse_changed_meanwhile(shown: State, found: State, place: ServicePlace) -> None:
    """Raise GuardError when it is no longer what the operator was shown and agreed to change."""
    differing = ", ".join(one.field for one in changes(shown, found))
    if differing:
        raise GuardError(
            f"{place} was changed while you looked: {differing}; nothing was done",
            hint="run it again: it shows what is there now",
        )


def refuse_to_orphan(
    before: State, after: State, deployed: DeployedScaling | None, place: ServicePlace
) -> None:
    """Raise GuardError when to deregister the target would delete other policies with it."""
    name = str((before.policy or after.policy or {}).get("PolicyName", ""))
    others = other_policies(deployed, name)
    if after.range is None and before.range is not None and others:
        raise GuardError(
            f"{place} was not registered before, but now has the policies {', '.join(others)},"
            " which would be deleted too",
            hint="--force deletes them",
        )


def change_lines(found: tuple[Change, ...]) -> tuple[str, ...]:
    """A line for each change, for people."""
    width = max((len(one.field) for one in found), default=0)
    return tuple(f"{one.field:<{width}}  {_text(one.before)} → {_text(one.after)}" for one in found)


def _text(value: object) -> str:
    return "-" if value is None else str(value)
