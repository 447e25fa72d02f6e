"""Terraform: show -json of a state and a plan, .tf, .tf.json."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from edactl.core.bus import InputTransformer, Target
from edactl.core.rule_files import NamedRule, NoRules, SkippedRule, rules_in, rules_of_module
from edactl.core.rule_files.hcl_functions import FUNCTIONS
from edactl.errors import InputError

HEAD = """
variable "origin" { default = "com.flix" }
variable "open" { type = string }
variable "regions" { default = ["AU", "NZ"] }
locals {
  name   = "${var.origin}.orders"
  nested = { a = { b = ["x"] }, "c-d" = 2 }
  circle = local.circle
  bomb0  = ["x", "x", "x", "x", "x", "x", "x", "x", "x", "x"]
  bomb1  = [local.bomb0, local.bomb0, local.bomb0, local.bomb0, local.bomb0, local.bomb0]
  bomb2  = [local.bomb1, local.bomb1, local.bomb1, local.bomb1, local.bomb1, local.bomb1]
  bomb3  = [local.bomb2, local.bomb2, local.bomb2, local.bomb2, local.bomb2, local.bomb2]
  bomb4  = [local.bomb3, local.bomb3, local.bomb3, local.bomb3, local.bomb3, local.bomb3]
  bomb5  = [local.bomb4, local.bomb4, local.bomb4, local.bomb4, local.bomb4, local.bomb4]
  bomb6  = [local.bomb5, local.bomb5, local.bomb5, local.bomb5, local.bomb5, local.bomb5]
}
resource "aws_cloudwatch_event_bus" "flix" { name = "flix-${var.origin}" }
resource "aws_sqs_queue" "q" { name = var.open }
resource "aws_s3_bucket" "b" { bucket = "${var.origin}-in" }
resource "aws_sns_topic" "each" {
  for_each = {}
  name     = "x"
}
"""


def rule(expression: str, **given: str) -> NamedRule | SkippedRule:
    text = (
        f'{HEAD}resource "aws_cloudwatch_event_rule" "r" {{\n  event_pattern = {expression}\n}}\n'
    )
    [found] = rules_in(text, "main.tf", given)
    return found


@pytest.mark.parametrize(
    ("expression", "pattern"),
    [
        ("jsonencode({ source = [var.origin] })", '{"source":["com.flix"]}'),
        (
            'jsonencode({ "detail-type" : ["X"], a = [local.name] })',
            '{"a":["com.flix.orders"],"detail-type":["X"]}',
        ),
        (
            "jsonencode({ a = var.regions, b = [1.50, 3e2, -5, true, null] })",
            '{"a":["AU","NZ"],"b":[1.5,300,-5,true,null]}',
        ),
        ("jsonencode(local.nested.a)", '{"b":["x"]}'),
        ('jsonencode({ a = [local.nested["c-d"]] })', '{"a":[2]}'),
        ("jsonencode({ a = [var.regions[1], var.regions.0] })", '{"a":["NZ","AU"]}'),
        (
            "jsonencode({ a = [aws_cloudwatch_event_bus.flix.name, aws_s3_bucket.b.id] })",
            '{"a":["flix-com.flix","com.flix-in"]}',
        ),
        (
            'jsonencode({ (var.origin) = ["x"], for = ["y"], "${var.origin}.z" = [1] })',
            '{"com.flix":["x"],"com.flix.z":[1],"for":["y"]}',
        ),
        (r'"{\"a\":[\"b\\n\"],\"c\":[\"\u0041\U00000042\"]}"', r'{"a":["b\n"],"c":["AB"]}'),
        (r'"{\"a\":[\"$${x}\"]}"', '{"a":["${x}"]}'),
        ('<<EOF\n{"a": ["${var.origin}"]}\nEOF', '{"a": ["com.flix"]}\n'),
        (
            '<<-EOF\n    {"a": ["$${x}", "${upper("}")}"],\n      "b": ["c"]}\n    EOF',
            '{"a": ["${x}", "}"],\n  "b": ["c"]}\n',
        ),
        ('<<EOF\n${jsonencode({ a = ["\\"" ] })}\nEOF', '{"a":["\\""]}\n'),
        ('"${jsonencode({ a = ["b"] })}"', '{"a":["b"]}'),
        ('jsonencode({ a = [var.origin == "com.flix" ? "y" : "n"] })', '{"a":["y"]}'),
        (
            'jsonencode({ a = [var.origin != "x" && true ? 1 : 2, false || false ? 3 : 4] })',
            '{"a":[1,4]}',
        ),
        ("jsonencode({ a = [!true, -5, -(-5)] })", '{"a":[false,-5,5]}'),
        (
            'jsonencode(merge({ a = [1] }, { b = concat(["x"], var.regions) }))',
            '{"a":[1],"b":["x","AU","NZ"]}',
        ),
        (
            'jsonencode({ a = [join("-", var.regions), format("%s-%d", var.origin, 5)] })',
            '{"a":["AU-NZ","com.flix-5"]}',
        ),
        (
            'jsonencode({ a = [lower("A"), trimspace(" b "), tostring(5)], b = toset(["c"]) })',
            '{"a":["a","b","5"],"b":["c"]}',
        ),
        ('jsonencode(jsondecode("{\\"a\\":[1.0]}"))', '{"a":[1]}'),
        ("jsonencode(tomap({ a = tolist([1e500]) }))", '{"a":[1e500]}'),
        ("jsonencode({ a = [var.open] })", "var.open (--parameter open=VALUE tells it)"),
        ("jsonencode({ a = [local.circle] })", "local.circle, which refers to itself"),
        ("jsonencode({ a = [local.nope] })", "local.nope"),
        ("jsonencode({ a = [local.nested.a.zz] })", "local.nested.a.zz"),
        ("jsonencode({ a = [var.open.b.c] })", "var.open"),
        ("jsonencode({ a = [local.nested[var.open]] })", "var.open"),
        ("jsonencode({ a = local.bomb6 })", "local.bomb6, which unfolds to over 200,000 values"),
        ("jsonencode({ a = [aws_sqs_queue.q.arn] })", "aws_sqs_queue.q.arn"),
        ("jsonencode({ a = [aws_sqs_queue.q.name] })", "aws_sqs_queue.q.name"),
        ("jsonencode({ a = [aws_sqs_queue.q[0].arn] })", "aws_sqs_queue.q[0].arn"),
        ("jsonencode({ a = [aws_sns_topic.each.name] })", "aws_sns_topic.each.name"),
        ("jsonencode({ a = [data.aws_region.current.name] })", "data.aws_region.current.name"),
        ("jsonencode({ a = [aws_sqs_queue.q] })", "aws_sqs_queue.q"),
        ("jsonencode({ a = [each.value] })", "each.value"),
        ("jsonencode({ a = [path] })", "path"),
        ("jsonencode({ (var.open) = [1] })", "var.open"),
        ('file("pattern.json")', 'file("pattern.json")'),
        ("jsonencode({ a = [for r in var.regions : r] })", "[for r in var.regions :r]"),
        ("jsonencode({ a = var.regions[*].id })", "var.regions[*].id"),
        ("jsonencode({ a = [1 + 2] })", "1+2"),
        ("jsonencode({ a = [var.open == 1] })", "var.open"),
        ("jsonencode({ a = [var.open ? 1 : 2] })", "var.open"),
        ("jsonencode({ a = [5 ? 1 : 2] })", "5?1 :2"),
        ("jsonencode({ a = [-var.open] })", "var.open"),
        ("jsonencode({ a = [-true] })", "-true"),
        ("jsonencode({ a = concat(var.regions, var.open) })", "var.open"),
        ("jsonencode(merge(local.nested, var.open))", "var.open"),
        ("jsonencode(merge(var.regions...))", "merge(var.regions...)"),
        ('jsonencode({ a = [join("-", [var.open])] })', "var.open"),
        ('jsonencode({ a = [format("%05d", 5)] })', 'format("%05d",5)'),
        ('jsonencode({ a = [format("%s", var.open)] })', "var.open"),
        ("jsonencode({ a = [upper(var.open)] })", "var.open"),
        ("jsonencode(jsondecode(var.open))", "var.open"),
        ('jsonencode(jsondecode("{"))', 'jsondecode("{")'),
        ("jsonencode(jsondecode([1]))", "jsondecode([1])"),
        ('"{\\"a\\":[\\"${var.open}\\"]}"', "var.open"),
        ('"x${local.nested}"', "the template"),
        ('"%{ if true }x%{ endif }"', "%{"),
        ("<<EOF\n%{ if true }x%{ endif }\nEOF", "the template"),
        ("<<EOF\n${var.x\nEOF", "the template"),
        ("<<EOF\n${1 +}\nEOF", "1 +"),
        ("<<EOF\n${1\nb = 2}\nEOF", "1\nb = 2"),
        ("provider::a::b(1)", "provider::a::b(1)"),
    ],
)
def test_an_expression_is_resolved_or_named_as_the_reason(expression: str, pattern: str) -> None:
    found = rule(expression)

    if pattern.startswith("{"):
        assert isinstance(found, NamedRule), found
        assert found.pattern == pattern
        assert found.source == "main.tf:24 (aws_cloudwatch_event_rule.r)"
    else:
        assert isinstance(found, SkippedRule)
        assert found.reason.startswith(f"its pattern needs {pattern}")


@pytest.mark.parametrize("junk", ["", "null", "[]", "{}", "5, 5", '"%s"', "[[]], {}"])
def test_a_function_with_junk_in_it_stops_nobody(junk: str) -> None:
    for function in FUNCTIONS:
        assert rule(f"jsonencode({{ a = [{function}({junk})] }})").name


def test_a_given_value_wins_over_the_default() -> None:
    given = {"origin": "x", "open": "y", "aws_sqs_queue.q.arn": "arn:q"}
    found = rule("jsonencode({ a = [var.origin, var.open, aws_sqs_queue.q.arn] })", **given)

    assert isinstance(found, NamedRule)
    assert found.pattern == '{"a":["x","y","arn:q"]}'


def test_values_files_stand_between_defaults_and_given_values() -> None:
    rule_ = (
        'variable "a" { default = "1" }\nvariable "b" {}\nvariable "c" {}\n'
        'resource "aws_cloudwatch_event_rule" "r" {\n  is_enabled = false\n'
        "  event_pattern = jsonencode({ a = [var.a], b = var.b, c = [var.c] })\n}\n"
    )
    values = 'a = "2"\nb = ["x", "y"]\nc = "3"\n'

    [found] = rules_of_module({"main.tf": rule_, "terraform.tfvars": values}, {"c": "4"})

    assert isinstance(found, NamedRule)
    assert found.pattern == '{"a":["2"],"b":["x","y"],"c":["4"]}'
    assert found.state == "DISABLED"


def test_targets_are_joined_by_reference_or_by_name_and_bus() -> None:
    found = rules_in(
        f"""{HEAD}
