"""`edactl rule test`."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli.context import CommandContext, context_of
from edactl.cli.event_texts import event_id_of, event_texts
from edactl.cli.opened import text_or_file
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
from edactl.core.pattern.plain_keys import has_plain_keys
from edactl.errors import ExitStatus, InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edactl.core.pattern import Pattern, RuleSet
    from edactl.core.record import JsonValue

LOOKED_AT = 1000
Text = bytes | str
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
    run = Run(context, rule_set(patterns, exact=exact or bool(event)), tally, skip_invalid)
    texts = run.events(files or [], event)
    if count:
        run.count(texts)
        context.emitter.records(tally.rows(), columns=("rule", "matched", "events"))
    else:
        run.show(texts, every=every)
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

    def add(self, names: list[str]) -> None:
        """Count one event."""
        self.events += 1
        self.taken += bool(names)
        matched = self.matched
        for name in names:
            matched[name] += 1

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
    _has_odd_keys: bool = False
    _text: Text = b""
    _where: str = ""

    def events(self, files: list[str], event: str) -> Iterator[tuple[Text, str]]:
        """Each event's text with its place. Raises InputError when there is none."""
        if event and files:
            raise UsageError("--event is the event; FILE is one too many", hint="drop one of them")
        if event:
            return iter([(text_or_file(event, "--event"), "--event")])
        terminal = self.context.terminal
        if not files and terminal.is_tty(terminal.stdin):
            raise UsageError(
                "there are no events: no FILE and no --event",
                hint="edactl rule test events.ndjson …, or - to type events here",
            )
        skip = self._skip if self.skip_invalid else None
        return event_texts(files or ["-"], terminal.stdin, skip=skip)

    def count(self, texts: Iterator[tuple[Text, str]]) -> None:
        """Count the matches."""
        events = taken = 0
        matched = self.tally.matched
        for names in self._names(texts):
            events += 1
            if names:
                taken += 1
                for name in names:
                    matched[name] += 1
        self.tally.events, self.tally.taken = events, taken

    def show(self, texts: Iterator[tuple[Text, str]], *, every: bool) -> None:
        """Write a record for each event and rule that match; for all pairs when asked."""
        with self.context.emitter.stream(line=_line) as write:
            for index, (text, names) in enumerate(self._matched(texts)):
                chosen = self.tally.patterns if every else names
                event_id = event_id_of(text) if chosen else None
                for name in chosen:
                    write(
                        {
                            "event_index": index,
                            "event_id": event_id,
                            "rule": name,
                            "match": name in names,
                        }
                    )

    def _matched(self, texts: Iterator[tuple[Text, str]]) -> Iterator[tuple[Text, list[str]]]:
        for names in self._names(texts):
            self.tally.add(names)
            yield self._text, names

    def _names(self, texts: Iterator[tuple[Text, str]]) -> Iterator[list[str]]:
        """The names for each event, which is in hand until the next ones are asked for."""
        return chain.from_iterable(self._runs(texts))

    def _runs(self, texts: Iterator[tuple[Text, str]]) -> Iterator[Iterator[list[str]]]:
        """The first events one by one, exactly; the others, too, where one of those needed it."""
        yield self._singly(islice(texts, LOOKED_AT))
        rules = rule_set(self.tally.patterns, exact=True) if self._has_odd_keys else self.rule_set
        yield rules.match_lines(self._taken_up(texts), invalid=self._invalid)

    def _singly(self, texts: Iterator[tuple[Text, str]]) -> Iterator[list[str]]:
        for text in self._taken_up(texts):
            try:
                names = self.rule_set.match(text)
            except InputError as error:
                self._invalid(0, error)
            else:
                self._has_odd_keys = self._has_odd_keys or not has_plain_keys(text)
                yield names

    def _taken_up(self, texts: Iterator[tuple[Text, str]]) -> Iterator[Text]:
        for self._text, self._where in texts:
            yield self._text

    def _invalid(self, _number: int, error: InputError) -> None:
        where = self._where
        if not self.skip_invalid:
            alone = where == "--event"
            hint = "one JSON object" if alone else "--skip-invalid goes on without it"
            raise InputError(error.message, where=where, hint=hint) from None
        self._skip(InputError(error.message, where=where))

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
