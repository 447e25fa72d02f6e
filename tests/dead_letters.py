"""Messages as the case file of dead letters has them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from edactl.core.message import Message, MessageAttribute

CASES = json.loads((Path(__file__).parent / "cases" / "dead_letters.json").read_text("utf-8"))
LETTERS: list[dict[str, Any]] = CASES["letters"]


def message_of(given: dict[str, Any], **more: Any) -> Message:
    """A message with this body, these attributes, and nothing else unless it is told."""
    facts: dict[str, Any] = {
        "message_id": "m-1",
        "body": given["body"],
        "attributes": {},
        "message_attributes": {
            name: MessageAttribute(**value)
            for name, value in given.get("message_attributes", {}).items()
        },
        "group_id": None,
        "deduplication_id": None,
        "sent_at": None,
        "first_received_at": None,
        "receive_count": 1,
        "source_queue_arn": given.get("source_queue_arn"),
        "trace_header": None,
    }
    return Message(**facts | more)
