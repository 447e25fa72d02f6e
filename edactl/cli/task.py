"""`edactl task`: the verbs on tasks of ECS."""

from __future__ import annotations

from edactl.cli.root import Entry, noun

app = noun(
    "Run one-off Fargate tasks to their true end; list, show, explain and stop tasks.",
    {
        "run": Entry(
            "task_run:run",
            "Run one task to its end: its lines on stderr, result on stdout, its exit code.",
        ),
        "map": Entry(
            "task_map:map_",
            "Run one task an item: so many at once, at a pace, each to its end, and count them.",
        ),
        "list": Entry(
            "task_read:list_", "List the tasks of a cluster; those that ended are kept for an hour."
        ),
        "show": Entry(
            "task_read:show", "Show one task: status, containers, times, network interface."
        ),
        "logs": Entry(
            "task_logs:logs", "Show the log lines of a task's containers, from CloudWatch Logs."
        ),
        "stop": Entry(
            "task_read:stop",
            "Stop a task: SIGTERM, then SIGKILL after its containers' stopTimeout (30 s).",
        ),
        "explain": Entry(
            "task_read:explain",
            "Say how a task ended and why, where its time went, and what it cost.",
        ),
    },
)
