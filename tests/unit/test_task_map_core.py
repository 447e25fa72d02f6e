from __future__ import annotations

import json
from typing import Any

import pytest

from edactl.core.task_failure_rule import FailureClass
from edactl.core.task_map_item import MapItem, Templates, item_value, with_item
from edactl.core.task_map_journal import (
    OpenCall,
    cancelled_line,
    end_line,
    launched_line,
    launching_line,
)
from edactl.core.task_map_pace import HoldBack, TokenBucket
from edactl.core.task_map_record import OUTCOMES, MapTally
from edactl.core.task_map_state import read_state, refuse_other
from edactl.core.task_request import Overrides
from edactl.errors import InputError
from tests.task_map_world import World, header, run_map

FILM = {"id": 7, "name": "a b", "at": {"city": "Oslo"}, "dots.in": 1, "no": None, "tags": [1, "x"]}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("plain", "plain"),
        ("{id}", "7"),
        ("--name={name}!", "--name=a b!"),
        ("{at.city}", "Oslo"),
        ("{dots.in}", "1"),
        ("{at}", '{"city":"Oslo"}'),
        ("{tags}", '[1,"x"]'),
        ("{no}", "null"),
        ("{index}", "4"),
        ("{{id}}", "{id}"),
        ("${id} {id}", "${id} 7"),
        ('{"a":{"b":1}} {id}', '{"a":{"b":1}} 7'),
        ("{} {1} { id }", "{} {1} { id }"),
        ("", ""),
    ],
)
def test_a_template_is_filled_with_the_items_fields(text: str, filled: str) -> None:
    found = _filled(FILM, command=(text,))

    assert found.command == (filled,)


def _filled(value: Any, *, command: tuple[str, ...] = (), **environment: str) -> Overrides:
    overrides = Overrides("app", command, environment)
    return Templates.over(with_item(overrides)).of(MapItem(4, 9, value), "films.ndjson")


def test_the_whole_item_is_there_as_json() -> None:
    assert json.loads(_filled(FILM, X="{json}").environment["X"]) == FILM


def test_an_item_that_is_no_object_is_there_as_item() -> None:
    assert _filled("s3://a", command=("{item}", "{json}")).command == ("s3://a", '"s3://a"')
    assert _filled({"item": 3}, command=("{item}",)).command == ("3",)


def test_an_own_field_called_index_comes_before_the_place() -> None:
    assert _filled({"index": "mine"}, command=("{index}",)).command == ("mine",)


def test_when_nothing_names_the_item_the_task_gets_it_as_ITEM() -> None:  # noqa: N802 -- its name
    assert _filled({"id": 1}, command=("run",)).environment == {"ITEM": '{"id":1}'}
    assert _filled({"id": 1}, command=("{id}",)).environment == {}
    assert _filled({"id": 1}, ITEM="mine").environment == {"ITEM": "mine"}


@pytest.mark.parametrize(
    ("value", "text", "hint"),
    [
        ({"id": 1}, "{ident}", "it has {id}"),
        ({"at": 1}, "{at.city}", "it has {at}"),
        ({}, "{id}", "it has no fields"),
        ("text", "{id}", "{item} is an item that is no object"),
    ],
)
def test_a_field_that_an_item_lacks_is_named_with_the_line(
    value: Any, text: str, hint: str
) -> None:
    with pytest.raises(InputError) as failure:
        _filled(value, command=(text,))

    assert failure.value.message == f"films.ndjson:9: the item has no field {text}"
    assert hint in (failure.value.hint or "")


def test_an_item_that_makes_the_overrides_too_long_is_named_with_its_line() -> None:
    with pytest.raises(InputError) as failure:
        _filled({"id": "x" * 9000}, BIG="{id}")

    assert failure.value.where == "films.ndjson:9"
    assert "the biggest is --env BIG with 9003" in failure.value.message


