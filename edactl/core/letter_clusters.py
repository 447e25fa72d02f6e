"""Letters of one cause together: how many, when, and one of them as a sample.

Two letters are of one cluster when they agree in origin, sender, target, error code, problem, and
error message without its numbers and ids; where the origin tells no message, in their body's shape.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from edactl.core.letter_origins import classify
from edactl.core.letter_shape import masked, shape_of

if TYPE_CHECKING:
    from datetime import datetime

    from edactl.core.letter import Letter, Origin
    from edactl.core.message import Message

MAXIMUM_CLUSTERS = 1000
OTHER = "other"
"""The id of what came after the last cluster that is counted by itself."""
_ID_DIGITS = 8
_SAMPLE_CHARACTERS = 16 * 1024
_ID = re.compile(rf"[0-9a-f]{{{_ID_DIGITS}}}")


class ClusterKey(NamedTuple):
    """What the letters of one cluster agree in. `message` has `#` for numbers and ids."""

    origin: Origin
    sender: str | None
    target: str | None
    reason: str | None
    problem: str | None
    message: str

    @property
    def id(self) -> str:
        """8 hexadecimal digits that are the same in every run."""
        text = "\x1f".join(part or "" for part in self)
        return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:_ID_DIGITS]


def key_of(letter: Letter) -> ClusterKey:
    """What this letter shares with others of its cause.

    Takes the letter as `classify` gives it: what the DLQ's sources add is not known everywhere.
    """
    told = letter.error_message
    return ClusterKey(
        letter.origin,
        letter.sender,
        letter.target,
        letter.reason,
        letter.problem,
        masked(told) if told else shape_of(letter.message.body),
    )


def cluster_of(message: Message) -> str:
    """The id of the cluster that this message belongs to; the same wherever it is asked."""
    return key_of(classify(message)).id


@dataclass(frozen=True)
class Cluster:
    """The letters of one cause. Times are when they were sent first, as SQS tells it.

    `message` is the error message that they share, with `#` for numbers and ids, or the shape of
    their bodies; `sample` is the first of them that was seen, with at most 16 KiB of its body and
    without its attributes.
    """

    id: str
    message: str
    sample: Letter
    count: int
    first_seen_at: datetime | None
    last_seen_at: datetime | None


@dataclass
class Clusters:
    """Counts letters by cluster. Memory is bounded: at most 1,000 clusters, one sample of each.

    Letters of further clusters are counted together, under the id `other`.
    """

    limit: int = MAXIMUM_CLUSTERS
    _found: dict[str, Cluster] = field(default_factory=dict)

    def add(self, letter: Letter) -> str:
        """Count a letter, as `classify` gives it; gives the id of its cluster."""
        key = key_of(letter)
        known = key.id if key.id in self._found or len(self._found) < self.limit else OTHER
        sent_at = letter.message.sent_at
        before = self._found.get(known)
        if before is None:
            message = "" if known == OTHER else key.message
            self._found[known] = Cluster(known, message, _sample(letter), 1, sent_at, sent_at)
        else:
            self._found[known] = replace(
                before,
                count=before.count + 1,
                first_seen_at=_earliest(before.first_seen_at, sent_at),
                last_seen_at=_latest(before.last_seen_at, sent_at),
            )
        return key.id

    def by_count(self) -> list[Cluster]:
        """Every cluster, the largest first."""
        return sorted(self._found.values(), key=lambda one: (-one.count, one.id))


def _sample(letter: Letter) -> Letter:
    """The letter without what can be large."""
    body = letter.message.body[:_SAMPLE_CHARACTERS]
    small = replace(letter.message, body=body, attributes={}, message_attributes={})
    return replace(letter, message=small)


def _earliest(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((moment for moment in (one, other) if moment), default=None)


def _latest(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((moment for moment in (one, other) if moment), default=None)


def is_cluster_id(text: str) -> bool:
    """Whether a cluster can have this id."""
    return _ID.fullmatch(text) is not None


@dataclass
class WantedCluster:
    """The one cluster whose letters are chosen, and which others were met. Safe for threads.

    Memory is bounded: at most 1,000 others are told apart.
    """

    id: str
    met: int = 0
    _others: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def takes(self, letter: Letter) -> bool:
        """Whether the letter is of this cluster; counts it."""
        found = key_of(letter).id
        with self._lock:
            if found == self.id:
                self.met += 1
            elif found in self._others or len(self._others) < MAXIMUM_CLUSTERS:
                self._others[found] += 1
        return found == self.id

    @property
    def others(self) -> list[tuple[str, int]]:
        """The other clusters with how many letters of each were met, the largest first."""
        with self._lock:
            return self._others.most_common()
