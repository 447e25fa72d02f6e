"""What ECS says in a service's events when tasks do not start.

Source of the texts: ECS developer guide, "Viewing Amazon ECS service event messages", and the
failures of RunTask. A text that is not known is no cause.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Trouble:
    """Why tasks do not start: a code, it in words, and what to type next."""

    code: str
    words: str
    hint: str


_QUOTA = "aws service-quotas list-service-quotas --service-code fargate"
_PATTERNS: tuple[tuple[str, Trouble], ...] = (
    (
        "limit on the number of vcpus",
        Trouble("vcpu_quota", "the account's vCPU quota is reached", _QUOTA),
    ),
    (
        "limit on the number of tasks",
        Trouble("task_quota", "the account's quota of tasks is reached", _QUOTA),
    ),
    (
        "capacity is unavailable",
        Trouble(
            "no_capacity",
            "Fargate has no capacity in these zones",
            "more zones or another task size; aws ecs update-service --network-configuration …",
        ),
    ),
    (
        "network interface",
        Trouble(
            "network_interfaces",
            "no network interface can be had",
            "free addresses in the subnets, and the quota: aws ec2 describe-subnets",
        ),
    ),
    (
        "enough free addresses",
        Trouble(
            "network_interfaces",
            "a subnet has no free addresses",
            "aws ec2 describe-subnets: AvailableIpAddressCount",
        ),
    ),
    (
        "no container instance met all of its requirements",
        Trouble(
            "no_instance",
            "no container instance has room",
            "aws ecs describe-capacity-providers, or more instances",
        ),
    ),
    (
        "unable to consistently start tasks",
        Trouble(
            "tasks_fail",
            "tasks fail soon after they start",
            "edactl task list --cluster {cluster} --status stopped; edactl task explain TASK",
        ),
    ),
    (
        "operations are being throttled",
        Trouble(
            "throttled", "ECS throttles the service's operations", "wait; it goes on by itself"
        ),
    ),
    (
        "failed to launch a task",
        Trouble(
            "launch_failed",
            "a task could not be launched",
            "edactl service show {cluster}/{service}",
        ),
    ),
    (
        "was unable to place a task",
        Trouble(
            "not_placed",
            "a task could not be placed",
            "edactl service show {cluster}/{service}",
        ),
    ),
)


def trouble_in(message: str) -> Trouble | None:
    """What an event tells of tasks that do not start; None when it tells nothing of that."""
    text = message.lower()
    return next((found for pattern, found in _PATTERNS if pattern in text), None)