resource "aws_cloudwatch_event_rule" "r" {{
  name           = "au"
  event_bus_name = aws_cloudwatch_event_bus.flix.name
  event_pattern  = "{{}}"
  state          = "ENABLED"
}}
resource "aws_cloudwatch_event_rule" "nameless" {{
  event_pattern  = "{{}}"
}}
resource "aws_cloudwatch_event_target" "one" {{
  rule           = aws_cloudwatch_event_rule.r.name
  event_bus_name = aws_cloudwatch_event_bus.flix.name
  target_id      = "one"
  arn            = aws_sqs_queue.q.arn
  input_path     = "$.detail"
  dead_letter_config {{ arn = aws_sqs_queue.dlq.arn }}
  retry_policy {{
    maximum_event_age_in_seconds = 60
    maximum_retry_attempts       = 3
  }}
}}
resource "aws_cloudwatch_event_target" "other_bus" {{
  rule = "au"
  arn  = "x"
}}
resource "aws_cloudwatch_event_target" "two" {{
  rule = aws_cloudwatch_event_rule.nameless.name
  arn  = "y"
  input_transformer {{
    input_paths    = {{ a = "$.detail.a" }}
    input_template = "<a>"
  }}
}}
""",
        "main.tf",
    )

    au, nameless = found
    assert isinstance(au, NamedRule)
    assert isinstance(nameless, NamedRule)
    assert (au.name, au.bus, au.state) == ("au", "flix-com.flix", "ENABLED")
    assert au.targets == (
        Target(
            "one",
            "${aws_sqs_queue.q.arn}",
            dead_letter_arn="${aws_sqs_queue.dlq.arn}",
            max_event_age_seconds=60,
            max_attempts=3,
            input_path="$.detail",
        ),
    )
    assert nameless.targets == (
        Target(
            "aws_cloudwatch_event_target.two",
            "y",
            input_transformer=InputTransformer("<a>", {"a": "$.detail.a"}),
        ),
    )


def test_filters_and_filter_policies_have_their_dialects() -> None:
    found = rules_in(
        """
