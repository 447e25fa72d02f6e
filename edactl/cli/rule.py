"""`edactl rule`: the verbs on rules."""

from __future__ import annotations

from edactl.cli.root import Entry, noun

app = noun(
    "Test, check and explain event patterns offline, with AWS's own verdict.",
    {
        "test": Entry("rule_testing:offline_test", "Test events against patterns, offline."),
        "check": Entry("rule_check:check", "Run test suites of patterns; for CI."),
        "explain": Entry("rule_explain:explain", "Say why an event matches a pattern or does not."),
    },
)
