"""Whether anybody still reads stdout: a tail that waits writes nothing, so it has to ask."""

from __future__ import annotations

import select
from typing import TextIO


def reader_is_gone(stream: TextIO) -> bool:
    """Whether the other end of this pipe was closed; False for files, terminals and captures."""
    try:
        poll = select.poll()
        poll.register(stream.fileno(), 0)  # asks for errors and hang-ups alone
    except (OSError, ValueError):  # no descriptor behind it
        return False
    return any(events & (select.POLLERR | select.POLLHUP) for _, events in poll.poll(0))
