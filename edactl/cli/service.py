"""`edactl service`: the verbs on services of ECS."""

from __future__ import annotations

from edactl.cli.root import Entry, noun

app = noun(
    "List and show services of ECS.",
    {
        "list": Entry(
            "service_read:list_",
            "List the services of a cluster: tasks wanted, running, pending; how they scale.",
        ),
        "show": Entry(
            "service_read:show",
            "Show one service: its tasks, deployments, last events, and how it scales.",
        ),
    },
)
