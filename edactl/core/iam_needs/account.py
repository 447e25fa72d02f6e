"""What commands on the account need of IAM."""

from __future__ import annotations

from edactl.core.iam_needs.need import Need

NEEDS: dict[str, tuple[Need, ...]] = {
    "whoami": (Need("sts:GetCallerIdentity"),),
}
