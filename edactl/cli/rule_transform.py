"""`edactl rule transform`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli.context import CommandContext, context_of
from edactl.cli.one_event import one_event
from edactl.cli.rule_sources import ParameterOption
from edactl.cli.rule_transform_targets import Aimed, Choice, TargetFlags, targets_of
from edactl.core.pattern import PatternError, compile_pattern
from edactl.core.times import parse_time
from edactl.core.transform import (
    Delivered,
    NoInput,
    TransformError,
    compile_target_input,
    parameter_value,
)
from edactl.errors import ExitStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edactl.core.transform.lint import Finding

_GREEN, _RED, _YELLOW, _RESET = "\x1b[32m", "\x1b[31m", "\x1b[33m", "\x1b[0m"


def transform(
    ctx: typer.Context,
    file: Annotated[
        str, typer.Argument(metavar="[FILE|-]", help="The event: a file with one JSON object.")
    ] = "",
    event: Annotated[
        str, typer.Option("--event", metavar="JSON|@FILE", help="The event, instead of FILE.")
    ] = "",
    constant: Annotated[
        str, typer.Option("--input", metavar="JSON|@FILE", help="Target by flags: its Input.")
    ] = "",
    input_path: Annotated[
        str, typer.Option("--input-path", metavar="PATH", help="Its InputPath, as $.detail.")
    ] = "",
    template: Annotated[
        str, typer.Option("--input-template", metavar="TEXT|@FILE", help="Its InputTemplate.")
    ] = "",
    paths: Annotated[
        str, typer.Option("--input-paths", metavar="JSON|@FILE", help="Its InputPathsMap.")
    ] = "",
    target_arn: Annotated[
        str,
        typer.Option(
            "--target-arn", metavar="ARN", help="Its ARN: an ECS task, for one, gets nothing."
        ),
    ] = "",
    rule_name: Annotated[
        str, typer.Option("--rule-name", metavar="NAME", help="Its rule's name.")
    ] = "",
    rule_arn: Annotated[
        str, typer.Option("--rule-arn", metavar="ARN", help="Its rule's ARN.")
    ] = "",
    bus: Annotated[
        str, typer.Option("--bus", metavar="BUS", help="Targets of a live bus, by name or ARN.")
    ] = "",
    rules: Annotated[
        str, typer.Option("--rules", metavar="FILE|DIR", help="Targets of rules in files.")
    ] = "",
    parameter: ParameterOption = None,
    rule: Annotated[
        str, typer.Option("--rule", metavar="RULE", help="Only this rule, matching or not.")
    ] = "",
    target: Annotated[
        str, typer.Option("--target", metavar="ID", help="Only the target of this id.")
    ] = "",
    ingestion_time: Annotated[
        str, typer.Option("--ingestion-time", metavar="TIME", help="When EventBridge received it.")
    ] = "now",
    lint: Annotated[
        bool, typer.Option("--lint", help="Say what is wrong, or may go wrong; FILE is optional.")
    ] = False,
) -> int:
    """Show what each target of a rule would get of an event, offline.

    Input, InputPath and InputTransformer as EventBridge delivers them. Without --rule, the rules
    that match the event. Exit 0 when every target would be sent something, 1 when one would not;
    with --lint, 1 when there is an error.

    \b
    Examples:
      edactl rule transform event.json --bus flix
      edactl rule transform event.json --rules rules.json --rule au --target queue
      edactl rule transform event.json --input-template '"<i>"' --input-paths '{"i":"$.id"}'
      edactl rule transform event.json --bus flix --rule au --query '[0].body' -o text
      edactl rule transform --rules rules.json --lint
    """
    context = context_of(ctx)
    _ = context.emitter
    received = parse_time(ingestion_time, now=datetime.now(UTC))
    text = None if lint and not (file or event) else one_event(context, file, event)
    flags = TargetFlags(constant, input_path, template, paths, target_arn, rule_name, rule_arn)
    choice = Choice(flags, bus, rules, rule, target, parameter or ())
    aimed = targets_of(context, choice, text)
    if lint:
        return _lint(context, aimed, text, received)
    assert text is not None  # noqa: S101 -- only --lint goes without an event
    run = Run(context, choice, text, received)
    return run.show(run.matching(aimed))


@dataclass(frozen=True)
class Run:
    """One event on its way to targets."""

    context: CommandContext
    choice: Choice
    event: str | bytes
    received: datetime

    def matching(self, aimed: list[Aimed]) -> list[Aimed]:
        """The targets whose rules match; with --rule all, and a warning when they do not."""
        matches = {one: self._matches(one) for one in dict.fromkeys(map(_rule_of, aimed))}
        if not self.choice.rule:
            return [one for one in aimed if matches[_rule_of(one)]]
        for (name, _, _), match in matches.items():
            if not match:
                self.context.messages.warn(
                    f'rule "{name}" does not match this event: nothing of it would be sent;'
                    f" edactl rule explain says why"
                )
        return aimed

    def _matches(self, rule: tuple[str, str, str]) -> bool:
        name, pattern, dialect = rule
        if not pattern:
            return True
        try:
            return compile_pattern(pattern, dialect).matches(self.event)
        except PatternError as error:
            self.context.messages.warn(f'rule "{name}": {error.message}; its match is unknown')
            return True

    def show(self, aimed: list[Aimed]) -> int:
        """Write a record a target; the status is NO when a target is sent nothing."""
        records = [self._record(one) for one in aimed]
        emitter, messages = self.context.emitter, self.context.messages
        if emitter.resolve("ndjson") == "table" and emitter.query is None:
            _write(self.context, _lines(self.context, records))
        else:
            emitter.records([asdict(one) for one in records])
        lost = sum(not one.delivered for one in records)
        if not records:
            messages.note("no target: no rule that has one matches this event")
        elif lost:
            messages.note(f"{lost} of {len(records)} targets would be sent nothing")
        return ExitStatus.NO if lost else ExitStatus.DONE

    def _record(self, one: Aimed) -> TargetRecord:
        target = one.target
        group, key = target.message_group_id, target.partition_key_path
        delivered, body, reason = self._outcome(one)
        return TargetRecord(
            rule=one.rule,
            target_id=target.target_id,
            target_arn=target.arn,
            delivered=delivered,
            body=body,
            reason=reason,
            message_group_id=None if group is None else parameter_value(group, self.event),
            partition_key=None if key is None else parameter_value(key, self.event),
        )

    def _outcome(self, one: Aimed) -> tuple[bool, str | None, str | None]:
        try:
            compiled = compile_target_input(one.target, rule_arn=one.rule_arn, rule_name=one.rule)
        except TransformError as error:
            if self.choice.is_by_flags:
                raise
            return False, None, f"AWS would refuse it: {error.message}"
        match compiled.body(self.event, ingestion_time=self.received):
            case Delivered(text=text):
                return True, text, None
            case NoInput(reason=reason):
                return True, None, reason
            case lost:
                return False, None, lost.reason


@dataclass(frozen=True)
class TargetRecord:
    """What one target would be sent: `body` is the text itself, `reason` why there is none.

    `message_group_id` and `partition_key` are what the target's parameters read from the event.
    """

    rule: str
    target_id: str
    target_arn: str
    delivered: bool
    body: str | None
    reason: str | None
    message_group_id: str | None
    partition_key: str | None


def _rule_of(one: Aimed) -> tuple[str, str, str]:
    return one.rule, one.pattern, one.dialect


def _lint(
    context: CommandContext, aimed: list[Aimed], event: str | bytes | None, received: datetime
) -> int:
    from edactl.core.transform.lint import Sample, lint

    sample = None if event is None else Sample(event, received)
    found = [
        (one.rule, finding)
        for one in aimed
        for finding in lint(one.target, rule_arn=one.rule_arn, sample=sample)
    ]
    emitter = context.emitter
    if emitter.resolve("ndjson") == "table" and emitter.query is None:
        _write(context, _finding_lines(context, found))
    else:
        emitter.records([{"rule": rule, **asdict(finding)} for rule, finding in found])
    errors = sum(finding.severity == "error" for _, finding in found)
    warnings = len(found) - errors
    context.messages.note(f"targets: {len(aimed)}, errors: {errors}, warnings: {warnings}")
    return ExitStatus.NO if errors else ExitStatus.DONE


def _write(context: CommandContext, lines: Iterator[str]) -> None:
    context.terminal.stdout.write("".join(f"{line}\n" for line in lines))


def _lines(context: CommandContext, records: list[TargetRecord]) -> Iterator[str]:
    from edactl.core.readable import harmless

    green, red, reset = _colors(context, _GREEN, _RED)
    for one in records:
        mark = f"{green}✓{reset}" if one.delivered else f"{red}✗{reset}"
        arn = f" ({one.target_arn})" if one.target_arn else ""
        yield f"{mark} {harmless(f'{one.rule} → {one.target_id}{arn}')}"
        for name, value in (("group", one.message_group_id), ("partition key", one.partition_key)):
            if value is not None:
                yield f"  {name}: {harmless(value)}"
        for line in _readable(one.body) if one.body is not None else [one.reason or ""]:
            yield f"  {harmless(line)}"


def _readable(body: str) -> list[str]:
    """The body over lines where it is an object or a list; a text as it is."""
    from edactl.core.transform.written_json import indented, json_fault

    is_nested = body[:1] in {"{", "["} and json_fault(body) is None
    return (indented(body) if is_nested else body).splitlines()


def _finding_lines(context: CommandContext, found: list[tuple[str, Finding]]) -> Iterator[str]:
    from edactl.core.readable import harmless

    red, yellow, reset = _colors(context, _RED, _YELLOW)
    for rule, one in found:
        color = red if one.severity == "error" else yellow
        place = f"{rule} → {one.target_id} {one.code}"
        yield f"{color}{one.severity}{reset} {harmless(place)}: {harmless(one.message)}"
        yield f"  try: {harmless(one.hint)}"


def _colors(context: CommandContext, *colors: str) -> tuple[str, ...]:
    colored = context.terminal.colored(context.terminal.stdout)
    return (*colors, _RESET) if colored else ("",) * (len(colors) + 1)
