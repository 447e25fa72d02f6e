"""Filters of Lambda, pipes and SNS on the records that they look at."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from edactl.core.filter_record import RecordPattern, RecordSet, dialect_event
from edactl.core.pattern import Pattern, compile_pattern
from edactl.errors import InputError

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "cases" / "filter_records.json").read_text("utf-8")
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_filter_gives_the_verdict_of_its_service(case: dict[str, Any]) -> None:
    pattern = compile_pattern(case["pattern"], case["dialect"])
    found = pattern.explain(case["record"])

    assert pattern.matches(case["record"]) is case["match"]
    assert found.match is case["match"]
    assert found.alternatives[0].note == case.get("note")
    assert (found.missed == 0) is case["match"]
    assert RecordSet({"one": pattern}).match(case["record"]) == ["one"] * case["match"]


def test_a_record_may_come_as_a_mapping() -> None:
    pattern = compile_pattern('{"body":{"a":[1]}}', "esm-sqs")

    assert pattern.matches({"body": '{"a":1}'})
    assert pattern.matches({"body": {"a": 1}})
    assert compile_pattern('{"data":{"a":[1]}}', "esm-kinesis").matches(
        {"kinesis": {"data": "eyJhIjoxfQ=="}}
    )


@pytest.mark.parametrize(
    ("dialect", "batch"),
    [
        ("esm-sqs", '{"Records":[{"body":"x"}]}'),
        ("esm-mq", '{"messages":[{"data":"x"}]}'),
        ("sns-body", '{"Records":[{"Sns":{}}]}'),
    ],
)
def test_a_batch_is_refused_with_the_way_to_take_it_apart(dialect: str, batch: str) -> None:
    with pytest.raises(InputError, match="it is a batch") as caught:
        dialect_event(dialect, batch)

    assert "jq -c" in str(caught.value.hint)


def test_rules_and_subscribers_look_at_the_event_itself() -> None:
    for dialect in ("rule", "subscriber"):
        assert type(compile_pattern('{"body":["x"]}', dialect)) is Pattern
        assert dialect_event(dialect, '{"body":"eyJhIjoxfQ=="}').members == [
            ("body", "eyJhIjoxfQ==")
        ]


def test_events_and_records_are_matched_together_in_the_order_of_the_rules() -> None:
    patterns: dict[str, Pattern] = {
        "queue": compile_pattern('{"body":{"a":[1]}}', "esm-sqs"),
        "rule": compile_pattern('{"body":[{"prefix":"{"}]}'),
        "pipe": compile_pattern('{"body":{"a":[1]}}', "pipes"),
        "other": compile_pattern('{"body":{"a":[2]}}', "esm-sqs"),
    }
    both = RecordSet(patterns)

    assert both.match('{"body":"{\\"a\\":1}"}') == ["queue", "rule", "pipe"]
    assert list(both.match_lines([b'{"body":"{\\"a\\":2}"}', b'{"body":1}'])) == [
        ["rule", "other"],
        [],
    ]
    assert list(both.patterns) == ["queue", "rule", "pipe", "other"]
    with pytest.raises(InputError, match="line 2"):
        list(both.match_lines([b"{}", b"[1]"]))


def test_a_filter_that_its_service_refuses_is_refused() -> None:
    with pytest.raises(InputError, match="does not take wildcard"):
        compile_pattern('{"body":[{"wildcard":"a*"}]}', "esm-sqs")


def test_other_alternatives_stand_behind_the_nearest() -> None:
    text = '{"$or":[{"body":{"a":[1]}},{"body":{"a":[2],"b":[3]}}]}'
    found = compile_pattern(text, "esm-sqs").explain('{"body":"{\\"a\\":5}"}')

    assert isinstance(compile_pattern(text, "esm-sqs"), RecordPattern)
    assert [one.missed for one in found.alternatives] == [1, 2]
