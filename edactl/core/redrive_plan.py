"""What a redrive would do: letters by destination and by cluster, sizes, what stays and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import astuple, dataclass, field
from difflib import unified_diff
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from edactl.core.letter_clusters import Clusters
from edactl.core.redrive_origins import way_of
from edactl.core.redrive_route import Carried, Skip

if TYPE_CHECKING:
    from collections.abc import Callable

    from edactl.core.letter import Letter, Origin
    from edactl.core.redrive_route import Decision, Route

CLIENT, SERVER = "client", "server"
SHOWN_EDITS = 3
_SHOWN_REASONS = 100
_MOVED_A_SECOND = 500.0
"""What one process moves with some ease; without --rate the estimate is this."""


class Chooser(Protocol):
    """Decides about letters."""

    def decide(self, letter: Letter, /) -> Decision:
        """Where the letter goes and as what, or why it stays."""
        ...


@dataclass(frozen=True)
class PlannedDestination:
    """What would go to one destination. `body_bytes` counts bodies, `largest_bytes` the largest.

    `sender` is the ARN of the rule, schedule or subscription that it goes there for, if any;
    `way` says in words what happens there.
    """

    destination: str
    door: str
    sender: str | None
    way: str
    letters: int
    body_bytes: int
    largest_bytes: int


@dataclass(frozen=True)
class PlannedCluster:
    """What would go of one cluster."""

    cluster: str
    origin: Origin
    reason: str | None
    letters: int


@dataclass(frozen=True)
class PlannedSkip:
    """Letters that would stay for one reason."""

    reason: str
    letters: int


@dataclass(frozen=True)
class PlannedEdit:
    """How one letter's body would change, as a unified diff."""

    message_id: str
    diff: str


@dataclass(frozen=True)
class RedrivePlan:
    """The whole plan. `eta_seconds` is by the rate asked for, or by what one process does.

    `engine` is server where SQS's own move task would do it, else client; `engine_reason` says
    what needs the client.
    """

    engine: str
    engine_reason: str | None
    destinations: tuple[PlannedDestination, ...]
    clusters: tuple[PlannedCluster, ...]
    skipped: tuple[PlannedSkip, ...]
    edits: tuple[PlannedEdit, ...]
    eta_seconds: float


@dataclass
class Planning:
    """A chooser that only counts what another one decides, and leaves every letter.

    Safe for threads. At most `limit` letters count as going; None is no end. `in_order` is for
    FIFO, where nothing of a group goes past a letter of it that stays. `sourceless` counts the
    letters of which SQS does not know what queue they came from.
    """

    chooser: Chooser
    limit: int | None = None
    in_order: bool = False
    going: int = 0
    sourceless: int = 0
    _sizes: dict[Route, list[int]] = field(default_factory=dict)
    _clusters: Clusters = field(default_factory=Clusters)
    _skipped: Counter[str] = field(default_factory=Counter)
    _edits: list[PlannedEdit] = field(default_factory=list)
    _stopped: set[str | None] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    @property
    def is_full(self) -> bool:
        """Whether as many letters as may go were found."""
        return self.limit is not None and self.going >= self.limit

    def decide(self, letter: Letter) -> Skip:
        """Leave the letter, and count what would become of it."""
        decision = self.chooser.decide(letter)
        group = letter.message.group_id
        with self._lock:
            self.sourceless += letter.message.source_queue_arn is None
            if self.in_order and group in self._stopped:
                decision = Skip("an earlier letter of its group stays")
            elif self.is_full and isinstance(decision, Carried):
                decision = Skip("--limit is reached")
            if isinstance(decision, Skip):
                self._stopped.add(group)
            if isinstance(decision, Carried):
                self._count(decision)
            else:
                self._count_skip(decision.reason)
        return Skip("this is a dry run")

    def _count(self, carried: Carried) -> None:
        self.going += 1
        self._clusters.add(carried.letter)
        route = carried.route
        size = len(carried.payload.encode())
        letters, total, largest = self._sizes.get(route, [0, 0, 0])
        self._sizes[route] = [letters + 1, total + size, max(largest, size)]
        if carried.payload != carried.message.body and len(self._edits) < SHOWN_EDITS:
            self._edits.append(PlannedEdit(carried.message.message_id, diff_of(carried)))

    def _count_skip(self, reason: str) -> None:
        known = reason in self._skipped or len(self._skipped) < _SHOWN_REASONS
        self._skipped[reason if known else "other reasons"] += 1

    def plan(self, rate: float | None, why_client: str | None) -> RedrivePlan:
        """What was counted; `why_client` says what needs the client engine, None for nothing."""
        return RedrivePlan(
            engine=CLIENT if why_client else SERVER,
            engine_reason=why_client,
            destinations=tuple(
                PlannedDestination(
                    one.destination, one.door, one.sender or None, way_of(one), *sizes
                )
                for one, sizes in sorted(self._sizes.items(), key=lambda item: astuple(item[0]))
            ),
            clusters=tuple(
                PlannedCluster(one.id, one.sample.origin, one.sample.reason, one.count)
                for one in self._clusters.by_count()
            ),
            skipped=tuple(PlannedSkip(*one) for one in self._skipped.most_common()),
            edits=tuple(self._edits),
            eta_seconds=round(self.going / (rate or _MOVED_A_SECOND), 1),
        )


@dataclass
class ShowingEdits:
    """A chooser that shows how the first letters that go are edited. Safe for threads."""

    chooser: Chooser
    show: Callable[[PlannedEdit], object]
    left: int = SHOWN_EDITS
    _lock: Lock = field(default_factory=Lock)

    def decide(self, letter: Letter) -> Decision:
        """What the other chooser decides."""
        decision = self.chooser.decide(letter)
        if self.left and isinstance(decision, Carried):
            with self._lock:
                if self.left and decision.payload != decision.message.body:
                    self.left -= 1
                    self.show(PlannedEdit(decision.message.message_id, diff_of(decision)))
        return decision


def diff_of(carried: Carried) -> str:
    """What an edit changes in a body, line by line."""
    before, after = carried.message.body, carried.payload
    return "\n".join(
        unified_diff(before.splitlines(), after.splitlines(), "body", "edited", lineterm="")
    )
