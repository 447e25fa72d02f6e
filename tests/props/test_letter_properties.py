from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from edactl.core.letter import Payload
from edactl.core.letter_clusters import Clusters, cluster_of
from edactl.core.letter_hints import Place, hint_of
from edactl.core.letter_origins import classify
from edactl.core.letter_payload import payload_of
from edactl.core.letter_shape import masked
from edactl.core.message import MessageAttribute
from edactl.core.record import record_of
from tests.dead_letters import LETTERS, message_of

NAMES = sorted({name for case in LETTERS for name in case["message"].get("message_attributes", {})})
MEMBERS = [
    *("Type", "TopicArn", "Message", "UnsubscribeURL", "requestContext", "functionArn"),
    *("requestPayload", "responsePayload", "KinesisBatchInfo", "busArn", "subscriberArn"),
    *(
        "failedMessages",
        "QueueUrl",
        "streamArn",
        "errorCode",
        "retryAttempts",
        "condition",
        "source",
        "detail-type",
    ),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("Notification"),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(MEMBERS), inner, max_size=6)
    ),
    max_leaves=12,
)
BODIES = st.text() | JSON.map(json.dumps)
ARNS = st.builds(
    "arn:aws:{}:r:1:{}".format,
    st.sampled_from(["events", "lambda", "sqs", "scheduler", "sns", "logs", ""]),
    st.sampled_from(["rule/a", "rule/a/b", "event-bus/x", "function", "schedule/g/n", ""]),
) | st.just("arn:aws:scheduler:::aws-sdk:sqs:sendMessage")
ATTRIBUTES = st.dictionaries(
    st.sampled_from(NAMES),
    st.builds(MessageAttribute, st.just("String"), st.none() | st.text() | ARNS)
    | st.builds(MessageAttribute, st.just("Binary"), st.none(), st.binary()),
)


@given(BODIES, ATTRIBUTES, st.none() | st.text())
def test_no_message_is_too_odd_to_be_classified_clustered_and_told(
    body: str, attributes: dict[str, MessageAttribute], source: str | None
) -> None:
    message = message_of({"body": body}, message_attributes=attributes, source_queue_arn=source)

    letter = classify(message)

    assert letter.message is message
    assert record_of(letter)["origin"] == letter.origin.value
    assert Clusters().add(letter) == cluster_of(message)
    assert hint_of(letter, Place("dlq", "c")) != ""
    assert payload_of(letter) is None or letter.payload is not Payload.ABSENT


IDS = st.one_of(
    st.integers().map(str),
    st.uuids().map(str),
    st.floats(allow_nan=False, allow_infinity=False, min_value=0.01, max_value=1e6).map(
        lambda number: f"{number:.2f}"
    ),
    st.integers(16**5, 16**40).map(lambda number: f"{number:x}1"),
    st.datetimes().map(lambda moment: moment.isoformat(timespec="seconds") + "Z"),
)


@given(IDS, IDS)
def test_the_cluster_of_a_letter_does_not_depend_on_numbers_and_ids(one: str, other: str) -> None:
    def failed(about: str) -> Any:
        return message_of({"body": f"order {about} failed: key={about}, retry ({about})"})

    assert cluster_of(failed(one)) == cluster_of(failed(other))


@given(st.text())
def test_masking_ends_and_is_short_whatever_the_text(text: str) -> None:
    assert len(masked(text * 50)) <= 200
