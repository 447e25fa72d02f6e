"""Which origin a dead letter has, read from the traces that each service leaves.

Sources: SQS API reference, ReceiveMessage (DeadLetterQueueSourceArn); EventBridge user guide,
"Using dead-letter queues to process undelivered events"; EventBridge Scheduler user guide,
"Configuring a dead-letter queue"; SNS developer guide, "Amazon SNS dead-letter queues"; Lambda
developer guide, "Capturing records of asynchronous invocations", "Retain discarded batches";
public records of pipes. Unverified: whether a Custom Event Bus's record ever holds the event, and
whether Scheduler ever names a target by the ARN of a resource.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import parse_qs, urlsplit

from edactl.core.dead_letter_source import SourceKind
from edactl.core.letter import Letter, Origin, Payload
from edactl.core.letter_pointer import pointer_of
from edactl.core.message import parsed_body

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from edactl.core.dead_letter_source import DeadLetterSource
    from edactl.core.message import Message
    from edactl.core.record import JsonValue

_Object: TypeAlias = "dict[str, JsonValue]"

_LONGEST_TEXT = 4096
_OPERATION_TARGET = ":::aws-sdk:"
_BATCH_INFO_SUFFIX = "BatchInfo"
_RECORD_KEYS = ("subscriberArn", "functionArn", "partnerResourceArn", "TopicArn")
"""One of these is in every record and envelope; AWS writes them without escapes."""


def classify(message: Message) -> Letter:
    """The letter that this message is, from what the message itself tells. Never raises."""
    return next(letter for reader in _READERS for letter in reader(message))


def located(letter: Letter, sources: Sequence[DeadLetterSource]) -> Letter:
    """The letter with what it leaves out and its DLQ's sources tell.

    That is the endpoint of an SNS subscription, the function of an asynchronous invoke, and that a
    letter without a trace is of SNS, where no other kind of source than raw subscriptions is there.
    """
    match letter.origin:
        case Origin.SNS if letter.sender is not None:
            return replace(letter, target=_endpoint(letter.sender, sources))
        case Origin.LAMBDA_ASYNC:
            functions = [one.arn for one in sources if one.kind == SourceKind.FUNCTION]
            return replace(letter, target=functions[0]) if len(functions) == 1 else letter
        case Origin.UNKNOWN | Origin.S3_POINTER:
            return _of_raw_subscription(letter, sources)
    return letter


def _endpoint(subscription_arn: str, sources: Sequence[DeadLetterSource]) -> str | None:
    return next((one.target for one in sources if one.arn == subscription_arn), None)


def _of_raw_subscription(letter: Letter, sources: Sequence[DeadLetterSource]) -> Letter:
    """SQS marks its letters, and rules and functions do too: only a raw subscription does not."""
    raw = [one for one in sources if one.kind == SourceKind.SUBSCRIPTION and one.raw]
    match raw:
        case []:
            return letter
        case [only]:
            return replace(letter, origin=Origin.SNS_RAW, sender=only.arn, target=only.target)
    return replace(letter, origin=Origin.SNS_RAW)


# -- one reader an origin: each gives a letter, or nothing when the message is not of its kind -----


def _of_queue(message: Message) -> Iterator[Letter]:
    if message.source_queue_arn:
        payload, problem = pointer_of(message)
        yield Letter(
            message,
            Origin.SQS_REDRIVE,
            payload,
            reason="MaxReceiveCountExceeded",
            target=message.source_queue_arn,
            problem=problem,
        )


def _of_rule(message: Message) -> Iterator[Letter]:
    rule = _attribute(message, "RULE_ARN")
    if rule is None:
        return
    event = parsed_body(message.body)
    is_event = isinstance(event, dict) and "detail-type" in event and "source" in event
    target = _attribute(message, "TARGET_ARN")
    problem = None if target else "the attribute TARGET_ARN is missing"
    if not is_event:
        problem = "the body is no event: it lacks source and detail-type"
    yield replace(
        _attempted(message, Origin.EVENTBRIDGE_RULE, Payload.EVENT),
        target=target,
        sender=rule,
        problem=problem,
    )


def _of_schedule(message: Message) -> Iterator[Letter]:
    schedule = _attribute(message, "SCHEDULE_ARN")
    if schedule is None:
        return
    target = _attribute(message, "TARGET_ARN")
    payload = Payload.API_REQUEST if _OPERATION_TARGET in (target or "") else Payload.BODY
    yield replace(
        _attempted(message, Origin.SCHEDULER, payload),
        target=target,
        sender=schedule,
        request_id=_attribute(message, "EXECUTION_ID"),
        problem=_schedule_problem(message, target, payload),
    )


def _schedule_problem(message: Message, target: str | None, payload: Payload) -> str | None:
    if (_attribute(message, "IS_PAYLOAD_TRUNCATED") or "").lower() == "true":
        return "Scheduler cut the payload (IS_PAYLOAD_TRUNCATED): take it from the schedule"
    if target is None:
        return "the attribute TARGET_ARN is missing"
    if payload is Payload.API_REQUEST and not isinstance(parsed_body(message.body), dict):
        return "the body is no request: a JSON object is expected"
    return None


def _attempted(message: Message, origin: Origin, payload: Payload) -> Letter:
    """What EventBridge and Scheduler tell in the same attributes."""
    return Letter(
        message,
        origin,
        payload,
        reason=_attribute(message, "ERROR_CODE"),
        error_message=_attribute(message, "ERROR_MESSAGE"),
        attempts=_number(_attribute(message, "RETRY_ATTEMPTS")),
        exhausted=_attribute(message, "EXHAUSTED_RETRY_CONDITION"),
    )


def _of_function(message: Message) -> Iterator[Letter]:
    code = _attribute(message, "ErrorCode")
    request_id = _attribute(message, "RequestID")
    if code is not None and request_id is not None:
        yield Letter(
            message,
            Origin.LAMBDA_ASYNC,
            reason=code,
            error_message=_attribute(message, "ErrorMessage"),
            request_id=request_id,
        )


def _of_record(message: Message) -> Iterator[Letter]:
    """Letters whose body is a record of the failure, or an envelope."""
    if not any(name in message.body for name in _RECORD_KEYS):  # most bodies need not be parsed
        return
    body = parsed_body(message.body)
    if not isinstance(body, dict):
        return
    if "subscriberArn" in body and "busArn" in body:
        yield _custom_bus_record(message, body)
    elif _text(body, "requestContext", "functionArn") is not None:
        yield _destination_record(message, body)
    elif (pipe := _text(body, "context", "partnerResourceArn")) is not None:
        yield _pipe_record(message, body, pipe)
    elif body.get("Type") == "Notification" and "TopicArn" in body:
        yield _envelope(message, body)


def _custom_bus_record(message: Message, body: _Object) -> Letter:
    failed = body.get("failedMessages")
    return Letter(
        message,
        Origin.CUSTOM_EVENT_BUS,
        Payload.ABSENT,
        reason=_text(body, "errorCode"),
        error_message=_text(body, "errorMessage"),
        target=_text(body, "targetArn"),
        sender=_text(body, "subscriberArn"),
        attempts=_number(_text(body, "retryAttempts")),
        exhausted=_text(body, "exhaustedRetryCondition"),
        problem=None if isinstance(failed, list) and failed else "the record names no event",
    )


def _destination_record(message: Message, body: _Object) -> Letter:
    condition = _text(body, "requestContext", "condition")
    letter = Letter(
        message,
        Origin.LAMBDA_DESTINATION,
        Payload.REQUEST_PAYLOAD,
        reason=_text(body, "responsePayload", "errorType")
        or _text(body, "responseContext", "functionError")
        or condition,
        error_message=_text(body, "responsePayload", "errorMessage"),
        target=_text(body, "requestContext", "functionArn"),
        attempts=_number(_text(body, "requestContext", "approximateInvokeCount")),
        exhausted=condition,
        request_id=_text(body, "requestContext", "requestId"),
    )
    if any(name.endswith(_BATCH_INFO_SUFFIX) for name in body):
        return _of_batch(letter, body)
    if condition == "Success":
        return replace(letter, problem="the function succeeded: this is a record of success")
    if "requestPayload" not in body:
        return replace(letter, problem="the record lacks requestPayload")
    return letter


def _of_batch(letter: Letter, body: _Object) -> Letter:
    """The letter as the record of a batch that points into its stream."""
    batch = next((name for name in body if name.endswith(_BATCH_INFO_SUFFIX)), "the record")
    stream = _text(body, batch, "streamArn")
    return replace(
        letter,
        origin=Origin.STREAM_DESTINATION,
        payload=Payload.ABSENT,
        sender=stream,
        problem=None if stream else f"{batch} names no stream",
    )


def _pipe_record(message: Message, body: _Object, pipe: str) -> Letter:
    condition = _text(body, "context", "condition")
    letter = Letter(
        message, Origin.STREAM_DESTINATION, reason=condition, target=pipe, exhausted=condition
    )
    return _of_batch(letter, body)


def _envelope(message: Message, body: _Object) -> Letter:
    url = urlsplit(_text(body, "UnsubscribeURL") or "")
    [subscription, *_] = parse_qs(url.query).get("SubscriptionArn", [None])
    problem = None if "Message" in body else "the envelope holds no Message"
    return Letter(message, Origin.SNS, sender=subscription, problem=problem)


def _of_pointer(message: Message) -> Iterator[Letter]:
    payload, problem = pointer_of(message)
    if payload is Payload.S3_POINTER:
        yield Letter(message, Origin.S3_POINTER, payload, problem=problem)


def _of_nobody(message: Message) -> Iterator[Letter]:
    yield Letter(message, Origin.UNKNOWN)


_READERS: tuple[Callable[[Message], Iterator[Letter]], ...] = (
    _of_queue,
    _of_rule,
    _of_schedule,
    _of_function,
    _of_record,
    _of_pointer,
    _of_nobody,
)


def _attribute(message: Message, name: str) -> str | None:
    found = message.message_attributes.get(name)
    return (found.string_value or "")[:_LONGEST_TEXT] or None if found else None


def _text(body: _Object, *path: str) -> str | None:
    """The text, or the number as text, at this path; None for anything else."""
    value: JsonValue = body
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    match value:
        case bool() | None:
            return None
        case str() | int() | float():
            return str(value)[:_LONGEST_TEXT] or None
    return None


def _number(text: str | None) -> int | None:
    """The whole number in the text, as `3` or `3.0`; None for anything else."""
    try:
        return int(float(text)) if text else None
    except (ValueError, OverflowError):
        return None
