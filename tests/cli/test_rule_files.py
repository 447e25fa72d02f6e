"""`--rules` with files of every kind, folders and a cdk.out, through the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.running import Run

Edactl = Callable[..., Run]
EVENT = '{"id":"e","source":"com.flix","detail":{"region":"AU"}}'
TEMPLATE = """
Parameters:
  Source: {Type: String}
Resources:
  Au:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: {source: [!Ref Source], detail: {region: [AU]}}
  Orders:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      EventSourceArn: !GetAtt Queue.Arn
      FilterCriteria: {Filters: [{Pattern: '{"body":{"region":["AU"]}}'}]}
  Queue: {Type: AWS::SQS::Queue}
"""


def names(run: Run) -> list[str]:
    return [json.loads(line)["rule"] for line in run.out.splitlines()]


def template(*resources: tuple[str, dict[str, Any]], path: str = "") -> str:
    return json.dumps(
        {
            "Resources": {
                name: {
                    "Type": "AWS::Events::Rule",
                    "Properties": {"EventPattern": pattern},
                    "Metadata": {"aws:cdk:path": f"{path}/{name}/Resource"} if path else {},
                }
                for name, pattern in resources
            }
        }
    )


def test_a_parameter_that_a_template_leaves_open_skips_the_rule_until_it_is_given(
    edactl: Edactl, tmp_path: Path
) -> None:
    file = tmp_path / "template.yaml"
    file.write_text(TEMPLATE)
    line = ("rule", "test", "--event", EVENT, "--rules", str(file))

    without, given = edactl(*line), edactl(*line, "--parameter", "Source=com.flix")

    assert without.status == 1
    assert f'rule "Au" of {file}:5 (Au) skipped: its pattern needs !Ref Source' in without.err
    assert "--parameter Source=VALUE tells it" in without.err
    assert (given.status, names(given)) == (0, ["Au"])


def test_the_targets_of_a_template_are_transformed(edactl: Edactl, tmp_path: Path) -> None:
    target = "      Targets: [{Id: q, Arn: !GetAtt Queue.Arn, InputPath: $.detail.region}]\n"
    file = tmp_path / "template.yaml"
    file.write_text(TEMPLATE.replace("  Orders:", f"{target}  Orders:"))
    line = ("rule", "transform", "--event", EVENT, "--rules", str(file))

    run = edactl(*line, "--parameter", "Source=com.flix", "-o", "json")
    assert run.status == 0
    [found] = json.loads(run.out)
    assert (found["rule"], found["target_id"], found["body"]) == ("Au", "q", '"AU"')
    assert "!Ref Source" in edactl(*line).err


@pytest.mark.parametrize("given", ["Source", "=x", ""])
def test_a_parameter_is_name_and_value(edactl: Edactl, tmp_path: Path, given: str) -> None:
    file = tmp_path / "template.yaml"
    file.write_text(TEMPLATE)

    run = edactl("rule", "test", "--event", EVENT, "--rules", str(file), "--parameter", given)

    assert run.status == 252
    assert "is no NAME=VALUE" in run.err


def test_a_filter_is_judged_on_its_record_unless_another_dialect_is_said(
    edactl: Edactl, tmp_path: Path
) -> None:
    file = tmp_path / "template.yaml"
    file.write_text(TEMPLATE)
    record = json.dumps({"messageId": "m", "body": '{"region":"AU"}'})
    line = ("rule", "test", "-q", "--event", record, "--rules", str(file))

    assert names(edactl(*line)) == ["Orders"]
    assert names(edactl(*line, "--dialect", "rule")) == []


def test_explain_says_what_becomes_of_a_message_that_does_not_match(
    edactl: Edactl, tmp_path: Path
) -> None:
    file = tmp_path / "template.yaml"
    file.write_text(TEMPLATE)

    run = edactl(
        *("rule", "explain", "--event", '{"body":"plain"}', "--rules", str(file), "-o", "table")
    )

    assert run.status == 1
    assert (
        "✗ body is plain text, and the filter looks into it as JSON;"
        " Lambda deletes it from the queue" in run.out
    )


def test_a_batch_in_place_of_a_record_is_named(edactl: Edactl) -> None:
    run = edactl(
        *("rule", "test", "--event", '{"Records":[]}', "--dialect", "esm-sqs"),
        *("--pattern", '{"body":["a"]}'),
    )

    assert run.status == 252
    assert "it is a batch" in run.err


def test_a_folder_is_read_with_all_its_files(edactl: Edactl, tmp_path: Path) -> None:
    for name, text in {
        "a.yaml": "au: {source: [com.flix]}\n",
        "b.json": '{"au": {"source": ["com.flix"]}}',
        "deep/er/template.yml": TEMPLATE.replace("!Ref Source", "com.flix"),
        "tf/vars.tf": 'variable "origin" { default = "com.flix" }\n',
        "tf/rules.tf": 'resource "aws_cloudwatch_event_rule" "tf" {\n  name = "tf"\n'
        "  event_pattern = jsonencode({ source = [var.origin] })\n}\n",
        "tf/more.tf.json": '{"resource":{"aws_cloudwatch_event_rule":{"js":'
        '{"name":"js","event_pattern":"{\\"source\\":[\\"${var.origin}\\"]}"}}}}',
        "serverless.yml": "service: s\nfunctions: {f: {events: "
        "[{eventBridge: {pattern: {source: [com.flix]}}}]}}\n",
        "package.json": '{"name": "x", "files": ["y"]}',
        "node_modules/x/rules.json": '{"no": {"source": ["com.flix"]}}',
        ".git/rules.json": '{"no": {"source": ["com.flix"]}}',
        "deep/.hidden.json": '{"no": {"source": ["com.flix"]}}',
        "deep/notes.txt": "no: {source: [com.flix]}",
        "deep/broken.yaml": "{{ helm }}: [",
    }.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    run = edactl("rule", "test", "--event", EVENT, "--rules", str(tmp_path))
    loud = edactl("rule", "test", "-v", "--event", EVENT, "--rules", str(tmp_path))

    assert names(run) == [
        "au",
        f"au ({tmp_path}/b.json)",
        "f.eventBridge",
        "Au",
        "tf",
        "js",
    ]
    assert f"warning: {tmp_path}/deep/broken.yaml:1" in run.err
    assert "left out" in run.err
    assert "package.json" not in run.err
    assert f"{tmp_path}/package.json: no rules in it" in loud.err


def test_a_broken_file_of_a_folder_that_speaks_of_rules_is_an_error(
    edactl: Edactl, tmp_path: Path
) -> None:
    (tmp_path / "a.yaml").write_text("au: {source: [com.flix]}\n")
    (tmp_path / "b.yaml").write_text("Resources:\n  R: {Properties: {EventPattern: [}}")

    run = edactl("rule", "test", "--event", EVENT, "--rules", str(tmp_path))

    assert run.status == 252
    assert f"{tmp_path}/b.yaml:2:" in run.err
    assert run.out == ""


def test_three_rules_of_one_name_and_place_stay_apart(edactl: Edactl, tmp_path: Path) -> None:
    rule = {"Name": "au", "Arn": "a", "EventPattern": '{"source":["com.flix"]}'}
    file = tmp_path / "rules.json"
    file.write_text(json.dumps([rule] * 3))

    run = edactl("rule", "test", "--event", EVENT, "--rules", str(file))

    assert names(run) == ["au", f"au ({file})", f"au ({file}, 2)"]


def test_a_cdk_out_is_its_templates_with_the_constructs_as_names(
    edactl: Edactl, tmp_path: Path
) -> None:
    pattern = {"source": ["com.flix"]}
    out = tmp_path / "app" / "cdk.out"
    for name, text in {
        "cdk.out": '{"version":"48.0.0"}',
        "manifest.json": '{"version":"48.0.0","artifacts":{}}',
        "tree.json": '{"tree": {"source": ["x"]}}',
        "Flix.template.json": template(("AuRule", pattern), path="Flix"),
        "FlixNested1.nested.template.json": template(("Nested", pattern), path="Flix/Inner"),
        "assembly-Prod/manifest.json": '{"version":"48.0.0"}',
        "assembly-Prod/Prod.template.json": template(("ProdRule", pattern), path="Prod/Flix"),
        "asset.123/rules.template.json": template(("Asset", pattern)),
    }.items():
        file = out / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    expected = ["Flix/AuRule", "Flix/Inner/Nested", "Prod/Flix/ProdRule"]
    assert names(edactl("rule", "test", "--event", EVENT, "--rules", str(out))) == expected
    assert names(edactl("rule", "test", "--event", EVENT, "--rules", str(tmp_path))) == expected


def test_rules_may_come_from_stdin(edactl: Edactl) -> None:
    run = edactl("rule", "test", "--event", EVENT, "--rules", "-", stdin="au: {source: [com.flix]}")

    assert names(run) == ["au"]
    assert "<stdin>" in edactl("rule", "test", "--event", EVENT, "--rules", "-", stdin="7").err


def test_a_pattern_in_a_template_that_aws_would_refuse_is_named_in_its_words(
    edactl: Edactl, tmp_path: Path
) -> None:
    file = tmp_path / "template.json"
    file.write_text(template(("Au", {"source": "com.flix"})))

    run = edactl("rule", "test", "--event", EVENT, "--rules", str(file))

    assert run.status == 252
    assert run.err.startswith(f'edactl: rule "Au" of {file} (Au): source: ')
    assert 'Event pattern is not valid. Reason: "source" must be an object or an array' in run.err


BOMB = "a: &a [x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 8)}]\n" for n in range(20)
)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("r.yaml", bytes(range(256)), "cannot be read"),
        ("r.yaml", b"a: \x00\x01", "not YAML"),
        ("r.yaml", b"a: [", "r.yaml:2:1: not YAML"),
        ("r.yaml", BOMB.encode(), "unfold to over 200,000 values"),
        ("r.yaml", b"Resources: {Q: {Type: AWS::SQS::Queue}}", "no rules in it"),
        ("r.yaml", b"just words", "no rules in it"),
        ("r.tf", b'resource "x" {', "r.tf:1:15: not HCL"),
        ("r.tf", b"\x00\x01\x02", "not HCL"),
        ("r.tf", b'provider "aws" {}', "no rules in it"),
        ("r.json", b'{"a":' * 5000 + b"1" + b"}" * 5000, "nested too deep"),
        ("r.json", b"", "it is empty"),
        ("r", b" \n", "it is empty"),
        ("r.json", b'{"Resources":{"Q":{"Type":"AWS::SQS::Queue"}}}', "no rules in it"),
        (
            "r.yaml",
            b"Resources: {R: {Type: AWS::Events::Rule, Properties: {EventPattern: !Ref P}}}",
            "there is no rule with an event pattern",
        ),
    ],
)
def test_bad_rule_files_are_252_with_the_place(
    edactl: Edactl, tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)

    run = edactl("rule", "test", "--event", EVENT, "--rules", str(file))

    assert run.status == 252
    assert words in run.err
    assert "Traceback" not in run.err


def test_a_suite_may_name_rules_of_a_template(edactl: Edactl, tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text(TEMPLATE)
    (tmp_path / "s.json").write_text(
        json.dumps(
            [
                {"name": "1", "rule": "Au", "event": json.loads(EVENT), "match": True},
                {
                    "name": "2",
                    "rule": "Orders",
                    "event": {"body": '{"region":"NZ"}'},
                    "match": False,
                },
            ]
        )
    )

    run = edactl(
        *("rule", "check", str(tmp_path / "s.json"), "--rules", str(tmp_path / "t.yaml")),
        *("--parameter", "Source=com.flix"),
    )

    assert run.status == 0


def test_a_case_of_a_suite_may_say_whose_filter_it_is(edactl: Edactl, tmp_path: Path) -> None:
    case = {"pattern": {"body": {"a": [1]}}, "event": {"body": '{"a":1}'}, "match": True}
    (tmp_path / "s.json").write_text(json.dumps([{**case, "dialect": "esm-sqs"}, case]))

    run = edactl("rule", "check", str(tmp_path / "s.json"))

    assert [json.loads(line)["ok"] for line in run.out.splitlines()] == [True, False]


def test_json_rules_import_no_parser_of_other_formats(tmp_path: Path) -> None:
    file = tmp_path / "r.json"
    file.write_text('{"au": {"source": ["com.flix"]}}')
    code = (
        "import sys; from edactl.cli import main;"
        f"main(['rule', 'test', '--event', {EVENT!r}, '--rules', {str(file)!r}]);"
        "heavy = {'yaml', 'hcl2', 'lark', 'edactl.core.rule_files.template',"
        "'edactl.core.filter_record'};"
        "print(sorted(heavy & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "[]"


def test_lint_finds_the_line_of_a_rule_in_a_template(edactl: Edactl, tmp_path: Path) -> None:
    twice = "{source: [com.flix, com.flix]}"
    texts = {
        "t.yaml": (
            (
                f"Resources:\n  Au:\n    Type: AWS::Events::Rule\n"
                f"    Properties: {{EventPattern: {twice}}}\n"
            ),
            2,
        ),
        "t.json": (template(("Au", {"source": ["com.flix"] * 2})).replace(": {", ":\n{"), 2),
    }
    for name, (text, line) in texts.items():
        file = tmp_path / name
        file.write_text(text)

        found = json.loads(edactl("rule", "lint", "--rules", str(file), "-o", "json").out)

        assert {(one["rule"], one["source"], one["line"]) for one in found} == {
            ("Au", str(file), line)
        }
