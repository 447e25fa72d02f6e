"""Watch what a queue gets without touching it: copies of its feeds deliver to a temporary queue.

A rule's copy has the same pattern and the same input transformation, a topic's copy the same filter
policy and raw delivery. What is sent straight to the queue has no feed, so it does not show.
"""

from __future__ import annotations

import json
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from edactl.core.feed import RuleDelivery, TopicDelivery
from edactl.core.times import rfc3339
from edactl.errors import AccessDenied, EdactlError, NotFound, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from edactl.core.feed import RuleFeed, SubscriptionSettings, TopicFeed
    from edactl.core.queue import Queue

T = TypeVar("T")
RETENTION_SECONDS = 3600
PREFIX = "edactl-tail-"
EXPIRES_TAG = "edactl:expires-at"


class Queues(Protocol):
    """Makes and removes queues."""

    def create(self, name: str, *, attributes: Mapping[str, str], tags: Mapping[str, str]) -> Queue:
        """A new queue."""
        ...

    def delete(self, queue: Queue, /) -> None:
        """Delete a queue."""
        ...


class Rules(Protocol):
    """Finds the rules that feed a queue, and copies them."""

    def feeding(self, queue_arn: str, /) -> Iterable[RuleFeed]:
        """The rules of every bus that target this queue."""
        ...

    def delivery(self, feed: RuleFeed, queue_arn: str, /) -> RuleDelivery:
        """How a rule delivers to this queue."""
        ...

    def put_copy(
        self, name: str, original: RuleDelivery, queue_arn: str, tags: Mapping[str, str], /
    ) -> None:
        """A rule that delivers the same to another queue."""
        ...

    def remove_copy(self, name: str, original: RuleDelivery, /) -> None:
        """Remove such a rule."""
        ...


class Topics(Protocol):
    """Finds the topics that feed a queue, and subscribes other queues to them."""

    def feeding(self, queue_arn: str, /) -> Iterable[TopicFeed]:
        """The topics that this queue subscribes to."""
        ...

    def settings(self, subscription_arn: str, /) -> SubscriptionSettings:
        """How a topic delivers to this subscriber."""
        ...

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
    """What can be mirrored of a queue's feeds; `notes` tell of those that cannot, and why."""

    rules: tuple[RuleDelivery, ...]
    topics: tuple[TopicDelivery, ...]
    notes: tuple[str, ...]

    @property
    def names(self) -> str:
        """The feeds in words, for people."""
        rules = [f"rule {one.feed.rule} of bus {one.feed.bus}" for one in self.rules]
        topics = [f"topic {one.feed.topic_arn.rsplit(':', 1)[-1]}" for one in self.topics]
        return ", ".join(rules + topics)


def find_feeds(queue: Queue, rules: Rules, topics: Topics) -> Feeds:
    """The feeds of a queue that can be mirrored.

    Raises UsageError that explains the choice when there is none, and AccessDenied when there may
    be one that may not be looked up.
    """
    denied: list[AccessDenied] = []
    found = _allowed(
        lambda: tuple(rules.delivery(feed, queue.arn) for feed in rules.feeding(queue.arn)), denied
    )
    subscribed = _allowed(
        lambda: tuple(
            TopicDelivery(feed, topics.settings(feed.subscription_arn))
            for feed in topics.feeding(queue.arn)
        ),
        denied,
    )
    mirrored_rules = tuple(one for one in found if not _not_mirrored(one))
    if mirrored_rules or subscribed:
        notes = [f"not mirrored: {error.message}" for error in denied]
        notes += [
            f"rule {one.feed.rule} is not mirrored: {why}"
            for one in found
            if (why := _not_mirrored(one))
        ]
        return Feeds(mirrored_rules, subscribed, tuple(notes))
    if denied:
        raise denied[0]
    raise UsageError(
        f'queue "{queue.name}" has no EventBridge rule or SNS topic to mirror;'
        " to tail the queue itself changes what its consumers see, so say how",
        hint=f"edactl queue tail {queue.name} --lease (give back, raises receive counts)"
        " or --consume (delete after printing)",
    )


def _allowed(look_up: Callable[[], tuple[T, ...]], denied: list[AccessDenied]) -> tuple[T, ...]:
    """What was found; nothing, and the error kept in `denied`, where it may not be looked up."""
    try:
        return look_up()
    except AccessDenied as error:
        denied.append(error)
        return ()


def _not_mirrored(rule: RuleDelivery) -> str | None:
    if rule.pattern is None:
        return "it runs on a schedule"
    if not rule.enabled:
        return "it is disabled"
    return None if rule.inputs else "its target has gone"


@dataclass(frozen=True)
class Mirror:
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


@contextmanager
def mirrored(
    feeds: Feeds, mirror: Mirror, services: Services, *, on_leftover: Callable[[str], None]
) -> Iterator[Queue]:
    """A temporary queue that gets what the feeds deliver; it goes away with everything else.

    The queue's policy is complete when it is made: a later change takes SQS up to a minute. What
    cannot be removed is named to `on_leftover`.
    """
    queues, rules, topics = services.queues, services.rules, services.topics
    with ExitStack() as stack:
        copies = [(f"{mirror.name}-{n}", rule) for n, rule in enumerate(feeds.rules)]
        queue = queues.create(mirror.name, attributes=_attributes(feeds, copies), tags=mirror.tags)
        stack.callback(_removing(lambda: queues.delete(queue), f"queue {queue.name}", on_leftover))
        for name, rule in copies:
            remove = _rule_remover(rules, name, rule)
            stack.callback(_removing(remove, f"rule {name} of bus {rule.feed.bus}", on_leftover))
            rules.put_copy(name, rule, queue.arn, mirror.tags)
        for topic in feeds.topics:
            arn = topics.subscribe_queue(topic.feed.topic_arn, queue.arn, topic.settings)
            stack.callback(
                _removing(_unsubscriber(topics, arn), f"subscription {arn}", on_leftover)
            )
        yield queue


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
