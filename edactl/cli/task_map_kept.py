"""`--failed-to` of a task map: items that did not succeed, each with its reason.

In a file, the records that `-o ndjson` prints: another `task map --each` takes them. In a queue,
the item is the body and the reason is in attributes: `dlq redrive` moves it, `dlq export` gives it
to another `task map`.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from edactl.cli.send_options import check_failed_to
from edactl.core.arn import is_arn, parse_queue
from edactl.core.json_text import json_text
from edactl.core.message import MessageAttribute, NotSent, Outgoing
from edactl.core.readable import harmless
from edactl.errors import EdactlError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edactl.aws.session import AwsSession
    from edactl.core.queue import Queue
    from edactl.core.task_map_record import ItemRecord
    from edactl.ops.queue_send import Sender

_QUEUE_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}(\.fifo)?")
_MESSAGES_A_CALL = 10
_MOST_WORDS = 1000


@dataclass
class Nowhere:
    """Without --failed-to: the result lists what failed."""

    def keep(self, records: Sequence[ItemRecord]) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


@dataclass
class FailedItemsFile:
    """Appends records to a private file, made when there is one to keep."""

    name: str
    warn: Callable[[str], None]
    going_on: bool = False
    _descriptor: int | None = None
    _lost: bool = False

    def keep(self, records: Sequence[ItemRecord]) -> None:
        """Write these; when that is no longer possible, it is said once."""
        if self._lost:
            return
        text = "".join(json_text(one.as_json()) + "\n" for one in records)
        try:
            if self._descriptor is None:
                kind = os.O_APPEND if self.going_on else os.O_TRUNC
                flags = os.O_WRONLY | os.O_CREAT | kind
                self._descriptor = os.open(self.name, flags, 0o600)
            left = memoryview(text.encode())
            while left:
                left = left[os.write(self._descriptor, left) :]
        except OSError as error:
            self._lost = True
            self.warn(f"--failed-to {self.name} is not complete: {error.strerror}")

    def close(self) -> None:
        """Close it."""
        if self._descriptor is not None:
            os.close(self._descriptor)


@dataclass
class FailedItemsQueue:
    """Sends items to a queue, ten a call."""

    sender: Sender
    queue: Queue
    run_id: str
    warn: Callable[[str], None]

    def keep(self, records: Sequence[ItemRecord]) -> None:
        """Send these; what SQS does not take is said."""
        for start in range(0, len(records), _MESSAGES_A_CALL):
            batch = records[start : start + _MESSAGES_A_CALL]
            try:
                outcomes = self.sender.send(self.queue, [self._message(one) for one in batch])
            except EdactlError as error:
                outcomes = [NotSent("", error.message) for _ in batch]
            for record, outcome in zip(batch, outcomes, strict=True):
                if isinstance(outcome, NotSent):
                    self.warn(
                        f"item {record.index} (line {record.line}) is not kept in queue"
                        f" {self.queue.name}: {outcome.error_message}"
                    )

    def _message(self, record: ItemRecord) -> Outgoing:
        result = record.result
        words = {
            "edactl-outcome": result.outcome,
            "edactl-explanation": harmless(result.explanation)[:_MOST_WORDS],
            "edactl-task-arn": result.task_arn,
            "edactl-run": self.run_id,
        }
        attributes = {
            name: MessageAttribute("String", text) for name, text in words.items() if text
        }
        attributes["edactl-index"] = MessageAttribute("Number", str(record.index))
        if result.exit_code is not None:
            attributes["edactl-exit-code"] = MessageAttribute("Number", str(result.exit_code))
        fifo = self.queue.is_fifo
        return Outgoing(
            json_text(record.item),
            attributes,
            group_id=self.run_id if fifo else None,
            deduplication_id=f"{self.run_id}-{record.index}" if fifo else None,
        )

    def close(self) -> None:
        """Nothing is left to send."""


Kept = Nowhere | FailedItemsFile | FailedItemsQueue


def names_a_queue(name: str) -> bool:
    """Whether --failed-to means a queue: its ARN, its URL, or a bare name without a dot."""
    if is_arn(name) or name.startswith(("https://", "http://")):
        return True
    return _QUEUE_NAME.fullmatch(name) is not None and not Path(name).exists()


def check_kept(name: str, items: str) -> None:
    """Nothing when what failed can be kept there. Raises InputError; queues are not looked up."""
    if name and not names_a_queue(name):
        check_failed_to(name, [items])


def kept_in(
    name: str, run_id: str, session: AwsSession, warn: Callable[[str], None], *, going_on: bool
) -> Kept:
    """Where to keep what fails. Raises NotFound for a queue that does not exist."""
    if not name:
        return Nowhere()
    if not names_a_queue(name):
        return FailedItemsFile(name, warn, going_on)
    from edactl.aws.sqs import SqsQueues

    queues = SqsQueues(session)
    return FailedItemsQueue(queues, queues.find(parse_queue(name)), run_id, warn)
