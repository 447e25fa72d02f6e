from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edactl.core.event import MAX_ENTRIES, MAX_REQUEST_BYTES, Entry, Numbered, pack
from edactl.core.json_stream import json_values
from edactl.core.record import JsonValue
from edactl.errors import InputError

scalars = st.none() | st.booleans() | st.integers() | st.text()
values = st.dictionaries(st.text(), scalars | st.lists(scalars), max_size=4)
documents = st.lists(values, max_size=6)


def _split(text: str) -> list[bytes]:
    return [part + b"\n" for part in text.encode().split(b"\n")]


@given(documents)
def test_lines_an_array_and_pretty_documents_read_the_same(items: list[JsonValue]) -> None:
    spellings = [
        "\n".join(json.dumps(item) for item in items),
        "\n\n".join(json.dumps(item, indent=1) for item in items),
        json.dumps(items),
        json.dumps(items, indent=2),
        " ".join(json.dumps(item) for item in items),
    ]

    for text in spellings:
        assert [found[0] for found in json_values(_split(text), "f") if found] == items


@given(documents, st.data())
def test_each_value_has_the_line_it_starts_on(items: list[JsonValue], data: st.DataObject) -> None:
    blanks = [data.draw(st.integers(0, 2)) for _ in items]
    text, starts, line = "", [], 1
    for item, blank in zip(items, blanks, strict=True):
        line += blank
        starts.append(line)
        text += "\n" * blank + json.dumps(item) + "\n"
        line += 1

    assert [found[1] for found in json_values(_split(text), "f") if found] == starts


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_with_its_place(text: str) -> None:
    try:
        list(json_values(_split(text), "f"))
    except InputError as error:
        assert str(error).startswith("f:")  # noqa: PT017 -- most texts raise, some do not


def test_a_pause_comes_through() -> None:
    assert list(json_values([b'{"a"', None, b":1}\n"], "f")) == [None, ({"a": 1}, 1)]


@pytest.mark.parametrize("text", ["[{} {}]", "[{}", "[,{}]", "{}]", "[[{}]]"])
def test_a_broken_array_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        list(json_values([text.encode()], "f"))


def test_a_value_without_end_is_refused_before_memory_is_gone() -> None:
    lines = [b'{"a":\n', *[b" " * 65_536] * 100]

    with pytest.raises(InputError, match="f:"):
        list(json_values(lines, "f"))


@given(st.lists(st.integers(1, MAX_REQUEST_BYTES - 1), max_size=60))
def test_batches_keep_order_and_both_limits(sizes: list[int]) -> None:
    events = [Numbered(n, Entry("s", "t", "{}", "b"), size) for n, size in enumerate(sizes)]

    batches = list(pack(events))

    assert [event for batch in batches for event in batch] == events
    assert all(0 < len(batch) <= MAX_ENTRIES for batch in batches)
    assert all(sum(event.size_bytes for event in batch) < MAX_REQUEST_BYTES for batch in batches)
