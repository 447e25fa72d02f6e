"""A target's input, ready to be applied to events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from edactl.core.arn import Arn
from edactl.core.event import is_unicode
from edactl.core.pattern.fields import read_event
from edactl.core.transform.error import TransformError
from edactl.core.transform.faults import faults, known_arn
from edactl.core.transform.outcome import Delivered, NoInput, NotDelivered
from edactl.core.transform.path import JsonPath, parse_path
from edactl.core.transform.render import Delivery, in_json, in_string, value_of
from edactl.core.transform.template import Template, parse_template
from edactl.core.transform.written_json import compact, json_fault, minified

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from edactl.core.bus import Target
    from edactl.core.transform.outcome import Outcome
    from edactl.core.transform.written_json import Json

_NAMED = {'"': "quote", "\\": "backslash", "\n": "line break", "\r": "line break"}
_NOT_UTF8 = "the result holds half of a surrogate pair, which UTF-8 cannot carry"


@dataclass(frozen=True)
class _Whole:
    """No setting: the event, compact, its keys and numbers as they are."""

    def outcome(self, delivery: Delivery) -> Outcome:
        return Delivered(compact(delivery.event))


@dataclass(frozen=True)
class _Nothing:
    """No setting, at a target that is then told nothing."""

    kind: str

    def outcome(self, _: Delivery) -> Outcome:
        return NoInput(f"{self.kind} is started without the event: it has no input setting")


@dataclass(frozen=True)
class _Constant:
    """`Input`: the same text for every event."""

    text: str

    def outcome(self, _: Delivery) -> Outcome:
        return Delivered(self.text)


@dataclass(frozen=True)
class _Part:
    """`InputPath`: one value of the event, as JSON; a text keeps its quotes."""

    path: JsonPath

    def outcome(self, delivery: Delivery) -> Outcome:
        found = self.path.find(delivery.event)
        if found is None:
            return NotDelivered(
                f"the event has nothing at {self.path.text} (what AWS does then is unverified)"
            )
        return Delivered(compact(found.value))


@dataclass(frozen=True)
class _Filled:
    """`InputTransformer`: a template filled with values of the event."""

    template: Template
    paths: Mapping[str, JsonPath]

    def outcome(self, delivery: Delivery) -> Outcome:
        if self.template.kind == "string":
            text = self.template.filled(
                lambda one: in_string(value_of(one.name, self.paths, delivery))
            )
            return Delivered(text) if is_unicode(text) else NotDelivered(_NOT_UTF8)
        text = self.template.filled(
            lambda one: in_json(value_of(one.name, self.paths, delivery), one)
        )
        fault = json_fault(text)
        if fault is None:
            return Delivered(minified(text))
        return NotDelivered(self._why(delivery, fault[0]))

    def _why(self, delivery: Delivery, reason: str) -> str:
        """Which placeholder broke the JSON: each is tried alone in a template of its own."""
        for one in self.template.placeholders:
            value = value_of(one.name, self.paths, delivery)
            if one.in_quotes and json_fault(f'"{in_json(value, one)}"'):
                return f"<{one.name}> stands in quotes and {_breaks(value)}: the result is no JSON"
        return f"the result is no JSON: {reason}"


def _breaks(value: Json) -> str:
    if not isinstance(value, str):
        return "is an object or a list; take the quotes around it away"
    special = next((one for one in value if one in {'"', "\\"} or one < " "), None)
    what = (
        "half of a surrogate pair"
        if special is None
        else f"a {_NAMED.get(special, 'control character')}"
    )
    return f"its text has {what}, which is never escaped"


Plan: TypeAlias = _Whole | _Nothing | _Constant | _Part | _Filled


@dataclass(frozen=True)
class CompiledInput:
    """What one target of a rule is sent, for any event."""

    target: Target
    rule_arn: str
    rule_name: str
    plan: Plan

    def body(self, event: str | bytes, *, ingestion_time: datetime) -> Outcome:
        """What the target gets of an event, given as JSON text.

        `ingestion_time` is when EventBridge received the event, aware; only a template that names
        it shows it. JSON comes out without spaces, with keys in order and numbers as they are
        written. Raises InputError for an event that is no JSON object.
        Source: EventBridge API reference, PutTargets; user guide, "Amazon EventBridge input
        transformation". Unverified: a constant is sent exactly as it was set.
        """
        delivery = Delivery(read_event(event), ingestion_time, self.rule_arn, self.rule_name)
        return self.plan.outcome(delivery)


def compile_target_input(target: Target, *, rule_arn: str, rule_name: str) -> CompiledInput:
    """The target's Input, InputPath or InputTransformer, ready to be applied to events.

    The rule's name and ARN fill `<aws.events.rule-name>` and `<aws.events.rule-arn>`; the ARN
    tells the rule's account too. Raises TransformError for what PutTargets would refuse: its
    wording, and the setting as path.
    """
    for fault in faults(target, rule_arn):
        raise TransformError(fault)
    return CompiledInput(target, rule_arn, rule_name, _plan(target))


def _plan(target: Target) -> Plan:
    if target.input is not None:
        return _Constant(target.input)
    if target.input_path is not None:
        return _Part(_path(target.input_path))
    if target.input_transformer is not None:
        paths = target.input_transformer.paths
        return _Filled(
            parse_template(target.input_transformer.template),
            {name: _path(text) for name, text in paths.items()},
        )
    kind = _told_nothing(target)
    return _Nothing(kind) if kind else _Whole()


def _path(text: str) -> JsonPath:
    path = parse_path(text)
    assert path  # noqa: S101 -- faults() has just refused every text that is no path
    return path


def _told_nothing(target: Target) -> str:
    """The kind of target that gets nothing when no input is set; empty for all others.

    A template may not tell the ARN of an ECS cluster; its task definition tells as much.
    Source: EventBridge API reference, PutTargets.
    """
    if target.task_definition_arn is not None:
        return "the ECS task"
    match known_arn(target.arn):
        case Arn(service="ecs"):
            return "the ECS task"
        case Arn(service="ssm", resource=resource) if resource.startswith("document/"):
            return "the Run Command document"
    return ""
