"""The part of a service's scaling that a run changes, and how two states of it differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.core.scaling_policy.evidence import described
from edactl.core.scaling_policy.requests import register_request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edactl.core.deployed_scaling import DeployedScaling
    from edactl.core.record import JsonValue
    from edactl.core.scaling_policy.requests import Document
    from edactl.core.scaling_policy.service_place import ServicePlace


@dataclass(frozen=True)
class Range:
    """The least and the most tasks of a scalable target."""

    minimum_tasks: int
    maximum_tasks: int


@dataclass(frozen=True)
class State:
    """The part of a service's scaling that one run changes: its range, and one policy.

    None stands for what is not there. `policy` is PutScalingPolicy's input.
    """

    range: Range | None
    policy: Document | None

    def register(self, place: ServicePlace) -> Document | None:
        """RegisterScalableTarget's input for this range."""
        if self.range is None:
            return None
        return register_request(place, self.range.minimum_tasks, self.range.maximum_tasks)


def state_of(deployed: DeployedScaling | None, policy_name: str) -> State:
    """The part of what is deployed that a run with this policy changes."""
    if deployed is None:
        return State(None, None)
    own = next((dict(one.document) for one in deployed.policies if one.name == policy_name), None)
    return State(Range(deployed.minimum_tasks, deployed.maximum_tasks), own)


def other_policies(deployed: DeployedScaling | None, policy_name: str) -> tuple[str, ...]:
    """The names of the other policies on the same service."""
    names = {one.name for one in deployed.policies} if deployed else set()
    return tuple(sorted(names - {policy_name}))


@dataclass(frozen=True)
class Change:
    """One field that differs. None stands for a field that is not there."""

    field: str
    before: JsonValue
    after: JsonValue


def changes(before: State, after: State) -> tuple[Change, ...]:
    """Each field that differs, the range first. What AWS takes by default counts as written."""
    old, new = _fields(before), _fields(after)
    names = [*old, *(name for name in new if name not in old)]
    return tuple(
        Change(name, old.get(name), new.get(name))
        for name in names
        if old.get(name) != new.get(name)
    )


def range_differs(before: State, after: State) -> bool:
    """Whether the range has to be registered."""
    return before.range != after.range


def policy_differs(before: State, after: State) -> bool:
    """Whether the policy has to be put."""
    return dict(_policy_fields(before)) != dict(_policy_fields(after))


def _fields(state: State) -> dict[str, JsonValue]:
    found: dict[str, JsonValue] = {}
    if state.range is not None:
        found["minimum_tasks"] = state.range.minimum_tasks
        found["maximum_tasks"] = state.range.maximum_tasks
    return found | dict(_policy_fields(state))


def _policy_fields(state: State) -> Iterator[tuple[str, JsonValue]]:
    """The leaves of the policy by path."""
    if state.policy is None:
        return
    for name, value in state.policy.items():
        if name.endswith("Configuration"):
            yield from _leaves("policy", value)
        elif name in {"PolicyName", "PolicyType"}:
            yield f"policy.{name}", value


def _leaves(path: str, value: JsonValue) -> Iterator[tuple[str, JsonValue]]:
    match value:
        case dict():
            for name, item in value.items():
                if name == "Metrics" and isinstance(item, list):
                    yield from _metrics(item)
                elif not (name == "DisableScaleIn" and item is False):  # AWS's default
                    yield from _leaves(f"{path}.{name}", item)
        case list():
            for place, item in enumerate(value):
                yield from _leaves(f"{path}[{place}]", item)
        case int() | float() if not isinstance(value, bool):
            yield path, int(value) if value == int(value) else value
        case _:
            yield path, value


def _metrics(queries: list[JsonValue]) -> Iterator[tuple[str, JsonValue]]:
    """Each metric and expression in a line; a label changes nothing."""
    for query in queries:
        if isinstance(query, dict):
            held = " (held)" if query.get("ReturnData", True) else ""
            yield f"policy.Metrics[{query.get('Id')}]", described(query) + held
