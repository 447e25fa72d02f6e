"""Drain a replay into a file: every event that it delivers to one temporary queue."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from edactl.core.json_text import json_text, parse_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from edactl.core.queue import Queue, QueueAttributes
    from edactl.core.record import JsonValue
    from edactl.core.replay import Replay
    from edactl.ops.bus_tail import BusTail

QUIET_SECONDS = 10.0
_ASK_EVERY_SECONDS = 2.0


class Replays(Protocol):
    """Shows replays."""

    def describe(self, name: str, /) -> Replay:
        """One replay."""
        ...


class Depths(Protocol):
    """Tells how deep a queue is."""

    def attributes(self, queue: Queue, /) -> QueueAttributes:
        """The queue's attributes."""
        ...


@dataclass
class Drained:
    """Whether a replay is over and its queue has been empty for a while: ask it again and again.

    Deliveries can lag behind the replay's own state, hence `quiet_seconds` without a message.
    """

    name: str
    replays: Replays
    clock: Callable[[], float]
    on_progress: Callable[[Replay], None]
    quiet_seconds: float = QUIET_SECONDS
    replay: Replay | None = None
    _quiet_since: float | None = None
    _asked_at: float = field(default=float("-inf"))

    def arrived(self) -> None:
        """A message came: the queue is not empty yet."""
        self._quiet_since = None

    def __call__(self) -> bool:
        """Whether nothing more will come."""
        now = self.clock()
        if self.replay is None:  # not started yet
            return False
        if not self.replay.ended:
            if now - self._asked_at >= _ASK_EVERY_SECONDS:
                self._asked_at = now
                self.replay = self.replays.describe(self.name)
                self.on_progress(self.replay)
            self._quiet_since = None
            return False
        if self._quiet_since is None:
            self._quiet_since = now
        return now - self._quiet_since >= self.quiet_seconds


def exported(tail: BusTail, drained: Drained, start: Callable[[], Replay]) -> Iterator[str]:
    """Each event's JSON text on one line, as it was before the replay gave it a name."""

    def on_listening() -> None:
        drained.replay = start()

    for message, event in tail.messages(on_listening):
        drained.arrived()
        yield original_text(message.body, event, drained.name)


def original_text(body: str, event: JsonValue, replay_name: str) -> str:
    """An event's text without the `replay-name` that the replay put in; numbers stay as written."""
    member = re.compile(r',?\s*"replay-name"\s*:\s*"' + re.escape(replay_name) + r'"')
    text, found = member.subn("", body, count=2)
    if found == 1 and "\n" not in text:
        try:
            expected = dict(event) if isinstance(event, dict) else {}
            expected.pop("replay-name", None)
            if parse_json(text) == expected:
                return text
        except ValueError:
            pass
    if isinstance(event, dict):
        event = {key: value for key, value in event.items() if key != "replay-name"}
    return json_text(event)


def is_complete(drained: Drained, queue: Queue, depths: Depths) -> bool:
    """Whether a drained replay gave all it had: it completed, and its queue is empty."""
    left = depths.attributes(queue)
    completed = drained.replay is not None and drained.replay.state == "COMPLETED"
    return completed and not (left.visible or left.in_flight or left.delayed)
