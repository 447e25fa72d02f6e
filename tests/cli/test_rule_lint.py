"""`edactl rule lint`, through the command line."""

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
CLEAN = '{"source":["com.flix"],"replay-name":[{"exists":false}]}'


def records(run: Run) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run.out.splitlines()]


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """Two rules in one file: the first has a warning, AWS refuses the second."""
    file = tmp_path / "rules.json"
    rules = {
        "first-but-one": json.loads(CLEAN),
        "one": {"source": ["x", "x"]},
        "bad": {"source": "x"},
        "worse": {"detail": {"a": [{"numeric": [">", "x"]}]}},
    }
    file.write_text(json.dumps(rules, indent=1))
    return file


def test_every_rule_is_judged_also_after_one_that_is_refused(edactl: Edactl, rules: Path) -> None:
    run = edactl("rule", "lint", "--rules", str(rules))

    found = records(run)
    assert run.status == 1
    assert [(one["rule"], one["code"]) for one in found] == [
        ("one", "duplicate-value"),
        ("one", "replay-not-guarded"),
        ("bad", "pattern-refused"),
        ("worse", "pattern-refused"),
    ]
    assert found[0] == {
        "rule": "one",
        "code": "duplicate-value",
        "severity": "warning",
        "path": "source[1]",
        "message": '"x" comes twice in the list',
        "hint": "leave one of them out",
        "source": str(rules),
        "line": rules.read_text().splitlines().index(' "one": {') + 1,
    }
    assert "4 rules: 2 errors, 1 warning, 1 info" in run.err


def test_a_clean_rule_is_status_0_and_nothing(edactl: Edactl) -> None:
    run = edactl("rule", "lint", "--pattern", CLEAN, "--fail-on", "warning")

    assert (run.status, run.out) == (0, "")
    assert "1 rule: 0 errors, 0 warnings, 0 infos" in run.err
    assert edactl("rule", "lint", "--pattern", CLEAN, "-o", "json").out == "[]\n"


@pytest.mark.parametrize(
    ("pattern", "fail_on", "status"),
    [
        ('{"source":["x"]}', "warning", 0),
        ('{"source":["x","x"]}', "error", 0),
        ('{"source":["x","x"]}', "warning", 1),
        ('{"source":[1]}', "error", 1),
        ('{"source":[1]}', "warning", 1),
    ],
)
def test_fail_on_sets_the_status(edactl: Edactl, pattern: str, fail_on: str, status: int) -> None:
    assert edactl("rule", "lint", "--pattern", pattern, "--fail-on", fail_on).status == status


def test_a_pattern_of_a_file_has_lines(edactl: Edactl, tmp_path: Path) -> None:
    file = tmp_path / "pattern.json"
    file.write_text('{\n "source": ["x"],\n "account": [1]\n}')

    run = edactl("rule", "lint", "--pattern", f"@{file}")
    table = edactl(
        *("rule", "lint", "--pattern", f"@{file}", "-v", "-o", "table", "--color", "always")
    )

    assert (records(run)[0]["source"], records(run)[0]["line"]) == (str(file), 3)
    lines = table.out.splitlines()
    assert lines[0] == f"\x1b[1mpattern\x1b[0m {file}:3"
    assert lines[1].startswith("  \x1b[31merror  \x1b[0m account[0]: account is always a string")
    assert lines[2] == '          try: "1"'
    assert lines[3].endswith("[replay-not-guarded] (line 1)")


def test_a_table_groups_by_rule(edactl: Edactl, rules: Path) -> None:
    run = edactl("rule", "lint", "--rules", str(rules), "-o", "table")

    heads = [line for line in run.out.splitlines() if not line.startswith(" ")]
    assert [line.split()[0] for line in heads] == ["one", "bad", "worse"]
    assert '  warning source[1]: "x" comes twice in the list [duplicate-value]' in run.out
    assert "replay-not-guarded" not in run.out
    assert "2 errors, 1 warning, 1 info; -v shows the infos" in run.err
    queried = edactl("rule", "lint", "--rules", str(rules), "-o", "table", "--query", "[0].code")
    assert queried.out.strip() == "duplicate-value"


