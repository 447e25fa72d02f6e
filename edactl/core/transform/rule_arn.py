"""The ARN of the rule that takes an event, where nothing else tells it."""

from __future__ import annotations

from edactl.core.pattern.fields import read_event

_PARTITIONS = (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov"))


def rule_arn_for(event: str | bytes, *, bus: str, rule_name: str) -> str:
    """The ARN that a rule has on a bus of the event's own account and region.

    The default bus is not named in it. Raises InputError for an event that is no JSON object.
    """
    fields = dict(read_event(event))
    region, account = fields.get("region") or "", fields.get("account") or ""
    partition = next((name for start, name in _PARTITIONS if str(region).startswith(start)), "aws")
    on_bus = "" if bus in {"", "default"} else f"{bus}/"
    return f"arn:{partition}:events:{region}:{account}:rule/{on_bus}{rule_name}"
