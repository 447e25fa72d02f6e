"""One queue in full: its attributes in words, who may send, what feeds it. Writes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from edactl.core.queue_explain import Explanation, explain
from edactl.core.queue_policy import Grant, senders
from edactl.errors import AwsError
from edactl.ops.queue_list import AgeReader, QueueReader, oldest_ages, sources_of
from edactl.ops.workers import worker_pool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from concurrent.futures import Future
    from datetime import datetime

    from edactl.core.feed import RuleFeed, TopicFeed
    from edactl.core.queue import Queue, QueueAttributes

T = TypeVar("T")


class TaggedQueueReader(QueueReader, Protocol):
    """Reads queues and their tags."""

    def tags(self, queue: Queue, /) -> Mapping[str, str]:
        """The tags of the queue."""
        ...


class RuleReader(Protocol):
    """Knows the rules that target a queue."""

    def feeding(self, queue_arn: str, /) -> Iterable[RuleFeed]:
        """The rules of every bus."""
        ...


class TopicReader(Protocol):
    """Knows the topics that a queue subscribes to."""

    def feeding(self, queue_arn: str, /) -> Iterable[TopicFeed]:
        """The topics of the account."""
        ...


@dataclass(frozen=True)
class QueueDetails:
    """A queue in full. A null could not be read; `explained` says in words what it all means.

    `fed_by_rules` and `fed_by_topics` do not know of plain SendMessage calls: see `senders`.
    """

    name: str
    arn: str
    url: str
    is_fifo: bool
    oldest_age_seconds: float | None
    attributes: QueueAttributes
    senders: tuple[Grant, ...]
    fed_by_rules: tuple[RuleFeed, ...] | None
    fed_by_topics: tuple[TopicFeed, ...] | None
    sources: tuple[str, ...] | None
    tags: Mapping[str, str] | None
    explained: tuple[Explanation, ...]


@dataclass(frozen=True)
class Readers:
    """Where the facts come from."""

    queues: TaggedQueueReader
    rules: RuleReader
    topics: TopicReader
    ages: AgeReader


def show_queue(
    queue: Queue, readers: Readers, *, now: datetime, workers: int
) -> tuple[QueueDetails, list[str]]:
    """The queue in full, and warnings on what could not be read. Raises what `attributes` raises.

    Rules, topics, sources, tags and age are read side by side; each may fail on its own.
    """
    attributes = readers.queues.attributes(queue)
    warnings: list[str] = []
    with worker_pool(5) as pool:

        def ask(function: Callable[[], T]) -> Future[T]:
            return pool.submit(function)

        rules = ask(lambda: tuple(readers.rules.feeding(queue.arn)))
        topics = ask(lambda: tuple(readers.topics.feeding(queue.arn)))
        sources = ask(lambda: sources_of(queue, readers.queues, workers=workers))
        tags = ask(lambda: readers.queues.tags(queue))
        ages, age_warnings = ask(lambda: oldest_ages(readers.ages, [queue.name], now)).result()
        warnings += age_warnings
        return QueueDetails(
            name=queue.name,
            arn=queue.arn,
            url=queue.url,
            is_fifo=queue.is_fifo,
            oldest_age_seconds=ages.get(queue.name),
            attributes=attributes,
            senders=senders(attributes.policy),
            fed_by_rules=_answer(rules, "rules that feed it", warnings),
            fed_by_topics=_answer(topics, "topics that feed it", warnings),
            sources=_answer(sources, "sources", warnings),
            tags=_answer(tags, "tags", warnings),
            explained=explain(queue, attributes),
        ), warnings


def _answer(asked: Future[T], what: str, warnings: list[str]) -> T | None:
    try:
        return asked.result()
    except AwsError as error:
        warnings.append(f"{what} unknown: {error.message}")
        return None
