from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from edactl.core.replay import Replay
from edactl.errors import AwsError
from edactl.ops.replay_watch import Watch

NEW = Replay("r", "STARTING", None, "all", "flix", (), None, None, None, None, None, None)


@dataclass
class ScriptedReplays:
    """A replay that goes through these states, one at each look."""

    states: list[str]
    cancels: list[str] = field(default_factory=list)
    refuses_cancel: bool = False

    def describe(self, _name: str) -> Replay:
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        reason = "the archive is gone" if state == "FAILED" else None
        return replace(NEW, state=state, state_reason=reason)

    def cancel(self, name: str) -> Replay:
        self.cancels.append(name)
        if self.refuses_cancel:
            raise AwsError("it has ended", code="IllegalStatusException")
        return replace(NEW, state="CANCELLING")


@dataclass
class Clock:
    now: float = 0.0
    stop_at: float = float("inf")
    waits: list[float] = field(default_factory=list)

    def time(self) -> float:
        return self.now

    def stopped(self) -> bool:
        return self.now >= self.stop_at

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


def watch(replays: ScriptedReplays, clock: Clock, seen: list[str]) -> Watch:
    return Watch(
        replays,
        clock.stopped,
        clock.wait,
        clock.time,
        lambda: 0.5,
        lambda replay: seen.append(replay.state),
    )


def test_a_replay_is_watched_to_its_end() -> None:
    replays, clock = ScriptedReplays(["STARTING", "RUNNING", "COMPLETED"]), Clock()
    seen: list[str] = []

    ended = watch(replays, clock, seen).until_ended(NEW)

    assert ended.state == "COMPLETED"
    assert seen == ["STARTING", "STARTING", "RUNNING"]
    assert clock.waits == [1.0, 1.5, 2.25]
    assert replays.cancels == []


def test_a_failed_replay_comes_with_its_reason() -> None:
    ended = watch(ScriptedReplays(["RUNNING", "FAILED"]), Clock(), []).until_ended(NEW)

    assert (ended.state, ended.state_reason) == ("FAILED", "the archive is gone")


def test_pauses_grow_to_ten_seconds_and_no_more() -> None:
    clock = Clock()

    watch(ScriptedReplays(["RUNNING"] * 20 + ["COMPLETED"]), clock, []).until_ended(NEW)

    assert max(clock.waits) == 10.0


def test_at_the_deadline_it_comes_back_as_it_is() -> None:
    replays, clock = ScriptedReplays(["RUNNING"]), Clock()

    left = watch(replays, clock, []).until_ended(NEW, deadline=7.0)

    assert left.state == "RUNNING"
    assert clock.now == 7.0
    assert replays.cancels == []


def test_asked_to_stop_it_has_aws_cancel_and_watches_that() -> None:
    replays, clock = ScriptedReplays(["RUNNING", "CANCELLING", "CANCELLED"]), Clock(stop_at=1.0)

    ended = watch(replays, clock, []).until_ended(NEW)

    assert ended.state == "CANCELLED"
    assert replays.cancels == ["r"]


def test_a_cancel_that_takes_for_ever_is_left_to_aws_after_a_minute() -> None:
    replays, clock = ScriptedReplays(["CANCELLING"]), Clock(stop_at=0.0)

    left = watch(replays, clock, []).until_ended(NEW)

    assert left.state == "CANCELLING"
    assert clock.now == 60.0


def test_a_replay_that_ended_before_the_cancel_is_shown_as_it_ended() -> None:
    replays = ScriptedReplays(["COMPLETED"], refuses_cancel=True)

    ended = watch(replays, Clock(stop_at=0.0), []).until_ended(NEW)

    assert ended.state == "COMPLETED"


def test_an_ended_replay_is_not_asked_for_again() -> None:
    done = replace(NEW, state="COMPLETED", started_at=datetime(2026, 11, 25, tzinfo=UTC))

    assert watch(ScriptedReplays(["FAILED"]), Clock(), []).until_ended(done) is done
