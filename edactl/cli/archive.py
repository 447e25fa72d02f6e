"""`edactl archive`: the verbs on archives."""

from __future__ import annotations

from edactl.cli.root import Entry, noun

app = noun(
    "List, show, create, delete and export the archives of buses.",
    {
        "list": Entry("archive_verbs:list_", "List archives with what they hold."),
        "show": Entry("archive_verbs:show", "Show one archive: bus, pattern, retention, counts."),
        "create": Entry("archive_verbs:create", "Archive the events of a bus from now on."),
        "delete": Entry("archive_verbs:delete", "Delete an archive and every event in it."),
        "export": Entry("archive_export:export", "Write an archive's events into a file."),
    },
)
