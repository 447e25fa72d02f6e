from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from edactl.core.event import Entry, Numbered, Refused
from edactl.core.put_outcome import EntryOutcome
from edactl.core.replay_pace import GapPace
from edactl.errors import AccessDenied, AwsError, FailedInside, Throttled, Unreachable
from edactl.ops.put_events import Sender
from edactl.ops.replay_file import Captured, OnceBuses, when_due, writing_to

WHY = EntryOutcome(error_code="ReservedSource", error_message="aws.")


@dataclass
class Clock:
    now: float = 0.0
    slept: list[float] = field(default_factory=list)
    stopped: bool = False

    def __call__(self) -> bool:
        return self.stopped

    def time(self) -> float:
        return self.now

    def wait(self, seconds: float) -> bool:
        self.slept.append(seconds)
        self.now += seconds
        return self.stopped


@dataclass
class ScriptedBus:
    """Raises what the script says, call by call; then takes everything."""

    script: list[AwsError] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)

    def put_events(self, entries: Sequence[Entry]) -> list[EntryOutcome]:
        if self.script:
            raise self.script.pop(0)
        self.taken += [entry.detail for entry in entries]
        return [EntryOutcome(event_id=f"e-{entry.detail}") for entry in entries]


@dataclass
class Lines:
    lines: list[str] = field(default_factory=list)

    def write(self, line: str) -> None:
        self.lines.append(line)


def entry(index: int) -> Entry:
    return Entry("s", "t", str(index), "flix")


def captured(index: int, happened_at: float | None = None) -> Captured:
    return Captured(Numbered(index, entry(index), 100), happened_at)


def _error(kind: type[AwsError]) -> AwsError:
    return kind("no", code="X")


def test_a_throttled_request_is_sent_again_and_was_not_taken_before() -> None:
    bus = ScriptedBus([_error(Throttled)])
    once = OnceBuses(bus, Clock(), lambda: 0.5)

    assert len(once.put_events([entry(0), entry(1)])) == 2
    assert once.sent_again == 0


@pytest.mark.parametrize("kind", [Unreachable, FailedInside])
def test_events_of_a_request_without_an_answer_are_sent_again_and_counted(
    kind: type[AwsError],
) -> None:
    bus, clock = ScriptedBus([_error(kind), _error(kind)]), Clock()
    once = OnceBuses(bus, clock, lambda: 0.5)

    once.put_events([entry(0), entry(1)])

    assert once.sent_again == 4
    assert bus.taken == ["0", "1"]
    assert clock.slept == [0.05, 0.1]


def test_after_five_tries_the_error_is_the_operators() -> None:
    once = OnceBuses(ScriptedBus([_error(Unreachable)] * 5), Clock(), lambda: 0.0)

    with pytest.raises(Unreachable):
        once.put_events([entry(0)])


def test_a_refusal_is_not_tried_again() -> None:
    bus = ScriptedBus([AccessDenied("no", code="X", action="events:PutEvents")])

    with pytest.raises(AccessDenied):
        OnceBuses(bus, Clock(), lambda: 0.0).put_events([entry(0)])

    assert bus.taken == []


def test_events_go_out_as_far_apart_as_they_were_divided_by_the_speed() -> None:
    clock = Clock(now=100.0)
    events = [captured(0, 0.0), captured(1, 0.0), captured(2, 30.0), captured(3, 50.0)]

    sent = [
        (clock.now, item and item.index)
        for item in when_due(events, GapPace(10.0, 0.0), clock, clock.time)
    ]

    assert sent == [(100.0, 0), (100.0, 1), (100.0, None), (103.0, 2), (103.0, None), (105.0, 3)]


def test_a_second_of_many_events_is_paced_within_one_percent() -> None:
    clock = Clock()
    events = [captured(index, float(index // 500)) for index in range(5000)]

    list(when_due(events, GapPace(1.0, 0.0), clock, clock.time))

    assert clock.now == pytest.approx(9.0, rel=0.01)


def test_without_a_pace_nothing_waits() -> None:
    clock = Clock()

    assert [
        item and item.index
        for item in when_due([captured(0, 0.0), captured(1, 999.0)], None, clock, clock.time)
    ] == [0, 1]
    assert clock.slept == []


def test_a_stop_during_a_wait_ends_the_replay() -> None:
    clock = Clock(stopped=True)
    events = [captured(0, 0.0), captured(1, 60.0), captured(2, 60.0)]

    due = list(when_due(events, GapPace(1.0, 0.0), clock, clock.time))

    assert [item and item.index for item in due] == [0, None]


def test_what_was_sent_stands_in_the_checkpoint_before_it_comes_out() -> None:
    log, clock = Lines(), Clock()
    refused = Refused(1, WHY, {"source": "aws.s3"})
    events: list[Numbered | Refused | None] = [
        Numbered(0, entry(0), 100),
        refused,
        Numbered(2, entry(2), 100),
    ]
    sender = Sender(ScriptedBus(), clock, clock.time, lambda: 0.0, 1, None, writing_to(log))

    puts = list(sender.run(events))

    assert [put.event.index for put in puts] == [0, 1, 2]
    assert puts[1].outcome == WHY
    assert log.lines == ['{"done":[[0,1],[2,3]]}\n']


def test_a_batch_of_which_nothing_was_sent_leaves_no_line() -> None:
    log, clock, bus = Lines(), Clock(), ScriptedBus()
    sender = Sender(bus, clock, clock.time, lambda: 0.0, 1, None, writing_to(log))

    puts = list(sender.run([Refused(0, WHY, {})]))

    assert [put.outcome for put in puts] == [WHY]
    assert log.lines == []
    assert bus.taken == []
