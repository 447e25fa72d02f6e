from __future__ import annotations

import json

import pytest

from edactl.core.letter_origins import classify
from edactl.core.letter_payload import member_text, payload_of
from tests.dead_letters import LETTERS, message_of


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ('{"a": 1.10, "b": 2}', "1.10"),
        ('\n { "b" : [1, {"a": 3}] , "a" : {"x": "}"} } ', '{"x": "}"}'),
        ('{"a":null}', "null"),
        ('{"a":1,"a":2}', "2"),
        ('{"b":{"a":1}}', None),
        ("{}", None),
        ("", None),
        ('["a", 1]', None),
        ('{"a":1', None),
        ('{"a":1]', None),
        ('{"a" 1}', None),
        ('{"a":' + "[" * 100_000, None),
    ],
)
def test_a_member_of_an_object_is_taken_as_it_is_written(
    document: str, expected: str | None
) -> None:
    assert member_text(document, "a") == expected


def test_what_to_send_again_is_the_body_the_request_in_it_or_nothing() -> None:
    for case in LETTERS:
        letter = classify(message_of(case["message"]))
        match case["letter"]["payload"]:
            case "absent":
                assert payload_of(letter) is None
            case "request-payload" if letter.problem != "the record lacks requestPayload":
                assert json.loads(payload_of(letter) or "") == {"orderId": "o-1017", "total": 12.5}
            case "request-payload":
                assert payload_of(letter) is None
            case _:
                assert payload_of(letter) == letter.message.body
