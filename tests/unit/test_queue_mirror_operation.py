from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from edactl.core.feed import (
    RuleDelivery,
    RuleFeed,
    SubscriptionSettings,
    TargetInput,
    TopicDelivery,
    TopicFeed,
)
from edactl.core.queue import Queue
from edactl.errors import AccessDenied, AwsError, NotFound, Terminated, UsageError
from edactl.ops.queue_mirror import find_feeds
from edactl.ops.tap import Feeds, KeptAlive, Label, Services, Tap, tapped
from tests.queue_fakes import ORDERS, a_queue

RULE_ARN = "arn:aws:events:r:1:rule/flix/au"
AU = RuleDelivery(
    RuleFeed("flix", "au"), RULE_ARN, '{"source":["com.flix"]}', True, (TargetInput(path="$.a"),)
)
SETTINGS = SubscriptionSettings(True, '{"k":["v"]}', None)
NEWS = TopicDelivery(TopicFeed("arn:aws:sns:r:1:news", "arn:sub"), SETTINGS)
BOTH = Feeds((AU,), (NEWS,), ())
LABEL = Label("ab12", datetime(2026, 2, 1, 8, tzinfo=UTC))
TAGS = {"edactl:expires-at": "2026-02-01T08:00:00Z"}
DENIED = AccessDenied("rules: access denied", code="AccessDenied", action="events:X")
BROKEN = AwsError("broken", code="InternalError")
GONE = NotFound("gone", code="QueueDoesNotExist")


@dataclass
class World:
    """Buses, topics and temporary queues; `log` is what was done, in order."""

    rules: tuple[RuleDelivery, ...] | AwsError = ()
    topics: tuple[TopicDelivery, ...] | AwsError = ()
    broken: set[str] = field(default_factory=set)
    log: list[str] = field(default_factory=list)
    attributes: Mapping[str, str] = field(default_factory=dict)
    error: AwsError = BROKEN

    def do(self, what: str) -> None:
        self.log.append(what)
        if what.split(":", maxsplit=1)[0] in self.broken:
            raise self.error

    def services(self) -> Services:
        return Services(WorldQueues(self), WorldRules(self), WorldTopics(self))


@dataclass
class WorldQueues:
    world: World

    def create(self, name: str, *, attributes: Mapping[str, str], tags: Mapping[str, str]) -> Queue:
        assert tags == TAGS
        self.world.attributes = attributes
        self.world.do(f"create:{name}")
        return a_queue(name)

    def tag(self, queue: Queue, tags: Mapping[str, str]) -> None:
        self.world.do(f"tag:{queue.name} {tags['edactl:expires-at']}")

    def delete(self, queue: Queue) -> None:
        self.world.do(f"delete:{queue.name}")


@dataclass
class WorldRules:
    world: World

    def feeding(self, queue_arn: str) -> list[RuleFeed]:
        assert queue_arn == ORDERS.arn
        if isinstance(self.world.rules, AwsError):
            raise self.world.rules
        return [one.feed for one in self.world.rules]

    def delivery(self, feed: RuleFeed, queue_arn: str) -> RuleDelivery:
        assert queue_arn == ORDERS.arn
        assert not isinstance(self.world.rules, AwsError)
        return next(one for one in self.world.rules if one.feed == feed)

    def put_copy(
        self, name: str, original: RuleDelivery, queue_arn: str, tags: Mapping[str, str]
    ) -> None:
        assert tags == TAGS
        self.world.do(f"copy:{original.feed.rule} as {name} to {queue_arn}")

    def tag_copy(self, rule_arn: str, tags: Mapping[str, str]) -> None:
        self.world.do(f"tag:{rule_arn} {tags['edactl:expires-at']}")

    def remove_copy(self, name: str, original: RuleDelivery) -> None:
        self.world.do(f"remove:{name} of {original.feed.bus}")


@dataclass
class WorldTopics:
    world: World

    def feeding(self, queue_arn: str) -> list[TopicFeed]:
        assert queue_arn == ORDERS.arn
        if isinstance(self.world.topics, AwsError):
            raise self.world.topics
        return [one.feed for one in self.world.topics]

    def settings(self, subscription_arn: str) -> SubscriptionSettings:
        assert subscription_arn == "arn:sub"
        return SETTINGS

    def subscribe_queue(
        self, topic_arn: str, queue_arn: str, settings: SubscriptionSettings
    ) -> str:
        assert settings == SETTINGS
        self.world.do(f"subscribe:{queue_arn} to {topic_arn}")
        return "arn:copy"

    def unsubscribe(self, subscription_arn: str) -> None:
        self.world.do(f"unsubscribe:{subscription_arn}")


def feeds_of(world: World) -> Feeds:
    return find_feeds(ORDERS, WorldRules(world), WorldTopics(world))


COPY_ARN = "arn:aws:sqs:r:1:edactl-tail-ab12"
SET_UP = [
    "create:edactl-tail-ab12",
    f"copy:au as edactl-tail-ab12-0 to {COPY_ARN}",
    f"subscribe:{COPY_ARN} to arn:aws:sns:r:1:news",
]
CLEAN_UP = ["unsubscribe:arn:copy", "remove:edactl-tail-ab12-0 of flix", "delete:edactl-tail-ab12"]


