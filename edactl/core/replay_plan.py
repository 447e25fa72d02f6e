"""What a replay would do: which rules fire, for how many events of a sample, and what to mind."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.core.pattern import RuleSet, compile_pattern
from edactl.core.pattern.conditions import Value
from edactl.core.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from edactl.core.archive import Archive, Window
    from edactl.core.bus import Rule, Target
    from edactl.core.pattern import Pattern


@dataclass(frozen=True)
class PlannedTarget:
    """One target that the replay could reach."""

    target_id: str
    arn: str
    dead_letter_arn: str | None


@dataclass(frozen=True)
class PlannedRule:
    """One rule that the replay could fire.

    `guards_replay` when its pattern keeps replayed events out. `would_fire` counts the events of
    the sample that match, null without a sample.
    """

    rule: str
    state: str
    managed_by: str | None
    guards_replay: bool
    would_fire: int | None
    targets_without_dlq: int
    targets: tuple[PlannedTarget, ...]


@dataclass(frozen=True)
class ReplayPlan:
    """A replay that was not started; times are those after widening to whole minutes."""

    dry_run: bool
    archive: str
    bus: str
    rules: tuple[PlannedRule, ...]
    event_start_time: str
    event_end_time: str
    sample_events: int | None
    warnings: tuple[str, ...]


def planned_rules(
    rules: Iterable[tuple[Rule, Sequence[Target]]], sample: Iterable[str] | None, replay_name: str
) -> tuple[tuple[PlannedRule, ...], int | None]:
    """The rules with a pattern, those that would fire most first, and the size of the sample.

    A replayed event is the original with a `replay-name` at its top. Source: EventBridge user
    guide, "Replaying archived events".
    """
    known = [(rule, targets) for rule, targets in rules if rule.pattern is not None]
    patterns = {rule.name: compile_pattern(str(rule.pattern)) for rule, _ in known}
    counts: Counter[str] | None = None
    events = 0
    if sample is not None:
        counts, rule_set = Counter(), RuleSet(patterns)
        for events, text in enumerate(sample, 1):  # noqa: B007 -- how many there were
            counts.update(rule_set.match(replayed(text, replay_name)))
    planned = [
        PlannedRule(
            rule=rule.name,
            state=rule.state,
            managed_by=rule.managed_by,
            guards_replay=_guards(patterns[rule.name], replay_name),
            would_fire=None if counts is None else counts[rule.name] * (rule.state != "DISABLED"),
            targets_without_dlq=sum(one.dead_letter_arn is None for one in targets),
            targets=tuple(
                PlannedTarget(one.target_id, one.arn, one.dead_letter_arn) for one in targets
            ),
        )
        for rule, targets in known
    ]
    planned.sort(key=lambda one: (-(one.would_fire or 0), one.rule))
    return tuple(planned), None if counts is None else events


def replayed(text: str, replay_name: str) -> str:
    """An event's JSON text as a replay delivers it; numbers keep their spelling."""
    body = text.rstrip().removesuffix("}").rstrip()
    comma = "" if body.endswith("{") else ","
    return f'{body}{comma}"replay-name":"{replay_name}"}}'


def warnings(rules: Iterable[PlannedRule]) -> Iterator[str]:
    """What else could be hit, and what would be lost, in words."""
    for one in rules:
        if one.state == "DISABLED" or one.guards_replay or one.managed_by or one.would_fire == 0:
            continue
        yield f'rule "{one.rule}" does not guard against replays: its targets get the events again'
        if one.targets_without_dlq:
            yield (
                f'rule "{one.rule}": {one.targets_without_dlq} of {len(one.targets)} targets have'
                " no DLQ: what they cannot take is lost"
            )
        for target in one.targets:
            if ":event-bus/" in target.arn:
                yield f'rule "{one.rule}" sends on to {target.arn}: the rules there fire too'


def plan(
    archive: Archive,
    window: Window,
    rules: tuple[tuple[PlannedRule, ...], int | None],
    notes: Iterable[str],
) -> ReplayPlan:
    """The plan of a replay with everything that the operator should know of it."""
    planned, events = rules
    return ReplayPlan(
        dry_run=True,
        archive=archive.name,
        bus=archive.bus,
        rules=planned,
        event_start_time=rfc3339(window.start),
        event_end_time=rfc3339(window.end),
        sample_events=events,
        warnings=(*notes, *warnings(planned)),
    )


def _guards(pattern: Pattern, replay_name: str) -> bool:
    """Whether no alternative of the pattern can match an event with this replay's name."""
    name = Value(replay_name, is_string=True)
    return all(
        any(
            path == "replay-name" and not any(one.holds(name) for one in conditions)
            for path, conditions in rule.fields
        )
        for rule in pattern.sub_rules
    )
