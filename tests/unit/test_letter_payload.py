from __future__ import annotations

from dataclasses import replace

from edactl.core.letter import Payload
from edactl.core.letter_origins import classify
from edactl.core.letter_payload import payload_of
from tests.dead_letters import LETTERS, message_of


def test_what_to_send_again_is_the_body_the_request_in_it_or_nothing() -> None:
    for case in LETTERS:
        letter = classify(message_of(case["message"]))
        match case["letter"]["payload"]:
            case "absent":
                assert payload_of(letter) is None
            case "request-payload" if letter.problem != "the record lacks requestPayload":
                assert payload_of(letter) == '{"orderId":"o-1017","total":12.5}'
            case "request-payload":
                assert payload_of(letter) is None
            case _:
                assert payload_of(letter) == letter.message.body


def test_the_digits_of_a_request_stay() -> None:
    body = '{"requestContext":{"functionArn":"f"}, "requestPayload": {"n": 1.10, "m": 1E3}}'

    assert payload_of(classify(message_of({"body": body}))) == '{"n":1.10,"m":1E3}'


def test_a_record_whose_body_is_gone_has_nothing_to_send() -> None:
    letter = classify(message_of({"body": "[]"}))

    assert payload_of(replace(letter, payload=Payload.REQUEST_PAYLOAD)) is None
