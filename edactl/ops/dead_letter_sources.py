"""What sends its failures to which DLQ, asked of every service side by side. Writes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Protocol, TypeAlias

from edactl.errors import AwsError, NotFound
from edactl.ops.workers import worker_pool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from concurrent.futures import ThreadPoolExecutor

    from edactl.core.dead_letter_source import DeadLetterSource

_AT_ONCE = 64
"""Questions asked before the answers are looked at: so many may fail for one reason."""


Question: TypeAlias = "Callable[[], Iterable[DeadLetterSource]]"
"""Asks of one resource, by one call or none, which DLQs it has."""


class SourceReader(Protocol):
    """Knows what of one service has a DLQ; `what` names its kind of resource."""

    @property
    def what(self) -> str:
        """The kind, in the plural."""
        ...

    def questions(self) -> Iterable[Question]:
        """A question for each resource that may have a DLQ, by a few calls that list them."""
        ...


@dataclass(frozen=True)
class FoundSources:
    """What has a DLQ, and a warning for each service that could not be asked to the end."""

    sources: tuple[DeadLetterSource, ...]
    warnings: tuple[str, ...]


def find_sources(readers: Sequence[SourceReader], *, workers: int) -> FoundSources:
    """Everything that has a DLQ, as far as each service tells.

    A service that may not be asked, or that the endpoint lacks, is a warning with the action.
    """
    if not readers:
        return FoundSources((), ())
    with worker_pool(len(readers)) as services, worker_pool(workers) as calls:
        found = list(services.map(lambda reader: _sources_of(reader, calls), readers))
    return FoundSources(
        tuple(chain.from_iterable(sources for sources, _ in found)),
        tuple(warning for _, warning in found if warning),
    )


def _sources_of(
    reader: SourceReader, calls: ThreadPoolExecutor
) -> tuple[list[DeadLetterSource], str]:
    sources: list[DeadLetterSource] = []
    try:
        questions = iter(reader.questions())
        while some := list(islice(questions, _AT_ONCE)):
            for found in calls.map(_answer, some):
                sources += found
    except AwsError as error:
        return sources, f"not all {reader.what} were looked at: {error.message}"
    return sources, ""


def _answer(question: Question) -> list[DeadLetterSource]:
    try:
        return list(question())
    except NotFound:  # gone meanwhile
        return []
