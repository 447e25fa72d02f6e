"""The events of a file by the lines that a rule set takes, and those that need care."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edactl.core.event_lines import EventLines
from edactl.core.pattern import RuleSet
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator


def reader(*, exact: bool = False) -> tuple[EventLines, list[str]]:
    told: list[str] = []
    rules = RuleSet({"one": '{"a":[1]}', "both": '{"a":[1,2]}'}, exact=exact, alone=True)

    def tell(error: InputError) -> None:
        told.append(str(error))

    return EventLines(rules, "f", tell, tell), told


@pytest.mark.parametrize("exact", [False, True])
def test_each_of_several_objects_on_a_line_is_an_event(exact: bool) -> None:
    events, told = reader(exact=exact)

    found = list(events.names([b'{"a":1}\n', b'{"a":2}{"a":1} {"a":3}\n', b'{"a":2}']))

    assert found == [["one", "both"], ["both"], ["one", "both"], [], ["both"]]
    assert told == []


@pytest.mark.parametrize("exact", [False, True])
def test_what_follows_an_event_on_its_line_is_refused_at_its_place(exact: bool) -> None:
    events, told = reader(exact=exact)

    found = list(events.names([b'{"a":1}\n', b'{"a":1}],{}\n', b'{"a":2} x\n']))

    assert found == [["one", "both"], ["both"]]
    assert told == [
        "f:2: the event is not JSON: something follows it",
        "f:3: not JSON: Expecting value",
    ]


def test_the_text_in_hand_is_that_of_the_names() -> None:
    events, _ = reader()
    lines = [b'{"a":1}\n', b"{\n", b'"a":2\n', b"}\n", b'{"a":3}\n']

    assert [(events.text(), names) for names in events.names(lines)] == [
        (b'{"a":1}\n', ["one", "both"]),
        ('{\n"a":2\n}', ["both"]),
        (b'{"a":3}\n', []),
    ]


def test_an_event_that_goes_on_in_the_next_batch_is_found_there() -> None:
    events, told = reader()

    batches = ([b'{"a":1}\n', b'{"b":\n'], [b'{"a":1}\n'], [b',"a":2}\n'])
    found = [events.names_in(one) for one in batches]
    found.append(events.names_in([b'{"a":3}\n', b"\n", b'{"a":', b"1"]))

    assert found == [[["one", "both"]], [], [["both"]], [[]]]
    assert events.names_at_end() == []
    assert told == ["f:7: the JSON ends in the middle of a value"]


def test_a_line_is_read_only_when_its_names_are_asked_for() -> None:
    read: list[bytes] = []

    def arriving() -> Iterator[bytes]:
        for line in (b'{"a":1}\n', b'{"a":2}\n'):
            read.append(line)
            yield line

    events, _ = reader()
    names = events.names(arriving())

    assert next(names) == ["one", "both"]
    assert len(read) == 1


@pytest.mark.parametrize(
    ("lines", "any_event"),
    [
        ([], False),
        ([b"\n", b"oops\n"], False),
        ([b'{"a":1}\n'], True),
        ([b'{"a":1}\n', b"\n"], True),
        ([b"\n", b'{"a":1}\n'], True),
        ([b"[{}]\n"], True),
        ([b'{"a":01}\n'], True),
    ],
)
def test_it_tells_whether_there_was_an_event(lines: list[bytes], any_event: bool) -> None:
    events, _ = reader()
    list(events.names(lines))

    assert events.any is any_event
