"""CloudWatch: metric alarms by their names, as AWS answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edactl.aws.session import AwsSession

ALARMS_AT_ONCE = 100
"""CloudWatch API reference, DescribeAlarms: at most 100 names in one call."""


def metric_alarms(session: AwsSession, names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """MetricAlarm documents; those that are gone are left out, composite alarms too."""
    for start in range(0, len(names), ALARMS_AT_ONCE):
        yield from session.pages(
            "cloudwatch",
            "describe_alarms",
            items="MetricAlarms",
            resource="alarms of the policies",
            AlarmNames=list(names[start : start + ALARMS_AT_ONCE]),
            AlarmTypes=["MetricAlarm"],
        )
