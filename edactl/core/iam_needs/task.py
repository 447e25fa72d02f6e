"""What `task` and `service` need of IAM.

Roles are passed to ECS by the call that runs a task; which ones stands in the task definition.
"""

from __future__ import annotations

from edactl.core.iam_needs.need import (
    BUCKET_OBJECT,
    EXECUTION,
    LOG_STREAM,
    MACHINE,
    MAP_RUN,
    QUEUE,
    SERVICE,
    TASK,
    TASK_DEFINITION,
    Need,
)

_DEFINITION = Need("ecs:DescribeTaskDefinition")
_VIA = "--via stepfunctions"
_LINES = Need("logs:GetLogEvents", LOG_STREAM, when="containers that log with awslogs")
_SCALING = (
    Need("application-autoscaling:DescribeScalableTargets"),
    Need("application-autoscaling:DescribeScalingPolicies", when="services that scale"),
)

NEEDS: dict[str, tuple[Need, ...]] = {
    "task run": (
        _DEFINITION,
        Need("ecs:RunTask", TASK_DEFINITION),
        Need("ecs:DescribeTasks", TASK),
        Need("ecs:StopTask", TASK, when="Ctrl-C, --timeout or --launch-timeout"),
        Need("ecs:ListTasks", when="another attempt, or --idempotency-key"),
        Need("ecs:DescribeServices", SERVICE, when="--service"),
        Need("ecs:TagResource", TASK, when="--tag, --started-by, or a service with tags"),
        Need("ecs:RegisterTaskDefinition", when="--image"),
        Need("ecs:TagResource", TASK_DEFINITION, when="--image, and a definition with tags"),
        Need("iam:PassRole", when="a task definition with roles, --task-role, --execution-role"),
        _LINES,
    ),
    "task map": (
        _DEFINITION,
        Need("ecs:RunTask", TASK_DEFINITION),
        Need("ecs:DescribeTasks", TASK),
        Need("ecs:StopTask", TASK, when="Ctrl-C, --timeout or --launch-timeout"),
        Need("ecs:ListTasks", when="a launch that failed, or --resume"),
        Need("ecs:DescribeServices", SERVICE, when="--service"),
        Need("ecs:TagResource", TASK, when="--tag, or a service with tags"),
        Need("iam:PassRole", when=f"a task definition with roles, options with roles, {_VIA}"),
        Need("sqs:GetQueueUrl", QUEUE, when="--failed-to QUEUE"),
        Need("sqs:SendMessage", QUEUE, when="--failed-to QUEUE"),
        Need("s3:PutObject", BUCKET_OBJECT, when=_VIA),
        Need("s3:GetObject", BUCKET_OBJECT, when=_VIA),
        Need("states:CreateStateMachine", MACHINE, when=_VIA),
        Need("states:StartExecution", MACHINE, when=_VIA),
        Need("states:DescribeExecution", EXECUTION, when=_VIA),
        Need("states:ListMapRuns", EXECUTION, when=_VIA),
        Need("states:DescribeMapRun", MAP_RUN, when=_VIA),
        Need("states:StopExecution", EXECUTION, when=f"{_VIA}, Ctrl-C"),
    ),
    "task list": (Need("ecs:ListTasks"), Need("ecs:DescribeTasks", TASK)),
    "task show": (Need("ecs:DescribeTasks", TASK),),
    "task logs": (Need("ecs:DescribeTasks", TASK), _DEFINITION, _LINES),
    "task stop": (Need("ecs:DescribeTasks", TASK), Need("ecs:StopTask", TASK)),
    "task explain": (Need("ecs:DescribeTasks", TASK), _DEFINITION),
    "service list": (
        Need("ecs:ListServices"),
        Need("ecs:DescribeServices", SERVICE),
        *_SCALING,
    ),
    "service show": (Need("ecs:DescribeServices", SERVICE), *_SCALING),
}
