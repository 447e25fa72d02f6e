from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.stub import Stubber
from moto import mock_aws

from edactl.aws.cloudwatch import QueueMetrics
from edactl.aws.event_targets import RulesByTarget
from edactl.aws.session import AwsSession
from edactl.aws.sns import SnsTopics
from edactl.core.feed import RuleDelivery, RuleFeed, SubscriptionSettings, TargetInput, TopicFeed
from edactl.core.settings import ConnectionOptions, Setting
from edactl.errors import AwsError

QUEUE = "arn:aws:sqs:eu-west-1:123456789012:orders"
COPY = "arn:aws:sqs:eu-west-1:123456789012:edactl-tail-1"
NOW = datetime(2026, 1, 31, 8, tzinfo=UTC)
PATTERN = '{"source":["com.flix"]}'


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> AwsSession:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "fake")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "fake")
    return AwsSession(ConnectionOptions(region=Setting("eu-west-1", "test")))


@pytest.fixture
def aws(session: AwsSession) -> Iterator[AwsSession]:
    with mock_aws():
        yield session


def test_rules_of_every_bus_that_target_the_queue_are_found(aws: AwsSession) -> None:
    aws.call("events", "create_event_bus", Name="flix")
    for bus, arn in (("default", QUEUE), ("flix", QUEUE), ("flix", COPY)):
        name = f"{bus}-{arn[-1]}"
        aws.call("events", "put_rule", Name=name, EventBusName=bus, EventPattern=PATTERN)
        targets = [{"Id": "1", "Arn": arn}]
        aws.call("events", "put_targets", Rule=name, EventBusName=bus, Targets=targets)

    assert sorted(RulesByTarget(aws).feeding(QUEUE), key=lambda feed: feed.bus) == [
        RuleFeed("default", "default-s"),
        RuleFeed("flix", "flix-s"),
    ]


def a_delivery(*inputs: TargetInput) -> RuleDelivery:
    arn = "arn:aws:events:eu-west-1:123456789012:rule/flix/au"
    return RuleDelivery(RuleFeed("flix", "au"), arn, PATTERN, True, inputs)


EVERY_INPUT = (
    TargetInput(),
    TargetInput(path="$.detail"),
    TargetInput(constant='{"a":1}'),
    TargetInput(template='{"c": <c>}', paths={"c": "$.detail.city"}),
    TargetInput(template='"fixed"'),
)


def test_a_copy_of_a_rule_delivers_the_same_to_another_queue_and_can_be_removed(
    aws: AwsSession,
) -> None:
    aws.call("events", "create_event_bus", Name="flix")
    rules = RulesByTarget(aws)

    rules.put_copy("edactl-tail-1-0", a_delivery(*EVERY_INPUT), COPY, {"k": "v"})

    found = rules.delivery(RuleFeed("flix", "edactl-tail-1-0"), COPY)
    assert found.pattern == PATTERN
    assert found.enabled is True
    assert found.inputs == EVERY_INPUT
    assert rules.delivery(RuleFeed("flix", "edactl-tail-1-0"), QUEUE).inputs == ()
    tags = aws.call("events", "list_tags_for_resource", ResourceARN=found.rule_arn)["Tags"]
    assert tags == [{"Key": "k", "Value": "v"}]

    rules.remove_copy("edactl-tail-1-0", a_delivery(*EVERY_INPUT))
    assert aws.call("events", "list_rules", EventBusName="flix")["Rules"] == []


def test_removing_a_copy_that_is_not_there_is_fine(session: AwsSession) -> None:
    with Stubber(session.client("events")) as stubber:
        stubber.add_client_error("remove_targets", "ResourceNotFoundException")
        stubber.add_client_error("delete_rule", "ResourceNotFoundException")

        RulesByTarget(session).remove_copy("gone", a_delivery(TargetInput()))

        stubber.assert_no_pending_responses()


