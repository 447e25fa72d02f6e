"""One batch of letters, from receipt to deletion: decide, plan, send, delete.

On FIFO the letters of a group go one after the other, and nothing of a group follows a letter of it
that stayed: filters stop a group as failures do, unless reordering is allowed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edactl.core.journal import Planned
from edactl.core.letter_origins import classify
from edactl.core.message import BatchFailure
from edactl.core.redrive import Intake
from edactl.core.redrive_delivery import Delivered, Refused, Unknown
from edactl.core.redrive_route import Carried, Skip
from edactl.errors import AccessDenied, ConfigError, EdactlError, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from edactl.core.message import Received
    from edactl.core.queue import Queue
    from edactl.core.redrive_plan import Chooser
    from edactl.ops.redrive_books import Books
    from edactl.ops.redrive_deliver import Deliverer
    from edactl.ops.redrive_hands import InHand
    from edactl.ops.redrive_ports import Keeper, Pacer, Timing


@dataclass
class BatchWork:
    """What the workers share: the queue, the letters in hand, the books, and the ways out."""

    queue: Queue
    keeper: Keeper
    hands: InHand
    books: Books
    chooser: Chooser
    deliverer: Deliverer
    pacer: Pacer
    timing: Timing
    allow_reorder: bool = False
    lost_at: dict[str, float] = field(default_factory=dict)
    """Letters that were sent without an answer, and when, in seconds since 1970."""
    stopped_groups: dict[str, str] = field(default_factory=dict)
    """FIFO groups that have a letter which stayed, and which one."""
    undeleted: dict[str, BatchFailure] = field(default_factory=dict)
    """Letters that arrived and could not be deleted yet, and why."""
    delete_failures: int = 0

    def process(self, received: Sequence[Received], asked_at: float) -> tuple[int, int]:
        """Do what is to be done with each message.

        Gives how many of them were news, and how many were sent or tried. Raises EdactlError when
        the run has to stop; what was sent until then is in the books, and what was not goes back.
        """
        self.hands.take(received, asked_at)
        answers = self.books.receive([one.message.message_id for one in received])
        sorted_out = list(zip(received, answers, strict=True))
        self.delete([one.message.message_id for one, what in sorted_out if what is Intake.DELETE])
        self.hands.hold(one.message.message_id for one, what in sorted_out if what is Intake.HOLD)
        work = [one for one, what in sorted_out if what is Intake.WORK]
        going = self._chosen(work)
        if going:
            going = self._planned(going)
        for letters in self._rounds(going):
            self._send(letters)
        if going and self.allow_reorder and self.queue.is_fifo:
            self._show_what_is_behind(received)
        return len(received) - answers.count(Intake.HOLD), len(going)

    def _show_what_is_behind(self, received: Sequence[Received]) -> None:
        """Give back what stayed: as long as it is in hand, SQS hides the rest of its group."""
        self._release(one.message.message_id for one in received)

    # -- choosing --------------------------------------------------------------------------------

    def _chosen(self, work: Sequence[Received]) -> list[Carried]:
        going: list[Carried] = []
        skipped: list[tuple[Received, str]] = []
        damaged: list[str] = []
        for one in work:
            if _is_damaged(one):
                damaged.append(one.message.message_id)
                self._stop_group(one.message.group_id, one.message.message_id)
                continue
            decision = self._decided(one)
            if isinstance(decision, Skip):
                skipped.append((one, decision.reason))
            else:
                going.append(decision)
        self._skip(skipped)
        self._refuse(damaged)
        return going

    def _decided(self, one: Received) -> Carried | Skip:
        group = one.message.group_id
        if reason := self._why_group_stopped(group):
            return Skip(reason)
        decision = self.chooser.decide(classify(one.message))
        if isinstance(decision, Skip) and not self.allow_reorder:
            self._stop_group(group, one.message.message_id)
        return decision

    def _why_group_stopped(self, group: str | None) -> str | None:
        if not self.queue.is_fifo or group not in self.stopped_groups:
            return None
        return f'an earlier letter of group "{group}" stayed: {self.stopped_groups[group]}'

    def _stop_group(self, group: str | None, message_id: str) -> None:
        if self.queue.is_fifo and group is not None:
            self.stopped_groups.setdefault(group, message_id)

    def _skip(self, skipped: Sequence[tuple[Received, str]]) -> None:
        reasons = [(one.message.message_id, one.receipt_handle, why) for one, why in skipped]
        self.books.skip(reasons)
        self.hands.hold(message_id for message_id, _, _ in reasons)

    def _refuse(self, damaged: Sequence[str]) -> None:
        refused = Refused("BodyDigestMismatch", "the body that arrived is not the one SQS sent")
        self.books.settle([(message_id, refused, True) for message_id in damaged])
        self.hands.hold(damaged)

    # -- planning --------------------------------------------------------------------------------

    def _planned(self, going: Sequence[Carried]) -> list[Carried]:
        """Those that may go now, each on disk in full; the others are given back."""
        may_go = self.pacer.wait(len(going)) and not self.timing.abort.is_set()
        ready = [one for one in going if may_go and self.hands.safe(one.message.message_id)]
        kept = {one.message.message_id for one in ready}
        late = [one.message.message_id for one in going if one.message.message_id not in kept]
        self.books.forget(late)
        self._release(late)
        handles = dict(self.hands.handles(one.message.message_id for one in ready))
        now = self.timing.now()
        if ready:
            self.books.plan([_plan(one, handles[one.message.message_id], now) for one in ready])
        return ready

    def _rounds(self, going: Sequence[Carried]) -> Iterator[list[Carried]]:
        """The letters to send together: all, or on FIFO the first of each group, then the next."""
        if not self.queue.is_fifo:
            if going:
                yield list(going)
            return
        groups: dict[str | None, list[Carried]] = {}
        for one in going:
            groups.setdefault(one.message.group_id, []).append(one)
        while groups:
            yield [letters[0] for letters in groups.values()]
            for group, letters in list(groups.items()):
                del letters[0]
                if reason := self._why_group_stopped(group):
                    self._leave_behind(letters, reason)
                if reason or not letters:
                    del groups[group]

    def _leave_behind(self, letters: Sequence[Carried], reason: str) -> None:
        handles = self.hands.handles(one.message.message_id for one in letters)
        self.books.skip([(message_id, handle, reason) for message_id, handle in handles])
        self.hands.hold(message_id for message_id, _ in handles)

    # -- sending ---------------------------------------------------------------------------------

    def _send(self, letters: Sequence[Carried]) -> None:
        results = self.deliverer.deliver(letters, self.lost_at)
        groups = {one.message.message_id: one.message.group_id for one in letters}
        for message_id, delivery, _ in results.settled:
            if isinstance(delivery, Unknown):
                self.lost_at.setdefault(message_id, self.timing.now())
            if not isinstance(delivery, Delivered):
                self._stop_group(groups[message_id], message_id)
        for message_id in results.untried:
            self._stop_group(groups[message_id], message_id)
        delivered = self.books.settle(results.settled)
        self.delete(delivered)
        stayed = {one for one, _, _ in results.settled} - set(delivered)
        self.hands.hold(sorted(stayed))
        self.books.give_back(results.untried)
        self._release(results.untried)
        if results.halt is not None:
            raise results.halt

    def delete(self, ids: Sequence[str]) -> None:
        """Delete letters that the disk knows to have arrived. What fails is seen again later."""
        held = self.hands.handles(ids)
        if not held:
            return
        halt: EdactlError | None = None
        try:
            failures = self.keeper.delete_messages(self.queue, [handle for _, handle in held])
        except EdactlError as error:
            failures = _all_failed(error, len(held))
            if isinstance(error, AccessDenied | NotFound | ConfigError):
                halt = error  # to send more would make more that is in two places
        self.delete_failures += len(failures)
        failed = {failure.index: failure for failure in failures}
        for place, (message_id, _) in enumerate(held):
            if place in failed:
                self.undeleted[message_id] = failed[place]
            else:
                self.undeleted.pop(message_id, None)
        self.books.deleted([one for place, (one, _) in enumerate(held) if place not in failed])
        self.hands.drop(message_id for message_id, _ in held)
        if halt is not None:
            raise halt

    def _release(self, ids: Iterable[str]) -> None:
        """Give letters back at once, undecided."""
        held = self.hands.handles(ids)
        self.hands.drop(message_id for message_id, _ in held)
        if held:
            try:
                self.keeper.release(self.queue, [handle for _, handle in held])
            except EdactlError:  # they come back when their lease ends
                return


def _plan(letter: Carried, handle: str, now: float) -> Planned:
    message = letter.message
    changed = letter.payload != message.body
    payload = letter.payload if changed else None
    route = letter.route
    return Planned(
        message, handle, route.destination, payload, round(now, 3), route.door, route.sender
    )


def _is_damaged(one: Received) -> bool:
    ours = hashlib.md5(one.message.body.encode(), usedforsecurity=False).hexdigest()
    return one.md5_of_body not in {"", ours}


def _all_failed(error: EdactlError, count: int) -> list[BatchFailure]:
    code = getattr(error, "code", type(error).__name__)
    return [BatchFailure(at, code, error.message, retryable=True) for at in range(count)]