@pytest.mark.parametrize(
    ("line", "item"),
    [
        ({"id": 1}, {"id": 1}),
        ([1], [1]),
        ({"index": 1, "item": {"id": 1}, "outcome": "failed", "explanation": ""}, {"id": 1}),
        ({"index": 1, "item": 2, "outcome": "x"}, {"index": 1, "item": 2, "outcome": "x"}),
        ({"message_id": "m", "body": '{"id":1}'}, {"id": 1}),
        ({"message_id": "m", "body": "plain"}, "plain"),
        ({"body": "{}"}, {"body": "{}"}),
        (
            {"message_id": "m", "body": "{}", "mine": 1},
            {"message_id": "m", "body": "{}", "mine": 1},
        ),
    ],
)
def test_what_an_earlier_run_or_a_queue_kept_gives_its_item_again(line: Any, item: Any) -> None:
    assert item_value(line) == item


# -- pace ------------------------------------------------------------------------------------------


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    bucket = TokenBucket.of_pace(20, now=0)

    assert bucket.available(0) == 10
    bucket.take(10)
    assert bucket.available(0) == 0
    assert bucket.seconds_until(1) == pytest.approx(0.05)
    assert bucket.available(0.25) == 5
    assert bucket.available(100) == 10


def test_a_slow_bucket_has_no_burst() -> None:
    bucket = TokenBucket.of_pace(0.5, now=0)

    bucket.take(bucket.available(0))
    assert bucket.seconds_until(1) == 2
    assert bucket.available(10) == 1


def test_launches_hold_back_longer_each_time_until_one_goes_through() -> None:
    hold = HoldBack()
    until = []
    for _ in range(8):
        hold.failed(FailureClass.CAPACITY, 0.0, 1.0)
        until.append(hold.until)

    assert until == [1, 2, 4, 8, 16, 30, 30, 30]
    hold.launched()
    hold.failed(FailureClass.CAPACITY, 100.0, 1.0)
    assert hold.until == 101
    hold.failed(FailureClass.CAPACITY, 200.0, 0.0)
    assert hold.until == 200.5


# -- counts ----------------------------------------------------------------------------------------


def test_the_tally_lists_a_thousand_failures_and_counts_them_all() -> None:
    world = World(run_seconds=0, start_seconds=0)
    world.otherwise.ends = ["fails"] * 10

    tally = run_map(world, 1100, text="same", parallel=2000, pace=1000).task_map.tally

    assert tally.outcomes["failed"] == 1100
    assert len(tally.failures) == 1000
    assert tally.failures[0] == {
        "index": 0,
        "line": 1,
        "outcome": "failed",
        "exit_code": 3,
        "task_arn": "arn:aws:ecs:us-east-1:000000000000:task/jobs/t1",
        "explanation": "container app ended with 3",
    }
    assert tally.as_json()["cost_usd"] is None


def test_what_failures_have_in_common_is_said_once() -> None:
    world = World(run_seconds=0, start_seconds=0)
    world.otherwise.ends = ["fails"] * 7 + ["never starts"]

    tally = run_map(world, 8, text="same", pace=100).task_map.tally

    pull = (
        "CannotPullContainerError: not found. What to do: docker pull it yourself; check the tag,"
        " the registry's policy, and the execution role"
    )
    assert tally.reasons() == [
        "7 items (lines 1, 2, 3, 4, 5, …) failed: container app ended with 3",
        f"item 7 (line 8) never_started: the image does not exist: {pull}",
    ]


def test_a_tally_without_ends_has_cost_nothing() -> None:
    nothing: dict[str, Any] = dict.fromkeys(OUTCOMES, 0)

    assert MapTally(3).as_json() == nothing | {
        "items": 3,
        "left": 3,
        "tasks_launched": 0,
        "possibly_repeated": 0,
        "cost_usd": 0.0,
    }


# -- the state file --------------------------------------------------------------------------------


def _ended(index: int, **more: Any) -> str:
    record = {"index": index, "outcome": "succeeded", "cost_usd": 0.5} | more
    return json.dumps({"ended": record}) + "\n"


