"""A temporary queue that rules and topics deliver to, and that goes away with all its parts.

A rule's copy has the same pattern and the same input transformation, a topic's copy the same filter
policy and raw delivery. Everything is tagged with a time after which a sweep may remove it; a tap
that is still in use puts that time off.
"""

from __future__ import annotations

import json
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from edactl.core.feed import RuleDelivery, RuleFeed, TargetInput
from edactl.core.times import rfc3339
from edactl.errors import EdactlError, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from edactl.core.bus import Bus
    from edactl.core.feed import SubscriptionSettings, TopicDelivery
    from edactl.core.queue import Queue

RETENTION_SECONDS = 86_400
LIFETIME = timedelta(hours=24)
REFRESH_AFTER = timedelta(hours=8)
PREFIX = "edactl-tail-"
EXPIRES_TAG = "edactl:expires-at"


class Queues(Protocol):
    """Makes, tags and removes queues."""

    def create(self, name: str, *, attributes: Mapping[str, str], tags: Mapping[str, str]) -> Queue:
        """A new queue."""
        ...

    def tag(self, queue: Queue, tags: Mapping[str, str], /) -> None:
        """Add tags to a queue."""
        ...

    def delete(self, queue: Queue, /) -> None:
        """Delete a queue."""
        ...


class Rules(Protocol):
    """Copies rules."""

    def put_copy(
        self, name: str, original: RuleDelivery, queue_arn: str, tags: Mapping[str, str], /
    ) -> None:
        """A rule that delivers the same to another queue."""
        ...

    def tag_copy(self, rule_arn: str, tags: Mapping[str, str], /) -> None:
        """Add tags to such a rule."""
        ...

    def remove_copy(self, name: str, original: RuleDelivery, /) -> None:
        """Remove such a rule."""
        ...


class Topics(Protocol):
    """Subscribes queues to topics."""

    def subscribe_queue(
        self, topic_arn: str, queue_arn: str, settings: SubscriptionSettings, /
    ) -> str:
        """Subscribe a queue; gives the subscription's ARN."""
        ...

    def unsubscribe(self, subscription_arn: str, /) -> None:
        """End a subscription."""
        ...


@dataclass(frozen=True)
class Feeds:
    """What a tap copies; `notes` tell of what feeds a queue and cannot be copied, and why."""

    rules: tuple[RuleDelivery, ...]
    topics: tuple[TopicDelivery, ...]
    notes: tuple[str, ...]

    @property
    def names(self) -> str:
        """The feeds in words, for people."""
        rules = [f"rule {one.feed.rule} of bus {one.feed.bus}" for one in self.rules]
        topics = [f"topic {one.feed.topic_arn.rsplit(':', 1)[-1]}" for one in self.topics]
        return ", ".join(rules + topics)


def feed_of_bus(bus: Bus, pattern: str) -> Feeds:
    """The one feed of a tail of a bus: as if a rule of this pattern fed a queue."""
    path = "rule/x" if bus.name == "default" else f"rule/{bus.name}/x"
    rule_arn = bus.arn.rsplit(":", 1)[0] + ":" + path
    delivery = RuleDelivery(
        RuleFeed(bus.name, "tail"), rule_arn, pattern, enabled=True, inputs=(TargetInput(),)
    )
    return Feeds((delivery,), (), ())


@dataclass(frozen=True)
class Label:
    """What to call the temporary things, and when a sweep may remove them."""

    suffix: str
    expires_at: datetime

    @property
    def name(self) -> str:
        """The name of the temporary queue, and the beginning of every rule's."""
        return PREFIX + self.suffix

    @property
    def tags(self) -> dict[str, str]:
        """What marks the temporary things as ours."""
        return {EXPIRES_TAG: rfc3339(self.expires_at)}


@dataclass(frozen=True)
class Services:
    """Where the temporary things are made."""

    queues: Queues
    rules: Rules
    topics: Topics


