"""Clusters and letters as `dlq inspect` prints them: the field names are a contract."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.core.letter import Letter, Origin
from edactl.core.letter_clusters import MAXIMUM_CLUSTERS, OTHER, Cluster, cluster_of
from edactl.core.letter_hints import Place, hint_of
from edactl.core.letter_origins import located
from edactl.core.record import record_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from edactl.core.dead_letter_source import DeadLetterSource
    from edactl.core.record import JsonValue

_SHOWN_BODY = 1000


@dataclass(frozen=True)
class ClusterRow:
    """One cluster. `cluster` is its id, or `other` for what came after the thousandth cluster.

    Times are when the letters were sent first. `message` is the error message that they share, or
    the shape of their bodies, with `#` for numbers and ids; `sample_body` is cut at 1,000
    characters. `sender`, `problem` and `exhausted` are those of `edactl.core.letter.Letter`.
    """

    cluster: str
    origin: Origin
    reason: str | None
    target: str | None
    count: int
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    sample_message_id: str
    hint: str
    message: str
    sender: str | None
    exhausted: str | None
    problem: str | None
    sample_body: str


def cluster_row(cluster: Cluster, dlq: str, sources: Sequence[DeadLetterSource]) -> ClusterRow:
    """The cluster with what the DLQ's sources tell, and what to do about it."""
    letter = located(cluster.sample, sources)
    if cluster.id == OTHER:
        hint = f"more than {MAXIMUM_CLUSTERS} kinds of letters: see them with --letters"
        letter = Letter(letter.message, Origin.UNKNOWN)
    else:
        hint = hint_of(letter, Place(dlq, cluster.id))
    return ClusterRow(
        cluster=cluster.id,
        origin=letter.origin,
        reason=letter.reason,
        target=letter.target,
        count=cluster.count,
        first_seen_at=cluster.first_seen_at,
        last_seen_at=cluster.last_seen_at,
        sample_message_id=letter.message.message_id,
        hint=hint,
        message=cluster.message,
        sender=letter.sender,
        exhausted=letter.exhausted,
        problem=letter.problem,
        sample_body=letter.message.body[:_SHOWN_BODY],
    )


def letter_record(letter: Letter) -> dict[str, JsonValue]:
    """One letter: its cluster, what it tells, and the message as `queue peek` prints it."""
    told = record_of(letter)
    message = told.pop("message")
    assert isinstance(message, dict)  # noqa: S101 -- a dataclass is an object
    return {"cluster": cluster_of(letter.message), **told, **message}
