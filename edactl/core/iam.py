"""The IAM actions that each command needs, and the least policy that allows them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from edactl.core.iam_needs import account, bus, dlq, queue, replay, rule, scale, task

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from edactl.core.iam_needs.need import Need
    from edactl.core.record import JsonValue


NEEDS: dict[str, tuple[Need, ...]] = {
    **account.NEEDS,
    **bus.NEEDS,
    **rule.NEEDS,
    **queue.NEEDS,
    **dlq.NEEDS,
    **replay.NEEDS,
    **scale.NEEDS,
    **task.NEEDS,
}

OFFLINE = frozenset(
    {
        "rule check",
        "rule infer",
        "completion",
        "demo",
        "dlq runs",
        "help",
        "iam-policy",
        "sandbox down",
        "sandbox env",
        "sandbox reset",
        "sandbox status",
        "sandbox up",
    }
)


def conditional_needs(commands: Iterable[str]) -> list[str]:
    """A sentence for each need that only an option, or a state of things, brings in."""
    return [
        f"{command} needs {need.action} only with {need.when}"
        for command in commands
        for need in NEEDS[command]
        if need.when
    ]


def policy(commands: Iterable[str], values: Mapping[str, str]) -> dict[str, JsonValue]:
    """The least policy document that lets these commands run.

    `values` fills the placeholders Partition, Region, Account, Bus and Queue; what it lacks
    becomes `*`. Actions on the same resource share a statement; what a wider resource of the same
    action covers is left out.
    """
    resources: dict[str, set[str]] = {}
    for command in commands:
        for need in NEEDS[command]:
            resources.setdefault(need.action, set()).add(_filled(need.resource, values))
    actions: dict[str, set[str]] = {}
    for action, found in resources.items():
        for resource in found:
            if not any(_covers(wider, resource) for wider in found - {resource}):
                actions.setdefault(resource, set()).add(action)
    statements: list[JsonValue] = [
        {
            "Sid": f"Edactl{number}",
            "Effect": "Allow",
            "Action": [*sorted(allowed)],
            "Resource": resource,
        }
        for number, (resource, allowed) in enumerate(sorted(actions.items()), start=1)
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def _filled(resource: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\$\{(\w+)\}", lambda match: values.get(match[1]) or "*", resource)


def _covers(wider: str, resource: str) -> bool:
    """Whether one resource pattern holds all that another does."""
    parts = (re.escape(part) for part in wider.split("*"))
    return re.fullmatch(".*".join(parts), resource) is not None