@dataclass(frozen=True)
class Tap:
    """A temporary queue in use, and the rules that deliver to it."""

    queue: Queue
    rule_arns: tuple[str, ...]
    services: Services

    def extend(self, expires_at: datetime) -> None:
        """Put off the time after which a sweep may remove it."""
        tags = {EXPIRES_TAG: rfc3339(expires_at)}
        self.services.queues.tag(self.queue, tags)
        for arn in self.rule_arns:
            self.services.rules.tag_copy(arn, tags)


class KeptAlive:
    """Puts a tap's expiry off while it is in use: call it as often as you like.

    A sweep removes what has not been put off for a day; three tries fit into one.
    """

    def __init__(
        self, tap: Tap, now: Callable[[], datetime], on_failure: Callable[[str], None]
    ) -> None:
        self._tap = tap
        self._now = now
        self._on_failure = on_failure
        self._due = now() + REFRESH_AFTER

    def __call__(self) -> None:
        """Extend the tap when it is time; what goes wrong is told, and tried again later."""
        now = self._now()
        if now < self._due:
            return
        self._due = now + REFRESH_AFTER
        try:
            self._tap.extend(now + LIFETIME)
        except EdactlError as error:
            self._on_failure(f"{self._tap.queue.name} keeps its old expiry: {error.message}")


@contextmanager
def tapped(
    feeds: Feeds, label: Label, services: Services, *, on_leftover: Callable[[str], None]
) -> Iterator[Tap]:
    """A temporary queue that gets what the feeds deliver; it goes away with everything else.

    The queue's policy is complete when it is made: a later change takes SQS up to a minute. What
    cannot be removed is named to `on_leftover`.
    """
    queues, rules, topics = services.queues, services.rules, services.topics
    with ExitStack() as stack:
        copies = [(f"{label.name}-{n}", rule) for n, rule in enumerate(feeds.rules)]
        queue = queues.create(label.name, attributes=_attributes(feeds, copies), tags=label.tags)
        stack.callback(_removing(lambda: queues.delete(queue), f"queue {queue.name}", on_leftover))
        for name, rule in copies:
            remove = _rule_remover(rules, name, rule)
            stack.callback(_removing(remove, f"rule {name} of bus {rule.feed.bus}", on_leftover))
            rules.put_copy(name, rule, queue.arn, label.tags)
        for topic in feeds.topics:
            arn = topics.subscribe_queue(topic.feed.topic_arn, queue.arn, topic.settings)
            stack.callback(
                _removing(_unsubscriber(topics, arn), f"subscription {arn}", on_leftover)
            )
        arns = tuple(_with_name(rule.rule_arn, name) for name, rule in copies)
        yield Tap(queue, arns, services)


def _rule_remover(rules: Rules, name: str, rule: RuleDelivery) -> Callable[[], None]:
    return lambda: rules.remove_copy(name, rule)


def _unsubscriber(topics: Topics, arn: str) -> Callable[[], None]:
    return lambda: topics.unsubscribe(arn)


def _removing(
    remove: Callable[[], None], what: str, on_leftover: Callable[[str], None]
) -> Callable[[], None]:
    """A removal that never keeps the next one from being tried."""

    def attempt() -> None:
        try:
            remove()
        except NotFound:
            return  # somebody else removed it
        except EdactlError as error:
            on_leftover(f"{what} is left behind: {error.message}")

    return attempt


def _attributes(feeds: Feeds, copies: list[tuple[str, RuleDelivery]]) -> dict[str, str]:
    senders = {
        "events.amazonaws.com": [_with_name(rule.rule_arn, name) for name, rule in copies],
        "sns.amazonaws.com": [topic.feed.topic_arn for topic in feeds.topics],
    }
    statements = [
        {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sqs:SendMessage",
            "Resource": "*",
            "Condition": {"ArnEquals": {"aws:SourceArn": arns}},
        }
        for service, arns in senders.items()
        if arns
    ]
    return {
        "Policy": json.dumps({"Version": "2012-10-17", "Statement": statements}),
        "MessageRetentionPeriod": str(RETENTION_SECONDS),
        "SqsManagedSseEnabled": "true",
    }


def _with_name(rule_arn: str, name: str) -> str:
    """The ARN of a rule of that name beside this one: on the same bus."""
    head, slash, _ = rule_arn.rpartition("/")
    return f"{head}{slash}{name}"
