from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from edactl.core.bus import Bus, Rule
from edactl.core.feed import TopicFeed
from edactl.core.queue import Queue
from edactl.errors import AwsError, NotFound
from edactl.ops.sweep import Leftover, Sweeper
from tests.queue_fakes import a_queue

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
PAST, FUTURE = "2026-01-31T11:59:00Z", "2026-01-31T12:01:00Z"
FLIX = Bus("flix", "arn:aws:events:r:1:event-bus/flix")


def rule(name: str) -> Rule:
    return Rule(
        name=name,
        arn=f"arn:aws:events:r:1:rule/flix/{name}",
        bus="flix",
        state="ENABLED",
        pattern="{}",
        schedule=None,
        description=None,
        managed_by=None,
    )


@dataclass
class World:
    """Rules and queues with their expiry tags; `log` is what was removed."""

    rules: Mapping[str, str | None] = field(default_factory=dict)
    queues: Mapping[str, str | None] = field(default_factory=dict)
    subscriptions: tuple[str, ...] = ()
    broken: bool = False
    vanished: bool = False
    log: list[str] = field(default_factory=list)

    def sweeper(self) -> Sweeper:
        return Sweeper(Buses(), Rules(self), Queues(self), Topics(self))

    def gone(self, what: str) -> None:
        if self.vanished:
            raise NotFound("gone", code="ResourceNotFoundException")
        if self.broken:
            raise AwsError("broken", code="InternalError")
        self.log.append(what)


class Buses:
    def list_buses(self) -> list[Bus]:
        return [FLIX]


@dataclass
class Rules:
    world: World

    def rules_of(self, bus: str, prefix: str) -> list[Rule]:
        assert (bus, prefix) == ("flix", "edactl-tail-")
        return [rule(name) for name in self.world.rules]

    def tags(self, one: Rule) -> Mapping[str, str]:
        if self.world.vanished:
            raise NotFound("gone", code="ResourceNotFoundException")
        return tags(self.world.rules[one.name])

    def remove(self, one: Rule) -> None:
        self.world.gone(f"rule {one.name}")


@dataclass
class Queues:
    world: World

    def list(self, prefix: str) -> list[Queue]:
        assert prefix == "edactl-tail-"
        return [a_queue(name) for name in self.world.queues]

    def tags(self, queue: Queue) -> Mapping[str, str]:
        return tags(self.world.queues[queue.name])

    def delete(self, queue: Queue) -> None:
        self.world.gone(f"queue {queue.name}")


@dataclass
class Topics:
    world: World

    def feeding(self, queue_arn: str) -> list[TopicFeed]:
        return [TopicFeed("arn:topic", arn) for arn in self.world.subscriptions]

    def unsubscribe(self, subscription_arn: str) -> None:
        self.world.gone(f"subscription {subscription_arn}")


def tags(expires_at: str | None) -> Mapping[str, str]:
    return {"team": "x"} if expires_at is None else {"edactl:expires-at": expires_at}


def test_leftovers_are_what_carries_the_tag_rules_before_the_queues_they_feed() -> None:
    world = World(
        {"edactl-tail-a-0": PAST, "edactl-tail-of-somebody": None},
        {"edactl-tail-a": PAST, "edactl-tail-b": FUTURE, "edactl-tail-c": "soon", "other": None},
    )

    assert [one for one, _ in world.sweeper().find(NOW)] == [
        Leftover("rule", "edactl-tail-a-0", "flix", PAST, expired=True),
        Leftover("queue", "edactl-tail-a", None, PAST, expired=True),
        Leftover("queue", "edactl-tail-b", None, FUTURE, expired=False),
        Leftover("queue", "edactl-tail-c", None, "soon", expired=False),
    ]


def test_a_queue_goes_with_its_subscriptions() -> None:
    world = World(subscriptions=("s1", "s2"))

    assert world.sweeper().remove(a_queue("edactl-tail-a")) is None
    assert world.sweeper().remove(rule("edactl-tail-a-0")) is None
    assert world.log == [
        "subscription s1",
        "subscription s2",
        "queue edactl-tail-a",
        "rule edactl-tail-a-0",
    ]


def test_what_keeps_a_leftover_is_said() -> None:
    assert World(broken=True).sweeper().remove(rule("edactl-tail-a-0")) == "broken"


def test_what_its_own_tail_removes_meanwhile_is_no_failure() -> None:
    world = World({"edactl-tail-a-0": PAST}, {"edactl-tail-b": PAST}, vanished=True)

    assert [one.name for one, _ in world.sweeper().find(NOW)] == ["edactl-tail-b"]
    assert world.sweeper().remove(rule("edactl-tail-a-0")) is None