def test_the_feeds_of_a_queue_are_its_rules_and_topics_with_how_they_deliver() -> None:
    feeds = feeds_of(World((AU,), (NEWS,)))

    assert feeds == BOTH
    assert feeds.names == "rule au of bus flix, topic news"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"pattern": None}, "it runs on a schedule"),
        ({"enabled": False}, "it is disabled"),
        ({"inputs": ()}, "its target has gone"),
    ],
)
def test_a_rule_that_cannot_be_mirrored_is_named_with_the_reason(
    change: dict[str, object], why: str
) -> None:
    feeds = feeds_of(World((replace(AU, **change),), (NEWS,)))  # type: ignore[arg-type] # fields by name

    assert feeds == Feeds((), (NEWS,), (f"rule au is not mirrored: {why}",))


def test_a_queue_without_feeds_gets_the_choice_explained() -> None:
    with pytest.raises(UsageError) as caught:
        feeds_of(World())

    assert "changes what its consumers see" in caught.value.message
    assert caught.value.hint is not None
    assert "--lease" in caught.value.hint
    assert "--consume" in caught.value.hint


def test_a_denied_look_up_is_a_note_where_another_feed_is_known_and_an_error_where_none_is() -> (
    None
):
    assert feeds_of(World(DENIED, (NEWS,))) == Feeds(
        (), (NEWS,), ("not mirrored: rules: access denied",)
    )
    with pytest.raises(AccessDenied):
        feeds_of(World(DENIED, ()))


def test_a_mirror_is_made_and_removed_in_the_opposite_order() -> None:
    world, leftovers = World(), list[str]()

    with tapped(BOTH, LABEL, world.services(), on_leftover=leftovers.append) as tap:
        assert tap.queue.name == "edactl-tail-ab12"
        assert world.log == SET_UP

    assert world.log == SET_UP + CLEAN_UP
    assert leftovers == []


def test_the_temporary_queue_is_encrypted_short_lived_and_open_to_its_feeds_alone() -> None:
    world = World()

    with tapped(BOTH, LABEL, world.services(), on_leftover=print):
        pass

    assert world.attributes["SqsManagedSseEnabled"] == "true"
    assert world.attributes["MessageRetentionPeriod"] == "86400"
    statements = json.loads(world.attributes["Policy"])["Statement"]
    assert [
        (one["Principal"]["Service"], one["Condition"]["ArnEquals"]["aws:SourceArn"])
        for one in statements
    ] == [
        ("events.amazonaws.com", ["arn:aws:events:r:1:rule/flix/edactl-tail-ab12-0"]),
        ("sns.amazonaws.com", ["arn:aws:sns:r:1:news"]),
    ]


def test_a_mirror_of_topics_alone_lets_no_rule_send() -> None:
    world = World()

    with tapped(Feeds((), (NEWS,), ()), LABEL, world.services(), on_leftover=print):
        pass

    assert "events.amazonaws.com" not in world.attributes["Policy"]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), Terminated(), BrokenPipeError(), BROKEN])
def test_whatever_ends_the_tail_the_mirror_is_removed(error: BaseException) -> None:
    world = World()

    with (
        pytest.raises(type(error)),
        tapped(BOTH, LABEL, world.services(), on_leftover=print),
    ):
        raise error

    assert world.log == SET_UP + CLEAN_UP


@pytest.mark.parametrize(
    ("broken", "removed"),
    [("create", []), ("copy", CLEAN_UP[1:]), ("subscribe", CLEAN_UP[1:])],
)
def test_a_mirror_that_cannot_be_finished_leaves_nothing(broken: str, removed: list[str]) -> None:
    world = World(broken={broken})

    with (
        pytest.raises(AwsError, match="broken"),
        tapped(BOTH, LABEL, world.services(), on_leftover=print),
    ):
        pytest.fail("nothing to tail")

    assert [one for one in world.log if one in CLEAN_UP] == removed


def test_what_cannot_be_removed_is_named_and_the_rest_is_removed() -> None:
    world, leftovers = World(broken={"unsubscribe", "remove"}), list[str]()

    with tapped(BOTH, LABEL, world.services(), on_leftover=leftovers.append):
        pass

    assert world.log[-3:] == CLEAN_UP
    assert leftovers == [
        "subscription arn:copy is left behind: broken",
        "rule edactl-tail-ab12-0 of bus flix is left behind: broken",
    ]


def test_what_somebody_else_removed_is_not_left_behind() -> None:
    world, leftovers = World(broken={"delete"}, error=GONE), list[str]()

    with tapped(BOTH, LABEL, world.services(), on_leftover=leftovers.append):
        pass

    assert world.log == SET_UP + CLEAN_UP
    assert leftovers == []


class Calendar:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 31, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def kept(world: World, calendar: Calendar, told: list[str]) -> KeptAlive:
    tap = Tap(a_queue("edactl-tail-ab12"), (RULE_ARN,), world.services())
    return KeptAlive(tap, calendar, told.append)


def test_a_tap_in_use_puts_its_expiry_off_every_eight_hours() -> None:
    world, calendar, told = World(), Calendar(), list[str]()
    keep = kept(world, calendar, told)

    for _ in range(17):
        keep()
        calendar.now += timedelta(hours=1)

    assert world.log == [
        "tag:edactl-tail-ab12 2026-02-01T16:00:00Z",
        f"tag:{RULE_ARN} 2026-02-01T16:00:00Z",
        "tag:edactl-tail-ab12 2026-02-02T00:00:00Z",
        f"tag:{RULE_ARN} 2026-02-02T00:00:00Z",
    ]
    assert told == []


def test_an_expiry_that_cannot_be_put_off_is_told_and_tried_again() -> None:
    world, calendar, told = World(broken={"tag"}), Calendar(), list[str]()
    keep = kept(world, calendar, told)

    for _ in range(2):
        calendar.now += timedelta(hours=8)
        keep()

    assert told == ["edactl-tail-ab12 keeps its old expiry: broken"] * 2
