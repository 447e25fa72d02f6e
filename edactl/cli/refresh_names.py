"""The child of completion: asks AWS for names and writes them into the cache. Says nothing."""

from __future__ import annotations

from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING

from edactl.cli.completion_names import write_names
from edactl.cli.context import CommandContext
from edactl.cli.options import GlobalOptions
from edactl.out.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edactl.aws.session import AwsSession

_ENOUGH = 2000


def refresh(kind: str, options: list[str]) -> None:
    """Fill the cache of one kind; with nothing, when the names cannot be had."""
    names: list[str] = []
    with suppress(Exception):
        values = _values(options)
        cluster = str(values.pop("cluster", ""))
        names = _ask(kind, cluster, _session(values))
    with suppress(OSError):
        write_names(kind, options, names)


def _values(options: list[str]) -> dict[str, object]:
    values: dict[str, object] = {}
    words = iter(options)
    for word in words:
        name = word.removeprefix("--").replace("-", "_")
        values[name] = True if name == "sandbox" else next(words)
    return values


def _session(values: dict[str, object]) -> AwsSession:
    return CommandContext(GlobalOptions(values), Terminal.of_process()).session()


def _ask(kind: str, cluster: str, session: AwsSession) -> list[str]:
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
    return list(islice(_of_ecs(kind, cluster, session), _ENOUGH))


def _of_ecs(kind: str, cluster: str, session: AwsSession) -> Iterator[str]:
    """Names in the cluster that is named; else bare ones of the default, and `JOBS/NAME`."""
    from edactl.aws.ecs_inventory import EcsInventory

    ecs = EcsInventory(session)
    match kind:
        case "cluster":
            yield from ecs.clusters()
        case "family":
            yield from ecs.families()
        case "service" | "task" | "cluster-service":
            members = ecs.tasks if kind == "task" else ecs.services
            for place in [cluster] if cluster else ecs.clusters():
                bare = cluster or (place == "default" and kind != "cluster-service")
                for name in members(place):
                    yield name if bare else f"{place}/{name}"