resource "aws_sns_topic_subscription" "a" {
  filter_policy = jsonencode({ store = ["a"] })
}
resource "aws_sns_topic_subscription" "b" {
  filter_policy       = jsonencode({ s = { t = ["a"] } })
  filter_policy_scope = "MessageBody"
}
resource "aws_sns_topic_subscription" "none" {}
resource "aws_lambda_event_source_mapping" "q" {
  event_source_arn = aws_sqs_queue.q.arn
  filter_criteria {
    filter { pattern = jsonencode({ body = ["a"] }) }
    filter { pattern = jsonencode({ body = ["b"] }) }
  }
}
resource "aws_lambda_event_source_mapping" "none" { event_source_arn = "x" }
resource "aws_lambda_event_source_mapping" "kafka" {
  self_managed_event_source { endpoints = {} }
  filter_criteria {
    filter { pattern = "{}" }
  }
}
resource "aws_lambda_event_source_mapping" "dark" {
  event_source_arn = var.arn
  filter_criteria {
    filter { pattern = "{}" }
  }
}
resource "aws_pipes_pipe" "p" {
  name = "pipe"
  source_parameters {
    filter_criteria {
      filter { pattern = jsonencode({ data = ["a"] }) }
    }
  }
}
resource "aws_pipes_pipe" "d" {
  source_parameters {
    filter_criteria {
      dynamic "filter" {
        for_each = []
        content { pattern = filter.value }
      }
    }
  }
}
resource "aws_cloudwatch_event_rule" "off" {
  count         = 0
  event_pattern = "{}"
}
resource "aws_cloudwatch_event_rule" "cron" { schedule_expression = "rate(1 day)" }
resource "aws_sqs_queue" "none" { count = 0 }
""",
        "main.tf",
    )

    assert [
        (one.name, one.dialect, one.pattern)
        if isinstance(one, NamedRule)
        else (one.name, one.reason)
        for one in found
    ] == [
        ("aws_cloudwatch_event_rule.off", "its count is 0"),
        ("aws_sns_topic_subscription.a", "sns-attributes", '{"store":["a"]}'),
        ("aws_sns_topic_subscription.b", "sns-body", '{"s":{"t":["a"]}}'),
        ("aws_lambda_event_source_mapping.q[0]", "esm-sqs", '{"body":["a"]}'),
        ("aws_lambda_event_source_mapping.q[1]", "esm-sqs", '{"body":["b"]}'),
        ("aws_lambda_event_source_mapping.kafka", "esm-kafka", "{}"),
        (
            "aws_lambda_event_source_mapping.dark",
            "what kind of source ${var.arn} is, is not told",
        ),
        ("pipe", "pipes", '{"data":["a"]}'),
        (
            "aws_pipes_pipe.d",
            'its pattern needs the block dynamic "filter", which is not unfolded',
        ),
        ("aws_cloudwatch_event_rule.cron", "it has no event pattern: it runs on a schedule"),
    ]


def resource(kind: str, label: str, module: str = "", **values: Any) -> dict[str, Any]:
    return {"address": f"{module}{kind}.{label}", "mode": "managed", "type": kind, "values": values}


def test_a_state_is_read_with_its_modules() -> None:
    rule_ = resource(
        "aws_cloudwatch_event_rule",
        "r",
        name="au",
        event_bus_name="flix",
        event_pattern='{"a":["b"]}',
    )
    target = resource(
        "aws_cloudwatch_event_target",
        "t",
        rule="au",
        event_bus_name="flix",
        target_id="t",
        arn="arn:q",
        dead_letter_config=[{"arn": "arn:dlq"}],
        retry_policy=[{"maximum_retry_attempts": 3, "maximum_event_age_in_seconds": 60}],
        input_transformer=[{"input_paths": {"a": "$.a"}, "input_template": "<a>"}],
        input="",
        input_path="",
    )
    mapping = resource(
        "aws_lambda_event_source_mapping",
        "m",
        "module.x.",
        event_source_arn="arn:aws:sqs:eu-west-1:1:q",
        filter_criteria=[{"filter": [{"pattern": '{"body":["a"]}'}]}],
    )
    data = {**rule_, "mode": "data"}
    state = {
        "format_version": "1.0",
        "values": {
            "root_module": {
                "resources": [rule_, target, data],
                "child_modules": [{"resources": [mapping]}],
            }
        },
    }

    first, second = rules_in(json.dumps(state), "state.json")

    assert first == NamedRule(
        "au",
        '{"a":["b"]}',
        "state.json (aws_cloudwatch_event_rule.r)",
        (
            Target(
                "t",
                "arn:q",
                dead_letter_arn="arn:dlq",
                max_event_age_seconds=60,
                max_attempts=3,
                input_transformer=InputTransformer("<a>", {"a": "$.a"}),
            ),
        ),
        bus="flix",
    )
    assert (second.name, getattr(second, "dialect", "")) == (
        "module.x.aws_lambda_event_source_mapping.m",
        "esm-sqs",
    )


def test_a_plan_names_what_is_known_after_apply_and_joins_by_configuration() -> None:
    prefix = "module.x."
    resources = [
        resource("aws_cloudwatch_event_rule", "r", prefix, event_pattern='{"a":["b"]}'),
        resource("aws_cloudwatch_event_target", "t", prefix, target_id="t"),
        resource("aws_cloudwatch_event_rule", "late", prefix, name="late"),
    ]
    resources[1]["address"] += "[0]"
    change = {
        f"{prefix}aws_cloudwatch_event_target.t[0]": {
            "rule": True,
            "arn": True,
            "target_id": False,
        },
        f"{prefix}aws_cloudwatch_event_rule.late": {"event_pattern": True},
    }
    expressions = {
        "rule": {"references": ["aws_cloudwatch_event_rule.r.name", "aws_cloudwatch_event_rule.r"]},
        "arn": {"references": ["aws_sqs_queue.q.arn", "aws_sqs_queue.q"]},
    }
    plan = {
        "format_version": "1.2",
        "planned_values": {"root_module": {"child_modules": [{"resources": resources}]}},
        "resource_changes": [
            {"address": address, "change": {"after_unknown": unknown}}
            for address, unknown in change.items()
        ],
        "configuration": {
            "root_module": {
                "module_calls": {
                    "x": {
                        "module": {
                            "resources": [
                                {
                                    "address": "aws_cloudwatch_event_target.t",
                                    "expressions": expressions,
                                }
                            ]
                        }
                    }
                }
            }
        },
    }

    first, late = rules_in(json.dumps(plan), "plan.json")

    assert isinstance(first, NamedRule)
    assert first.targets == (Target("t", "${aws_sqs_queue.q.arn}"),)
    assert isinstance(late, SkippedRule)
    assert late.reason == "its pattern needs event_pattern, which is known after apply alone"


def test_json_modules_have_templates_and_see_the_other_files() -> None:
    texts = {
        "d/vars.tf": 'variable "origin" { default = "com.flix" }\n',
        "d/rules.tf.json": json.dumps(
            {
                "resource": {
                    "aws_cloudwatch_event_rule": {
                        "r": {
                            "event_pattern": '${jsonencode({source = ["${var.origin}"]})}',
                            "tags": ["x"],
                        },
                        "s": [{"name": "s", "event_pattern": '{"a":["b"]}'}],
                    }
                }
            }
        ),
    }

    found = rules_of_module(texts, {})

    assert found == [
        NamedRule(
            "aws_cloudwatch_event_rule.r",
            '{"source":["com.flix"]}',
            "d/rules.tf.json (aws_cloudwatch_event_rule.r)",
            bus="default",
        ),
        NamedRule(
            "s", '{"a":["b"]}', "d/rules.tf.json (aws_cloudwatch_event_rule.s)", bus="default"
        ),
    ]
    assert rules_in(texts["d/rules.tf.json"], "d/rules.tf.json")[1] == found[1]


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ("a = \n", "f.tf:1:5", "not HCL: it ends too early"),
        ('resource "x" "y" {', "f.tf:1:19", "not HCL: it ends too early"),
        ("a = [1,,]", "f.tf:1:8", "not HCL: unexpected ',]'"),
        ("\x00\x01", "f.tf:1:1", "not HCL"),
        ("a = <<EOF\nx", "f.tf:1:5", "not HCL"),
    ],
)
def test_what_is_not_hcl_is_said_with_its_place(text: str, where: str, words: str) -> None:
    with pytest.raises(InputError, match="not HCL") as caught:
        rules_in(text, "f.tf")

    assert words in caught.value.message
    assert caught.value.where == where


def test_deep_hcl_is_refused_and_a_file_without_rules_is_none() -> None:
    deep = "[" * 3000 + "]" * 3000
    with pytest.raises(InputError, match="nested too deep"):
        rules_in(
            f'resource "aws_cloudwatch_event_rule" "r" {{\n  event_pattern = {deep}\n}}\n', "f.tf"
        )
    with pytest.raises(NoRules):
        rules_in('provider "aws" {}\n', "f.tf")


def test_without_the_package_the_hint_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hcl2", None)

    with pytest.raises(InputError, match="a package that is not installed") as caught:
        rules_in("a = 1\n", "f.tf")

    assert "pip install 'edactl[rules]'" in str(caught.value.hint)
