"""`edactl replay`: the verbs that send events again."""

from __future__ import annotations

from edactl.cli.root import Entry, noun

app = noun(
    "Send events again: from a file, at their old pace or another.",
    {
        "file": Entry("replay_file:file", "Put captured events on a bus again."),
    },
)
