"""Follow a bus: prove that the temporary rule delivers, then give every event once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from edactl.core.event import Entry
from edactl.core.json_text import parse_json
from edactl.core.tail import PROBE_SOURCE, is_probe
from edactl.errors import AwsError
from edactl.ops.following import Consumed, Follow, Seen, Takes, consume

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from edactl.core.message import Message
    from edactl.core.put_outcome import EntryOutcome
    from edactl.core.queue import Queue
    from edactl.core.record import JsonValue

PROBE_SECONDS = 60.0
_LONGEST_PAUSE_SECONDS = 5.0
_LEASE_SECONDS = 60


class Buses(Protocol):
    """Where probes are put."""

    def put_events(self, entries: Sequence[Entry], /) -> list[EntryOutcome]:
        """What AWS said of each entry."""
        ...


@dataclass(frozen=True)
class BusTail:
    """One tail of one bus through one temporary queue. `token` is its probe's detail-type."""

    bus: str
    token: str
    queue: Queue
    queues: Takes
    buses: Buses
    follow: Follow

    def events(self, on_listening: Callable[[], None]) -> Iterator[JsonValue]:
        """Each event once, in the order of arrival; probes are left out.

        Calls `on_listening` when a probe has come through. Raises AwsError when none does in 60 s.
        """
        for _, event in self.messages(on_listening):
            yield event

    def messages(self, on_listening: Callable[[], None]) -> Iterator[tuple[Message, JsonValue]]:
        """The same with the message that carried each event, whose body is its text."""
        seen = Seen()
        early = self._listen()
        if not self.follow.stop():
            on_listening()
        yield from self._new(early, seen)
        yield from self._new(
            consume(self.queue, self.queues, self.follow, limit=None, counts=Consumed()), seen
        )

    def _listen(self) -> list[Message]:
        """Put probes until one arrives; what else arrived meanwhile."""
        early: list[Message] = []
        deadline = self.follow.clock() + PROBE_SECONDS
        pause_seconds = 0.25
        while not self.follow.stop():
            self._put_probe()
            arrived = self._take()
            early += arrived
            if any(self._is_own_probe(message) for message in arrived):
                return early
            if self.follow.clock() > deadline:
                raise AwsError(
                    f'bus "{self.bus}": the temporary rule delivered no probe in 60 s',
                    code="NotListening",
                    hint="a policy or an SCP may keep EventBridge from sending to new queues",
                )
            self.follow.wait(pause_seconds)
            pause_seconds = min(2 * pause_seconds, _LONGEST_PAUSE_SECONDS)
        return early

    def _put_probe(self) -> None:
        entry = Entry(PROBE_SOURCE, self.token, '{"by":"edactl bus tail"}', self.bus)
        for outcome in self.buses.put_events([entry]):
            if outcome.error_code:
                raise AwsError(
                    f'bus "{self.bus}" refused the probe: {outcome.error_message}',
                    code=outcome.error_code,
                    operation="events:PutEvents",
                )

    def _take(self) -> list[Message]:
        batch = self.queues.receive(
            self.queue, count=10, wait_seconds=1, visibility_seconds=_LEASE_SECONDS
        )
        if batch:
            self.queues.delete_messages(self.queue, [one.receipt_handle for one in batch])
        return [one.message for one in batch]

    def _is_own_probe(self, message: Message) -> bool:
        event = _event(message)
        return isinstance(event, dict) and event.get("detail-type") == self.token

    def _new(
        self, messages: Iterator[Message] | list[Message], seen: Seen
    ) -> Iterator[tuple[Message, JsonValue]]:
        for message in messages:
            event = _event(message)
            event_id = event.get("id") if isinstance(event, dict) else None
            if not is_probe(event) and seen.first_time(str(event_id or message.message_id)):
                yield message, event


def _event(message: Message) -> JsonValue:
    try:
        value: JsonValue = parse_json(message.body)
    except (ValueError, RecursionError):
        return message.body
    return value
