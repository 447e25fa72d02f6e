"""The IAM actions that each command needs, and the least policy that allows them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Need:
    """One IAM action on one kind of resource; `when` names the option that brings it in."""

    action: str
    resource: str = "*"
    when: str | None = None


BUS = "arn:${Partition}:events:${Region}:${Account}:event-bus/${Bus}"
QUEUE = "arn:${Partition}:sqs:${Region}:${Account}:${Queue}"

NEEDS: dict[str, tuple[Need, ...]] = {
    "whoami": (Need("sts:GetCallerIdentity"),),
}
