"""Texts of JSON objects out of lines, and what is done about those that are none."""

from __future__ import annotations

import pytest

from edactl.core.json_stream import MAX_PIECE_BYTES, enumerate_lines, lines_of_chunks
from edactl.core.json_texts import json_texts
from edactl.errors import InputError

NOT_AN_EVENT = "not an event: a JSON object is expected"


def read(text: bytes) -> tuple[list[tuple[str, int]], list[str]]:
    """The objects with their lines, and what was skipped."""
    skipped: list[str] = []
    texts = json_texts(
        text.splitlines(keepends=True), "f", skip=lambda error: skipped.append(str(error))
    )
    found = [(bytes(text).decode() if isinstance(text, bytes) else text, at) for text, at in texts]
    return found, skipped


def test_objects_with_any_space_between_them_are_told_apart() -> None:
    found, _ = read(b'{"a":1}   {"a":2}\t{"a":3}{"a":4}\n{"a":"} {"}\n')

    assert found == [
        ('{"a":1}', 1),
        ('{"a":2}', 1),
        ('{"a":3}', 1),
        ('{"a":4}', 1),
        ('{"a":"} {"}', 2),
    ]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b"not json", "not JSON: Expecting value"),
        (b"7", NOT_AN_EVENT),
        (b"null", NOT_AN_EVENT),
        (b"[1]", NOT_AN_EVENT),
        (b'[{"a":1},oops]', "not JSON: Expecting value"),
        (b'{"a":1', "not JSON: the next object begins inside this one"),
        (b'{"a":"x', "not JSON: Invalid control character at"),
        (b"\xff", "not UTF-8 at byte 1"),
    ],
)
def test_a_bad_line_is_skipped_alone(bad: bytes, reason: str) -> None:
    found, skipped = read(b'{"id":0}\n' + bad + b'\n{"id":1}\n{"id":2}\n')

    assert [one for one in found if "id" in one[0]] == [
        ('{"id":0}', 1),
        ('{"id":1}', 3),
        ('{"id":2}', 4),
    ]
    assert skipped == [f"f:2: {reason}"]


def test_a_bad_document_over_lines_is_skipped_once_and_whole() -> None:
    found, skipped = read(
        b'{\n  "a": 1,\n  "b": oops,\n  "c": {\n    "id": 9\n  }\n}\n'
        b'{"id":0}\n {\n  "b": oops\n }\n {"id":1}\n'
    )

    assert found == [('{"id":0}', 8), ('{"id":1}', 12)]
    assert skipped == [
        "f:3: not JSON: Expecting value (in what begins on line 1)",
        "f:10: not JSON: Expecting value (in what begins on line 9)",
    ]


def test_a_byte_that_is_no_text_inside_a_document_gives_it_up() -> None:
    found, skipped = read(b'{\n  "a": \xff\n}\n{"id":0}\n')

    assert (found, skipped) == ([('{"id":0}', 4)], ["f:2: not UTF-8 at byte 8"])


def test_lines_that_an_open_object_swallowed_are_read_again() -> None:
    found, skipped = read(b'{"a":\n{"id":0}\n{"id":1}\n')

    assert found == [('{"id":0}', 2), ('{"id":1}', 3)]
    assert skipped == ["f:1: not JSON: the next object begins inside this one"]


@pytest.mark.parametrize("end", [b'{"a":', b'[{"b":1},'])
def test_an_end_in_the_middle_is_skipped_too(end: bytes) -> None:
    found, skipped = read(b'{"id":0}\n' + end)

    assert found[0] == ('{"id":0}', 1)
    assert skipped == ["f:2: the JSON ends in the middle of a value"]


def test_an_array_goes_on_after_what_is_no_object() -> None:
    found, skipped = read(b'[{"id":0}, 7,\n "x", {"id":1}]\n')

    assert found == [('{"id":0}', 1), ('{"id":1}', 2)]
    assert skipped == [f"f:1: {NOT_AN_EVENT}", f"f:2: {NOT_AN_EVENT}"]


def test_an_array_over_lines_does_not_go_on_after_a_fault() -> None:
    with pytest.raises(InputError, match=r"^f:3: not JSON: Expecting value$"):
        read(b'[\n{"id":0},\n{"a":},\n{"id":1}]\n')


def test_a_fault_raises_where_nothing_is_skipped() -> None:
    with pytest.raises(InputError, match=r"^f:2: not JSON: the next object begins inside this one"):
        list(json_texts([b"{}\n", b'{"a":1\n', b"{}\n"], "f"))


@pytest.mark.parametrize(
    ("magic", "tool"), [(b"\x1f\x8b", "zcat"), (b"\x28\xb5\x2f\xfd", "zstdcat")]
)
def test_packed_text_is_told_how_to_be_unpacked(magic: bytes, tool: str) -> None:
    with pytest.raises(InputError, match=r"^f:1: not UTF-8 at byte") as caught:
        list(json_texts([magic + b"\x08\n"], "f"))

    assert caught.value.hint == f"it is packed: {tool} FILE, into -"


def test_a_pause_between_chunks_stays_where_it_was() -> None:
    chunks = [b"a\nb", None, b"c\nd"]

    assert list(lines_of_chunks(chunks)) == [b"a\n", None, b"bc\n", b"d"]


@pytest.mark.parametrize("last", ["a", "\u00e9", "\u20ac", "\U0001f600"])
def test_a_long_line_is_cut_between_its_characters(last: str) -> None:
    text = "a" * (MAX_PIECE_BYTES - 1) + last * 3
    encoded = text.encode()
    for cut in range(MAX_PIECE_BYTES, len(encoded) + 1):
        pieces = list(lines_of_chunks([encoded[:cut], encoded[cut:]]))

        assert len(pieces) > 1
        assert "".join(one.decode() for one in pieces if one) == text


def test_the_pieces_of_a_line_have_its_number_and_pauses_count_for_nothing() -> None:
    lines = [b"a", b"b\n", None, b"c\n"]

    assert [number for number, _ in enumerate_lines(lines)] == [1, 1, 1, 2]
