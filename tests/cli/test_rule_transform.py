"""`edactl rule transform`, through the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edactl.sandbox.state import SandboxState
from tests.running import Run
from tests.sandbox_queues import SandboxQueues

Edactl = Callable[..., Run]
EVENT = json.dumps(
    {
        "id": "e1",
        "source": "com.flix",
        "account": "111111111111",
        "region": "eu-west-1",
        "detail": {"name": 'say "hi"', "n": 1},
    }
)
QUEUE = "arn:aws:sqs:eu-west-1:111111111111:q"
AU = '{"source":["com.flix"]}'
QUOTED = {"InputTemplate": '{"n": "<n>"}', "InputPathsMap": {"n": "$.detail.name"}}
BARE = {"InputTemplate": '{"n": <n>}', "InputPathsMap": {"n": "$.detail.name"}}


def rule(name: str, *targets: dict[str, Any], pattern: str = AU, **more: str) -> dict[str, Any]:
    return {"Name": name, "EventPattern": pattern, "Arn": "", "Targets": list(targets), **more}


@pytest.fixture
def rules(tmp_path: Path) -> Callable[..., str]:
    def write(*rules: dict[str, Any]) -> str:
        file = tmp_path / "rules.json"
        file.write_text(json.dumps(rules))
        return str(file)

    return write


def records(run: Run) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run.out.splitlines()]


def test_a_target_by_flags_is_one_record(edactl: Edactl) -> None:
    run = edactl(
        *("rule", "transform", "-", "--input-template", '{"i": <i>, "r": <aws.events.rule-arn>}'),
        *("--input-paths", '{"i": "$.id"}', "--target-arn", QUEUE),
        stdin=EVENT,
    )

    assert run.status == 0
    assert run.err == ""
    assert records(run) == [
        {
            "rule": "example",
            "target_id": "target",
            "target_arn": QUEUE,
            "delivered": True,
            "body": '{"i":"e1","r":"arn:aws:events:eu-west-1:111111111111:rule/example"}',
            "reason": None,
            "message_group_id": None,
            "partition_key": None,
        }
    ]


@pytest.mark.parametrize(
    ("flags", "body"),
    [
        (("--input", '{"a": 1}'), '{"a": 1}'),
        (("--input-path", "$.detail.n"), "1"),
        (
            (
                *("--input-template", '"<aws.events.rule-name> <aws.events.rule-arn>"'),
                *("--rule-name", "au", "--rule-arn", "arn:r"),
            ),
            '"au arn:r"',
        ),
        (
            (
                *("--input-template", '"<aws.events.event.ingestion-time>"'),
                *("--ingestion-time", "2026-01-31T09:00:00+01:00"),
            ),
            '"2026-01-31T08:00:00Z"',
        ),
    ],
)
def test_each_setting_can_be_tried_by_flags(
    edactl: Edactl, flags: tuple[str, ...], body: str
) -> None:
    run = edactl(
        *("rule", "transform", "--event", EVENT, *flags, "--query", "[0].body", "-o", "text")
    )

    assert (run.status, run.out) == (0, f"{body}\n")


def test_the_options_take_files_and_drop_their_last_line_break(
    edactl: Edactl, tmp_path: Path
) -> None:
    (tmp_path / "event.json").write_text(EVENT)
    (tmp_path / "template").write_text('"<i>"\n')
    (tmp_path / "paths").write_text('{"i": "$.id"}\n')

    run = edactl(
        *("rule", "transform", "--event", f"@{tmp_path}/event.json"),
        *("--input-template", f"@{tmp_path}/template", "--input-paths", f"@{tmp_path}/paths"),
    )

    assert records(run)[0]["body"] == '"e1"'


@pytest.mark.parametrize(
    ("region", "partition"), [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_a_rule_without_an_arn_has_the_one_of_its_bus_and_the_event(
    edactl: Edactl, rules: Callable[..., str], region: str, partition: str
) -> None:
    template = {"InputTemplate": '"<aws.events.rule-arn>"'}
    event = json.dumps({"source": "com.flix", "account": "1", "region": region})
    file = rules(
        rule("au", {"Id": "1", "InputTransformer": template}, EventBusName="flix"),
        rule("us", {"Id": "1", "InputTransformer": template}, EventBusName="default"),
    )

    run = edactl("rule", "transform", "--event", event, "--rules", file)

    start = f"arn:{partition}:events:{region}:1:rule"
    assert [one["body"] for one in records(run)] == [f'"{start}/flix/au"', f'"{start}/us"']


def test_the_targets_of_rules_that_match_are_shown_with_what_each_gets(
    edactl: Edactl, rules: Callable[..., str]
) -> None:
    file = rules(
        rule(
            "au",
            {"Id": "quoted", "Arn": QUEUE, "InputTransformer": QUOTED},
            {"Id": "bare", "Arn": QUEUE, "InputTransformer": BARE},
            {"Id": "task", "Arn": "arn:aws:ecs:eu-west-1:1:cluster/c"},
            {"Id": "refused", "Arn": QUEUE, "Input": "no"},
        ),
        rule("us", {"Id": "1", "Arn": QUEUE}, pattern='{"source":["x"]}'),
    )

    run = edactl("rule", "transform", "--event", EVENT, "--rules", file)

    assert run.status == 1
    found = {one["target_id"]: one for one in records(run)}
    assert list(found) == ["quoted", "bare", "task", "refused"]
    assert found["quoted"]["delivered"] is False
    assert "which is never escaped" in found["quoted"]["reason"]
    assert found["bare"]["body"] == '{"n":"say \\"hi\\""}'
    assert (found["task"]["delivered"], found["task"]["body"]) == (True, None)
    assert "ECS task" in found["task"]["reason"]
    assert "AWS would refuse it: Input: JSON syntax error" in found["refused"]["reason"]
    assert "2 of 4 targets would be sent nothing" in run.err


def test_parameters_of_a_target_are_read_from_the_original_event(
    edactl: Edactl, rules: Callable[..., str]
) -> None:
    file = rules(
        rule("au", {"Id": "1", "Input": "1", "SqsParameters": {"MessageGroupId": "$.detail.n"}}),
        rule("b", {"Id": "1", "Input": "1", "KinesisParameters": {"PartitionKeyPath": "$.id"}}),
    )

    first, second = records(edactl("rule", "transform", "--event", EVENT, "--rules", file))

    assert (first["message_group_id"], first["partition_key"]) == ("1", None)
    assert (second["message_group_id"], second["partition_key"]) == (None, "e1")


def test_a_chosen_rule_that_does_not_match_is_shown_with_a_warning(
    edactl: Edactl, rules: Callable[..., str]
) -> None:
    file = rules(rule("us", {"Id": "1", "Arn": QUEUE}, pattern='{"source":["x"]}'))

    every = edactl("rule", "transform", "--event", EVENT, "--rules", file)
    chosen = edactl("rule", "transform", "--event", EVENT, "--rules", file, "--rule", "us")

    assert (every.status, every.out) == (0, "")
    assert "no rule that has one matches this event" in every.err
    assert [one["delivered"] for one in records(chosen)] == [True]
    assert 'warning: rule "us" does not match this event' in chosen.err


def test_a_rule_whose_pattern_is_wrong_is_shown_with_a_warning(
    edactl: Edactl, rules: Callable[..., str]
) -> None:
    file = rules(rule("au", {"Id": "1", "Arn": QUEUE}, pattern='{"source":"x"}'))

    run = edactl("rule", "transform", "--event", EVENT, "--rules", file)

    assert len(records(run)) == 1
    assert "its match is unknown" in run.err


def test_a_terminal_shows_bodies_over_lines_with_numbers_as_written(
    edactl: Edactl, rules: Callable[..., str]
) -> None:
    event = '{"source":"com.flix","detail":{"p":1.50,"l":[1,{}],"s":"\\u001b[2J"}}'
    file = rules(
        rule(
            "au",
            {"Id": "1", "Arn": QUEUE, "InputPath": "$.detail"},
            {"Id": "2", "Input": '"x"', "SqsParameters": {"MessageGroupId": "$.detail.p"}},
            {"Id": "3", "InputPath": "$.gone"},
        )
    )

    run = edactl("rule", "transform", "--event", event, "--rules", file, "-o", "table")

    assert run.out == (
        f"✓ au → 1 ({QUEUE})\n"
        '  {\n    "p": 1.50,\n    "l": [\n      1,\n      {}\n    ],\n    "s": "\\u001b[2J"\n  }\n'
        '✓ au → 2\n  group: 1.50\n  "x"\n'
        "✗ au → 3\n  the event has nothing at $.gone (what AWS does then is unverified)\n"
    )
    colored = edactl(
        *("rule", "transform", "--event", event, "--rules", file, "-o", "table"),
        *("--color", "always"),
    )
    assert "\x1b[32m✓\x1b[0m au → 1" in colored.out


def test_lint_gives_a_record_a_finding_and_1_for_an_error(
    edactl: Edactl, rules: Callable[..., str]
) -> None:
    quoted = {"Id": "1", "Arn": QUEUE, "InputTransformer": QUOTED}
    file = rules(rule("au", quoted), rule("us", quoted, pattern='{"source":["x"]}'))

    without = edactl("rule", "transform", "--lint", "--rules", file)
    run = edactl("rule", "transform", "--lint", "--rules", file, "--rule", "au", "--event", EVENT)

    assert without.status == 0
    assert [(one["rule"], one["code"]) for one in records(without)] == [
        ("au", "unescaped-data"),
        ("us", "unescaped-data"),
    ]
    assert "targets: 2, errors: 0, warnings: 2" in without.err
    assert run.status == 1
    assert list(records(run)[1]) == [
        *("rule", "target_id", "code", "severity", "message", "hint"),
    ]
    assert records(run)[1]["code"] == "nothing-delivered"


def test_lint_on_a_terminal_has_two_lines_a_finding(edactl: Edactl) -> None:
    run = edactl("rule", "transform", "--lint", "--input", "no", "--color", "always", "-o", "table")

    assert run.status == 1
    first, second = run.out.splitlines()
    assert first.startswith("\x1b[31merror\x1b[0m example → target input-not-json: Input: JSON")
    assert second.startswith("  try: Unrecognized token 'no'")
    warned = edactl(
        *("rule", "transform", "--lint", "-o", "table", "--input-template", "[1]", "--color"),
        "always",
    )
    assert warned.out.startswith("\x1b[33mwarning\x1b[0m example → target template-kind")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "say which target"),
        (("--bus", "b", "--rules", "f"), "say which target"),
        (("--input", "1", "--bus", "b"), "say which target"),
        (("--input", "1", "--rule", "x"), "--rule and --target go with"),
        (("--input", "1", "--target", "x"), "--rule and --target go with"),
        (("--bus", "b", "--rule-name", "x"), "the rule tells its own name"),
        (("--rules", "/nowhere/r"), "/nowhere/r"),
        (("--input", "@/nowhere/i"), "/nowhere/i"),
        (("--input-template", "@/nowhere/t"), "/nowhere/t"),
        (("--input-template", "1", "--input-paths", "@/nowhere/p"), "/nowhere/p"),
        (("--input-template", "1", "--input-paths", "{"), "--input-paths: not JSON"),
        (("--input-template", "1", "--input-paths", "[" * 9999), "--input-paths: not JSON"),
        (("--input-template", "1", "--input-paths", "[]"), "--input-paths: not a map"),
        (("--input-template", "1", "--input-paths", '{"a":1}'), "--input-paths: not a map"),
        (("--input-paths", "{}"), "--input-paths needs --input-template"),
        (("--input-template", "no <i>"), "contains invalid placeholder i."),
        (("--input-template", "no"), "Invalid InputTemplate for target"),
        (("--input-template", "x" * 100_000), "less than or equal to 8192"),
        (("--input-template", "[" * 8000), "Invalid InputTemplate for target"),
        (("--input", "1", "--input-path", "$"), "Only one of Input, InputPath"),
        (("--input", "1", "--ingestion-time", "soon"), '"soon" is not a time'),
    ],
)
def test_bad_targets_are_252_in_two_lines(
    edactl: Edactl, arguments: tuple[str, ...], words: str
) -> None:
    run = edactl("rule", "transform", "--event", EVENT, *arguments)

    assert (run.status, run.out) == (252, "")
    assert words in run.err
    assert len(run.err.splitlines()) <= 2


@pytest.mark.parametrize(
    ("arguments", "stdin", "words"),
    [
        ((), "", "say which event"),
        (("-", "--event", "{}"), "{}", "say which event"),
        (("--event", "[]"), "", "must be a JSON object"),
        (("--event", "x"), "", "must be a JSON object"),
        (("-",), "[1]", "<stdin>:1"),
        (("-",), "", "0 events in it"),
        (("-",), "{}\n{}\n", "2 events in it"),
        (("/nowhere/e",), "", "/nowhere/e"),
    ],
)
def test_bad_events_are_252(
    edactl: Edactl, arguments: tuple[str, ...], stdin: str, words: str
) -> None:
    run = edactl("rule", "transform", *arguments, "--target-arn", QUEUE, stdin=stdin)

    assert run.status == 252
    assert words in run.err


def test_rules_targets_and_names_that_are_not_there_have_the_nearest_as_hint(
    edactl: Edactl, rules: Callable[..., str]
) -> None:
    file = rules(rule("orders-au", {"Id": "queue", "Arn": QUEUE}))
    bare = ("rule", "transform", "--event", EVENT, "--rules", file)

    unknown = edactl(*bare, "--rule", "order-au")
    far = edactl(*bare, "--rule", "zzz")
    target = edactl(*bare, "--target", "quee")

    assert [one.status for one in (unknown, far, target)] == [252] * 3
    assert "try: orders-au" in unknown.err
    assert "try: one of orders-au" in far.err
    assert "try: queue" in target.err


def test_one_target_can_be_chosen_by_its_id(edactl: Edactl, rules: Callable[..., str]) -> None:
    file = rules(rule("au", {"Id": "a", "Input": "1"}, {"Id": "b", "Input": "2"}))

    run = edactl("rule", "transform", "--event", EVENT, "--rules", file, "--target", "b")

    assert [one["body"] for one in records(run)] == ["2"]


def test_a_file_of_scheduled_rules_has_no_rule_to_choose(
    edactl: Edactl, rules: Callable[..., str]
) -> None:
    file = rules({"Name": "hourly", "ScheduleExpression": "rate(1 hour)"})

    run = edactl("rule", "transform", "--event", EVENT, "--rules", file, "--rule", "hourly")

    assert run.status == 252
    assert 'rule "hourly" of' in run.err
    assert 'there is no rule "hourly"' in run.err


def test_rules_without_targets_say_where_targets_come_from(edactl: Edactl, tmp_path: Path) -> None:
    file = tmp_path / "rules.json"
    file.write_text(json.dumps({"au": json.loads(AU)}))

    run = edactl("rule", "transform", "--event", EVENT, "--rules", str(file))

    assert run.status == 252
    assert "edactl rule pull" in run.err


@pytest.fixture
def live(sandbox: SandboxState) -> SandboxQueues:
    queues = SandboxQueues(sandbox)
    queues.feed_by_rule(queues.make("orders"), "flix", "au", {"source": ["com.flix"]})
    return queues


def test_the_targets_of_a_live_bus_are_those_of_the_rules_that_match(
    edactl: Edactl, live: SandboxQueues
) -> None:
    run = edactl("rule", "transform", "--event", EVENT, "--bus", "flix")
    other = edactl("rule", "transform", "--event", '{"source":"x"}', "--bus", "flix")
    chosen = edactl("rule", "transform", "--event", EVENT, "--bus", "flix", "--rule", "au")

    assert [one["body"] for one in records(run)] == ['{"name":"say \\"hi\\"","n":1}']
    assert records(chosen) == records(run)
    assert other.out == ""


def test_a_scheduled_rule_is_shown_when_it_is_chosen(edactl: Edactl, live: SandboxQueues) -> None:
    call = live.session.call
    call("events", "put_rule", Name="hourly", ScheduleExpression="rate(1 hour)")
    target = {"Id": "1", "Arn": QUEUE, "Input": "1"}
    call("events", "put_targets", Rule="hourly", Targets=[target])

    run = edactl(
        *("rule", "transform", "--event", EVENT, "--bus", "default", "--rule", "hourly"),
    )

    assert [one["body"] for one in records(run)] == ["1"]


def test_a_live_rule_without_targets_is_nothing_to_show(
    edactl: Edactl, live: SandboxQueues
) -> None:
    live.session.call("events", "put_rule", Name="bare", EventPattern=AU)
    bare = ("rule", "transform", "--event", EVENT, "--bus", "default")

    for more in ((), ("--rule", "bare"), ("--rule", "bare", "--target", "x")):
        run = edactl(*bare, *more)
        assert (run.status, run.out) == (0, "")
        assert "no target" in run.err


def test_an_unknown_live_rule_or_bus_is_254_with_a_near_name(
    edactl: Edactl, live: SandboxQueues
) -> None:
    bare = ("rule", "transform", "--event", EVENT)

    unknown = edactl(*bare, "--bus", "flix", "--rule", "aus")
    bus = edactl(*bare, "--bus", "nope", "--rule", "aus")

    assert (unknown.status, bus.status) == (254, 254)
    assert "try: au" in unknown.err
    assert "try: edactl bus list" in bus.err


def test_an_event_that_cannot_be_read_is_named(edactl: Edactl) -> None:
    run = edactl("rule", "transform", "--event", "[]", "--input", "{}")

    assert run.status == 252
    assert run.err.startswith(
        "edactl: --event: Event must be a JSON object\n  try: one JSON object"
    )
