"""`edactl sandbox`: the verbs on the embedded local AWS."""

from __future__ import annotations

from edactl.cli.root import Entry, noun

app = noun(
    "Run the embedded local AWS.",
    {
        "up": Entry("sandbox_verbs:up", "Start the sandbox; fine when it already runs."),
        "down": Entry(
            "sandbox_verbs:down", "Stop the sandbox and drop what it holds; fine when none runs."
        ),
        "status": Entry(
            "sandbox_verbs:status",
            "Show whether the sandbox runs, and where; exit 1 when it does not.",
        ),
        "env": Entry(
            "sandbox_verbs:env", "Print shell exports that point AWS tools at the sandbox."
        ),
        "reset": Entry(
            "sandbox_verbs:reset", "Drop every resource that the sandbox holds; it goes on running."
        ),
    },
)
