"""What is wrong, or will go wrong one day, with a target's input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from edactl.core.pattern.fields import Members, read_event
from edactl.core.transform.compiled import compile_target_input
from edactl.core.transform.faults import faults, known_arn
from edactl.core.transform.outcome import Delivered, NotDelivered
from edactl.core.transform.path import parse_path
from edactl.core.transform.template import (
    MAX_TEMPLATE_CHARACTERS,
    RESERVED_JSON,
    parse_template,
)
from edactl.core.transform.written_json import compact, json_fault
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from edactl.core.bus import InputTransformer, Target
    from edactl.core.transform.path import JsonPath
    from edactl.core.transform.template import Placeholder, Template

# fields whose text EventBridge writes itself: it holds nothing that JSON would escape
_PLAIN_PATHS = frozenset({"$.id", "$.version", "$.account", "$.time", "$.region"})
_STRUCTURED_PATHS = frozenset({"$", "$.detail", "$.resources"})
_LOG_GROUP_KEYS = {"timestamp", "message"}
_NEAR_LIMIT = 0.9


@dataclass(frozen=True)
class Finding:
    """One finding about one target's input. `severity` is "error" where nothing would arrive."""

    target_id: str
    code: str
    severity: Literal["error", "warning"]
    message: str
    hint: str


@dataclass(frozen=True)
class Sample:
    """An event to try the target with, as JSON text, and when it was received."""

    event: str | bytes
    ingestion_time: datetime


def lint(target: Target, *, rule_arn: str, sample: Sample | None = None) -> Iterator[Finding]:
    """What AWS would refuse, what would not arrive, and what may not arrive one day.

    With a sample, also what the event lacks and what it would break. Raises InputError for a
    sample that is no JSON object.
    """
    linter = _Linter(target, read_event(sample.event) if sample else None)
    refused = [
        linter.error(fault.code, f"{fault.path}: {fault.reason}", fault.hint)
        for fault in faults(target, rule_arn)
    ]
    yield from refused
    if target.input_transformer is not None:
        yield from linter.transformer(target.input_transformer)
    for name, text in _paths(target):
        yield from linter.path(name, text)
    if sample and not refused:
        compiled = compile_target_input(target, rule_arn=rule_arn, rule_name="")
        outcome = compiled.body(sample.event, ingestion_time=sample.ingestion_time)
        if isinstance(outcome, NotDelivered):
            hint = "this event would be lost at this target"
            yield linter.error("nothing-delivered", outcome.reason, hint)
        elif isinstance(outcome, Delivered):
            yield from linter.text(outcome.text)


def _paths(target: Target) -> Iterator[tuple[str, str]]:
    if target.input_path is not None:
        yield "InputPath", target.input_path
    if target.input_transformer is not None:
        for name, text in target.input_transformer.paths.items():
            yield f'path "{name}"', text


