"""`edactl rule lint`."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli.context import CommandContext, context_of
from edactl.cli.event_texts import event_texts
from edactl.cli.opened import text_of, text_or_file
from edactl.cli.rule_sources import (
    BusOption,
    DialectOption,
    ManagedOption,
    ParameterOption,
    PatternOption,
    RulesOption,
    Source,
    check_one,
    rules_of,
)
from edactl.core.rule_lint import SEVERITIES, Finding, Linted, Samples, lint, paths_of
from edactl.errors import ExitStatus, InputError, UnreadableFile, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edactl.core.rule_files import NamedRule

_COLORS = {"error": "\x1b[31m", "warning": "\x1b[33m", "info": "\x1b[2m"}
_BOLD, _RESET = "\x1b[1m", "\x1b[0m"
FAIL_ON = ("warning", "error")


def lint_(
    ctx: typer.Context,
    pattern: PatternOption = "",
    rules: RulesOption = "",
    bus: BusOption = "",
    managed: ManagedOption = False,
    dialect: DialectOption = "",
    parameter: ParameterOption = None,
    samples: Annotated[
        list[str] | None,
        typer.Option("--samples", metavar="FILE", help="Events that the rules are held against."),
    ] = None,
    fail_on: Annotated[
        str, typer.Option("--fail-on", metavar="warning|error", help="What makes it exit 1.")
    ] = "error",
    sarif: Annotated[
        str, typer.Option("--sarif", metavar="FILE|-", help="Write SARIF 2.1.0 for a code host.")
    ] = "",
) -> int:
    """Find what AWS refuses in rules, and what it takes and nobody means.

    Errors are refused by AWS or can never do their work; warnings are most likely not meant; infos
    are worth knowing. Exit 1 when there is an error, or what --fail-on says.

    \b
    Examples:
      edactl rule lint --rules rules.json
      edactl rule lint --bus flix --samples day.ndjson.gz --fail-on warning
      edactl rule lint --rules rules/ --sarif lint.sarif
    """
    context = context_of(ctx)
    _ = context.emitter
    failing = _failing(fail_on)
    source = Source(pattern, rules, bus, managed, dialect, parameter or ())
    linted = _linted(context, source)
    found = lint(linted, _samples(context, samples or [], linted))
    if sarif:
        _write_sarif(context, sarif, found)
    hidden = sarif != "-" and _emit(context, found)
    _summarize(context, found, len(linted), hidden=hidden)
    return ExitStatus.NO if any(one.severity in failing for one in found) else ExitStatus.DONE


def _failing(fail_on: str) -> tuple[str, ...]:
    """The severities that make the status 1."""
    if fail_on not in FAIL_ON:
        raise UsageError(f'--fail-on is "{fail_on}"', hint=f"one of {', '.join(FAIL_ON)}")
    return FAIL_ON[FAIL_ON.index(fail_on) :]


def _linted(context: CommandContext, source: Source) -> list[Linted]:
    from edactl.core.rule_files import NamedRule

    check_one(source)
    if source.pattern:
        text, where = text_or_file(source.pattern, "--pattern"), source.pattern.removeprefix("@")
        named = source.pattern.startswith("@")
        rule = NamedRule("pattern", text, where if named else "--pattern")
        return [Linted(_spoken(rule, source.dialect), is_file=True)]
    lines = _Lines()
    found = [
        Linted(_in_file(_spoken(rule, source.dialect)), lines.line_of(rule), live=bool(source.bus))
        for rule in rules_of(context, source, with_targets=True)
    ]
    if not found:
        hint = f"edactl rule list --bus {source.bus}" if source.bus else "see what was skipped"
        raise InputError("there is no rule with an event pattern", hint=hint)
    return found


def _spoken(rule: NamedRule, dialect: str) -> NamedRule:
    return replace(rule, dialect=dialect) if dialect else rule


def _in_file(rule: NamedRule) -> NamedRule:
    """The rule with its file alone as its source: a finding tells the line itself."""
    return replace(rule, source=rule.file or rule.source)


class _Lines:
    """Where rules are named in their files; each file is read once."""

    def __init__(self) -> None:
        self._words: dict[str, dict[str, int]] = {}

    def line_of(self, rule: NamedRule) -> int | None:
        """The line that names the rule first; 1 when none does, None when there is no file."""
        if rule.line is not None or not Path(rule.file).is_file():
            return rule.line
        if rule.file not in self._words:
            self._words[rule.file] = _first_lines(text_of(rule.file, sys.stdin))
        words = self._words[rule.file]
        label = rule.source.removeprefix(rule.file).strip(" ()") or rule.name
        return words.get(label) or words.get(label.rpartition(".")[2]) or 1


def _first_lines(text: str) -> dict[str, int]:
    """The line of each word that could be a rule's name, where it stands first."""
    lines: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        for word in re.findall(r"[\w.-]+", line):
            lines.setdefault(word, number)
    return lines


