"""`edactl bus`: the verbs on event buses."""

from __future__ import annotations

from edactl.cli.root import Entry, noun

app = noun(
    "List, show and tail event buses; sweep what tails left behind.",
    {
        "list": Entry("bus_read:list_buses", "List the event buses of the account and region."),
        "show": Entry(
            "bus_read:show", "Show a bus: its policy, and its rules with their targets and DLQs."
        ),
        "tail": Entry(
            "bus_tail:tail",
            "Follow the events of a bus through a temporary rule and queue, removed at the end.",
        ),
        "sweep": Entry(
            "bus_sweep:sweep",
            "Remove the temporary rules and queues that killed tails left behind.",
        ),
    },
)
