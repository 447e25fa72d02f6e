"""What the demo's story needs in its sandbox, by the API calls that are shown."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from edactl.aws.event_targets import RulesByTarget
from edactl.aws.events import EventBuses
from edactl.aws.session import AwsSession
from edactl.aws.sqs import SqsQueues
from edactl.core.feed import RuleDelivery, RuleFeed, TargetInput
from edactl.core.settings import ConnectionOptions, SandboxEndpoint
from edactl.ops.demo_story import BUS, CLUSTER, DLQ, FAMILY, PATTERN, QUEUE, RULE

if TYPE_CHECKING:
    from edactl.core.record import JsonValue
    from edactl.sandbox.state import SandboxState

TRAFFIC_MINUTES = 180
_WORK_SECONDS = 2
_A_MINUTE = {"quiet": 60, "rush": 240}
_RUSH = range(90, 110)  # minutes ago


def said_of_resources() -> str:
    """What is made, in words."""
    return (
        "# A bus, a rule for Australia and New Zealand, a queue and its DLQ, a task definition, by"
        " the API:\n"
        f"#   events:CreateEventBus {BUS}\n"
        f"#   sqs:CreateQueue {DLQ}; sqs:CreateQueue {QUEUE} with a redrive policy to it\n"
        f"#   events:PutRule {RULE} {PATTERN}; events:PutTargets {QUEUE}\n"
        f"#   ecs:CreateCluster {CLUSTER}; ecs:RegisterTaskDefinition {FAMILY}"
    )


def make_resources(state: SandboxState) -> AwsSession:
    """Make them; the session that made them."""
    session = AwsSession(ConnectionOptions(sandbox=SandboxEndpoint(state.url, state.account_id)))
    bus = EventBuses(session).create_bus(BUS)
    queues = SqsQueues(session)
    dlq = queues.create(DLQ, attributes={}, tags={})
    redrive = json.dumps({"deadLetterTargetArn": dlq.arn, "maxReceiveCount": 5})
    queue = queues.create(QUEUE, attributes={"RedrivePolicy": redrive}, tags={})
    rule = RuleDelivery(
        RuleFeed(BUS, RULE), bus.arn, PATTERN, enabled=True, inputs=(TargetInput(),)
    )
    RulesByTarget(session).put_copy(RULE, rule, queue.arn, {})
    _define_a_task(session)
    _put_traffic(session, datetime.now(UTC))
    return session


def _define_a_task(session: AwsSession) -> None:
    session.call("ecs", "create_cluster", clusterName=CLUSTER)
    session.call(
        "ecs",
        "register_task_definition",
        family=FAMILY,
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        containerDefinitions=[{"name": "app", "image": "busybox"}],
    )


def _put_traffic(session: AwsSession, now: datetime) -> None:
    """Three hours of the queue's metrics, with a rush of 20 minutes: the emulator makes none."""
    data: list[JsonValue] = []
    for ago in range(1, TRAFFIC_MINUTES + 1):
        sent = _A_MINUTE["rush" if ago in _RUSH else "quiet"]
        values = {
            "NumberOfMessagesSent": sent,
            "NumberOfMessagesReceived": sent,
            "NumberOfMessagesDeleted": sent,
            "ApproximateNumberOfMessagesNotVisible": sent / 60 * _WORK_SECONDS,
        }
        data += [
            _datum(name, value, now - timedelta(minutes=ago)) for name, value in values.items()
        ]
    session.call("cloudwatch", "put_metric_data", Namespace="AWS/SQS", MetricData=data)


def _datum(name: str, value: float, at: datetime) -> JsonValue:
    return {
        "MetricName": name,
        "Dimensions": [{"Name": "QueueName", "Value": QUEUE}],
        "Timestamp": at.isoformat(),
        "Value": value,
    }
