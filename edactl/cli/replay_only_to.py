"""`replay archive --only-to`: a rule for one replay, which sends to one queue and then goes."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from edactl.aws.event_targets import RulesByTarget
from edactl.aws.sqs import SqsQueues
from edactl.core.arn import parse_queue
from edactl.core.feed import RuleDelivery, RuleFeed, TargetInput
from edactl.core.queue_policy import senders
from edactl.errors import EdactlError, UsageError
from edactl.ops.tap import LIFETIME, Label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edactl.aws.session import AwsSession
    from edactl.cli.context import CommandContext
    from edactl.cli.replay_archive_run import Checked

_SERVICE = "events.amazonaws.com"


@contextmanager
def temporary_rule(
    context: CommandContext, session: AwsSession, queue: str, checked: Checked
) -> Iterator[str]:
    """The ARN of a rule that takes this replay's events alone; it goes away in the end.

    A kill leaves it tagged with an expiry, and `bus sweep` removes it. Raises UsageError, with the
    statement that is missing, where the queue lets no rule send to it.
    """
    queues, rules = SqsQueues(session), RulesByTarget(session)
    found = queues.find(parse_queue(queue))
    bus = checked.archive.bus
    label = Label(os.urandom(4).hex(), datetime.now(UTC) + LIFETIME)
    name = f"{label.name}-0"
    path = f"rule/{name}" if bus == "default" else f"rule/{bus}/{name}"
    arn = f"{checked.archive.bus_arn.rsplit(':', 1)[0]}:{path}"
    if not _lets_rules_send(queues.attributes(found).policy):
        raise UsageError(
            f"queue {found.name} lets no rule send to it, so the replay would be lost",
            hint=f"add to its policy: {_statement(found.arn, arn)}",
        )
    pattern = json.dumps({"replay-name": [checked.name]})
    rule = RuleDelivery(RuleFeed(bus, name), arn, pattern, enabled=True, inputs=(TargetInput(),))
    try:
        rules.put_copy(name, rule, found.arn, label.tags)
        yield arn
    finally:
        try:
            rules.remove_copy(name, rule)
        except EdactlError as error:
            context.messages.warn(
                f"rule {name} of bus {bus} is left behind: {error.message}; edactl bus sweep"
                " removes it once it has expired"
            )


def _lets_rules_send(policy: str | None) -> bool:
    """Whether some statement allows EventBridge, under whatever conditions."""
    return any(
        grant.effect == "Allow" and {_SERVICE, "*"}.intersection(grant.principals)
        for grant in senders(policy)
    )


def _statement(queue_arn: str, rule_arn: str) -> str:
    """What is missing, for any rule of the bus: the temporary one has a new name each time."""
    pattern = f"{rule_arn.rpartition('/')[0]}/*"
    return json.dumps(
        {
            "Effect": "Allow",
            "Principal": {"Service": _SERVICE},
            "Action": "sqs:SendMessage",
            "Resource": queue_arn,
            "Condition": {"ArnLike": {"aws:SourceArn": pattern}},
        }
    )
