"""What feeds a queue: rules that target it and topics that it subscribes to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RuleFeed:
    """An EventBridge rule that has the queue as a target."""

    bus: str
    rule: str


@dataclass(frozen=True)
class TopicFeed:
    """An SNS topic that the queue subscribes to."""

    topic_arn: str
    subscription_arn: str


@dataclass(frozen=True)
class SubscriptionSettings:
    """How a topic delivers to one subscriber. `filter_policy` is AWS's own JSON."""

    raw_message_delivery: bool
    filter_policy: str | None
    filter_policy_scope: str | None
