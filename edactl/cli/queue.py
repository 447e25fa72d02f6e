"""`edactl queue`: the verbs on queues."""

from __future__ import annotations

from edactl.cli.queue_peek import peek
from edactl.cli.queue_send import send
from edactl.cli.root import noun, verb

app = noun("List, show, send to, peek into, tail and purge queues.")

verb(app, "send")(send)
verb(app, "peek")(peek)
