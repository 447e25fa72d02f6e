from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edactl.core.message import Message
from edactl.core.queue import Queue, QueueAttributes, queue_attributes
from edactl.core.record import JsonValue
from edactl.core.replay import Replay
from edactl.ops.archive_export import Drained, exported, is_complete, original_text

RUNNING = Replay("r", "RUNNING", None, "all", "flix", (), None, None, None, None, None, None)
COMPLETED = replace(RUNNING, state="COMPLETED")
QUEUE = Queue("q", "http://q", "arn:aws:sqs:eu-west-1:1:q", "1", "eu-west-1")


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class ScriptedReplays:
    states: list[Replay]
    asked: int = 0

    def describe(self, _name: str) -> Replay:
        self.asked += 1
        return self.states.pop(0)


def test_an_export_ends_when_its_replay_is_over_and_the_queue_stays_quiet() -> None:
    clock, shown = Clock(), list[str]()
    replays = ScriptedReplays([RUNNING, COMPLETED])
    drained = Drained("r", replays, clock, lambda replay: shown.append(replay.state))

    assert not drained()
    drained.replay = RUNNING
    answers = []
    for second in range(20):
        clock.now = float(second)
        if second == 5:
            drained.arrived()
        answers.append(drained())

    assert replays.asked == 2
    assert shown == ["RUNNING", "COMPLETED"]
    assert answers.index(True) == 15


@dataclass
class Tail:
    """Gives these messages once it listens."""

    bodies: list[str]
    listening: bool = False

    def messages(self, on_listening: Any) -> Any:
        on_listening()
        self.listening = True
        for body in self.bodies:
            yield Message("m", body, {}, {}, *[None] * 7), json.loads(body)


def test_each_event_comes_out_as_it_was_before_the_replay() -> None:
    tail = Tail(['{"id":"1","n":1.10,"replay-name":"r"}', '{"id":"2"}'])
    drained = Drained("r", ScriptedReplays([]), Clock(), lambda _replay: None)

    lines = list(exported(tail, drained, lambda: COMPLETED))  # type: ignore[arg-type] # as much as is used

    assert lines == ['{"id":"1","n":1.10}', '{"id":"2"}']
    assert drained.replay == COMPLETED


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('{"n":1.10,"replay-name":"r"}', '{"n":1.10}'),
        ('{"n":1.10, "replay-name" : "r", "m": 2}', '{"n":1.10, "m": 2}'),
        ('{"replay-name":"r","n":1}', '{"n":1}'),
        ('{"n":1,\n"replay-name":"r"}', '{"n":1}'),
        ('{"n":1,\n"m":2,"replay-name":"r"}', '{"n":1,"m":2}'),
        ('{"detail":{"replay-name":"r"},"replay-name":"r"}', '{"detail":{"replay-name":"r"}}'),
        ('{"detail":{"replay-name":"r"}}', '{"detail":{"replay-name":"r"}}'),
        ('{"n":1}', '{"n":1}'),
        ("[1]", "[1]"),
    ],
)
def test_only_the_name_at_the_top_goes(body: str, expected: str) -> None:
    assert original_text(body, json.loads(body), "r") == expected


@given(
    st.dictionaries(
        st.text(max_size=5),
        st.recursive(st.integers() | st.text(max_size=5), st.lists, max_leaves=4),
    )
)
def test_an_event_comes_out_the_same_but_for_the_name(event: dict[str, JsonValue]) -> None:
    body = json.dumps(event | {"replay-name": "r"})

    text = original_text(body, json.loads(body), "r")

    assert json.loads(text) == {key: event[key] for key in event if key != "replay-name"}
    assert "\n" not in text


@dataclass
class Depth:
    counts: dict[str, str] = field(default_factory=dict)

    def attributes(self, _queue: Queue) -> QueueAttributes:
        return queue_attributes(self.counts)


@pytest.mark.parametrize(
    ("replay", "counts", "complete"),
    [
        (COMPLETED, {}, True),
        (COMPLETED, {"ApproximateNumberOfMessages": "1"}, False),
        (COMPLETED, {"ApproximateNumberOfMessagesNotVisible": "1"}, False),
        (COMPLETED, {"ApproximateNumberOfMessagesDelayed": "1"}, False),
        (replace(RUNNING, state="FAILED"), {}, False),
        (None, {}, False),
    ],
)
def test_an_export_is_complete_when_its_replay_is_and_the_queue_is_empty(
    replay: Replay | None, counts: dict[str, str], complete: bool
) -> None:
    drained = Drained("r", ScriptedReplays([]), Clock(), lambda _replay: None, replay=replay)

    assert is_complete(drained, QUEUE, Depth(counts)) is complete
