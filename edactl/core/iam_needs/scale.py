"""What `scale` needs of IAM."""

from __future__ import annotations

from edactl.core.iam_needs.need import LOG_STREAM, QUEUE, SERVICE, TASK, Need

_TARGETS = Need("application-autoscaling:DescribeScalableTargets")
_POLICIES = Need("application-autoscaling:DescribeScalingPolicies")
_SCALES = "a service behind Application Auto Scaling"
_UNDOING = "--rollback of what was not there before"
_FOR_ALARMS = "a policy: AWS makes its alarms for the caller (unverified)"

NEEDS: dict[str, tuple[Need, ...]] = {
    "scale advise": (
        Need("cloudwatch:GetMetricData", when="--queue or --service, and something to measure"),
        Need("ecs:DescribeServices", SERVICE, when="--service"),
        Need("ecs:DescribeTaskDefinition", when="--service"),
        Need("ecs:ListTasks", when="--service"),
        Need("ecs:DescribeTasks", TASK, when="--service with tasks"),
        Need("cloudwatch:GetMetricStatistics", when="--processing-time-metric"),
        Need("logs:StartQuery", LOG_STREAM, when="--processing-time-log"),
        Need("logs:GetQueryResults", when="--processing-time-log"),
    ),
    "scale apply": (
        Need("ecs:DescribeServices", SERVICE),
        _TARGETS,
        _POLICIES,
        Need("cloudwatch:GetMetricData"),
        Need("application-autoscaling:RegisterScalableTarget"),
        Need("application-autoscaling:PutScalingPolicy"),
        Need("application-autoscaling:DeleteScalingPolicy", when=_UNDOING),
        Need("application-autoscaling:DeregisterScalableTarget", when=_UNDOING),
        Need("cloudwatch:PutMetricAlarm", when=_FOR_ALARMS),
        Need("cloudwatch:DescribeAlarms", when=_FOR_ALARMS),
        Need("cloudwatch:DeleteAlarms", when=_FOR_ALARMS),
        Need("iam:CreateServiceLinkedRole", when="the first service that scales in an account"),
    ),
    "scale simulate": (
        Need("cloudwatch:GetMetricData", when="--queue, and no arrivals or work"),
        Need("ecs:DescribeServices", SERVICE, when="--live"),
        Need(_TARGETS.action, when="--live"),
        Need(_POLICIES.action, when="--live"),
        Need("cloudwatch:DescribeAlarms", when="--live and a step policy"),
    ),
    "scale watch": (
        Need("sqs:GetQueueUrl", QUEUE),
        Need("sqs:GetQueueAttributes", QUEUE),
        Need("ecs:DescribeServices", SERVICE),
        Need("cloudwatch:GetMetricData"),
        _TARGETS,
        Need(_POLICIES.action, when=_SCALES),
    ),
    "scale explain": (
        Need("ecs:DescribeServices", SERVICE),
        _TARGETS,
        Need(_POLICIES.action, when=_SCALES),
        Need("application-autoscaling:DescribeScalingActivities"),
        Need("cloudwatch:DescribeAlarms", when="policies with alarms"),
        Need("cloudwatch:DescribeAlarmHistory", when="policies with alarms"),
        Need("cloudwatch:GetMetricData", when="policies on metrics of one's own"),
        Need("ecs:ListTasks"),
        Need("ecs:GetTaskProtection", when="running tasks"),
        Need("sqs:GetQueueUrl", QUEUE, when="--queue"),
        Need("sqs:GetQueueAttributes", QUEUE, when="--queue"),
    ),
}
