"""`edactl rule test|check|explain`: offline, through the command line."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import zstandard

from edactl.cli.rule_testing import LOOKED_AT
from edactl.sandbox.state import SandboxState
from tests.running import Run
from tests.sandbox_queues import SandboxQueues

Edactl = Callable[..., Run]
AU = '{"source":["com.flix"],"detail":{"region":["AU","NZ"]}}'
CASES = Path(__file__).parents[1] / "cases" / "event_patterns.ndjson"


def event(number: int, region: str, source: str = "com.flix") -> dict[str, Any]:
    return {"id": f"e{number}", "source": source, "detail": {"region": region}}


PACK: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".zst": zstandard.compress,
}
EVENTS = [event(0, "AU"), event(1, "US"), event(2, "NZ")]
REASON = (
    "# expected match, got no match: detail.region: wanted one of AU, NZ;"
    " the event has no such field"
)
NDJSON = "".join(json.dumps(one) + "\n" for one in EVENTS)


def records(run: Run) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run.out.splitlines()]


def test_each_match_is_a_record_and_a_miss_is_status_1(edactl: Edactl) -> None:
    run = edactl("rule", "test", "-", "--pattern", AU, stdin=NDJSON)

    assert run.status == 1
    assert records(run) == [
        {"event_index": 0, "event_id": "e0", "rule": "pattern", "match": True},
        {"event_index": 2, "event_id": "e2", "rule": "pattern", "match": True},
    ]
    assert "2 of 3 events matched a rule" in run.err


def test_all_shows_what_does_not_match_too(edactl: Edactl) -> None:
    run = edactl("rule", "test", "-", "--pattern", AU, "--all", stdin=NDJSON)

    assert [one["match"] for one in records(run)] == [True, False, True]


def test_every_event_taken_is_status_0(edactl: Edactl, tmp_path: Path) -> None:
    file = tmp_path / "rules.json"
    file.write_text(json.dumps({"au": json.loads(AU), "us": '{"detail":{"region":["US"]}}'}))

    run = edactl("rule", "test", "-", "--rules", str(file), stdin=NDJSON)

    assert run.status == 0
    assert [(one["event_index"], one["rule"]) for one in records(run)] == [
        (0, "au"),
        (1, "us"),
        (2, "au"),
    ]


def test_count_gives_a_record_a_rule(edactl: Edactl, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"au": json.loads(AU)}))
    (tmp_path / "b.json").write_text(json.dumps({"none": {"source": ["x"]}}))

    run = edactl("rule", "test", "-", "--rules", str(tmp_path), "--count", stdin=NDJSON)

    assert records(run) == [
        {"rule": "au", "matched": 2, "events": 3},
        {"rule": "none", "matched": 0, "events": 3},
    ]


@pytest.mark.parametrize(
    "text",
    [
        NDJSON,
        json.dumps(EVENTS),
        json.dumps(EVENTS, indent=2),
        "\n\n".join(json.dumps(one, indent=1) for one in EVENTS),
        "".join(
            f'{{"id":"e{n}","source":"com.flix","detail":{{"region":"{r}"\n}}}}\n'
            for n, r in enumerate(("AU", "US", "NZ"))
        ),
    ],
    ids=["ndjson", "array", "pretty array", "documents", "objects over lines"],
)
def test_events_are_read_in_every_form(edactl: Edactl, text: str) -> None:
    run = edactl("rule", "test", "-", "--pattern", AU, stdin=text)

    assert [one["event_index"] for one in records(run)] == [0, 2]


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_files_are_unpacked(edactl: Edactl, tmp_path: Path, suffix: str) -> None:
    pack = PACK[suffix]
    file = tmp_path / f"events.ndjson{suffix}"
    file.write_bytes(pack(NDJSON.encode()))

    run = edactl("rule", "test", str(file), "--pattern", AU)

    assert [one["event_id"] for one in records(run)] == ["e0", "e2"]


def test_numbers_and_duplicate_keys_are_judged_as_written(edactl: Edactl) -> None:
    one = ("rule", "test", "-q", "--event")

    assert edactl(*one, '{"a":3.0e2}', "--pattern", '{"a":[300]}').status == 0
    assert (
        edactl(*one, '{"a":9007199254740993}', "--pattern", '{"a":[9007199254740992]}').status == 1
    )
    assert edactl(*one, '{"a":1,"a":2}', "--pattern", '{"a":[1]}').status == 0
    assert edactl(*one, '{"a.b":1}', "--pattern", '{"a":{"b":[1]}}').status == 0
    lines = ("rule", "test", "-q", "-", "--pattern", '{"a":[1]}')
    assert edactl(*lines, "--exact", stdin='{"a":1,"a":2}').status == 0


@pytest.mark.parametrize("packed", [".gz", ".zst"])
def test_a_truncated_file_is_refused_by_name(edactl: Edactl, tmp_path: Path, packed: str) -> None:
    pack = PACK[packed]
    file = tmp_path / f"events.ndjson{packed}"
    file.write_bytes(pack(NDJSON.encode() * 1000)[:-20])

    run = edactl("rule", "test", str(file), "--pattern", AU, "--count")

    assert run.status == 252
    assert str(file) in run.err


@pytest.mark.parametrize(
    ("arguments", "stdin", "words"),
    [
        (("-", "--pattern", AU), f"{json.dumps(EVENTS[0])}\nno\n", "<stdin>:2"),
        (("-", "--pattern", AU), '{"a":1}\n{"a":tru}\n', "<stdin>:2"),
        (("-", "--pattern", AU), "[1]", "<stdin>:1"),
        (("-", "--pattern", AU), "", "there is no event"),
        (("/nowhere/e", "--pattern", AU), "", "/nowhere/e"),
        (("-",), NDJSON, "say where the patterns are"),
        (("-", "--pattern", AU, "--bus", "b"), NDJSON, "in one way"),
        (("-", "--pattern", '{"a":["1",]}'), NDJSON, '"1",^]'),
        (("-", "--pattern", ""), NDJSON, "say where the patterns are"),
        (("-", "--pattern", "[]"), NDJSON, "Filter is not an object"),
        (("-", "--pattern", "@/nowhere/p"), NDJSON, "/nowhere/p"),
        (
            ("-", "--pattern", '{"a":[{"wildcard":"x"}]}', "--dialect", "pipes"),
            NDJSON,
            "does not take wildcard",
        ),
        (("-", "--pattern", AU, "--dialect", "sqs"), NDJSON, "esm-sqs"),
        (("-", "--rules", "/nowhere/r"), NDJSON, "/nowhere/r"),
        (("-", "--event", "{}", "--pattern", AU), NDJSON, "one too many"),
        (("--event", "[]", "--pattern", AU), "", "must be a JSON object"),
        (("--event", '{"a":' * 5000 + "1" + "}" * 5000, "--pattern", AU), "", "nesting depth"),
    ],
)
def test_bad_input_is_252_with_its_place(
    edactl: Edactl, arguments: tuple[str, ...], stdin: str, words: str
) -> None:
    run = edactl("rule", "test", *arguments, stdin=stdin)

    assert run.status == 252
    assert words in run.err
    assert len(run.err.splitlines()) == 2


DEEP_PATTERN = '{"a":' * 10_000 + "[1]" + "}" * 10_000
DEEP_EVENT = '{"a":' * 5_000 + "1" + "}" * 5_000
TWENTY_ORS = ",".join(
    f'"$or":[{",".join(f"{{{chr(34)}f{one}{chr(34)}:[{two}]}}" for two in range(10))}]'
    for one in range(20)
)


@pytest.mark.parametrize("verb", ["test", "explain"])
@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ('{"a":[1,}', "line 1, column 9"),
        ('{"a":\n["x" "y"]}', "line 2, column 6"),
        ("nonsense", "Unrecognized token 'nonsense'"),
        ("7", "Filter is not an object"),
        (DEEP_PATTERN, "nesting depth (1001)"),
        ('{"a":[NaN]}', "Non-standard token 'NaN'"),
        ('{"a":[1],"a":{}}', "Empty objects are not allowed"),
        (f"{{{TWENTY_ORS}}}", "more than 1000 combinations"),
        (r'{"a":["\ud800","\udfff"],"b":7}', '"b" must be an object or an array'),
        ("\x00\x01", "code 0"),
    ],
)
def test_a_wrong_pattern_is_252_in_two_short_lines(
    edactl: Edactl, tmp_path: Path, verb: str, pattern: str, words: str
) -> None:
    file = tmp_path / "pattern.json"
    file.write_text(pattern)

    run = edactl("rule", verb, "--event", "{}", "--pattern", f"@{file}")

    assert run.status == 252
    assert words in run.err
    assert [len(line) < 400 for line in run.err.splitlines()] == [True, True]


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (DEEP_EVENT, "nesting depth (1001)"),
        ("[1]", "must be a JSON object"),
        ('{"a":NaN}', "Non-standard token 'NaN'"),
        ('{"a":"\x01"}', "CTRL-CHAR"),
    ],
)
def test_an_event_that_cannot_be_explained_is_252_with_its_place(
    edactl: Edactl, tmp_path: Path, event: str, words: str
) -> None:
    file = tmp_path / "event.json"
    file.write_text(event)

    inline = edactl("rule", "explain", "--event", event, "--pattern", AU)

    assert (inline.status, "edactl: --event: " in inline.err) == (252, True)
    assert words in inline.err
    assert edactl("rule", "explain", str(file), "--pattern", AU).status == 252


def test_a_pattern_of_a_megabyte_is_explained_in_few_words(edactl: Edactl, tmp_path: Path) -> None:
    file = tmp_path / "pattern.json"
    file.write_text(json.dumps({"a": [f"value {number}" for number in range(70_000)]}))

    run = edactl("rule", "explain", "--event", '{"a":"x"}', "--pattern", f"@{file}")

    assert run.status == 1
    assert "value 29, and 69,970 more" in run.out
    assert len(run.out) < 3000


def test_a_packed_event_that_ends_midway_is_252(edactl: Edactl, tmp_path: Path) -> None:
    file = tmp_path / "event.json.gz"
    file.write_bytes(gzip.compress(NDJSON.encode())[:-9])

    run = edactl("rule", "explain", str(file), "--pattern", AU)

    assert (run.status, str(file) in run.err) == (252, True)


def test_skip_invalid_goes_on_and_says_so(edactl: Edactl) -> None:
    stdin = f'{json.dumps(EVENTS[0])}\n{{"a":tru}}\n{json.dumps(EVENTS[2])}\n'

    run = edactl("rule", "test", "-", "--pattern", AU, "--skip-invalid", stdin=stdin)

    assert run.status == 0
    assert len(records(run)) == 2
    assert "<stdin>:2" in run.err
    assert "1 invalid skipped" in run.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("test", "--pattern", AU),
        ("diff", "bus:a", "bus:b", "--events"),
        ("lint", "--pattern", AU),
    ],
)
def test_a_dialect_that_is_none_is_a_wrong_command_line(
    edactl: Edactl, arguments: tuple[str, ...]
) -> None:
    run = edactl("rule", *arguments, *(["-"] * (arguments[0] != "lint")), "--dialect", "sqs")

    assert run.status == 252
    assert run.err.startswith('edactl: --dialect: there is no dialect "sqs"')
    assert "esm-sqs" in run.err


@pytest.mark.parametrize("bad", ["not json", '{"a":1', "[1]", '"x"'])
def test_skip_invalid_goes_on_after_any_bad_line(edactl: Edactl, bad: str) -> None:
    stdin = f"{json.dumps(EVENTS[0])}\n{bad}\n{json.dumps(EVENTS[2])}\n"
    arguments = ("rule", "test", "-", "--pattern", AU)

    refused = edactl(*arguments, stdin=stdin)
    skipped = edactl(*arguments, "--skip-invalid", "--count", stdin=stdin)

    assert (refused.status, "<stdin>:2: " in refused.err) == (252, True)
    assert skipped.status == 0
    assert records(skipped) == [{"rule": "pattern", "matched": 2, "events": 2}]
    assert "<stdin>:2: " in skipped.err
    assert "1 invalid skipped" in skipped.err


def test_a_binary_file_is_refused(edactl: Edactl, tmp_path: Path) -> None:
    file = tmp_path / "events.bin"
    file.write_bytes(bytes(range(256)) * 10)

    run = edactl("rule", "test", str(file), "--pattern", AU)

    assert run.status == 252
    assert f"{file}:1" in run.err


RULE = {"Name": "au", "Arn": "arn:r", "EventPattern": AU, "State": "ENABLED"}


@pytest.mark.parametrize(
    "document",
    [
        {"Rules": [RULE, {"Name": "hourly", "Arn": "arn:h", "ScheduleExpression": "rate(1 hour)"}]},
        RULE,
        [RULE],
        {"rules": [{"name": "au", "arn": "arn:r", "event_pattern": json.loads(AU)}]},
    ],
    ids=["list-rules", "describe-rule", "list", "snapshot"],
)
def test_rules_are_read_as_aws_prints_them(
    edactl: Edactl, tmp_path: Path, document: object
) -> None:
    file = tmp_path / "rules.json"
    file.write_text(json.dumps(document))

    run = edactl("rule", "test", "-", "--rules", str(file), stdin=NDJSON)

    assert {one["rule"] for one in records(run)} == {"au"}
    assert ('rule "hourly"' in run.err) is ("hourly" in json.dumps(document))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", ":1:2: not JSON"),
        ("{}", "no rules in it"),
        ('{"a":1}', 'rule "a" is no pattern'),
        ('[{"x":1}]', "entry 0 is no rule"),
        ('{"a":{"b":"c"}}', 'rule "a" of'),
        ('{"a":' * 100_000, "nested too deep"),
        ('[{"Name":"n","Arn":"a","ScheduleExpression":"rate(1 day)"}]', "no rule with an event"),
        ("\x00\x01", "not JSON"),
    ],
)
def test_a_rule_file_that_is_none_is_refused(
    edactl: Edactl, tmp_path: Path, text: str, words: str
) -> None:
    file = tmp_path / "rules.json"
    file.write_text(text)

    run = edactl("rule", "test", "-", "--rules", str(file), stdin=NDJSON)

    assert run.status == 252
    assert words in run.err


def test_a_folder_without_rules_and_rules_of_one_name(edactl: Edactl, tmp_path: Path) -> None:
    assert (
        "no .json, .yaml, .yml, .tf file in it holds a rule"
        in edactl("rule", "test", "-", "--rules", str(tmp_path)).err
    )

    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text(json.dumps({"au": json.loads(AU)}))
    run = edactl("rule", "test", "-", "--rules", str(tmp_path), "--count", stdin=NDJSON)

    assert [one["rule"] for one in records(run)] == ["au", f"au ({tmp_path / 'b.json'})"]


def test_the_rules_of_a_live_bus_are_tested(edactl: Edactl, sandbox: SandboxState) -> None:
    queues = SandboxQueues(sandbox)
    queues.feed_by_rule(queues.make("orders"), "flix", "au", json.loads(AU))

    run = edactl("rule", "test", "-", "--bus", "flix", "--count", stdin=NDJSON)

    assert records(run) == [{"rule": "au", "matched": 2, "events": 3}]


def test_a_table_says_it_in_words(edactl: Edactl) -> None:
    run = edactl("rule", "test", "-", "--pattern", AU, "--all", "-o", "table", stdin=NDJSON)

    assert run.out.splitlines()[:2] == [
        "event 0 (e0) matches pattern",
        "event 1 (e1) does not match pattern",
    ]


def test_the_recorded_verdicts_pass_as_a_suite(edactl: Edactl) -> None:
    run = edactl("rule", "check", str(CASES), "-o", "ndjson")

    found = records(run)
    assert run.status == 0
    assert len(found) == len(CASES.read_text("utf-8").splitlines())
    assert set(found[0]) == {"id", "expected", "match", "valid", "ok", "reason"}


SUITE = [
    {"name": "au", "pattern": json.loads(AU), "event": EVENTS[0], "match": True},
    {"name": "us", "pattern": AU, "event": EVENTS[1], "match": False},
    {"name": "wrong", "pattern": {"a": "b"}, "valid": False},
    {"name": "unreadable", "pattern": AU, "event": "[]", "match": False},
]


def test_a_suite_says_why(edactl: Edactl, tmp_path: Path) -> None:
    file = tmp_path / "suite.json"
    file.write_text(json.dumps({"cases": SUITE}))

    run = edactl("rule", "check", str(file))

    assert run.status == 0
    assert [one["id"] for one in records(run)] == ["au", "us", "wrong", "unreadable"]
    assert [one["valid"] for one in records(run)] == [True, True, False, True]
    assert records(run)[1]["reason"] == ('detail.region: wanted one of AU, NZ; the event has "US"')
    assert "must be an object or an array" in records(run)[2]["reason"]
    assert "Event must be a JSON object" in records(run)[3]["reason"]


def test_a_failing_and_a_bad_case_do_not_stop_the_others(edactl: Edactl, tmp_path: Path) -> None:
    bad: list[object] = [
        {"id": "f&<1", "pattern": AU, "event": EVENTS[1], "match": True},
        {"id": "valid", "pattern": AU, "valid": False},
        {"id": "neither", "pattern": AU},
        {"id": "words", "pattern": AU, "match": "yes"},
        {"id": "unnamed rule", "rule": "nope", "event": {}, "match": True},
        {"id": "no pattern", "event": {}, "match": True},
        {"pattern": AU, "match": True},
        {"id": "refused", "pattern": "{", "event": {}, "match": True},
        7,
        SUITE[0],
    ]
    suite, report = tmp_path / "suite.ndjson", tmp_path / "report.xml"
    suite.write_text("".join(json.dumps(one) + "\n\n" for one in bad))

    run = edactl("rule", "check", str(suite), "--junit", str(report))

    assert run.status == 1
    assert [one["ok"] for one in records(run)] == [False] * 9 + [True]
    assert "1 of 10 cases passed" in run.err
    tree = ET.parse(report).getroot()  # noqa: S314 -- our own report
    assert (tree.get("tests"), tree.get("failures")) == ("10", "9")
    assert tree[0].get("name") == "f&<1"


def test_a_suite_may_name_rules_and_print_tap(edactl: Edactl, tmp_path: Path) -> None:
    rules, suite = tmp_path / "rules.json", tmp_path / "suite.yaml"
    rules.write_text(json.dumps({"au": json.loads(AU)}))
    suite.write_text(
        "- {name: first, rule: au, match: true,"
        " event: {source: com.flix, detail: {region: AU}}}\n"
        "- {name: second, rule: au, match: true, event: {source: com.flix}}\n"
    )

    run = edactl("rule", "check", str(suite), "--rules", str(rules), "--tap")

    assert run.status == 1
    assert run.out.splitlines() == [
        "1..2",
        "ok 1 - first",
        "not ok 2 - second",
        REASON,
    ]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("s.json", "[]", "no cases in it"),
        ("s.json", "{\nno", ":1: not JSON"),
        ("s.json", "[" * 100_000, "nested too deep"),
        ("s.yaml", "a: [", "not YAML"),
        ("s.yaml", "7", "no cases in it"),
    ],
)
def test_a_file_that_is_no_suite_is_252(
    edactl: Edactl, tmp_path: Path, name: str, text: str, words: str
) -> None:
    file = tmp_path / name
    file.write_text(text)

    run = edactl("rule", "check", str(file))

    assert run.status == 252
    assert words in run.err


def check(edactl: Edactl, tmp_path: Path, name: str, text: str) -> list[dict[str, Any]]:
    file = tmp_path / name
    file.write_text(text, "utf-8")
    return records(edactl("rule", "check", str(file), "-o", "ndjson"))


NOT_COMPARABLE = '{"a":[0.30000000000000001]}'


@pytest.mark.parametrize(
    "form",
    [
        ("s.json", '[{{"pattern":{pattern},"event":{event},"match":{match}}}]'),
        ("s.json", '{{"cases":[\n{{"pattern":{pattern},"event":{event},"match":{match}}}]}}'),
        ("s.ndjson", '{{"pattern":{pattern},"event":{event},"match":{match}}}\n'),
        ("s.yaml", "- {{pattern: {pattern}, event: {event}, match: {match}}}\n"),
    ],
)
@pytest.mark.parametrize(
    "case",
    [
        (NOT_COMPARABLE, '{"a":0.30000000000000001}', True),
        (NOT_COMPARABLE, '{"a":0.3}', False),
        ('{"a":[3e2]}', '{"a":300.0e0}', True),
        ('{"a":[1e400]}', '{"a":1e400}', True),
        ('{"a":[9007199254740993]}', '{"a":9007199254740992}', False),
    ],
)
def test_objects_in_a_suite_keep_the_spelling_of_their_numbers(
    edactl: Edactl, tmp_path: Path, form: tuple[str, str], case: tuple[str, str, bool]
) -> None:
    (name, suite), (pattern, event, match) = form, case
    text = suite.format(pattern=pattern, event=event, match=str(match).lower())
    if name.endswith(".yaml"):  # there a key and its value stand apart
        text = text.replace('":', '": ')

    [found] = check(edactl, tmp_path, name, text)

    assert (found["ok"], found["match"], found["valid"]) == (True, match, True)


def test_duplicate_keys_of_an_event_in_a_suite_count(edactl: Edactl, tmp_path: Path) -> None:
    text = '[{"pattern":{"a":[1]},"event":{"a":1,"a":2},"match":true}]'

    assert check(edactl, tmp_path, "s.json", text)[0]["ok"]


def test_a_yaml_suite_has_anchors_and_plain_words_stay_words(
    edactl: Edactl, tmp_path: Path
) -> None:
    text = """
