"""The targets that `edactl rule transform` is asked about: by flags, of a bus, of rule files."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.cli.context import CommandContext
from edactl.cli.opened import text_or_file
from edactl.cli.rule_sources import Source, rules_of
from edactl.core.bus import Target, target_of_record
from edactl.core.transform.rule_arn import rule_arn_for
from edactl.errors import EdactlError, InputError, NotFound, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from edactl.aws.rules import BusRules
    from edactl.core.rule_files import NamedRule

EXAMPLE = "example"
_NAMES_SHOWN = 10


@dataclass(frozen=True)
class TargetFlags:
    """A target that the command line itself describes, and the rule that it is thought at."""

    input: str = ""
    input_path: str = ""
    template: str = ""
    paths: str = ""
    target_arn: str = ""
    rule_name: str = ""
    rule_arn: str = ""

    @property
    def describe_a_target(self) -> bool:
        """Whether any of them speaks of the target."""
        return any((self.input, self.input_path, self.template, self.paths, self.target_arn))

    def target(self) -> Target:
        """The target. Raises InputError and UsageError, naming the option."""
        if self.paths and not self.template:
            raise UsageError("--input-paths needs --input-template", hint="""'{"id": <id>}'""")
        record: dict[str, object] = {"Id": "target", "Arn": self.target_arn}
        record["Input"] = _text(self.input, "--input")
        record["InputPath"] = self.input_path
        if self.template:
            record["InputTransformer"] = {
                "InputTemplate": _text(self.template, "--input-template"),
                "InputPathsMap": self._paths(),
            }
        return target_of_record(record)

    def _paths(self) -> object:
        hint = """'{"id": "$.detail.id"}'"""
        try:
            paths = json.loads(_text(self.paths, "--input-paths") or "{}")
        except (ValueError, RecursionError) as error:
            raise InputError(f"not JSON: {error}", where="--input-paths", hint=hint) from None
        if not isinstance(paths, dict) or not all(isinstance(one, str) for one in paths.values()):
            raise InputError("not a map of names to paths", where="--input-paths", hint=hint)
        return paths


@dataclass(frozen=True)
class Choice:
    """Which targets: those of the flags, or of the rules of a bus or of files."""

    flags: TargetFlags
    bus: str = ""
    rules: str = ""
    rule: str = ""
    target_id: str = ""
    parameters: Sequence[str] = ()

    @property
    def is_by_flags(self) -> bool:
        """Whether the one target is the flags'."""
        return not (self.bus or self.rules)


@dataclass(frozen=True)
class Aimed:
    """One target with its rule. `pattern` is empty for a rule that has none."""

    rule: str
    rule_arn: str
    target: Target
    pattern: str = ""
    dialect: str = "rule"


def targets_of(context: CommandContext, choice: Choice, event: str | bytes | None) -> list[Aimed]:
    """The targets that were asked for; the event fills in a rule's ARN where nothing tells it.

    Raises UsageError when it is not exactly one source, and InputError or NotFound, with near
    names, for a rule or target that is not there.
    """
    flags = choice.flags
    if sum(map(bool, (flags.describe_a_target, choice.bus, choice.rules))) != 1:
        raise UsageError(
            "say which target, in one way",
            hint="--input-template TEMPLATE, --bus NAME --rule NAME, or --rules FILE --rule NAME",
        )
    if choice.is_by_flags:
        if choice.rule or choice.target_id:
            raise UsageError(
                "--rule and --target go with --bus or --rules", hint="--rule-name NAME"
            )
        name = flags.rule_name or EXAMPLE
        return [Aimed(name, flags.rule_arn or _arn(event, "", name), flags.target())]
    if flags.rule_name or flags.rule_arn:
        raise UsageError("the rule tells its own name and ARN", hint="--rule NAME chooses one")
    found = [one for rule in _rules(context, choice) for one in _aimed(rule, event)]
    if choice.rules and not found:
        raise InputError(
            "no rule in it tells a target",
            where=choice.rules,
            hint="edactl rule pull --bus NAME saves rules with their targets",
        )
    return _with_id(found, choice.target_id) if choice.target_id and found else found


def _text(given: str, option: str) -> str:
    """The option's text; a file's last line break is the editor's."""
    text = text_or_file(given, option)
    return text.removesuffix("\n") if given.startswith("@") else text


def _arn(event: str | bytes | None, bus: str, name: str) -> str:
    return rule_arn_for(event or "{}", bus=bus, rule_name=name)


def _aimed(rule: NamedRule, event: str | bytes | None) -> Iterator[Aimed]:
    arn = rule.arn or _arn(event, rule.bus, rule.name)
    for target in rule.targets:
        yield Aimed(rule.name, arn, target, rule.pattern, rule.dialect)


def _with_id(found: list[Aimed], target_id: str) -> list[Aimed]:
    chosen = [one for one in found if one.target.target_id == target_id]
    if not chosen:
        ids = [one.target.target_id for one in found]
        raise InputError(f'there is no target "{target_id}"', hint=_near(target_id, ids))
    return chosen


def _rules(context: CommandContext, choice: Choice) -> Iterable[NamedRule]:
    if choice.bus and choice.rule:
        return [_live_rule(context, choice)]
    source = Source(rules=choice.rules, bus=choice.bus, parameters=choice.parameters)
    found = list(rules_of(context, source, with_targets=True))
    if not choice.rule:
        return found
    chosen = [rule for rule in found if rule.name == choice.rule]
    if not chosen:
        hint = _near(choice.rule, [rule.name for rule in found]) if found else None
        raise InputError(f'there is no rule "{choice.rule}"', where=choice.rules, hint=hint)
    return chosen


def _live_rule(context: CommandContext, choice: Choice) -> NamedRule:
    from edactl.core.arn import parse_bus
    from edactl.core.rule_files import NamedRule

    session = context.session(read_only=True)
    from edactl.aws.rules import BusRules

    bus, rules = parse_bus(choice.bus).name, BusRules(session)
    try:
        rule = rules.describe(bus, choice.rule)
    except NotFound as error:
        error.hint = _near_live(rules, bus, choice.rule)
        raise
    targets = rules.targets(rule)
    where = f'bus "{bus}"'
    return NamedRule(rule.name, rule.pattern or "", where, targets, bus=bus, arn=rule.arn)


def _near_live(rules: BusRules, bus: str, name: str) -> str:
    names: list[str] = []
    with suppress(EdactlError):  # a hint is no reason to fail otherwise
        names = [rule.name for rule in rules.rules_of(bus)]
    return _near(name, names) if names else "edactl bus list"


def _near(name: str, names: Sequence[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, names, n=1)
    return near[0] if near else f"one of {', '.join(names[:_NAMES_SHOWN])}"
