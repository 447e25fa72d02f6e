from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edactl.core.replay_checkpoint import (
    Done,
    Header,
    ReplayedFile,
    done_line,
    end_line,
    read_checkpoint,
    refuse_other,
)
from edactl.errors import InputError

FILE = ReplayedFile("events.ndjson", 10, "abc")
OTHER_FILE = "it is the checkpoint of another file: the content of"
HEADER = Header("run-1", "flix", "0", "eu-west-1", (FILE,), {"mark": False}, "2026-11-25T00:00:00Z")


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 9))), st.integers(0, 80))
def test_done_is_the_set_of_all_indexes_that_were_added(
    ranges: list[tuple[int, int]], probe: int
) -> None:
    done, expected = Done(), set[int]()
    for start, length in ranges:
        done.add(start, start + length)
        expected |= set(range(start, start + length))

    assert (probe in done) == (probe in expected)
    assert done.count == len(expected)
    assert len(done._starts) <= len(expected)


def test_ranges_that_touch_become_one() -> None:
    done = Done()

    for start in (0, 20, 10):
        done.add(start, start + 10)

    assert (done._starts, done._ends) == ([0], [30])


def test_what_is_written_is_read_again() -> None:
    lines = [HEADER.line(), done_line([0, 1, 2, 5]), done_line([3, 4])]

    found = read_checkpoint(lines, "c.ndjson")

    assert found.header == HEADER
    assert found.done.count == 6
    assert not found.settled
    assert not found.ended
    assert found.size_bytes == sum(len(line) for line in lines)


@pytest.mark.parametrize("ended", [True, False])
def test_a_run_that_left_nothing_in_flight_says_so(ended: bool) -> None:
    found = read_checkpoint([HEADER.line(), done_line([0]), end_line(ended=ended)], "c")

    assert (found.settled, found.ended) == (True, ended)


def test_what_comes_after_an_end_was_a_resumed_run() -> None:
    lines = [HEADER.line(), end_line(ended=False), done_line([7])]

    assert not read_checkpoint(lines, "c").settled


def test_a_line_that_was_cut_off_does_not_count() -> None:
    whole = [HEADER.line(), done_line([0])]

    found = read_checkpoint([*whole, done_line([1, 2])[:-3]], "c")

    assert found.done.count == 1
    assert found.size_bytes == sum(len(line) for line in whole)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([], "c: not a checkpoint: it has no header"),
        (["{}\n"], "c:1: not a checkpoint of a replay"),
        (["nonsense\n"], "c:1: not a checkpoint of a replay"),
        (['{"edactl_replay":99}\n'], "c:1: a checkpoint of version 99; this edactl reads 1"),
        (['{"edactl_replay":1}\n'], "c:1: the header of the checkpoint is damaged"),
        ([HEADER.line(), "nonsense\n"], "c:2: not a line of a checkpoint"),
        ([HEADER.line(), '{"done":[[3,1]]}\n'], "c:2: not a range of events"),
        ([HEADER.line(), '{"done":["x"]}\n'], "c:2: not a range of events"),
        ([HEADER.line(), '{"done":7}\n'], "c:2: not a line of a checkpoint"),
    ],
)
def test_what_is_no_checkpoint_is_refused_with_its_line(lines: list[str], says: str) -> None:
    with pytest.raises(InputError) as raised:
        read_checkpoint(lines, "c")

    assert raised.value.message == says
    assert raised.value.hint


@pytest.mark.parametrize(
    ("run", "says"),
    [
        (replace(HEADER, bus="other"), 'the replay began with bus "flix", not "other"'),
        (replace(HEADER, account="1"), 'the replay began with account "0", not "1"'),
        (replace(HEADER, region="x"), 'the replay began with region "eu-west-1", not "x"'),
        (replace(HEADER, files=()), "the replay began with number of files 1, not 0"),
        (replace(HEADER, options={"mark": True}), "the replay began with --mark false, not true"),
        (
            replace(HEADER, files=(replace(FILE, sha256="def"),)),
            f"{OTHER_FILE} events.ndjson is not that of events.ndjson when the replay began",
        ),
    ],
)
def test_the_checkpoint_of_another_replay_is_refused_with_the_difference(
    run: Header, says: str
) -> None:
    with pytest.raises(InputError) as raised:
        refuse_other(HEADER, run, "c")

    assert raised.value.message == f"c: {says}"


def test_the_checkpoint_of_the_same_replay_is_taken_wherever_its_files_lie_now() -> None:
    moved = replace(FILE, name="elsewhere/events.ndjson")

    refuse_other(HEADER, replace(HEADER, run_id="run-2", files=(moved,)), "c")


def test_the_header_is_one_line_of_json() -> None:
    assert json.loads(HEADER.line())["files"] == [
        {"name": "events.ndjson", "size_bytes": 10, "sha256": "abc"}
    ]
