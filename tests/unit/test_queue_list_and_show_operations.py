from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from edactl.core.feed import RuleFeed, TopicFeed
from edactl.errors import AccessDenied, AwsError, NotFound
from edactl.ops.queue_list import Listing, list_queues
from edactl.ops.queue_show import QueueDetails, Readers, show_queue
from tests.queue_fakes import FakeAges, FakeQueues, a_queue, attributes, redrive_to

NOW = datetime(2026, 1, 31, 8, tzinfo=UTC)
DENIED = AccessDenied("queue: access denied", code="AccessDenied", action="sqs:X")
UNKNOWN_ACTION = AwsError("no such action", code="InvalidAction")
GONE = NotFound("gone", code="QueueDoesNotExist")


def listing(queues: FakeQueues, ages: FakeAges | None = None, prefix: str = "") -> Listing:
    return list_queues(queues, ages or FakeAges(), prefix=prefix, now=NOW, workers=3)


def family() -> FakeQueues:
    return FakeQueues(
        {
            "orders": attributes(
                visible=1, in_flight=2, delayed=3, redrive_policy=redrive_to("orders-dlq", 5)
            ),
            "billing": attributes(redrive_policy=redrive_to("orders-dlq", 3)),
            "orders-dlq": attributes(visible=9),
        }
    )


def test_the_list_is_by_name_with_depths_dlq_sources_and_age() -> None:
    ages = FakeAges({"orders-dlq": 86_400.0})

    rows = listing(family(), ages).queues

    assert [row.name for row in rows] == ["billing", "orders", "orders-dlq"]
    orders, dlq = rows[1], rows[2]
    assert (orders.visible, orders.in_flight, orders.delayed) == (1, 2, 3)
    assert (orders.dlq, orders.max_receive_count, orders.sources) == ("orders-dlq", 5, ())
    assert (orders.arn, orders.url) == (a_queue("orders").arn, a_queue("orders").url)
    assert orders.oldest_age_seconds is None
    assert (dlq.dlq, dlq.max_receive_count, dlq.sources) == (None, None, ("billing", "orders"))
    assert dlq.oldest_age_seconds == 86_400.0
    assert [moment for _, moment in ages.asked] == [NOW]


def test_a_prefix_narrows_the_list_and_asks_sqs_for_the_sources() -> None:
    queues = family()

    rows = listing(queues, prefix="orders-").queues

    assert [(row.name, row.sources) for row in rows] == [("orders-dlq", ("billing", "orders"))]
    assert queues.asked_sources == ["orders-dlq"]


@pytest.mark.parametrize("error", [UNKNOWN_ACTION, DENIED])
def test_where_sqs_does_not_tell_sources_every_redrive_policy_is_read(error: AwsError) -> None:
    queues = family()
    queues.sources_error = error

    assert listing(queues, prefix="orders-").queues[0].sources == ("billing", "orders")


def test_no_queue_makes_an_empty_list_and_asks_no_metrics() -> None:
    ages = FakeAges()

    assert listing(FakeQueues({}), ages) == Listing((), ())
    assert ages.asked == []


def test_a_queue_that_goes_away_meanwhile_is_left_out() -> None:
    queues = FakeQueues({"orders": attributes(), "gone": GONE})

    assert [row.name for row in listing(queues).queues] == ["orders"]


def test_a_queue_that_may_not_be_read_has_nulls_and_one_warning() -> None:
    queues = FakeQueues({"orders": attributes(), "secret": DENIED, "secret2": DENIED})

    found = listing(queues)

    assert [row.visible for row in found.queues] == [0, None, None]
    assert found.queues[1].dlq is None
    assert found.warnings == ("2 of 3 queues may not be read: queue: access denied",)


def test_when_no_queue_may_be_read_the_denial_is_raised() -> None:
    with pytest.raises(AccessDenied):
        listing(FakeQueues({"secret": DENIED}))


def test_denied_metrics_are_nulls_and_one_warning_and_missing_ones_are_just_nulls() -> None:
    denied = listing(family(), FakeAges(error=DENIED))
    missing = listing(family(), FakeAges(error=UNKNOWN_ACTION))

    assert denied.warnings == ("no oldest ages: queue: access denied",)
    assert missing.warnings == ()
    assert {row.oldest_age_seconds for row in (*denied.queues, *missing.queues)} == {None}


@dataclass
class FakeFeeds:
    rules: tuple[RuleFeed, ...] | AwsError = ()
    topics: tuple[TopicFeed, ...] | AwsError = ()


@dataclass
class FakeRules:
    feeds: FakeFeeds

    def feeding(self, queue_arn: str) -> tuple[RuleFeed, ...]:
        assert queue_arn.endswith(":orders-dlq")
        if isinstance(self.feeds.rules, AwsError):
            raise self.feeds.rules
        return self.feeds.rules


@dataclass
class FakeTopics:
    feeds: FakeFeeds

    def feeding(self, queue_arn: str) -> tuple[TopicFeed, ...]:
        assert queue_arn.endswith(":orders-dlq")
        if isinstance(self.feeds.topics, AwsError):
            raise self.feeds.topics
        return self.feeds.topics


def show(
    queues: FakeQueues, feeds: FakeFeeds, ages: FakeAges | None = None
) -> tuple[QueueDetails, list[str]]:
    readers = Readers(queues, FakeRules(feeds), FakeTopics(feeds), ages or FakeAges())
    return show_queue(a_queue("orders-dlq"), readers, now=NOW, workers=2)


def test_a_queue_in_full_names_senders_feeds_sources_tags_and_age() -> None:
    queues = family()
    policy = {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage"}}
    queues.by_name["orders-dlq"] = attributes(visible=9, policy=json.dumps(policy))
    queues.tags_by_name = {"orders-dlq": {"team": "a"}}
    feeds = FakeFeeds((RuleFeed("flix", "au"),), (TopicFeed("arn:t", "arn:s"),))

    details, warnings = show(queues, feeds, FakeAges({"orders-dlq": 5.0}))

    assert warnings == []
    assert details.name == "orders-dlq"
    assert details.is_fifo is False
    assert details.attributes.visible == 9
    assert [grant.principals for grant in details.senders] == [("*",)]
    assert details.fed_by_rules == (RuleFeed("flix", "au"),)
    assert details.fed_by_topics == (TopicFeed("arn:t", "arn:s"),)
    assert details.sources == ("billing", "orders")
    assert details.tags == {"team": "a"}
    assert details.oldest_age_seconds == 5.0
    assert details.explained[0].attribute == "visible"


def test_a_denied_look_up_is_null_and_a_warning_and_the_rest_is_shown() -> None:
    details, warnings = show(
        family(), FakeFeeds(rules=DENIED, topics=DENIED), FakeAges(error=DENIED)
    )

    assert details.fed_by_rules is None
    assert details.fed_by_topics is None
    assert details.oldest_age_seconds is None
    assert details.sources == ("billing", "orders")
    assert warnings == [
        "no oldest ages: queue: access denied",
        "rules that feed it unknown: queue: access denied",
        "topics that feed it unknown: queue: access denied",
    ]


def test_sources_are_found_by_redrive_policies_where_sqs_does_not_tell() -> None:
    queues = family()
    queues.sources_error = UNKNOWN_ACTION

    details, warnings = show(queues, FakeFeeds())

    assert details.sources == ("billing", "orders")
    assert warnings == []


def test_a_queue_that_may_not_be_read_raises() -> None:
    with pytest.raises(AccessDenied):
        show(FakeQueues({"orders-dlq": DENIED}), FakeFeeds())
