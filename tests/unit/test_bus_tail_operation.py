from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import pytest

from edactl.core.event import Entry
from edactl.core.put_outcome import EntryOutcome
from edactl.core.record import JsonValue
from edactl.errors import AwsError, Terminated
from edactl.ops.bus_tail import BusTail
from edactl.ops.following import Follow
from tests.queue_fakes import FakeQueue, a_message, a_queue

QUEUE = a_queue("edactl-tail-ab12")


@dataclass
class Bus:
    """A bus that delivers probes to the queue from the given one on."""

    queue: FakeQueue
    delivers_from: int = 1
    refuses: str | None = None
    probes: list[Entry] = field(default_factory=list)

    def put_events(self, entries: Sequence[Entry]) -> list[EntryOutcome]:
        self.probes += entries
        if self.refuses:
            return [EntryOutcome(None, self.refuses, "no")]
        if len(self.probes) >= self.delivers_from:
            arrives(self.queue, entries[0].source, entries[0].detail_type, f"p{len(self.probes)}")
        return [EntryOutcome("id", None, None)]


def arrives(queue: FakeQueue, source: str, detail_type: str, event_id: str) -> None:
    body = json.dumps({"id": event_id, "source": source, "detail-type": detail_type})
    queue.messages.append(replace(a_message(f"m-{len(queue.messages)}-{event_id}"), body=body))


@dataclass
class Day:
    """A clock that moves only when somebody waits, and a stop that can be asked for."""

    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)
    stopped: bool = False

    def clock(self) -> float:
        return self.seconds

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.seconds += seconds

    def follow(self) -> Follow:
        return Follow(lambda: self.stopped, self.wait, self.clock)


def tail(queue: FakeQueue, bus: Bus, day: Day) -> BusTail:
    return BusTail("flix", "edactl-tail-ab12", QUEUE, queue, bus, day.follow())


def taken(events: Iterator[JsonValue], count: int) -> list[str]:
    found = []
    for _ in range(count):
        event = next(events)
        assert isinstance(event, dict)
        found.append(str(event["id"]))
    return found


def test_it_listens_when_its_own_probe_has_come_through_and_shows_no_probe() -> None:
    queue, day = FakeQueue([]), Day()
    bus = Bus(queue, delivers_from=3)
    heard: list[str] = []
    arrives(queue, "com.flix", "ChannelCreated", "e1")

    events = tail(queue, bus, day).events(lambda: heard.append("listening"))
    first = taken(events, 1)

    assert first == ["e1"]
    assert heard == ["listening"]
    assert len(bus.probes) == 3
    assert {(one.source, one.detail_type, one.bus) for one in bus.probes} == {
        (bus.probes[0].source, "edactl-tail-ab12", "flix")
    }


def test_pauses_between_probes_grow_to_five_seconds() -> None:
    queue, day = FakeQueue([]), Day()

    events = tail(queue, Bus(queue, delivers_from=8), day).events(
        lambda: setattr(day, "stopped", True)
    )

    assert list(events) == []
    assert day.waits == [0.25, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0]


def test_no_probe_in_a_minute_is_an_error_with_what_to_look_at() -> None:
    queue, day = FakeQueue([]), Day()

    with pytest.raises(AwsError, match=r'bus "flix": .*no probe in 60 s') as caught:
        list(tail(queue, Bus(queue, delivers_from=1000), day).events(print))

    assert caught.value.code == "NotListening"
    assert "policy" in str(caught.value.hint)


def test_a_refused_probe_is_the_error_of_the_bus() -> None:
    queue = FakeQueue([])

    with pytest.raises(AwsError, match="refused the probe: no") as caught:
        list(tail(queue, Bus(queue, refuses="InternalFailure"), Day()).events(print))

    assert caught.value.code == "InternalFailure"


def test_an_event_that_comes_twice_is_shown_once() -> None:
    queue, day = FakeQueue([]), Day()
    events = tail(queue, Bus(queue), day).events(lambda: None)
    for event_id in ("e1", "e1", "e2"):
        arrives(queue, "com.flix", "ChannelCreated", event_id)

    assert taken(events, 2) == ["e1", "e2"]


def test_a_body_that_is_no_json_is_shown_as_it_is() -> None:
    queue = FakeQueue([replace(a_message("m"), body="hello")])

    assert next(tail(queue, Bus(queue), Day()).events(lambda: None)) == "hello"


def test_a_stop_before_the_first_probe_says_nothing() -> None:
    queue = FakeQueue([])

    events = tail(queue, Bus(queue), Day(stopped=True)).events(lambda: pytest.fail("not listening"))

    assert list(events) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt(), Terminated()])
def test_an_interrupt_while_probing_leaves_through_the_tail(error: BaseException) -> None:
    queue = FakeQueue([], receive_errors={2: error})

    with pytest.raises(type(error)):
        list(tail(queue, Bus(queue, delivers_from=5), Day()).events(print))