base: &base {source: com.flix, time: 2026-01-02T03:04:05Z, on: yes, big: 0x1F}
cases:
  - id: 7
    pattern: {source: [com.flix], time: [{prefix: "2026-01-02T"}], on: ["yes"], big: ["0x1F"]}
    event: *base
    match: true
  - name: merged
    pattern: &au {detail: {region: [AU]}, nothing: [null], yes: [true]}
    event: {<<: *base, detail: {region: AU}, nothing: null, yes: true}
    match: true
  - {name: broken, pattern: {source: com.flix}, valid: false}
  - {name: tagged, pattern: *au, event: {at: !!timestamp 2026-01-02}, match: false}
"""
    found = check(edactl, tmp_path, "s.yml", text)

    assert [one["id"] for one in found] == ["7", "merged", "broken", "tagged"]
    assert [one["ok"] for one in found] == [True, True, True, True]
    assert found[3]["reason"] == "no JSON: Object of type date is not JSON serializable"


def test_cases_of_one_name_are_all_run(edactl: Edactl, tmp_path: Path) -> None:
    case = {"id": "twin", "pattern": AU, "event": EVENTS[0], "match": True}

    found = check(edactl, tmp_path, "s.json", json.dumps([case, case | {"event": EVENTS[1]}]))

    assert [(one["id"], one["ok"]) for one in found] == [("twin", True), ("twin", False)]


@pytest.mark.parametrize("line", ["{no}", '{"a":NaN}', "[" * 100_000, "a word"])
def test_a_line_that_is_no_json_fails_and_the_others_run(
    edactl: Edactl, tmp_path: Path, line: str
) -> None:
    good = json.dumps(SUITE[0])

    found = check(edactl, tmp_path, "s.ndjson", f"{good}\n{line}\n{good}\n")

    assert [one["ok"] for one in found] == [True, False, True]
    assert found[1]["reason"].startswith("line 2: ")


@pytest.mark.parametrize(
    ("case", "valid", "reason"),
    [
        ('"pattern":"{}","match":false', False, "it has no event"),
        ('"pattern":"{a","event":{},"match":true', False, "was expecting double-quote"),
        ('"pattern":["a"],"event":{},"match":false', False, "Filter is not an object"),
        ('"pattern":7,"event":{},"match":false', False, "Filter is not an object"),
        ('"pattern":{"a":["1"]},"event":7,"match":false', True, "must be a JSON object"),
        ('"pattern":{"a":["1"]},"event":"x","match":true', True, "must be a JSON object"),
        ('"pattern":{"a":["1"]},"event":null,"match":false', True, "must be a JSON object"),
    ],
)
def test_valid_speaks_of_the_pattern_and_the_reason_of_both(
    edactl: Edactl, tmp_path: Path, case: str, valid: bool, reason: str
) -> None:
    for name, text in (("s.json", f"[{{{case}}}]"), ("s.ndjson", f"{{{case}}}\n")):
        [found] = check(edactl, tmp_path, name, text)

        assert (found["valid"], found["match"]) == (valid, False)
        assert reason in found["reason"]


def test_a_report_that_cannot_be_written_is_252(edactl: Edactl) -> None:
    assert edactl("rule", "check", str(CASES), "--junit", "/nowhere/r.xml").status == 252


def test_explain_tells_what_each_field_wants_and_has(edactl: Edactl, tmp_path: Path) -> None:
    file = tmp_path / "event.json"
    file.write_text(json.dumps(event(1, "US") | {"amount": "600"}, indent=1))
    pattern = json.dumps(json.loads(AU) | {"amount": [{"numeric": [">", 500]}]})

    run = edactl("rule", "explain", str(file), "--pattern", pattern)
    shown = edactl("rule", "explain", str(file), "--pattern", pattern, "-o", "table")

    [found] = json.loads(run.out)
    assert (run.status, found["rule"], found["match"], found["missed"]) == (1, "pattern", False, 2)
    assert [one["reason"] for one in found["alternatives"][0]["fields"]] == [
        'amount: wanted numeric > 500; the event has the string "600"',
        'detail.region: wanted one of AU, NZ; the event has "US"',
        'source: has com.flix; the event has "com.flix"',
    ]
    assert shown.out.splitlines()[0] == "pattern does not match: 2 of 3 fields missed"
    assert shown.out.splitlines()[3].startswith("  ✓ source")


def test_rules_stand_nearest_first(edactl: Edactl, tmp_path: Path) -> None:
    rules = tmp_path / "rules.json"
    rules.write_text(
        json.dumps(
            {
                "far": {"source": ["x"], "detail": {"region": ["US"]}},
                "or": {"$or": [{"source": ["y"]}, {"detail": {"region": ["AU"]}}]},
                "near": json.loads(AU),
            }
        )
    )
    arguments = ("rule", "explain", "--event", json.dumps(EVENTS[2]), "--rules", str(rules))

    run = edactl(*arguments)
    table = edactl(*arguments, "-o", "table", "--color", "always")

    assert run.status == 0
    assert [one["rule"] for one in json.loads(run.out)] == ["near", "or", "far"]
    assert "alternative 2:" in table.out
    assert "\x1b[32m" in table.out
    assert edactl(*arguments, "--rule", "far").status == 1
    assert edactl(*arguments, "--rule", "nope").status == 252


@pytest.mark.parametrize(
    ("arguments", "stdin"),
    [((), ""), (("-", "--event", "{}"), "{}"), (("-",), NDJSON), (("-",), "")],
)
def test_one_event_is_explained_at_a_time(
    edactl: Edactl, arguments: tuple[str, ...], stdin: str
) -> None:
    assert edactl("rule", "explain", *arguments, "--pattern", AU, stdin=stdin).status == 252


def test_a_suite_without_a_case_is_no_success(edactl: Edactl) -> None:
    run = edactl("rule", "check", "-", stdin="\n")

    assert (run.status, run.out) == (252, "")
    assert run.err.startswith("edactl: <stdin>: no cases in it")


def test_a_failed_case_says_what_it_expected(edactl: Edactl) -> None:
    suite = [
        {"name": "unknown", "rule": "r", "event": {}, "match": True},
        {"name": "fine", "pattern": {"a": [1]}, "valid": False},
    ]

    records_of = edactl("rule", "check", "-", stdin=json.dumps(suite))
    tap = edactl("rule", "check", "-", "--tap", stdin=json.dumps(suite))

    assert [one["expected"] for one in records(records_of)] == [True, False]
    assert '# expected match, got an invalid pattern: there is no rule "r"' in tap.out
    assert "# expected an invalid pattern, got a valid one" in tap.out


def test_odd_keys_are_seen_without_being_asked_for(edactl: Edactl) -> None:
    odd = '{"a.b":1}\n{"a":{"b":2},"a":{"b":1}}\n'
    arguments = ("rule", "test", "-", "--pattern", '{"a":{"b":[1]}}', "--count")

    few = edactl(*arguments, stdin=odd)
    many = edactl(*arguments, stdin=odd * (LOOKED_AT // 2 + 5))
    late = '{"a":{"b":1}}\n' * LOOKED_AT + odd

    assert records(few) == [{"rule": "pattern", "matched": 2, "events": 2}]
    assert records(many) == [{"rule": "pattern", "matched": 1010, "events": 1010}]
    assert records(edactl(*arguments, stdin=late))[0]["matched"] == LOOKED_AT + 1
    assert records(edactl(*arguments, "--exact", stdin=late))[0]["matched"] == LOOKED_AT + 2
