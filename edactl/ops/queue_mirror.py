"""What feeds a queue: a tap on the same feeds shows what it gets without touching it.

What is sent straight to the queue has no feed, so it does not show.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from edactl.core.feed import RuleDelivery, TopicDelivery
from edactl.errors import AccessDenied, UsageError
from edactl.ops.tap import Feeds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from edactl.core.feed import RuleFeed, SubscriptionSettings, TopicFeed
    from edactl.core.queue import Queue

T = TypeVar("T")


class Rules(Protocol):
    """Finds the rules that feed a queue."""

    def feeding(self, queue_arn: str, /) -> Iterable[RuleFeed]:
        """The rules of every bus that target this queue."""
        ...

    def delivery(self, feed: RuleFeed, queue_arn: str, /) -> RuleDelivery:
        """How a rule delivers to this queue."""
        ...


class Topics(Protocol):
    """Finds the topics that feed a queue."""

    def feeding(self, queue_arn: str, /) -> Iterable[TopicFeed]:
        """The topics that this queue subscribes to."""
        ...

    def settings(self, subscription_arn: str, /) -> SubscriptionSettings:
        """How a topic delivers to this subscriber."""
        ...


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
