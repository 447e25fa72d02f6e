"""`edactl dlq`: the verbs on dead-letter queues."""

from __future__ import annotations

from edactl.cli.root import Entry, noun

app = noun(
    "List DLQs, say why their letters are there, and send them back.",
    {
        "list": Entry(
            "dlq_list:list_",
            "List DLQs: letters, when the first one expires, and what sends its failures there.",
        ),
        "inspect": Entry(
            "dlq_inspect:inspect",
            "Say why the letters of a DLQ are there, and what mends it: one record a cause.",
        ),
        "redrive": Entry(
            "dlq_redrive:redrive",
            "Send dead letters back to where each came from, or elsewhere, and never lose one.",
        ),
        "status": Entry(
            "dlq_tasks:status", "List the move tasks of a DLQ, the newest first: how far each came."
        ),
        "cancel": Entry("dlq_tasks:cancel", "Cancel the move task that runs on a DLQ."),
        "restore": Entry(
            "dlq_restore:restore",
            "Send the letters of a journal again, when they are gone: it holds each in full.",
        ),
        "runs": Entry(
            "dlq_runs:runs",
            "List the runs that have a journal here, the newest first. Calls nothing.",
        ),
        "export": Entry(
            "dlq_export:export",
            "Write letters as NDJSON, lossless: one full message record a line, binary as base64.",
        ),
        "import": Entry(
            "dlq_import:import_",
            "Send exported letters to a queue: bodies, attributes of every type, groups, trace"
            " headers.",
        ),
        "drop": Entry(
            "dlq_drop:drop",
            "Delete chosen letters of a DLQ; a journal keeps each in full, and can bring it back.",
        ),
    },
)
