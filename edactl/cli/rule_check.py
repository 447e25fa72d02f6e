"""`edactl rule check`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edactl.cli.context import CommandContext, context_of
from edactl.cli.opened import shown, text_of
from edactl.cli.rule_sources import ParameterOption, RulesOption, Source, patterns_of
from edactl.errors import ExitStatus, UnwritableFile


def check(
    ctx: typer.Context,
    suites: Annotated[
        list[str], typer.Argument(metavar="SUITE...", help="Suite files: JSON, NDJSON or YAML.")
    ],
    rules: RulesOption = "",
    parameter: ParameterOption = None,
    junit: Annotated[
        str, typer.Option("--junit", metavar="FILE", help="Write a JUnit report for CI, too.")
    ] = "",
    tap: Annotated[bool, typer.Option("--tap", help="Print TAP instead of records.")] = False,
) -> int:
    """Run test suites of patterns; for CI.

    A case has a name, a pattern (or the name of a rule of --rules), an event, and what is expected:
    match true or false, or valid false. Exit 1 when a case fails; a bad case does not stop the
    others.

    \b
    Examples:
      edactl rule check patterns.json
      edactl rule check suites/*.ndjson --rules rules.json --junit report.xml
      edactl rule check patterns.json -o json --query '[?!ok]'
    """
    context = context_of(ctx)
    _ = context.emitter
    from edactl.core.pattern_suite import run_case
    from edactl.core.suite_report import junit_report, tap_lines

    known = patterns_of(context, Source(rules=rules, parameters=parameter or ())) if rules else {}
    results = [
        run_case(case, number, known)
        for name in suites
        for number, case in enumerate(_cases(context, name))
    ]
    if junit:
        _write(junit, junit_report(results))
    if tap:
        context.terminal.stdout.write("".join(f"{line}\n" for line in tap_lines(results)))
    else:
        context.emitter.records(results, columns=("id", "ok", "expected", "match", "valid"))
    failed = sum(not one.ok for one in results)
    context.messages.note(f"{len(results) - failed} of {len(results)} cases passed")
    return ExitStatus.NO if failed else ExitStatus.DONE


def _cases(context: CommandContext, name: str) -> list[object]:
    from edactl.core.pattern_suite import cases_in, cases_of

    text = text_of(name, context.terminal.stdin)
    if Path(name).suffix in {".yaml", ".yml"}:
        from edactl.cli.suite_yaml import yaml_document

        return cases_of(yaml_document(text, shown(name)), shown(name))
    return cases_in(text, shown(name))


def _write(name: str, text: str) -> None:
    try:
        Path(name).write_text(text, "utf-8")
    except OSError as error:
        raise UnwritableFile(error, f"--junit {name}") from None
