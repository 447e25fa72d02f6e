"""`edactl queue`: the verbs on queues."""

from __future__ import annotations

from edactl.cli.queue_peek import peek
from edactl.cli.queue_purge import purge
from edactl.cli.queue_read import list_, show
from edactl.cli.queue_send import send
from edactl.cli.queue_tail import tail
from edactl.cli.root import noun, verb

app = noun("List, show, send to, peek into, tail and purge queues.")

verb(app, "list")(list_)
verb(app, "show")(show)
verb(app, "send")(send)
verb(app, "peek")(peek)
verb(app, "tail")(tail)
verb(app, "purge")(purge)
