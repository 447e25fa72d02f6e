"""Remove what tails left behind: only what carries edactl's own tag, and has expired."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, TypeVar

from edactl.core.bus import Rule
from edactl.errors import EdactlError, NotFound
from edactl.ops.tap import EXPIRES_TAG, PREFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from edactl.core.bus import Bus
    from edactl.core.feed import TopicFeed
    from edactl.core.queue import Queue

T = TypeVar("T")


class Buses(Protocol):
    """Lists buses."""

    def list_buses(self) -> Iterable[Bus]:
        """Every bus."""
        ...


class Rules(Protocol):
    """Lists and removes rules."""

    def rules_of(self, bus: str, prefix: str, /) -> Iterable[Rule]:
        """The rules of a bus whose names start so."""
        ...

    def tags(self, rule: Rule, /) -> Mapping[str, str]:
        """A rule's tags."""
        ...

    def remove(self, rule: Rule, /) -> None:
        """Remove a rule and its targets."""
        ...


class Queues(Protocol):
    """Lists and deletes queues."""

    def list(self, prefix: str, /) -> Iterable[Queue]:
        """The queues whose names start so."""
        ...

    def tags(self, queue: Queue, /) -> Mapping[str, str]:
        """A queue's tags."""
        ...

    def delete(self, queue: Queue, /) -> None:
        """Delete a queue."""
        ...


class Topics(Protocol):
    """Finds and ends subscriptions."""

    def feeding(self, queue_arn: str, /) -> Iterable[TopicFeed]:
        """The subscriptions of a queue."""
        ...

    def unsubscribe(self, subscription_arn: str, /) -> None:
        """End a subscription."""
        ...


@dataclass(frozen=True)
class Leftover:
    """One temporary resource; `removed` is null in a plan, and `error` says why it stayed."""

    kind: str
    name: str
    bus: str | None
    expires_at: str
    expired: bool
    removed: bool | None = None
    error: str | None = None


@dataclass(frozen=True)
class Sweeper:
    """Finds and removes leftovers."""

    buses: Buses
    rules: Rules
    queues: Queues
    topics: Topics

    def find(self, now: datetime) -> Iterator[tuple[Leftover, Rule | Queue]]:
        """Every temporary rule and queue with edactl's tag, rules first: they feed the queues."""
        for bus in self.buses.list_buses():
            for rule in self.rules.rules_of(bus.name, PREFIX):
                expires_at = _expiry(self.rules.tags, rule)
                if expires_at:
                    expired = _expired(expires_at, now)
                    yield Leftover("rule", rule.name, bus.name, expires_at, expired), rule
        for queue in self.queues.list(PREFIX):
            expires_at = _expiry(self.queues.tags, queue)
            if expires_at:
                expired = _expired(expires_at, now)
                yield Leftover("queue", queue.name, None, expires_at, expired), queue

    def remove(self, thing: Rule | Queue) -> str | None:
        """Remove one; what kept it, if anything did."""
        try:
            if isinstance(thing, Rule):
                self.rules.remove(thing)
            else:
                for feed in self.topics.feeding(thing.arn):
                    self.topics.unsubscribe(feed.subscription_arn)
                self.queues.delete(thing)
        except NotFound:
            return None  # its own tail removed it just now
        except EdactlError as error:
            return error.message
        return None


def _expiry(tags: Callable[[T], Mapping[str, str]], thing: T) -> str | None:
    """When a thing may be removed; None when it is not ours, or gone: tails end all the time."""
    try:
        return tags(thing).get(EXPIRES_TAG)
    except NotFound:
        return None


def _expired(expires_at: str, now: datetime) -> bool:
    try:
        return datetime.fromisoformat(expires_at) <= now
    except ValueError:
        return False
