"""The rules that a command line names: one pattern, rule files, or the rules of a live bus."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, count
from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli.opened import shown, text_or_file
from edactl.core.pattern import Pattern, PatternError, RuleSet, compile_pattern
from edactl.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from edactl.cli.context import CommandContext
    from edactl.core.rule_files import NamedRule

_AROUND = 30

PatternOption = Annotated[
    str, typer.Option("--pattern", metavar="JSON|@FILE", help="One event pattern.")
]
RulesOption = Annotated[
    str,
    typer.Option(
        "--rules",
        metavar="FILE|DIR",
        help="Rules: a map of names to patterns, rules as AWS prints them, CloudFormation, SAM,"
        " cdk.out, Terraform, serverless.yml; or a folder of such.",
    ),
]
BusOption = Annotated[
    str, typer.Option("--bus", metavar="BUS", help="The rules of a live bus, by name or ARN.")
]
DialectOption = Annotated[
    str,
    typer.Option(
        "--dialect",
        metavar="NAME",
        help="Whose pattern it is: rule, subscriber, pipes, esm-sqs|kinesis|dynamodb|kafka|mq,"
        " sns-attributes, sns-body; default: what the source tells, rule for --pattern. All but the"
        " first two look at one record: an SQS message with its body, say.",
    ),
]
ManagedOption = Annotated[
    bool, typer.Option("--managed", help="With --bus: the rules that AWS services manage too.")
]


ParameterOption = Annotated[
    list[str] | None,
    typer.Option(
        "--parameter",
        metavar="NAME=VALUE",
        help="With --rules: a template's parameter or variable; repeatable.",
    ),
]


@dataclass(frozen=True)
class Source:
    """The one place that the patterns come from, and whose patterns they are.

    `dialect` is empty for the source's own; `parameters` are `NAME=VALUE`, for templates.
    """

    pattern: str = ""
    rules: str = ""
    bus: str = ""
    managed: bool = False
    dialect: str = ""
    parameters: Sequence[str] = ()


def patterns_of(context: CommandContext, source: Source) -> dict[str, Pattern]:
    """The compiled patterns by rule name, from the one source that was given.

    What cannot be tested is named in a warning. Raises UsageError when it is not exactly one
    source, and InputError for a pattern that AWS would refuse, with its rule and place.
    """
    check_one(source)
    if source.pattern:
        text = text_or_file(source.pattern, "--pattern")
        return {"pattern": compiled("--pattern", text, source.dialect or "rule")}
    return _compiled_all(rules_of(context, source), source)


def check_one(source: Source) -> None:
    """Raises UsageError when it is not exactly one source, or its dialect is none."""
    check_dialect(source.dialect)
    if sum(map(bool, (source.pattern, source.rules, source.bus))) != 1:
        raise UsageError(
            "say where the patterns are, in one way",
            hint="""--pattern '{"source":["com.flix"]}', --rules FILE or --bus NAME""",
        )


def check_dialect(name: str) -> None:
    """Raises UsageError for what is no dialect's name, and not empty."""
    if name in {"", "rule"}:
        return
    from edactl.core.pattern.dialects import dialect_named

    try:
        dialect_named(name)
    except PatternError as error:
        raise UsageError(f"--dialect: {error.reason}", hint=error.hint) from None


def rule_set(
    patterns: Mapping[str, Pattern], *, exact: bool = False, alone: bool = False
) -> RuleSet:
    """The patterns, matched together, on events or on the records that their dialects look at.

    With `alone` text that follows an event is refused, which is not read otherwise.
    """
    if all(type(one) is Pattern for one in patterns.values()):
        return RuleSet(patterns, exact=exact, alone=alone)
    from edactl.core.filter_record import RecordSet

    return RecordSet(patterns, exact=exact, alone=alone)


def rules_of(
    context: CommandContext, source: Source, *, with_targets: bool = False
) -> Iterable[NamedRule]:
    """The rules of files or of a live bus, their patterns as text, not compiled.

    Rules of files have the targets that the file tells; those of a bus when `with_targets` is set,
    at one more call a rule.
    """
    if source.rules:
        return _from_files(context, source)
    return _from_bus(context, source, with_targets=with_targets)


def compiled(where: str, text: str, dialect: str) -> Pattern:
    """The pattern. Raises InputError with `where`, AWS's words, and the place as a hint."""
    try:
        return compile_pattern(text, dialect)
    except PatternError as error:
        raise InputError(str(error), where=where, hint=error.hint or _place(text, error)) from None


def _place(text: str, error: PatternError) -> str:
    """The text around the place, with a caret at it."""
    line = (text.splitlines() or [""])[min(error.line, text.count("\n") + 1) - 1]
    at = error.column - 1
    before, after = line[max(0, at - _AROUND) : at], line[at : at + _AROUND]
    return f"look at the caret: {before}^{after}"


def _free(rule: NamedRule, taken: Container[str]) -> str:
    """A name that no rule has yet: its own, or with where it stands."""
    if rule.name not in taken:
        return rule.name
    place = f"{rule.name} ({rule.source}"
    numbered = (f"{place}, {number})" for number in count(2))
    return next(one for one in chain([f"{place})"], numbered) if one not in taken)


def _compiled_all(rules: Iterable[NamedRule], source: Source) -> dict[str, Pattern]:
    found: dict[str, Pattern] = {}
    for rule in rules:
        where = f'rule "{rule.name}" of {rule.source}'
        found[_free(rule, found)] = compiled(where, rule.pattern, source.dialect or rule.dialect)
    if not found:
        hint = f"edactl rule list --bus {source.bus}" if source.bus else "the warnings say why"
        where = f'bus "{source.bus}"' if source.bus else shown(source.rules)
        raise InputError("there is no rule with an event pattern", where=where, hint=hint)
    return found


def _from_files(context: CommandContext, source: Source) -> Iterable[NamedRule]:
    from edactl.cli.rule_files import found_in
    from edactl.core.rule_files import SkippedRule

    for rule in found_in(context, source.rules, source.parameters):
        if isinstance(rule, SkippedRule):
            context.messages.warn(f'rule "{rule.name}" of {rule.source} skipped: {rule.reason}')
        else:
            yield rule


def _from_bus(
    context: CommandContext, source: Source, *, with_targets: bool
) -> Iterable[NamedRule]:
    from edactl.core.arn import parse_bus
    from edactl.core.rule_files import NamedRule

    session = context.session(read_only=True)
    from edactl.aws.rules import BusRules

    name, rules = parse_bus(source.bus).name, BusRules(session)
    for rule in rules.rules_of(name):
        if rule.pattern is not None and (source.managed or rule.managed_by is None):
            targets = rules.targets(rule) if with_targets else ()
            where = f'bus "{name}"'
            yield NamedRule(
                rule.name,
                rule.pattern,
                where,
                targets,
                bus=name,
                arn=rule.arn,
                state=rule.state,
            )
