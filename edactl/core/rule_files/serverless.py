"""The events of a serverless.yml: rules, filter patterns, filter policies, and its resources.

Source: Serverless Framework, "AWS - serverless.yml reference" and the pages of its events.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from edactl.core.rule_files.documents import (
    Members,
    Unfolded,
    Unresolved,
    items,
    members,
    text_of_value,
)
from edactl.core.rule_files.findings import (
    bus_name,
    filter_rules,
    found_rule,
    mapping_dialect,
    policy_rules,
    targets_of,
)
from edactl.core.rule_files.intrinsics import Intrinsics
from edactl.core.rule_files.rules import SkippedRule
from edactl.core.rule_files.template import template_rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from edactl.core.rule_files.rules import Found

_VARIABLE = re.compile(r"\$\{([^${}]*)\}")
_QUOTED = re.compile(r"""(['"])(.*)\1""")
_MAX_VARIABLES, _SHOWN = 1000, 60
_KINDS = {
    "sqs": "sqs",
    "kafka": "kafka",
    "msk": "kafka",
    "activemq": "mq",
    "rabbitmq": "mq",
    "stream": "",
}
# spellings that CloudFormation's pseudo parameters have in ${…} too
_FOREIGN = re.compile(r"AWS::|\w+(\.\w+)?$")


class Variables:
    """Resolves the variables of one file, as far as it tells them itself.

    `given` has values by the whole expression, `opt:stage` or `env:BUS`, or by the name alone.
    """

    def __init__(self, document: Members, given: Mapping[str, str]) -> None:
        self.document = document
        self.given = given
        self._asked: list[str] = []
        self._known = Unfolded()

    def resolve(self, value: object) -> object:
        """The value with its variables replaced; what is not told comes as Unresolved."""
        match value:
            case Members():
                made = Members((key, self.resolve(one)) for key, one in value.items())
                made.lines = value.lines
                return made
            case list():
                return [self.resolve(one) for one in value]
            case str() if "${" in value:
                return self._text(value)
        return value

    def _text(self, text: str) -> object:
        """Innermost variables first, as one may stand in another."""
        for _ in range(_MAX_VARIABLES):
            ours = (one for one in _VARIABLE.finditer(text) if _is_ours(one[1]))
            place = next(ours, None)
            if place is None:
                return text
            found = self._variable(place[1])
            if place.span() == (0, len(text)) or isinstance(found, Unresolved):
                return found
            text = text[: place.start()] + text_of_value(found) + text[place.end() :]
        return Unresolved(text[:_SHOWN], f"over {_MAX_VARIABLES} variables in one text")

    def _variable(self, expression: str) -> object:
        found = [self._one(one.strip()) for one in expression.split(",")]
        known = [one for one in found if not isinstance(one, Unresolved)]
        if known or len(found) == 1:
            return (known or found)[0]
        return Unresolved(f"${{{expression}}}", f"${{{expression}}}")

    def _one(self, name: str) -> object:
        quoted = _QUOTED.fullmatch(name)
        if quoted:
            return quoted[2]
        if name in {"true", "false", "null"}:
            return {"true": True, "false": False, "null": None}[name]
        for spelling in (name, name.partition(":")[2]):
            if spelling in self.given:
                return self.given[spelling]
        if name == "sls:stage":
            return self._variable("opt:stage, self:provider.stage, 'dev'")
        if name.startswith("self:") and name not in self._asked:
            return self._own(name)
        return Unresolved(f"${{{name}}}", f"${{{name}}} (--parameter {name}=VALUE tells it)")

    def _own(self, name: str) -> object:
        if name in self._known.values:
            return self._known.values[name]
        at: object = self.document
        for step in name.removeprefix("self:").split("."):
            at = members(at).get(step)
        if at is None:
            return Unresolved(f"${{{name}}}", f"${{{name}}}")
        self._asked.append(name)
        try:
            return self._known.keep(name, self.resolve(at))
        finally:
            self._asked.pop()


def _is_ours(expression: str) -> bool:
    return not _FOREIGN.match(expression) or ":" in expression.replace("AWS::", "")


def is_serverless(document: Mapping[str, object]) -> bool:
    """Whether it is the file of a Serverless Framework service."""
    return "service" in document and ("functions" in document or "provider" in document)


def serverless_rules(
    document: Members, source: str, parameters: Mapping[str, str]
) -> Iterator[Found]:
    """What the events of its functions hold to test, then its resources, as CloudFormation."""
    variables = Variables(document, parameters)
    resources = members(variables.resolve(members(document.get("resources"))))
    intrinsics = Intrinsics(resources, parameters)
    for function, body in members(document.get("functions")).items():
        events = items(members(body).get("events"))
        for number, event in enumerate(events):
            for kind, written in members(event).items():
                name = f"{function}.{kind}" if len(events) == 1 else f"{function}.events[{number}]"
                line = members(event).lines.get(kind)
                where = f"{source}:{line}" if line else source
                found = intrinsics.resolve(variables.resolve(written))
                yield from _event(function, name, kind, found, where)
    yield from template_rules(resources, source, parameters)


def _event(function: str, name: str, kind: str, event: object, source: str) -> Iterator[Found]:
    if isinstance(event, Unresolved):
        if kind in {"eventBridge", "cloudwatchEvent", "sns", *_KINDS}:
            yield SkippedRule(name, f"it needs {event.what}", source)
        return
    body = members(event)
    if kind == "eventBridge" and body:
        yield _rule(function, name, body, body.get("pattern"), source)
    elif kind == "cloudwatchEvent" and body:
        yield _rule(function, name, body, body.get("event"), source)
    elif kind == "sns":
        yield from policy_rules(
            name, body.get("filterPolicy"), body.get("filterPolicyScope"), source
        )
    elif kind in _KINDS and "filterPatterns" in body:
        yield from _filters(name, kind, body, source)


def _filters(name: str, kind: str, body: Members, source: str) -> Iterator[Found]:
    service = _KINDS[kind] or text_of_value(body.get("type"))
    dialect = mapping_dialect(body.get("arn"), service, body["filterPatterns"])
    if dialect is None:
        yield SkippedRule(name, "whether it is kinesis or dynamodb is not told", source)
    else:
        yield from filter_rules(name, body["filterPatterns"], source, dialect)


def _rule(function: str, name: str, body: Members, pattern: object, source: str) -> Found:
    transformer = members(body.get("inputTransformer"))
    retry = members(body.get("retryPolicy"))
    target = {
        "Id": function,
        "Arn": f"${{{function}}}",
        "Input": body.get("input"),
        "InputPath": body.get("inputPath"),
        "InputTransformer": {
            "InputTemplate": transformer.get("inputTemplate", ""),
            "InputPathsMap": transformer.get("inputPathsMap", {}),
        }
        if transformer
        else None,
        "DeadLetterConfig": {"Arn": body["deadLetterQueueArn"]}
        if "deadLetterQueueArn" in body
        else None,
        "RetryPolicy": {
            key: retry[own]
            for key, own in (
                ("MaximumEventAgeInSeconds", "maximumEventAge"),
                ("MaximumRetryAttempts", "maximumRetryAttempts"),
            )
            if own in retry
        },
    }
    bus = body.get("eventBus")
    return found_rule(name, pattern, source, targets=targets_of([target]), bus=bus_name(bus))
