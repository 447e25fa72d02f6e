from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edactl.core.event import MAX_ENTRIES, MAX_REQUEST_BYTES, Entry, Numbered, pack
from edactl.core.json_stream import json_values, lines_of_chunks
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


@given(documents, st.integers(1, 9), st.sampled_from([None, 1]))
def test_chunks_of_any_size_read_the_same(
    items: list[JsonValue], size: int, indent: int | None
) -> None:
    data = json.dumps(items, ensure_ascii=False, indent=indent).encode()
    chunks = [data[at : at + size] for at in range(0, len(data), size)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("edactl.core.json_stream.MAX_PIECE_BYTES", 3)
        found = list(json_values(lines_of_chunks(chunks), "f"))

    assert [value[0] for value in found if value] == items


@given(st.text(alphabet="aé€😀\n", max_size=60), st.integers(1, 7))
def test_lines_over_the_limit_come_in_pieces_of_whole_characters(text: str, size: int) -> None:
    data = text.encode()
    chunks = [data[at : at + size] for at in range(0, len(data), size)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("edactl.core.json_stream.MAX_PIECE_BYTES", 5)
        pieces = [piece for piece in lines_of_chunks(chunks) if piece is not None]

    assert "".join(piece.decode() for piece in pieces) == text
    assert all(b"\n" not in piece[:-1] for piece in pieces)


def test_a_large_document_over_many_lines_is_not_read_again_at_each() -> None:
    reads = 0

    class Counting(json.JSONDecoder):
        def raw_decode(self, s: str, idx: int = 0) -> tuple[object, int]:
            nonlocal reads
            reads += 1
            return super().raw_decode(s, idx)

    document = {"detail": [{"n": n, "brace": "{"} for n in range(500)]}
    lines = [line.encode() + b"\n" for line in json.dumps(document, indent=1).splitlines()]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("edactl.core.json_stream.decoder", Counting())
        found = list(json_values(lines, "f"))

    assert [one[0] for one in found if one] == [document]
    assert reads < 20


def test_wrong_json_over_lines_is_named_by_its_own_line() -> None:
    lines = [b'{"a": {\n', b'"b": nope,\n', *[b'"c": 1,\n'] * 20, b"}}\n"]

    with pytest.raises(InputError, match="f:2: not JSON"):
        list(json_values(lines, "f"))


def test_a_text_that_ends_inside_a_string_is_named_at_once() -> None:
    lines = iter([b'{"a": "x\n', b'{"b": 1}\n', b'{"c": 1}\n'])

    with pytest.raises(InputError, match="f:1: not JSON: Invalid control character"):
        list(json_values(lines, "f"))

    assert len(list(lines)) == 2


def test_a_value_nested_too_deep_is_named() -> None:
    line = b'{"a":' * 100_000 + b"1" + b"}" * 100_000

    with pytest.raises(InputError, match="f:1: not JSON: nested too deep"):
        list(json_values([line], "f"))


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
