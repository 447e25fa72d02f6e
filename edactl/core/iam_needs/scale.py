"""What `scale` needs of IAM."""

from __future__ import annotations

from edactl.core.iam_needs.need import Need

NEEDS: dict[str, tuple[Need, ...]] = {
    "scale advise": (
        Need("cloudwatch:GetMetricData", when="--queue and no arrivals or processing time"),
    ),
}
