"""`edactl task`: the verbs on tasks of ECS."""

from __future__ import annotations

from edactl.cli.root import Entry, noun

app = noun(
    "Run one-off Fargate tasks to their true end.",
    {
        "run": Entry(
            "task_run:run",
            "Run one task to its end: its lines on stderr, result on stdout, its exit code.",
        ),
    },
)
