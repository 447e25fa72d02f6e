"""`edactl replay`: the verbs that send events again."""

from __future__ import annotations

from edactl.cli.root import Entry, noun

app = noun(
    "Send events again: from an archive, or from a file at their old pace.",
    {
        "archive": Entry("replay_archive:archive", "Replay a window of an archive on its bus."),
        "file": Entry("replay_file:file", "Put captured events on a bus again."),
        "list": Entry("replay_verbs:list_", "List the replays of the past 90 days."),
        "show": Entry("replay_verbs:show", "Show one replay and how far it is."),
        "cancel": Entry("replay_verbs:cancel", "Ask AWS to cancel a replay."),
    },
)