def _samples(
    context: CommandContext, files: Sequence[str], linted: Sequence[Linted]
) -> Samples | None:
    if not files:
        return None
    samples = Samples(paths_of(linted))
    for text, where in event_texts(files, context.terminal.stdin):
        try:
            samples.add(text)
        except InputError as error:
            raise InputError(error.message, where=where) from None
    return samples


def _write_sarif(context: CommandContext, name: str, found: Sequence[Finding]) -> None:
    from edactl import __version__
    from edactl.core.rule_lint.sarif import sarif_log

    text = json.dumps(sarif_log(found, version=__version__), indent=2, ensure_ascii=False) + "\n"
    if name == "-":
        context.terminal.stdout.write(text)
        return
    try:
        Path(name).write_text(text, "utf-8")
    except OSError as error:
        raise UnreadableFile(error, f"--sarif {name}") from None


def _emit(context: CommandContext, found: Sequence[Finding]) -> bool:
    """Write the findings; whether infos were left out, as for a person who did not ask for more."""
    emitter = context.emitter
    if emitter.resolve("ndjson") != "table" or emitter.query is not None:
        emitter.records(found)
        return False
    verbose = bool(context.messages.verbosity)
    chosen = [one for one in found if verbose or one.severity != "info"]
    stdout = context.terminal.stdout
    lines = _lines(chosen, colored=context.terminal.colored(stdout))
    stdout.write("".join(f"{line}\n" for line in lines))
    return len(chosen) < len(found)


def _lines(found: Sequence[Finding], *, colored: bool) -> Iterator[str]:
    """Findings under their rule, the hint below each."""
    from edactl.core.readable import harmless

    bold, reset = (_BOLD, _RESET) if colored else ("", "")
    heading: tuple[str, str] | None = None
    first: int | None = None
    for one in found:
        if heading != (one.rule, one.source):
            heading, first = (one.rule, one.source), one.line
            place = f"{one.source}:{one.line}" if one.line else one.source
            yield f"{bold}{harmless(one.rule)}{reset} {harmless(place)}"
        color = _COLORS[one.severity] if colored else ""
        path = f"{one.path}: " if one.path else ""
        line = f" (line {one.line})" if one.line != first else ""
        yield f"  {color}{one.severity:7}{reset} {harmless(path + one.message)} [{one.code}]{line}"
        if one.hint:
            yield f"          try: {harmless(one.hint)}"


def _summarize(
    context: CommandContext, found: Sequence[Finding], rules: int, *, hidden: bool
) -> None:
    counts = {grade: sum(one.severity == grade for one in found) for grade in SEVERITIES}
    words = ", ".join(_counted(count, grade) for grade, count in counts.items())
    more = "; -v shows the infos" if hidden else ""
    context.messages.note(f"{_counted(rules, 'rule')}: {words}{more}")


def _counted(count: int, name: str) -> str:
    return f"{count} {name}{'s' * (count != 1)}"
