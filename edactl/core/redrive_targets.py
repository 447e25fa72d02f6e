"""What edactl can deliver to, by the ARN of it, and what to type for what it cannot. Pure.

Source: EventBridge user guide, "Event bus targets"; SNS developer guide, "Event destinations".
"""

from __future__ import annotations

from enum import StrEnum
from shlex import quote

from edactl.core.arn import arn_of, name_of


class Kind(StrEnum):
    """A kind of destination, in words."""

    QUEUE = "queue"
    TOPIC = "topic"
    BUS = "bus"
    FUNCTION = "function"
    STREAM = "stream"
    DELIVERY_STREAM = "delivery stream"
    STATE_MACHINE = "state machine"
    LOG_GROUP = "log group"
    CLUSTER = "ECS cluster"
    """Its ARN alone does not say which task to start: a rule's target does."""


_INSTEAD = {
    "ecs": ("an ECS task", "aws ecs run-task --cluster {arn}"),
    "batch": ("a Batch job", "aws batch submit-job"),
    "codebuild": ("a CodeBuild project", "aws codebuild start-build --project-name {name}"),
    "codepipeline": ("a pipeline", "aws codepipeline start-pipeline-execution --name {name}"),
    "execute-api": ("a REST API", "call it with curl"),
    "redshift": ("a Redshift cluster", "aws redshift-data execute-statement"),
    "sagemaker": ("a SageMaker pipeline", "aws sagemaker start-pipeline-execution"),
    "ssm": ("a Systems Manager document", "aws ssm start-automation-execution"),
}


_KINDS = (
    ("sqs", "", Kind.QUEUE),
    ("sns", "", Kind.TOPIC),
    ("lambda", "function:", Kind.FUNCTION),
    ("events", "event-bus/", Kind.BUS),
    ("kinesis", "stream/", Kind.STREAM),
    ("firehose", "deliverystream/", Kind.DELIVERY_STREAM),
    ("states", "stateMachine:", Kind.STATE_MACHINE),
    ("logs", "log-group:", Kind.LOG_GROUP),
    ("ecs", "cluster/", Kind.CLUSTER),
)


def kind_of(text: str) -> Kind | None:
    """The kind of destination that this ARN is of, of those that edactl delivers to."""
    arn = arn_of(text)
    if arn is None:
        return None
    return next(
        (
            kind
            for service, start, kind in _KINDS
            if arn.service == service and arn.resource.startswith(start)
        ),
        None,
    )


def in_words(arn: str) -> str:
    """The destination as people say it: `queue orders`, `function billing`."""
    kind = kind_of(arn)
    return f"{kind} {name_of(arn)}" if kind else name_of(arn)


def why_unreachable(arn: str) -> str | None:
    """Why edactl cannot deliver there, and what to type instead; None where it can.

    It can start the task of a rule on a cluster, but no task by the cluster's ARN alone.
    """
    if kind_of(arn) not in {None, Kind.CLUSTER}:
        return None
    found = arn_of(arn)
    if found is None:
        return f"{arn} is no resource of AWS: only who has its endpoint can send there"
    if found.service == "events" and found.resource.startswith("api-destination/"):
        return (
            f"API destination {found.resource.split('/')[1]} is called with a secret that only"
            " EventBridge has: --via bus has it called, with every other rule that matches"
        )
    what, instead = _INSTEAD.get(found.service, (f"a target of {found.service}", "its own API"))
    place = instead.format(arn=quote(arn), name=quote(name_of(arn)))
    return f"edactl does not start or write to {what} ({name_of(arn)}): {place}, or --via bus"
