"""What `scale` needs of IAM."""

from __future__ import annotations

from edactl.core.iam_needs.need import LOG_STREAM, SERVICE, TASK, Need

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
}
