from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from edactl.core.message import Message, MessageAttribute, Outgoing
from edactl.core.message_input import parse_line
from edactl.core.message_rules import check_message, pack, size_bytes
from edactl.core.queue import MAXIMUM_BATCH_BYTES
from edactl.core.record import record_of
from edactl.errors import InputError

TEXT = st.text(
    st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\ufffe\uffff")
)
ATTRIBUTE = st.one_of(
    st.builds(MessageAttribute, st.just("String"), TEXT.filter(bool)),
    st.builds(MessageAttribute, st.just("Binary"), st.none(), st.binary(min_size=1)),
)
ATTRIBUTES = st.dictionaries(st.from_regex(r"[a-z]{3,9}", fullmatch=True), ATTRIBUTE, max_size=3)
SIZED = st.integers(1, MAXIMUM_BATCH_BYTES).map(lambda size: Outgoing("x" * size))


@given(st.lists(st.one_of(SIZED, st.builds(Outgoing, TEXT.filter(bool), ATTRIBUTES)), max_size=25))
def test_batches_keep_every_message_in_order_within_the_limits(messages: list[Outgoing]) -> None:
    batches = list(pack(messages))

    assert [one for batch in batches for one in batch] == messages
    for batch in batches:
        assert 1 <= len(batch) <= 10
        assert sum(map(size_bytes, batch)) <= MAXIMUM_BATCH_BYTES


@given(st.lists(SIZED, max_size=25))
def test_a_batch_ends_only_where_the_next_message_does_not_fit(messages: list[Outgoing]) -> None:
    batches = list(pack(messages))

    for batch, following in pairwise(batches):
        total = sum(map(size_bytes, [*batch, following[0]]))
        assert len(batch) == 10 or total > MAXIMUM_BATCH_BYTES


@given(
    st.builds(
        Message,
        message_id=TEXT,
        body=TEXT.filter(bool),
        attributes=st.dictionaries(st.sampled_from(["SenderId", "SequenceNumber"]), TEXT),
        message_attributes=ATTRIBUTES,
        group_id=st.none() | TEXT,
        deduplication_id=st.none() | TEXT,
        sent_at=st.none() | st.datetimes(timezones=st.just(UTC)),
        first_received_at=st.none(),
        receive_count=st.none() | st.integers(0, 1000),
        source_queue_arn=st.none() | TEXT,
        trace_header=st.none() | TEXT.filter(bool),
    )
)
def test_what_a_peek_prints_a_send_reads_back(message: Message) -> None:
    line = json.dumps(record_of(message), ensure_ascii=False)

    assert parse_line(line, "in:1") == Outgoing(
        message.body,
        message.message_attributes,
        message.group_id,
        message.deduplication_id,
        message.trace_header,
    )


@given(st.text(min_size=1))
def test_any_text_as_a_json_string_is_the_body_whole(text: str) -> None:
    assert parse_line(json.dumps(text), "in:1").body == text


@given(st.text(min_size=1))
def test_a_body_that_passes_the_check_can_be_measured(text: str) -> None:
    with suppress(InputError):
        check_message(Outgoing(text), "in:1")
        assert size_bytes(Outgoing(text)) == len(text.encode())


@given(st.text())
def test_any_line_is_a_message_or_an_input_error(line: str) -> None:
    with suppress(InputError):
        assert isinstance(parse_line(line, "in:1"), Outgoing)
