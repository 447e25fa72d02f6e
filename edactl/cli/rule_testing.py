"""`edactl rule test`."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli.context import CommandContext, context_of
from edactl.cli.event_texts import event_id_of, no_event_in
from edactl.cli.opened import batches_of, lines_of, shown, text_or_file
from edactl.cli.rule_sources import (
    BusOption,
    DialectOption,
    ManagedOption,
    ParameterOption,
    PatternOption,
    RulesOption,
    Source,
    patterns_of,
    rule_set,
)
from edactl.errors import ExitStatus, InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from edactl.core.event_lines import EventLines
    from edactl.core.first_look import FirstLook
    from edactl.core.pattern import Pattern, RuleSet
    from edactl.core.record import JsonValue

LOOKED_AT = 1000
BATCH_LINES = 256
EventOption = Annotated[
    str, typer.Option("--event", metavar="JSON|@FILE", help="One event, instead of FILE.")
]


def offline_test(
    ctx: typer.Context,
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FILE...|-]", help="Events: JSON, an array, or NDJSON; .gz, .zst."),
    ] = None,
    event: EventOption = "",
    pattern: PatternOption = "",
    rules: RulesOption = "",
    bus: BusOption = "",
    managed: ManagedOption = False,
    dialect: DialectOption = "",
    parameter: ParameterOption = None,
    every: Annotated[bool, typer.Option("--all", help="Show what does not match, too.")] = False,
    count: Annotated[bool, typer.Option("--count", help="Only count, rule by rule.")] = False,
    skip_invalid: Annotated[
        bool, typer.Option("--skip-invalid", help="Go on after an event that cannot be read.")
    ] = False,
    exact: Annotated[
        bool,
        typer.Option(
            "--exact",
            help="See keys with dots and duplicate keys also where none of the first 1,000 events"
            " has such; slower.",
        ),
    ] = False,
    jobs: Annotated[
        int, typer.Option("--jobs", metavar="N", min=1, help="Processes that judge big files.")
    ] = 1,
) -> int:
    """Test events against patterns, offline.

    The verdict is the one that EventBridge would give. Prints a record for each event and rule that
    match. Exit 0 when every event matched a rule, 1 when some did not.

    \b
    Examples:
      edactl rule test events.ndjson --rules rules.json
      edactl rule test --event @event.json --pattern '{"source":["com.flix"]}' --all
      edactl bus tail flix --limit 100 -o ndjson | edactl rule test - --bus flix --count
    """
    context = context_of(ctx)
    _ = context.emitter
    patterns = patterns_of(context, Source(pattern, rules, bus, managed, dialect, parameter or ()))
    tally = Tally(patterns)
    together = rule_set(patterns, exact=exact or bool(event), alone=not event)
    run = Run(context, together, tally, skip_invalid)
    if jobs > 1 and not event:
        from edactl.cli.rule_jobs import RunInProcesses

        run = RunInProcesses(context, together, tally, skip_invalid, jobs=jobs)
    if count:
        run.count(files or [], event)
        context.emitter.records(tally.rows(), columns=("rule", "matched", "events"))
    else:
        run.show(files or [], event, every=every)
    return tally.conclude(context)


@dataclass
class Tally:
    """Events read, events that some rule matched, and matches by rule."""

    patterns: dict[str, Pattern]
    events: int = 0
    taken: int = 0
    invalid: int = 0
    matched: Counter[str] = field(default_factory=Counter)

    def add_all(self, names: list[list[str]]) -> None:
        """Count events by the names of the rules that match each."""
        self.events += len(names)
        self.taken += len(names) - names.count([])
        self.matched.update(chain.from_iterable(names))

    def add_counts(self, events: int, taken: int, matched: Counter[str]) -> None:
        """Count events that somebody else counted."""
        self.events += events
        self.taken += taken
        self.matched.update(matched)

    def rows(self) -> list[dict[str, JsonValue]]:
        """A record for each rule."""
        return [
            {"rule": name, "matched": self.matched[name], "events": self.events}
            for name in self.patterns
        ]

    def conclude(self, context: CommandContext) -> int:
        """The summary for people, and the exit status."""
        skipped = f", {self.invalid} invalid skipped" if self.invalid else ""
        rules = _counted(len(self.patterns), "rule", "rules")
        matches = _counted(sum(self.matched.values()), "match", "matches")
        context.messages.note(
            f"{self.taken} of {self.events} events matched a rule ({rules}, {matches}{skipped})"
        )
        return ExitStatus.DONE if self.taken == self.events else ExitStatus.NO


@dataclass
class Run:
    """One test of many events; `skip_invalid` goes on after what cannot be read."""

    context: CommandContext
    rule_set: RuleSet
    tally: Tally
    skip_invalid: bool
    first_look: FirstLook | None = None
    _text_of: Callable[[], bytes | str] = bytes

    def count(self, files: list[str], event: str) -> None:
        """Count the matches, many lines at a time."""
        if event:
            self.tally.add_all(list(self._of_event(files, event)))
            return
        for name, lines in self.files_of(files):
            for batch in batches_of(name, self.context.terminal.stdin, BATCH_LINES):
                self.tally.add_all(lines.names_in(batch))
            self.tally.add_all(lines.names_at_end())

    def show(self, files: list[str], event: str, *, every: bool) -> None:
        """Write a record for each event and rule that match; for all pairs when asked."""
        names = self._of_event(files, event) if event else self._of_files(files)
        self.write(
            ((one, event_id_of(self._text_of()) if every or one else None) for one in names),
            every=every,
        )

    def write(self, events: Iterable[tuple[list[str], str | None]], *, every: bool) -> None:
        """Write the records for events that are given by their names and ids."""
        with self.context.emitter.stream(line=_line) as write:
            for index, (matching, event_id) in enumerate(events):
                for name in self.tally.patterns if every else matching:
                    write(
                        {
                            "event_index": index,
                            "event_id": event_id,
                            "rule": name,
                            "match": name in matching,
                        }
                    )
                self.tally.add_all([matching])

    def _of_event(self, files: list[str], event: str) -> Iterator[list[str]]:
        if files:
            raise UsageError("--event is the event; FILE is one too many", hint="drop one of them")
        text = text_or_file(event, "--event")
        self._text_of = partial(str, text)
        return self.rule_set.match_lines([text], invalid=self._alone)

    def _of_files(self, files: list[str]) -> Iterator[list[str]]:
        for name, lines in self.files_of(files):
            self._text_of = lines.text
            yield from lines.names(lines_of(name, self.context.terminal.stdin))

    def files_of(self, files: list[str]) -> Iterator[tuple[str, EventLines]]:
        """Each file with its reader. Raises InputError after one in which was no event."""
        from edactl.core.event_lines import EventLines
        from edactl.core.first_look import FirstLook

        terminal = self.context.terminal
        if not files and terminal.is_tty(terminal.stdin):
            raise UsageError(
                "there are no events: no FILE and no --event",
                hint="edactl rule test events.ndjson …, or - to type events here",
            )
        exactly = partial(rule_set, self.tally.patterns, exact=True, alone=True)
        first = self.first_look = FirstLook(self.rule_set, exactly, LOOKED_AT)
        skip = self._skip if self.skip_invalid else None
        for name in files or ["-"]:
            lines = EventLines(first, shown(name), self._refused, skip)
            yield name, lines
            if not lines.any:
                raise no_event_in(name)

    def _alone(self, _number: int, error: InputError) -> None:
        refused = InputError(error.message, where="--event", hint="one JSON object")
        if not self.skip_invalid:
            raise refused from None
        self._skip(refused)

    def _refused(self, error: InputError) -> None:
        if not self.skip_invalid:
            error.hint = "--skip-invalid goes on without it"
            raise error from None
        self._skip(error)

    def _skip(self, error: InputError) -> None:
        self.tally.invalid += 1
        self.context.messages.warn(f"{error}; skipped")


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _line(record: JsonValue) -> str:
    if not isinstance(record, dict) or "rule" not in record:
        return json.dumps(record)
    from edactl.core.readable import harmless

    verdict = "matches" if record["match"] else "does not match"
    event = record["event_id"] or "no id"
    return harmless(f"event {record['event_index']} ({event}) {verdict} {record['rule']}")