def test_a_state_says_what_was_launched_and_what_has_ended() -> None:
    state = read_state(
        [
            header(9).line(),
            launching_line(OpenCall(1, (0, 1, 2), 3, 10.0)),
            launched_line(1, {0: "arn:0", 1: "arn:1"}, ["no room"]),
            launching_line(OpenCall(2, (3,), 1, 11.0, fell_back=True)),
            _ended(0),
            _ended(0),
            cancelled_line([1]),
            end_line({"items": 9}),
            '{"ended": {"inde',
        ],
        "run",
    )

    assert state.header == header(9)
    assert 0 in state.done
    assert state.done.count == 1
    assert (state.outcomes, state.costs) == ({"succeeded": 1}, [0.5])
    assert state.launched == {}
    assert state.open_calls == {
        1: OpenCall(1, (2,), 3, 10.0, answered=True, known=frozenset({"arn:0", "arn:1"})),
        2: OpenCall(2, (3,), 1, 11.0, fell_back=True),
    }
    assert state.fell_back == {3}
    assert state.attempts == {1: 1}
    assert state.in_hand() == {2, 3}
    assert (state.calls, state.tasks_launched) == (2, 2)


def test_an_item_that_is_launched_again_is_no_longer_of_its_first_call() -> None:
    state = read_state(
        [
            header(1).line(),
            launching_line(OpenCall(1, (0,), 1, 10.0)),
            launched_line(1, {}, ["no room"]),
            launching_line(OpenCall(2, (0,), 1, 20.0)),
            launched_line(2, {0: "arn:0"}, []),
        ],
        "run",
    )

    assert (state.open_calls, state.launched) == ({}, {0: "arn:0"})


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], "run: not the state of a task map: it has no header"),
        (['{"edactl_task_map": 1'], "run: not the state of a task map: it has no header"),
        (["{}\n"], "run:1: not the state of a task map"),
        (["what\n"], "run:1: not a line of a task map's state"),
        (['{"edactl_task_map": 2}\n'], "run:1: a state of version 2; this edactl reads 1"),
        (['{"edactl_task_map": 1}\n'], "run:1: the header of the state is damaged"),
        (
            ['{"edactl_task_map": 1, "file": 3, "request": {}}\n'],
            "run:1: the header of the state is damaged",
        ),
        (
            [header(1).line().replace('"items":1', '"items":true')],
            "run:1: the header of the state is damaged",
        ),
        (
            [header(1).line().replace('"run-1"', "7")],
            "run:1: the header of the state is damaged",
        ),
        ([header(1).line(), "[]\n"], "run:2: not a line of a task map's state"),
        ([header(1).line(), '{"ended": {}}\n'], "run:2: not a line of a task map's state"),
        (
            [header(1).line(), '{"launching":{"call":1,"items":[0],"at":true}}\n'],
            "run:2: not a line of a task map's state",
        ),
        (
            [header(1).line(), '{"launched":{"call":1,"tasks":{}}}\n'],
            "run:2: not a line of a task map's state",
        ),
        (
            [header(1).line(), _ended(0, outcome="well")],
            "run:2: not a line of a task map's state",
        ),
    ],
)
def test_what_is_no_state_is_refused_with_its_line(lines: list[str], message: str) -> None:
    with pytest.raises(InputError) as failure:
        read_state(lines, "run")

    assert failure.value.message == message


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cluster": "web"}, 'the run began with cluster "jobs", not "web"'),
        ({"region": "eu-west-1"}, 'the run began with region "us-east-1", not "eu-west-1"'),
        ({"task_definition": "x"}, 'not "x"'),
        ({"request": {"a": 2}}, "the run began with a 1, not 2"),
        ({"request": {}}, "the run began with a 1, not null"),
    ],
)
def test_a_state_of_another_map_is_refused_naming_the_difference(
    changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError) as failure:
        refuse_other(header(1), header(1, **changes), "run")

    assert failure.value.message.endswith(message)


def test_a_state_of_other_items_is_refused() -> None:
    mine = header(1)
    other = header(1, file=type(mine.file)("other.ndjson", 1, "def", 1))

    with pytest.raises(InputError, match="it is the state of other items"):
        refuse_other(mine, other, "run")
    refuse_other(mine, mine, "run")