@dataclass(frozen=True)
class _Linter:
    """The target, and the event to try it with, if any."""

    target: Target
    event: Members | None

    def error(self, code: str, message: str, hint: str) -> Finding:
        return Finding(self.target.target_id, code, "error", message, hint)

    def warning(self, code: str, message: str, hint: str) -> Finding:
        return Finding(self.target.target_id, code, "warning", message, hint)

    def path(self, name: str, text: str) -> Iterator[Finding]:
        path = parse_path(text)
        if path is None:
            return
        if not path.is_documented:
            yield self.warning(
                "path-undocumented",
                f"{name} is {text}: AWS documents dots, -, _, /, array indices and * only",
                "try it with one event before you rely on it",
            )
        if self.event is not None and path.find(self.event) is None:
            yield self.warning(
                "path-missing",
                f"{name} is {text}: the event has nothing there",
                "compare the path with the event; in a template it becomes an empty string",
            )

    def transformer(self, transformer: InputTransformer) -> Iterator[Finding]:
        if len(transformer.template) > MAX_TEMPLATE_CHARACTERS:
            return
        template = parse_template(transformer.template)
        used = {one.name for one in template.placeholders}
        for name in transformer.paths:
            if name not in used:
                message = f'path "{name}" is not used in the template'
                hint = f"drop it, or use <{name}> in the template"
                yield self.warning("unused-path", message, hint)
        for one in dict.fromkeys(template.placeholders):
            if one.in_quotes and one.name in RESERVED_JSON:
                yield self._reserved_in_quotes(one, template)
            elif one.in_quotes and template.kind == "json":
                yield from self._in_quotes(one, transformer.paths.get(one.name, ""))
        yield from self._template(template)

    def _reserved_in_quotes(self, one: Placeholder, template: Template) -> Finding:
        report = self.error if template.kind == "json" else self.warning
        return report(
            "object-in-quotes",
            f"<{one.name}> can only be the value of a JSON field, not part of a text",
            f'"event": <{one.name}>, with no quotes around it',
        )

    def _in_quotes(self, one: Placeholder, path_text: str) -> Iterator[Finding]:
        path = parse_path(path_text)
        if path is None or path.text in _PLAIN_PATHS:
            return
        if self._is_structured(path):
            yield self.error(
                "object-in-quotes",
                f"<{one.name}> stands in quotes and is an object or a list: nothing is delivered",
                f"<{one.name}>, with no quotes around it",
            )
            return
        yield self.warning(
            "unescaped-data",
            f"<{one.name}> stands in quotes: its text is not escaped, and one with a quote, a"
            " backslash or a line break is changed or not delivered",
            f"<{one.name}>, with no quotes around it, where it is the whole value",
        )

    def _is_structured(self, path: JsonPath) -> bool:
        if self.event is None:
            return path.text in _STRUCTURED_PATHS
        found = path.find(self.event)
        return found is not None and isinstance(found.value, list) and '"' in compact(found.value)

    def text(self, text: str) -> Iterator[Finding]:
        """What a text in quotes became: data with a quote in it makes it something else."""
        if text.startswith('"') and not _is_one_string_a_line(text):
            yield self.warning(
                "text-not-json",
                "this event gives a text that is no JSON string: what is put into it is not escaped"
                " (whether AWS sends it is unverified)",
                '{"text": <name>}: in JSON, outside quotes, a value is escaped',
            )

    def _log_group(self, template: Template) -> Iterator[Finding]:
        """Source: user guide, input transform examples, "Amazon CloudWatch log group"."""
        arn = known_arn(self.target.arn)
        if arn and arn.service == "logs" and _keys(template) != _LOG_GROUP_KEYS:
            yield self.warning(
                "log-group-input",
                "a log group takes an object of timestamp and message; users saw others refused",
                """'{"timestamp": <time>, "message": "<text>"}'""",
            )

    def _template(self, template: Template) -> Iterator[Finding]:
        yield from self._log_group(template)
        text = template.text
        if template.kind == "json" and text.strip() and not text.lstrip().startswith("{"):
            yield self.warning(
                "template-kind",
                "the template is neither an object nor a text in quotes, which AWS documents",
                """'{"id": <id>}' or '"text <id>"'""",
            )
        if template.kind == "string" and not _is_one_string_a_line(template.sample):
            yield self.warning(
                "template-quotes",
                "the template's lines are not one text in quotes each: what arrives is no JSON",
                'put quotes around each line, and write \\" for a quote inside',
            )
        if len(text) > MAX_TEMPLATE_CHARACTERS * _NEAR_LIMIT:
            yield self.warning(
                "template-length",
                f"the template has {len(text)} of {MAX_TEMPLATE_CHARACTERS} characters",
                "shorten it before it is refused",
            )


def _keys(template: Template) -> set[str]:
    try:
        return {key for key, _ in read_event(template.sample)}
    except InputError:
        return set()


def _is_one_string_a_line(text: str) -> bool:
    lines = [one.strip() for one in text.strip().splitlines()]
    return all(one[:1] == '"' and json_fault(one) is None for one in lines)
