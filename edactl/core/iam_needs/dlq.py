"""What `dlq` needs of IAM."""

from __future__ import annotations

from edactl.core.iam_needs.need import ANY_BUS, ANY_QUEUE, QUEUE, RULE, TOPIC, Need

_UNTOLD = "letters that do not tell who sent them"
_TO_FIND_WHO = (
    Need("sns:ListSubscriptions", when=_UNTOLD),
    Need("sns:GetSubscriptionAttributes", when=f"{_UNTOLD}, and those of SNS"),
    Need("lambda:ListFunctions", when="letters of asynchronous invokes"),
)
_TO_FIND_WHOSE = (
    Need("sqs:ListDeadLetterSourceQueues", QUEUE, when=_UNTOLD),
    Need("sqs:ListQueues", when=_UNTOLD),
    Need("sqs:GetQueueAttributes", when=_UNTOLD),
    *_TO_FIND_WHO,
)

LOOK = (
    Need("sqs:GetQueueUrl", QUEUE),
    Need("sqs:GetQueueAttributes", QUEUE),
    Need("sqs:ReceiveMessage", QUEUE),
    Need("sqs:ChangeMessageVisibility", QUEUE),
)
SEND = (
    Need("sqs:GetQueueUrl", ANY_QUEUE),
    Need("sqs:GetQueueAttributes", ANY_QUEUE),
    Need("sqs:SendMessage", ANY_QUEUE),
)
"""What a run needs of the queues that letters go to; without --to those are known only then."""
DELIVER = (
    Need("events:ListTargetsByRule", RULE, when="letters of rules"),
    Need("lambda:InvokeFunction", when="letters for functions"),
    Need("sns:Publish", TOPIC, when="letters for topics, and --to TOPIC"),
    Need("events:PutEvents", ANY_BUS, when="letters for buses, --via bus and --to BUS"),
    Need("events:DescribeEventBus", ANY_BUS, when="letters for buses, --via bus and --to BUS"),
    Need("kinesis:PutRecords", when="letters for Kinesis streams"),
    Need("firehose:PutRecordBatch", when="letters for Firehose streams"),
    Need("states:StartExecution", when="letters for state machines"),
    Need("logs:CreateLogStream", when="letters for log groups"),
    Need("logs:PutLogEvents", when="letters for log groups"),
    Need("ecs:RunTask", when="letters for tasks of ECS"),
    Need("iam:PassRole", when="letters for tasks of ECS: their roles"),
)
"""What a run needs for letters of other origins than SQS, each only where there are such."""
_DELETE = Need("sqs:DeleteMessage", QUEUE)
AGES = Need("cloudwatch:GetMetricData", when="a run of over ten seconds, for the oldest message")
_NO_MOVE_TASK = Need("sqs:ListMessageMoveTasks", QUEUE)

NEEDS: dict[str, tuple[Need, ...]] = {
    "dlq list": (
        Need("sqs:ListQueues"),
        Need("sqs:GetQueueAttributes"),
        Need("sqs:ListMessageMoveTasks"),
        Need("cloudwatch:GetMetricData"),
        Need("events:ListEventBuses"),
        Need("events:DescribeEventBus"),
        Need("events:ListRules"),
        Need("events:ListTargetsByRule", RULE),
        Need("scheduler:ListSchedules"),
        Need("scheduler:GetSchedule"),
        Need("sns:ListSubscriptions"),
        Need("sns:GetSubscriptionAttributes"),
        Need("lambda:ListFunctions"),
        Need("lambda:ListFunctionEventInvokeConfigs"),
        Need("lambda:ListEventSourceMappings"),
        Need("pipes:ListPipes"),
        Need("pipes:DescribePipe", when="pipes that read a stream"),
    ),
    "dlq inspect": (
        Need("sqs:GetQueueUrl", QUEUE),
        Need("sqs:GetQueueAttributes", QUEUE),
        Need("sqs:ReceiveMessage", QUEUE),
        Need("sqs:ChangeMessageVisibility", QUEUE),
        *_TO_FIND_WHOSE,
    ),
    "dlq redrive": (
        *LOOK,
        *SEND,
        _DELETE,
        _NO_MOVE_TASK,
        AGES,
        *_TO_FIND_WHO,
        *DELIVER,
        Need("sns:GetTopicAttributes", TOPIC, when="--to TOPIC"),
        Need("sqs:StartMessageMoveTask", QUEUE, when="--engine server or auto"),
        Need("sqs:CancelMessageMoveTask", QUEUE, when="--engine server or auto, and Ctrl-C"),
        Need("sqs:ListDeadLetterSourceQueues", QUEUE, when="no --to"),
        Need("sqs:ListQueues", when="no --to, where ListDeadLetterSourceQueues is not allowed"),
    ),
    "dlq status": (Need("sqs:GetQueueUrl", QUEUE), Need("sqs:ListMessageMoveTasks", QUEUE)),
    "dlq cancel": (
        Need("sqs:GetQueueUrl", QUEUE),
        Need("sqs:ListMessageMoveTasks", QUEUE),
        Need("sqs:CancelMessageMoveTask", QUEUE, when="a task that runs"),
    ),
    "dlq restore": (*SEND, *DELIVER),
    "dlq export": (*LOOK, Need("sqs:DeleteMessage", QUEUE, when="--delete")),
    "dlq import": (
        Need("sqs:GetQueueUrl", QUEUE),
        Need("sqs:GetQueueAttributes", QUEUE),
        Need("sqs:SendMessage", QUEUE),
    ),
    "dlq drop": (*LOOK, _DELETE, _NO_MOVE_TASK),
}