def test_a_disabled_rule_and_a_scheduled_rule_are_told_apart(aws: AwsSession) -> None:
    aws.call("events", "put_rule", Name="off", EventPattern=PATTERN, State="DISABLED")
    aws.call("events", "put_rule", Name="clock", ScheduleExpression="rate(1 hour)")
    rules = RulesByTarget(aws)

    assert rules.delivery(RuleFeed("default", "off"), QUEUE).enabled is False
    assert rules.delivery(RuleFeed("default", "clock"), QUEUE).pattern is None


def test_targets_that_a_200_refuses_raise(session: AwsSession) -> None:
    with Stubber(session.client("events")) as stubber:
        stubber.add_response("put_rule", {"RuleArn": "arn:r"})
        failed = {"TargetId": "0", "ErrorCode": "AccessDenied", "ErrorMessage": "no"}
        stubber.add_response("put_targets", {"FailedEntryCount": 1, "FailedEntries": [failed]})

        with pytest.raises(AwsError) as caught:
            RulesByTarget(session).put_copy("x", a_delivery(TargetInput()), COPY, {})

    assert caught.value.code == "AccessDenied"
    assert caught.value.operation == "events:PutTargets"


def test_a_queue_subscribes_and_is_found_with_its_settings(aws: AwsSession) -> None:
    topics = SnsTopics(aws)
    topic = aws.call("sns", "create_topic", Name="news")["TopicArn"]
    filtered = SubscriptionSettings(True, '{"k": ["v"]}', "MessageBody")
    plain = SubscriptionSettings(False, None, None)

    first = topics.subscribe_queue(topic, QUEUE, filtered)
    second = topics.subscribe_queue(topic, COPY, plain)

    assert list(topics.feeding(QUEUE)) == [TopicFeed(topic, first)]
    assert topics.settings(first) == filtered
    assert topics.settings(second).raw_message_delivery is False
    assert topics.settings(second).filter_policy is None
    topics.unsubscribe(first)
    assert list(topics.feeding(QUEUE)) == []


def test_a_filter_policy_without_scope_is_passed_on_alone(session: AwsSession) -> None:
    with Stubber(session.client("sns")) as stubber:
        expected = {
            "TopicArn": "arn:t",
            "Protocol": "sqs",
            "Endpoint": QUEUE,
            "Attributes": {"RawMessageDelivery": "false", "FilterPolicy": "{}"},
            "ReturnSubscriptionArn": True,
        }
        stubber.add_response("subscribe", {"SubscriptionArn": "arn:s"}, expected)

        made = SnsTopics(session).subscribe_queue(
            "arn:t", QUEUE, SubscriptionSettings(False, "{}", None)
        )

    assert made == "arn:s"


def result(number: int, *points: tuple[int, float]) -> dict[str, Any]:
    return {
        "Id": f"q{number}",
        "Timestamps": [NOW - timedelta(minutes=minutes) for minutes, _ in points],
        "Values": [value for _, value in points],
    }


def test_the_newest_age_counts_whatever_the_order_and_the_page(session: AwsSession) -> None:
    with Stubber(session.client("cloudwatch")) as stubber:
        stubber.add_response(
            "get_metric_data",
            {"MetricDataResults": [result(0, (5, 50.0), (1, 10.0)), result(1)], "NextToken": "t"},
        )
        stubber.add_response("get_metric_data", {"MetricDataResults": [result(0, (9, 90.0))]})

        ages = QueueMetrics(session).oldest_age_seconds(["orders", "quiet"], now=NOW)

    assert ages == {"orders": 10.0}


def test_more_than_500_queues_take_several_calls(session: AwsSession) -> None:
    with Stubber(session.client("cloudwatch")) as stubber:
        stubber.add_response("get_metric_data", {"MetricDataResults": [result(499, (1, 1.0))]})
        stubber.add_response("get_metric_data", {"MetricDataResults": [result(0, (1, 2.0))]})

        ages = QueueMetrics(session).oldest_age_seconds([f"q{n}" for n in range(501)], now=NOW)

        stubber.assert_no_pending_responses()

    assert ages == {"q499": 1.0, "q500": 2.0}


def test_no_queue_asks_nothing(session: AwsSession) -> None:
    assert QueueMetrics(session).oldest_age_seconds([], now=NOW) == {}
