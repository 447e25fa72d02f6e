"""One need of IAM, and the names of resources that needs share."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Need:
    """One IAM action on one kind of resource; `when` names the option that brings it in."""

    action: str
    resource: str = "*"
    when: str | None = None


BUS = "arn:${Partition}:events:${Region}:${Account}:event-bus/${Bus}"
ANY_BUS = "arn:${Partition}:events:${Region}:${Account}:event-bus/*"
QUEUE = "arn:${Partition}:sqs:${Region}:${Account}:${Queue}"
ANY_QUEUE = "arn:${Partition}:sqs:${Region}:${Account}:*"
TAIL_QUEUE = "arn:${Partition}:sqs:${Region}:${Account}:edactl-tail-*"
RULE = "arn:${Partition}:events:${Region}:${Account}:rule/*"
TOPIC = "arn:${Partition}:sns:${Region}:${Account}:*"
TAIL_RULE = "arn:${Partition}:events:${Region}:${Account}:rule/*edactl-tail-*"
ARCHIVE = "arn:${Partition}:events:${Region}:${Account}:archive/*"
REPLAY = "arn:${Partition}:events:${Region}:${Account}:replay/*"
SERVICE = "arn:${Partition}:ecs:${Region}:${Account}:service/*"
TASK = "arn:${Partition}:ecs:${Region}:${Account}:task/*"
TASK_DEFINITION = "arn:${Partition}:ecs:${Region}:${Account}:task-definition/*"
LOG_STREAM = "arn:${Partition}:logs:${Region}:${Account}:log-group:*"
BUCKET_OBJECT = "arn:${Partition}:s3:::*"
MACHINE = "arn:${Partition}:states:${Region}:${Account}:stateMachine:edactl-map-*"
EXECUTION = "arn:${Partition}:states:${Region}:${Account}:execution:edactl-map-*"
MAP_RUN = "arn:${Partition}:states:${Region}:${Account}:mapRun:edactl-map-*"
