"""`edactl dlq`: the verbs on dead-letter queues."""

from __future__ import annotations

from edactl.cli.root import Entry, noun

app = noun(
    "List DLQs, and say why their letters are there.",
    {
        "list": Entry(
            "dlq_list:list_",
            "List DLQs: letters, when the first one expires, and what sends its failures there.",
        ),
        "inspect": Entry(
            "dlq_inspect:inspect",
            "Say why the letters of a DLQ are there, and what mends it: one record a cause.",
        ),
    },
)
