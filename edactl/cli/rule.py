"""`edactl rule`: the verbs on rules."""

from __future__ import annotations

from edactl.cli.root import Entry, noun

app = noun(
    "List rules; test, check and explain event patterns offline, with AWS's own verdict.",
    {
        "list": Entry("rule_read:list_", "List the rules of a bus with targets and last use."),
        "show": Entry("rule_read:show", "Show one rule: its pattern, targets, DLQs and retry."),
        "pull": Entry("rule_read:pull", "Print a bus's rules and targets as one snapshot."),
        "test": Entry("rule_testing:offline_test", "Test events against patterns, offline."),
        "check": Entry("rule_check:check", "Run test suites of patterns; for CI."),
        "explain": Entry("rule_explain:explain", "Say why an event matches a pattern or does not."),
        "lint": Entry(
            "rule_lint:lint_", "Find what AWS refuses in rules, and what it takes and nobody means."
        ),
        "infer": Entry(
            "rule_infer:infer_",
            "Propose the smallest pattern that matches some events and not others.",
        ),
        "diff": Entry(
            "rule_diff:diff", "Show which events change verdict between two versions of the rules."
        ),
        "coverage": Entry(
            "rule_coverage:coverage",
            "Show which rules never fire, and which events no rule takes.",
        ),
        "transform": Entry(
            "rule_transform:transform",
            "Show what each target of a rule would get of an event, offline.",
        ),
    },
)
