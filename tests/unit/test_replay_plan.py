from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from edactl.core.archive import Archive, Window
from edactl.core.bus import Rule, Target
from edactl.core.replay_plan import plan, planned_rules, replayed, warnings

NAME = "all-1"
QUEUE, OTHER_BUS = "arn:aws:sqs:eu-west-1:1:q", "arn:aws:events:eu-west-1:1:event-bus/next"
EVENTS = ['{"source":"a","n":1}', '{"source":"b","n":1.0}', '{"source":"a","n":2}', "{}"]


def rule(name: str, pattern: dict[str, Any] | None, *targets: Target, **fields: Any) -> Any:
    text = None if pattern is None else json.dumps(pattern)
    return Rule(
        name, f"arn:{name}", "flix", fields.pop("state", "ENABLED"), text, **fields
    ), targets


def target(arn: str = QUEUE, dlq: str | None = None) -> Target:
    return Target("1", arn, dead_letter_arn=dlq)


def test_rules_are_counted_against_the_sample_as_it_would_be_replayed() -> None:
    rules = [
        rule("a", {"source": ["a"]}),
        rule("guarded", {"source": ["a"], "replay-name": [{"exists": False}]}),
        rule("n", {"n": [1]}),
        rule("replays", {"replay-name": [{"prefix": "all-"}]}),
        rule("off", {"source": ["a"]}, state="DISABLED"),
        rule("nightly", None, schedule="rate(1 day)"),
    ]

    planned, events = planned_rules(rules, EVENTS, NAME)

    assert events == 4
    assert [(one.rule, one.would_fire, one.guards_replay) for one in planned] == [
        ("replays", 4, False),
        ("a", 2, False),
        ("n", 2, False),
        ("guarded", 0, True),
        ("off", 0, False),
    ]


def test_without_a_sample_nobody_knows_how_often_a_rule_fires() -> None:
    planned, events = planned_rules([rule("a", {"source": ["a"]})], None, NAME)

    assert events is None
    assert planned[0].would_fire is None


@pytest.mark.parametrize(
    ("pattern", "guards"),
    [
        ({"replay-name": [{"exists": False}]}, True),
        ({"replay-name": ["another"]}, True),
        ({"replay-name": [{"exists": False}, "all-1"]}, False),
        ({"$or": [{"a": [1]}, {"replay-name": [{"exists": False}]}]}, False),
        ({"a": [1]}, False),
    ],
)
def test_a_rule_guards_when_no_alternative_takes_this_replay(
    pattern: dict[str, Any], guards: bool
) -> None:
    planned, _ = planned_rules([rule("r", pattern)], None, NAME)

    assert planned[0].guards_replay is guards


def test_the_operator_is_told_what_else_could_be_hit_and_lost() -> None:
    planned, _ = planned_rules(
        [
            rule("on", {"source": ["a"]}, target(), target(dlq="arn:dlq"), target(OTHER_BUS, "d")),
            rule("guarded", {"replay-name": [{"exists": False}]}, target()),
            rule("off", {"source": ["a"]}, target(), state="DISABLED"),
            rule("aws", {"source": ["a"]}, target(), managed_by="events.amazonaws.com"),
            rule("never", {"source": ["z"]}, target()),
        ],
        EVENTS,
        NAME,
    )

    assert list(warnings(planned)) == [
        'rule "on" does not guard against replays: its targets get the events again',
        'rule "on": 1 of 3 targets have no DLQ: what they cannot take is lost',
        f'rule "on" sends on to {OTHER_BUS}: the rules there fire too',
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"n":1.0}', '{"n":1.0,"replay-name":"all-1"}'),
        (' {"n":1.0 } \n', ' {"n":1.0,"replay-name":"all-1"}'),
        ("{}", '{"replay-name":"all-1"}'),
    ],
)
def test_a_replayed_event_has_a_name_at_its_top_and_keeps_its_spelling(
    text: str, expected: str
) -> None:
    assert replayed(text, NAME) == expected


def test_a_plan_tells_the_window_and_everything_to_mind() -> None:
    archive = Archive("all", "flix", "arn:aws:events:eu-west-1:1:event-bus/flix", "ENABLED")
    start, end = datetime(2026, 11, 25, 1, tzinfo=UTC), datetime(2026, 11, 25, 2, tzinfo=UTC)
    rules = planned_rules([rule("on", {"source": ["a"]})], EVENTS, NAME)

    made = plan(archive, Window(start, end), rules, ["a note"])

    assert (made.dry_run, made.archive, made.bus, made.sample_events) == (True, "all", "flix", 4)
    assert (made.event_start_time, made.event_end_time) == (
        "2026-11-25T01:00:00Z",
        "2026-11-25T02:00:00Z",
    )
    assert made.rules == rules[0]
    assert made.warnings[0] == "a note"
    assert len(made.warnings) == 2
