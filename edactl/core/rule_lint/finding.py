"""What lint finds, and the codes by which it is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Severity: TypeAlias = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


@dataclass(frozen=True)
class Finding:
    """One thing about one rule that its author should know.

    `severity` is error for what AWS refuses or what can never do its work, warning for what is
    most likely not meant, info for what is worth knowing. `path` is the place in the pattern, as
    `detail.amount[1]`, or the target, as `target 1`; empty for the whole rule. `line` counts from
    1, in `source`; null where that is no file.
    """

    rule: str
    code: str
    severity: Severity
    path: str
    message: str
    hint: str | None
    source: str
    line: int | None


CODES: dict[str, str] = {
    "pattern-refused": "AWS refuses the pattern",
    "too-many-combinations": "$or makes more alternatives than AWS takes",
    "pattern-too-long": "the pattern is longer than AWS takes",
    "wildcards-too-complex": "the wildcards are too complex together",
    "too-many-wildcard-rules": "a bus has more rules with wildcards than AWS takes",
    "never-matches": "a condition can never be met",
    "always-matches": "a list of conditions is met by every value",
    "leaf-and-object": "a field is asked to be a value and an object at once",
    "exists-on-object": "exists looks at values only, and the field is an object",
    "exists-false-in-array": "exists: false below an array is judged element by element",
    "key-overwritten": "a key comes twice, and only the last one counts",
    "or-overwrites": "a field inside and outside of $or is replaced, not combined",
    "or-is-a-field": "$or is read as the name of a field",
    "duplicate-value": "a value comes twice in a list",
    "value-covered": "a value is covered by a wider one of its list",
    "number-as-string": "a number is written as a string",
    "literal-as-string": "true, false or null is written as a string",
    "number-not-comparable": "a number is compared by its spelling only",
    "number-out-of-range": "a number is beyond what AWS documents",
    "address-string": "a string is compared as an IP address",
    "address-meets-numbers": "an address also matches numbers",
    "ignore-case-misses-itself": "equals-ignore-case does not match its own text",
    "ignore-case-after-wildcard": "equals-ignore-case after a wildcard matches too much",
    "exact-string-lost": "an exact string before a numeric range is lost at random",
    "wildcard-without-star": "a wildcard has no star",
    "matches-any-string": "an empty text or a lone star matches every string",
    "dotted-key": "a key with a dot is a path",
    "empty-step": "an empty key is dropped or never entered",
    "unknown-field": "EventBridge's envelope has no such field",
    "aws-source-on-custom-bus": "events of AWS services come on the default bus only",
    "no-source": "the rule does not ask for a source",
    "catch-all": "the rule takes every event",
    "replay-not-guarded": "the rule fires on replayed events too",
    "same-pattern": "two rules have the same pattern",
    "self-trigger": "the rule's target sends the event to the rule's own bus",
    "disabled-rule": "the rule is disabled",
    "no-targets": "the rule has no target",
    "too-many-targets": "a rule has more targets than AWS takes",
    "no-dlq": "a target has no DLQ",
    "dlq-unusable": "a target's DLQ cannot take letters",
    "no-retry-policy": "a target has AWS's retry policy",
    "retry-out-of-range": "a retry policy is outside of what AWS takes",
    "target-input-conflict": "a target has several inputs",
    "path-not-in-samples": "no sample has the field",
    "type-not-in-samples": "no sample has a value of that type there",
    "anything-but-takes-nothing": "anything-but excludes every value of the samples",
}
