"""Checks of a rule's targets: where undelivered events go, retries, loops.

Source: EventBridge user guide, "Event retry policy and using dead-letter queues"; API reference,
RetryPolicy and Target.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edactl.core.bus import Target
    from edactl.core.rule_files import NamedRule
    from edactl.core.rule_lint.finding import Finding
    from edactl.core.rule_lint.subject import Subject

MAX_TARGETS = 5
_ATTEMPTS, _AGE_SECONDS = (0, 185), (60, 86_400)
_ARN_PARTS = 6


def rule_itself(subject: Subject) -> Iterator[Finding]:
    """A rule that is disabled, or has no or too many targets."""
    disabled = subject.rule.state.startswith("DISABLED")
    if disabled:
        yield subject.finding(
            "disabled-rule",
            "info",
            "it is disabled: nothing happens",
            hint=_enabling(subject.rule),
        )
    count = len(subject.rule.targets)
    if subject.linted.live and not count and not disabled:
        yield subject.finding(
            "no-targets",
            "warning",
            "it has no target: its events go nowhere",
            hint="aws events put-targets, or delete the rule",
        )
    if count > MAX_TARGETS:
        yield subject.finding(
            "too-many-targets",
            "error",
            f"it has {count} targets; AWS takes {MAX_TARGETS} a rule",
            hint="a second rule with the same pattern, or an SNS topic",
        )


def _enabling(rule: NamedRule) -> str:
    if not rule.arn:
        return "State: ENABLED where it is written"
    bus = f" --event-bus-name {rule.bus}" if rule.bus else ""
    return f"aws events enable-rule --name {rule.name}{bus}"


def dead_letters(subject: Subject) -> Iterator[Finding]:
    """Targets without a DLQ, or with one that cannot take their letters."""
    for target in subject.rule.targets:
        where = f"target {target.target_id}"
        if not target.dead_letter_arn:
            yield subject.finding(
                "no-dlq",
                "warning",
                f"what {target.arn} does not take is dropped: there is no DLQ",
                path=where,
                hint="DeadLetterConfig: a standard queue in this region whose policy lets"
                " events.amazonaws.com send",
            )
        elif reason := _unusable(target.dead_letter_arn, subject.rule.arn):
            yield subject.finding(
                "dlq-unusable",
                "error",
                f"{target.dead_letter_arn} cannot take its letters: {reason}",
                path=where,
                hint="a standard SQS queue in the rule's region",
            )


def _unusable(dlq: str, rule: str) -> str:
    """Why a queue is no DLQ of a rule; empty when it is one, or is no ARN that can be read."""
    parts, own = dlq.split(":"), rule.split(":")
    if len(parts) < _ARN_PARTS or "${" in dlq:
        return ""
    if parts[2] != "sqs":
        return "it is no SQS queue"
    if dlq.endswith(".fifo"):
        return "it is a FIFO queue"
    if len(own) >= _ARN_PARTS and own[3] != parts[3]:
        return f"it is in {parts[3]}, and the rule in {own[3]}"
    return ""


def retries(subject: Subject) -> Iterator[Finding]:
    """Retry policies that are missing, or outside of what AWS takes."""
    for target in subject.rule.targets:
        where = f"target {target.target_id}"
        attempts, age = target.max_attempts, target.max_event_age_seconds
        if attempts is None and age is None:
            yield subject.finding(
                "no-retry-policy",
                "info",
                "it has no retry policy: AWS tries for 24 hours, 185 times",
                path=where,
                hint="MaximumEventAgeInSeconds, where an old event does harm",
            )
        for value, (least, most), name in (
            (attempts, _ATTEMPTS, "MaximumRetryAttempts"),
            (age, _AGE_SECONDS, "MaximumEventAgeInSeconds"),
        ):
            if isinstance(value, int) and not least <= value <= most:
                yield subject.finding(
                    "retry-out-of-range",
                    "error",
                    f"{name} {value} is refused: AWS takes {least} to {most}",
                    path=where,
                )


def inputs(subject: Subject) -> Iterator[Finding]:
    """Targets with more than one of Input, InputPath and InputTransformer."""
    for target in subject.rule.targets:
        given = [target.input, target.input_path, target.input_transformer]
        if sum(one is not None for one in given) > 1:
            yield subject.finding(
                "target-input-conflict",
                "error",
                "AWS takes one of Input, InputPath and InputTransformer",
                path=f"target {target.target_id}",
            )


def loops(subject: Subject) -> Iterator[Finding]:
    """A target that is the rule's own bus and gets the whole event, which matches again.

    What a transformer makes of the event is not judged, nor are loops over several rules or through
    a service whose own events match.
    """
    for target in subject.rule.targets:
        if _is_own_bus(target.arn, subject) and _gets_whole_event(target):
            yield subject.finding(
                "self-trigger",
                "error",
                "it sends each event to its own bus, where the event matches again: a loop",
                path=f"target {target.target_id}",
                hint="another bus; or a pattern that what comes back does not match",
            )


def _gets_whole_event(target: Target) -> bool:
    return (target.input, target.input_path, target.input_transformer) == (None, None, None)


def _is_own_bus(target: str, subject: Subject) -> bool:
    parts = target.split(":", _ARN_PARTS - 1)
    if len(parts) < _ARN_PARTS or parts[2] != "events":
        return False
    own = subject.rule.arn.split(":", _ARN_PARTS - 1)
    if len(own) == _ARN_PARTS:
        steps = own[-1].split("/")
        name = steps[1] if len(steps) > 2 else "default"  # noqa: PLR2004 -- rule/BUS/NAME
        return parts[3:5] == own[3:5] and parts[-1] == f"event-bus/{name}"
    return parts[-1] == f"event-bus/{subject.rule.bus}"


CHECKS = (rule_itself, dead_letters, retries, inputs, loops)
