"""`edactl rule test`."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli.context import CommandContext, context_of
from edactl.cli.event_texts import event_id_of, no_event_in
from edactl.cli.opened import lines_of, shown, text_or_file
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

    from edactl.core.pattern import Pattern, RuleSet
    from edactl.core.record import JsonValue

LOOKED_AT = 1000
COUNTED_AT_ONCE = 10_000
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
    names = run.names(files or [], event)
    if count:
        run.count(names)
        context.emitter.records(tally.rows(), columns=("rule", "matched", "events"))
    else:
        run.show(names, every=every)
    return tally.conclude(context)


@dataclass
class Tally:
    """Events read, events that some rule matched, and matches by rule."""

    patterns: dict[str, Pattern]
    events: int = 0
    taken: int = 0
    invalid: int = 0
    matched: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.matched = dict.fromkeys(self.patterns, 0)

    def add(self, names: Iterable[str], times: int = 1) -> None:
        """Count events that the same rules match."""
        self.events += times
        if names:
            self.taken += times
        for name in names:
            self.matched[name] += times

    def rows(self) -> list[dict[str, JsonValue]]:
        """A record for each rule."""
        return [
            {"rule": name, "matched": matched, "events": self.events}
            for name, matched in self.matched.items()
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
    _text_of: Callable[[], bytes | str] = bytes

    def names(self, files: list[str], event: str) -> Iterator[list[str]]:
        """The names for each event. Raises InputError when there is none."""
        if event and files:
            raise UsageError("--event is the event; FILE is one too many", hint="drop one of them")
        if event:
            text = text_or_file(event, "--event")
            self._text_of = partial(str, text)
            return self.rule_set.match_lines([text], invalid=self._alone)
        terminal = self.context.terminal
        if not files and terminal.is_tty(terminal.stdin):
            raise UsageError(
                "there are no events: no FILE and no --event",
                hint="edactl rule test events.ndjson …, or - to type events here",
            )
        return chain.from_iterable(self._in_files(files or ["-"]))

    def _in_files(self, files: list[str]) -> Iterator[Iterator[list[str]]]:
        from edactl.core.event_lines import EventLines
        from edactl.core.first_look import FirstLook

        exactly = partial(rule_set, self.tally.patterns, exact=True, alone=True)
        rules = FirstLook(self.rule_set, exactly, LOOKED_AT)
        skip = self._skip if self.skip_invalid else None
        for name in files:
            lines = EventLines(rules, shown(name), self._refused, skip)
            self._text_of = lines.text
            yield lines.names(lines_of(name, self.context.terminal.stdin))
            if not lines.any:
                raise no_event_in(name)

    def count(self, names: Iterator[list[str]]) -> None:
        """Count the matches: together those that the same rules match."""
        while counted := Counter(map(tuple, islice(names, COUNTED_AT_ONCE))):
            for matching, times in counted.items():
                self.tally.add(matching, times)

    def show(self, names: Iterator[list[str]], *, every: bool) -> None:
        """Write a record for each event and rule that match; for all pairs when asked."""
        with self.context.emitter.stream(line=_line) as write:
            for index, matching in enumerate(names):
                chosen = self.tally.patterns if every else matching
                event_id = event_id_of(self._text_of()) if chosen else None
                for name in chosen:
                    write(
                        {
                            "event_index": index,
                            "event_id": event_id,
                            "rule": name,
                            "match": name in matching,
                        }
                    )
                self.tally.add(matching)

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
