"""`edactl scale`: the verbs on the scaling of tasks by a queue."""

from __future__ import annotations

from edactl.cli.root import Entry, noun

app = noun(
    "Say how tasks should scale with a queue, proved by a simulation first.",
    {
        "advise": Entry(
            "scale_advise:advise_",
            "Say what target, minimum and maximum meet a latency, or that none does.",
        ),
        "apply": Entry(
            "scale_apply:apply_",
            "Put a scaling policy on a service, by the backlog of its queue; or take it back.",
        ),
        "explain": Entry(
            "scale_explain:explain_",
            "Say why a service did or did not scale, in one sentence and a timeline.",
        ),
        "simulate": Entry(
            "scale_simulate:simulate", "Replay arrivals against scaling policies, side by side."
        ),
        "watch": Entry(
            "scale_watch:watch", "Watch the backlog of a queue and the tasks of its service."
        ),
    },
)