def test_samples_are_held_against_the_rules(edactl: Edactl, tmp_path: Path) -> None:
    events = tmp_path / "events.ndjson"
    events.write_text('{"source":"com.flix","detail":{"amount":5}}\n' * 2)
    pattern = '{"source":["com.flix"],"detail":{"amount":["5"]}}'

    codes = [
        one["code"]
        for one in records(edactl("rule", "lint", "--pattern", pattern, "--samples", str(events)))
    ]

    assert codes == ["number-as-string", "type-not-in-samples", "replay-not-guarded"]


def test_a_sample_that_is_no_event_is_252(edactl: Edactl) -> None:
    arguments = ("rule", "lint", "--pattern", CLEAN, "--samples", "-")

    run = edactl(*arguments, stdin='{"a":1}\n{"a":tru}\n')

    assert run.status == 252
    assert "<stdin>:2" in run.err


def test_sarif_is_written_beside_the_records_or_instead(
    edactl: Edactl, rules: Path, tmp_path: Path
) -> None:
    file = tmp_path / "lint.sarif"

    both = edactl("rule", "lint", "--rules", str(rules), "--sarif", str(file))
    alone = edactl("rule", "lint", "--rules", str(rules), "--sarif", "-")

    log = json.loads(file.read_text())
    assert len(records(both)) == len(log["runs"][0]["results"]) == 4
    assert json.loads(alone.out) == log
    assert alone.status == 1
    place = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == str(rules)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "say where the patterns are"),
        (("--pattern", "{}", "--bus", "b"), "in one way"),
        (("--pattern", "{}", "--fail-on", "info"), "--fail-on"),
        (("--rules", "/nowhere/r.json"), "/nowhere/r.json"),
        (("--pattern", CLEAN, "--samples", "/nowhere/e"), "/nowhere/e"),
        (("--pattern", CLEAN, "--sarif", "/nowhere/x/y"), "--sarif /nowhere/x/y"),
    ],
)
def test_a_wrong_command_line_is_252(
    edactl: Edactl, arguments: tuple[str, ...], words: str
) -> None:
    run = edactl("rule", "lint", *arguments)

    assert run.status == 252
    assert words in run.err


def test_a_file_without_patterns_is_252(edactl: Edactl, tmp_path: Path) -> None:
    file = tmp_path / "r.json"
    file.write_text('[{"Name":"n","Arn":"a","ScheduleExpression":"rate(1 day)"}]')

    assert edactl("rule", "lint", "--rules", str(file)).status == 252


def test_the_dialect_decides_what_is_refused(edactl: Edactl) -> None:
    pattern = '{"body":{"a":[{"wildcard":"x*"}]}}'

    run = edactl("rule", "lint", "--pattern", pattern, "--dialect", "esm-sqs")

    assert [one["code"] for one in records(run)] == ["pattern-refused"]


def test_a_live_bus_is_judged_with_its_targets(edactl: Edactl, sandbox: SandboxState) -> None:
    queues = SandboxQueues(sandbox)
    queues.feed_by_rule(queues.make("orders"), "flix", "au", json.loads(CLEAN))
    call = queues.session.call
    pattern = json.dumps({**json.loads(CLEAN), "detail-type": ["x"]})
    call("events", "put_rule", Name="idle", EventBusName="flix", EventPattern=pattern)
    call(
        "events",
        "put_rule",
        Name="off",
        EventBusName="flix",
        EventPattern=CLEAN,
        State="DISABLED",
    )

    run = edactl("rule", "lint", "--bus", "flix", "--fail-on", "warning")

    assert {(one["rule"], one["code"]) for one in records(run)} == {
        ("au", "no-dlq"),
        ("au", "no-retry-policy"),
        ("idle", "no-targets"),
        ("off", "disabled-rule"),
        ("off", "same-pattern"),
    }
    assert {one["line"] for one in records(run)} == {None}
    assert run.status == 1


def test_a_rule_whose_name_its_file_does_not_hold_is_on_line_1(
    edactl: Edactl, tmp_path: Path
) -> None:
    file = tmp_path / "r.json"
    file.write_text('\n{"a\\u0062": {"source": ["x"]}}')

    assert {one["line"] for one in records(edactl("rule", "lint", "--rules", str(file)))} == {1}
