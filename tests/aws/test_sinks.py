"""Sinks read each entry's answer: a 200 can hold failures, and a call is tried once."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from edactl.aws import sinks
from edactl.aws.session import AwsSession
from edactl.core.message import MessageAttribute, NotSent, Sent
from edactl.core.redrive_delivery import Parcel
from edactl.core.settings import ConnectionOptions, Setting
from edactl.errors import AccessDenied, FailedInside, InputError, NotFound, Throttled
from tests.scripted_aws import Answer, Endpoint, Request, query_error, scripted_aws

HERE = "eu-west-1:123456789012"
TOPIC = f"arn:aws:sns:{HERE}:news"
FUNCTION = f"arn:aws:lambda:{HERE}:function:billing"
STREAM = f"arn:aws:kinesis:{HERE}:stream/clicks"
LAKE = f"arn:aws:firehose:{HERE}:deliverystream/lake"
MACHINE = f"arn:aws:states:{HERE}:stateMachine:checkout"


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


def session_to(endpoint: Endpoint) -> AwsSession:
    return AwsSession(
        ConnectionOptions(
            region=Setting("eu-west-1", "test"), endpoint_url=Setting(endpoint.url, "test")
        )
    )


def parcels(count: int, **changes: Any) -> list[Parcel]:
    facts: dict[str, Any] = {"key": "k", "attributes": {}} | changes
    return [Parcel(f'{{"n":{at}}}', f"name-{at}", **facts) for at in range(count)]


def put(
    make: Callable[[AwsSession], Any], count: int, *answers: Answer, **changes: Any
) -> tuple[list[Any], list[Request]]:
    """What a sink makes of scripted answers, and what it asked."""
    waiting = iter(answers)
    with scripted_aws(lambda _: next(waiting)) as endpoint:
        outcomes = make(session_to(endpoint)).put(parcels(count, **changes))
        return outcomes, endpoint.requests


def in_json(value: object, status: int = 200) -> Answer:
    return Answer(status, json.dumps(value))


def published(*entries: str) -> Answer:
    return Answer(
        200,
        "<PublishBatchResponse><PublishBatchResult>"
        + "".join(entries)
        + "</PublishBatchResult></PublishBatchResponse>",
        "text/xml",
    )


def test_a_topic_tells_of_each_message() -> None:
    answer = published(
        "<Successful><member><Id>0</Id><MessageId>m-0</MessageId></member></Successful>",
        "<Failed><member><Id>1</Id><Code>InvalidParameter</Code><Message>too long</Message>"
        "<SenderFault>true</SenderFault></member><member><Id>2</Id><Code>InternalError</Code>"
        "<SenderFault>false</SenderFault></member></Failed>",
    )
    attributes = {
        "tenant": MessageAttribute("String", "t1"),
        "blob": MessageAttribute("Binary", None, b"\x00\x01"),
    }
    outcomes, [request] = put(
        lambda one: sinks.TopicSink(one, f"{TOPIC}.fifo"), 4, answer, attributes=attributes
    )

    assert outcomes[:3] == [
        Sent("m-0"),
        NotSent("InvalidParameter", "too long"),
        NotSent("InternalError", "no reason given", retryable=True),
    ]
    assert outcomes[3].error_code == "NoAnswer"
    assert "MessageDeduplicationId=name-0" in request.body
    assert "MessageGroupId=k" in request.body
    assert "Value.BinaryValue=AAE%3D" in request.body


def test_a_standard_topic_gets_no_deduplication_id() -> None:
    answer = published(
        "<Successful><member><Id>0</Id><MessageId>m</MessageId></member></Successful>"
    )
    outcomes, [request] = put(lambda one: sinks.TopicSink(one, TOPIC), 1, answer, key=None)

    assert outcomes == [Sent("m")]
    assert "MessageGroupId" not in request.body
    assert "MessageDeduplicationId" not in request.body


def test_a_function_is_invoked_asynchronously() -> None:
    outcomes, [request] = put(
        lambda one: sinks.FunctionSink(one, f"{FUNCTION}:live"), 1, Answer(202, "")
    )

    assert outcomes == [Sent("r-1")]
    assert request.headers["X-Amz-Invocation-Type"] == "Event"
    assert (request.path.endswith("/invocations"), request.body) == (True, '{"n":0}')


def test_a_stream_tells_of_each_record() -> None:
    failed = {"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "Rate"}
    answer = {"Records": [{"SequenceNumber": "49", "ShardId": "s-0"}, failed]}
    outcomes, [request] = put(lambda one: sinks.StreamSink(one, STREAM), 3, in_json(answer))

    assert outcomes[:2] == [
        Sent("49"),
        NotSent("ProvisionedThroughputExceededException", "Rate", retryable=True),
    ]
    assert outcomes[2].error_code == "NoAnswer"
    sent = json.loads(request.body)
    assert sent["StreamARN"] == STREAM
    assert sent["Records"][0] == {
        "Data": base64.b64encode(b'{"n":0}').decode(),
        "PartitionKey": "k",
    }


def test_a_delivery_stream_tells_of_each_record() -> None:
    answer = {"FailedPutCount": 1, "RequestResponses": [{"RecordId": "r"}, {"ErrorCode": "Odd"}]}
    outcomes, [request] = put(lambda one: sinks.DeliveryStreamSink(one, LAKE), 2, in_json(answer))

    assert outcomes == [Sent("r"), NotSent("Odd", "no reason given")]
    assert json.loads(request.body)["DeliveryStreamName"] == "lake"


def test_a_state_machine_is_started_once_for_a_letter() -> None:
    started = in_json({"executionArn": "arn:x", "startDate": 1.0})
    again = in_json({"__type": "ExecutionAlreadyExists", "message": "exists"}, 400)
    outcomes, requests = put(lambda one: sinks.StateMachineSink(one, MACHINE), 2, started, again)

    assert outcomes == [Sent("arn:x"), Sent("name-1")]
    assert json.loads(requests[0].body) == {
        "stateMachineArn": MACHINE,
        "name": "name-0",
        "input": '{"n":0}',
    }


def test_a_state_machine_that_is_gone_is_said() -> None:
    gone = in_json({"__type": "StateMachineDoesNotExist", "message": "gone"}, 400)
    with pytest.raises(Exception, match="checkout"):
        put(lambda one: sinks.StateMachineSink(one, MACHINE), 1, gone)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(403, '{"__type":"AccessDeniedException","Message":"no"}'), AccessDenied),
        (Answer(404, '{"__type":"ResourceNotFoundException","Message":"no"}'), NotFound),
        (Answer(429, '{"__type":"TooManyRequestsException","Message":"slow"}'), Throttled),
        (Answer(500, '{"__type":"ServiceException","Message":"oh"}'), FailedInside),
    ],
)
def test_a_call_that_fails_is_tried_once(answer: Answer, kind: type[Exception]) -> None:
    with scripted_aws(lambda _: answer) as endpoint:
        with pytest.raises(kind):
            sinks.FunctionSink(session_to(endpoint), FUNCTION).put(parcels(1))
        assert len(endpoint.requests) == 1


def test_a_topic_that_is_gone_is_said() -> None:
    with pytest.raises(NotFound, match="news"):
        put(lambda one: sinks.TopicSink(one, TOPIC), 1, query_error("NotFound", "no topic", 404))


# -- operations, as Scheduler calls them -----------------------------------------------------------


def operated(service: str, operation: str, request: object, answer: Answer) -> tuple[Any, Request]:
    with scripted_aws(lambda _: answer) as endpoint:
        sink = sinks.OperationSink(session_to(endpoint), service, operation)
        [outcome] = sink.put([Parcel(json.dumps(request), "n", None, {})])
        return outcome, endpoint.requests[0]


def test_an_operations_names_are_matched_whatever_their_case() -> None:
    request = {"StateMachineArn": MACHINE, "Input": "{}", "Unknown": 1}
    outcome, sent = operated("sfn", "startExecution", request, in_json({"executionArn": "a"}))

    assert outcome == Sent("r-1")
    assert json.loads(sent.body) == {"stateMachineArn": MACHINE, "input": "{}"}


def test_a_function_that_a_schedule_invokes_is_not_waited_for() -> None:
    request = {"FunctionName": FUNCTION, "InvocationType": "RequestResponse", "Payload": "{}"}
    _, sent = operated("lambda", "invoke", request, Answer(202, ""))

    assert sent.headers["X-Amz-Invocation-Type"] == "Event"


def test_events_that_a_schedule_puts_may_fail_in_a_200() -> None:
    entry = {"Source": "a", "DetailType": "t", "Detail": "{}", "EventBusName": "b"}
    failed = {"ErrorCode": "ThrottlingException", "ErrorMessage": "slow"}
    one = {"FailedEntryCount": 1, "Entries": [failed]}
    outcome, sent = operated("eventbridge", "putEvents", {"Entries": [entry]}, in_json(one))
    two = {"FailedEntryCount": 1, "Entries": [{"EventId": "e"}, failed]}
    of_two, _ = operated("eventbridge", "putEvents", {"Entries": [entry, entry]}, in_json(two))

    assert outcome == NotSent("ThrottlingException", "slow", retryable=True)
    assert of_two == NotSent("ThrottlingException", "slow")
    assert json.loads(sent.body)["Entries"] == [entry]


def test_attributes_of_a_schedules_message_keep_their_names() -> None:
    request = {
        "QueueUrl": "http://x/1/q",
        "MessageBody": "hi",
        "MessageAttributes": {"tenant": {"DataType": "String", "StringValue": "t1"}},
    }
    outcome, sent = operated("sqs", "sendMessage", request, in_json({"MessageId": "m-9"}))

    assert outcome == Sent("m-9")
    assert json.loads(sent.body) == request


def test_a_request_that_is_no_object_is_refused() -> None:
    with pytest.raises(InputError, match="the body is no request"):
        operated("sqs", "sendMessage", ["x"], in_json({}))
