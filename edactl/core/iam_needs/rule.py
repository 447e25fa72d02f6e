"""What `rule` needs of IAM."""

from __future__ import annotations

from edactl.core.iam_needs.need import BUS, RULE, Need

NEEDS: dict[str, tuple[Need, ...]] = {
    "rule list": (
        Need("events:ListRules"),
        Need("events:ListTargetsByRule", RULE),
        Need("cloudwatch:GetMetricData"),
    ),
    "rule show": (
        Need("events:DescribeRule", RULE),
        Need("events:ListTargetsByRule", RULE),
        Need("cloudwatch:GetMetricData"),
    ),
    "rule pull": (
        Need("events:DescribeEventBus", BUS),
        Need("events:ListRules"),
        Need("events:ListTargetsByRule", RULE),
    ),
    "rule test": (Need("events:ListRules", when="--bus"),),
    "rule explain": (Need("events:ListRules", when="--bus"),),
    "rule lint": (
        Need("events:ListRules", when="--bus"),
        Need("events:ListTargetsByRule", RULE, when="--bus"),
    ),
    "rule diff": (Need("events:ListRules", when="bus:NAME"),),
    "rule coverage": (Need("events:ListRules", when="--bus"),),
    "rule transform": (
        Need("events:ListRules", when="--bus without --rule"),
        Need("events:DescribeRule", RULE, when="--bus and --rule"),
        Need("events:ListTargetsByRule", RULE, when="--bus"),
    ),
}
