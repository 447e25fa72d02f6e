"""What `replay` needs of IAM."""

from __future__ import annotations

from edactl.core.iam_needs.need import BUS, Need

NEEDS: dict[str, tuple[Need, ...]] = {
    "replay file": (
        Need("events:DescribeEventBus", BUS),
        Need("events:PutEvents", BUS),
    ),
}
