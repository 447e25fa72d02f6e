"""What feeds a queue: rules that target it and topics that it subscribes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


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
class TargetInput:
    """What a rule's target gets instead of the event; all null is the event as it is.

    `template` and `paths` are an input transformer's.
    """

    path: str | None = None
    constant: str | None = None
    template: str | None = None
    paths: Mapping[str, str] | None = None


@dataclass(frozen=True)
class RuleDelivery:
    """How a rule delivers to a queue: the pattern, and one input for each target on the queue.

    `pattern` is AWS's own JSON, null for a rule that only runs on a schedule.
    """

    feed: RuleFeed
    rule_arn: str
    pattern: str | None
    enabled: bool
    inputs: tuple[TargetInput, ...]


@dataclass(frozen=True)
class SubscriptionSettings:
    """How a topic delivers to one subscriber. `filter_policy` is AWS's own JSON."""

    raw_message_delivery: bool
    filter_policy: str | None
    filter_policy_scope: str | None


@dataclass(frozen=True)
class TopicDelivery:
    """How a topic delivers to a queue."""

    feed: TopicFeed
    settings: SubscriptionSettings
