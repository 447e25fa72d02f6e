"""The child of completion: asks AWS for names and writes them into the cache. Says nothing."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from edactl.cli.completion_names import write_names
from edactl.cli.context import CommandContext
from edactl.cli.options import GlobalOptions
from edactl.out.terminal import Terminal

if TYPE_CHECKING:
    from edactl.aws.session import AwsSession


def refresh(kind: str, options: list[str]) -> None:
    """Fill the cache of one kind; with nothing, when the names cannot be had."""
    names: list[str] = []
    with suppress(Exception):
        names = _ask(kind, _session(options))
    with suppress(OSError):
        write_names(kind, options, names)


def _session(options: list[str]) -> AwsSession:
    values: dict[str, object] = {}
    words = iter(options)
    for word in words:
        name = word.removeprefix("--").replace("-", "_")
        values[name] = True if name == "sandbox" else next(words)
    return CommandContext(GlobalOptions(values), Terminal.of_process()).session()


def _ask(kind: str, session: AwsSession) -> list[str]:
    from edactl.aws.events import EventBuses
    from edactl.aws.rules import BusRules
    from edactl.aws.sqs import SqsQueues

    match kind:
        case "bus":
            return [bus.name for bus in EventBuses(session).list_buses()]
        case "queue":
            return list(SqsQueues(session).names())
        case "rule":
            rules = BusRules(session)
            buses = EventBuses(session).list_buses()
            return [rule.name for bus in buses for rule in rules.rules_of(bus.name)]
        case "topic":
            topics = session.pages("sns", "list_topics", items="Topics", resource="topics")
            return [topic["TopicArn"].rsplit(":", 1)[-1] for topic in topics]
    return []
