from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import chain
from urllib.parse import parse_qs, urlsplit

from edactl.aws.dead_letter_sources import (
    BusSources,
    FunctionSources,
    MappingSources,
    PipeSources,
    Question,
    RuleSources,
    SubscriptionSources,
)
from edactl.aws.session import AwsSession
from edactl.core.dead_letter_source import DeadLetterSource, SourceKind
from edactl.core.settings import ConnectionOptions, SandboxEndpoint
from tests.scripted_aws import Answer, Request, scripted_aws

DLQ = "arn:aws:sqs:r:1:dlq"
BUS = "arn:aws:events:r:1:event-bus/shop"


def session(url: str) -> AwsSession:
    return AwsSession(ConnectionOptions(sandbox=SandboxEndpoint(url, "123456789012")))


def answers(questions: Iterator[Question]) -> list[DeadLetterSource]:
    return list(chain.from_iterable(question() for question in questions))


def by_target(table: dict[str, object]) -> Callable[[Request], Answer]:
    def answer(request: Request) -> Answer:
        operation = request.headers["X-Amz-Target"].rpartition(".")[2]
        return Answer(200, json.dumps(table[operation]))

    return answer


def test_a_bus_has_a_dlq_of_its_own_or_none() -> None:
    table: dict[str, object] = {
        "ListEventBuses": {"EventBuses": [{"Name": "shop", "Arn": BUS}]},
        "DescribeEventBus": {"Name": "shop", "Arn": BUS, "DeadLetterConfig": {"Arn": DLQ}},
    }

    with scripted_aws(by_target(table)) as endpoint:
        assert answers(BusSources(session(endpoint.url)).questions()) == [
            DeadLetterSource(SourceKind.BUS, BUS, DLQ)
        ]
        del table["DescribeEventBus"]
        table["DescribeEventBus"] = {"Name": "shop", "Arn": BUS}
        assert answers(BusSources(session(endpoint.url)).questions()) == []


def test_rules_that_a_service_manages_are_not_asked() -> None:
    managed = {"Name": "m", "Arn": f"{BUS}/m", "ManagedBy": "autoscaling.amazonaws.com"}
    table: dict[str, object] = {
        "ListEventBuses": {"EventBuses": [{"Name": "shop", "Arn": BUS}]},
        "ListRules": {"Rules": [managed]},
    }

    with scripted_aws(by_target(table)) as endpoint:
        assert answers(RuleSources(session(endpoint.url)).questions()) == []


def lambda_page(items: str, pages: dict[str, object], request: Request) -> Answer:
    """One page of Lambda's lists: `pages` has the items by the Marker that asks for them."""
    marker = parse_qs(urlsplit(request.path).query).get("Marker", [""])[0]
    found = {items: pages[marker]}
    following = {"": "2"}.get(marker) if "2" in pages else None
    return Answer(200, json.dumps(found | ({"NextMarker": following} if following else {})))


def test_functions_are_listed_to_the_last_page_with_both_ways_to_have_a_dlq() -> None:
    functions: dict[str, object] = {
        "": [{"FunctionName": "a", "FunctionArn": "arn:a", "DeadLetterConfig": {"TargetArn": DLQ}}],
        "2": [{"FunctionName": "b", "FunctionArn": "arn:b"}],
    }
    config = {
        "FunctionArn": "arn:b:live",
        "DestinationConfig": {"OnFailure": {"Destination": DLQ}},
    }
    silent = {"FunctionArn": "arn:b:old", "DestinationConfig": {"OnSuccess": {"Destination": DLQ}}}

    def answer(request: Request) -> Answer:
        path = urlsplit(request.path).path
        if path.rstrip("/").endswith("/functions"):
            return lambda_page("Functions", functions, request)
        configs = [config, silent] if "/functions/b/" in path else []
        return Answer(200, json.dumps({"FunctionEventInvokeConfigs": configs}))

    with scripted_aws(answer) as endpoint:
        found = answers(FunctionSources(session(endpoint.url)).questions())

    assert found == [
        DeadLetterSource(SourceKind.FUNCTION, "arn:a", DLQ),
        DeadLetterSource(SourceKind.FUNCTION_DESTINATION, "arn:b:live", DLQ),
    ]


def test_mappings_without_a_destination_have_no_dlq() -> None:
    failing = {
        "UUID": "u",
        "EventSourceArn": "arn:stream",
        "FunctionArn": "arn:f",
        "DestinationConfig": {"OnFailure": {"Destination": DLQ}},
    }
    pages: dict[str, object] = {"": [failing, {"UUID": "v", "EventSourceArn": "arn:queue"}]}

    with scripted_aws(lambda request: lambda_page("EventSourceMappings", pages, request)) as made:
        found = answers(MappingSources(session(made.url)).questions())

    assert found == [
        DeadLetterSource(SourceKind.EVENT_SOURCE_MAPPING, "arn:stream", DLQ, target="arn:f")
    ]


def test_a_subscription_that_waits_to_be_confirmed_is_not_asked() -> None:
    pending = (
        "<ListSubscriptionsResponse><ListSubscriptionsResult><Subscriptions><member>"
        "<SubscriptionArn>PendingConfirmation</SubscriptionArn></member></Subscriptions>"
        "</ListSubscriptionsResult></ListSubscriptionsResponse>"
    )

    with scripted_aws(lambda _request: Answer(200, pending, "text/xml")) as endpoint:
        assert answers(SubscriptionSources(session(endpoint.url)).questions()) == []


STREAM = "arn:aws:kinesis:r:1:stream/clicks"
TABLE = "arn:aws:dynamodb:r:1:table/orders/stream/2026"


def test_only_pipes_that_read_a_stream_are_asked_for_its_dlq() -> None:
    described = {
        "clicks": {"KinesisStreamParameters": {"DeadLetterConfig": {"Arn": DLQ}}},
        "orders": {"DynamoDBStreamParameters": {"DeadLetterConfig": {"Arn": DLQ}}},
        "plain": {"KinesisStreamParameters": {"StartingPosition": "LATEST"}},
    }
    pipes = [
        {"Name": name, "Source": source}
        for name, source in (
            *(("clicks", STREAM), ("orders", TABLE), ("plain", STREAM)),
            ("of-a-queue", "arn:aws:sqs:r:1:q"),
        )
    ]

    def answer(request: Request) -> Answer:
        name = request.path.rpartition("/")[2].partition("?")[0]
        if name == "pipes":
            return Answer(200, json.dumps({"Pipes": pipes}))
        found = {"Arn": f"arn:pipe/{name}", "Target": "arn:target"}
        return Answer(200, json.dumps(found | {"SourceParameters": described[name]}))

    with scripted_aws(answer) as endpoint:
        found = answers(PipeSources(session(endpoint.url)).questions())

    assert found == [
        DeadLetterSource(SourceKind.PIPE, f"arn:pipe/{name}", DLQ, "arn:target")
        for name in ("clicks", "orders")
    ]
    assert not any("of-a-queue" in one.path for one in endpoint.requests)
