"""`edactl queue`: the verbs on queues."""

from __future__ import annotations

from edactl.cli.root import Entry, noun

app = noun(
    "List, show, send to, peek into, tail, move and purge queues.",
    {
        "list": Entry(
            "queue_read:list_",
            "List queues: visible, in flight, delayed, oldest message, DLQ and sources.",
        ),
        "show": Entry(
            "queue_read:show",
            "Show one queue: its attributes explained, who may send, and what feeds it.",
        ),
        "send": Entry(
            "queue_send:send",
            "Send messages to a queue, from NDJSON or one --body; batches of 10, FIFO order kept.",
        ),
        "peek": Entry(
            "queue_peek:peek", "Look at messages under a lease and give every one back at once."
        ),
        "tail": Entry(
            "queue_tail:tail",
            "Follow what a queue gets; its consumers see no difference unless you say so.",
        ),
        "move": Entry(
            "queue_move:move", "Move messages from one queue to another, and never lose one."
        ),
        "purge": Entry(
            "queue_purge:purge", "Delete every message of a queue, those in flight too."
        ),
    },
)
