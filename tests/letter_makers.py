"""Dead letters as each service writes them, made by hand: no emulator makes them all."""

from __future__ import annotations

import json
from typing import Any

from edactl.core.message import MessageAttribute, Outgoing

EVENT: dict[str, Any] = {
    "version": "0",
    "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
    "detail-type": "OrderPlaced",
    "source": "com.shop",
    "account": "000000000000",
    "time": "2026-11-20T10:11:12Z",
    "region": "us-east-1",
    "resources": ["order/7"],
    "detail": {"orderId": "o-7", "total": 12.50},
}


def text_attributes(**values: str) -> dict[str, MessageAttribute]:
    return {name: MessageAttribute("String", value) for name, value in values.items()}


def of_rule(rule_arn: str, target_arn: str, **changes: Any) -> Outgoing:
    """The letter of a rule's target; `changes` are to the event."""
    attributes = text_attributes(
        RULE_ARN=rule_arn,
        TARGET_ARN=target_arn,
        ERROR_CODE="NO_PERMISSIONS",
        ERROR_MESSAGE="Lack of permissions",
        RETRY_ATTEMPTS="0",
    )
    return Outgoing(json.dumps(EVENT | changes), message_attributes=attributes)


def of_schedule(schedule_arn: str, target_arn: str, request: dict[str, Any]) -> Outgoing:
    attributes = text_attributes(
        SCHEDULE_ARN=schedule_arn,
        TARGET_ARN=target_arn,
        ERROR_CODE="AWS.SimpleQueueService.NonExistentQueue",
        EXECUTION_ID="e-1",
        IS_PAYLOAD_TRUNCATED="false",
    )
    return Outgoing(json.dumps(request), message_attributes=attributes)


def of_function(body: str = '{"n": 1}') -> Outgoing:
    """The letter of a function's dead-letter config: it does not name the function."""
    attributes = text_attributes(RequestID="r-1", ErrorMessage="boom")
    attributes["ErrorCode"] = MessageAttribute("Number", "200")
    return Outgoing(body, message_attributes=attributes)


def of_function_destination(function_arn: str, payload: Any) -> Outgoing:
    context = {
        "requestId": "r-2",
        "functionArn": f"{function_arn}:$LATEST",
        "condition": "RetriesExhausted",
        "approximateInvokeCount": 3,
    }
    return Outgoing(
        json.dumps({"version": "1.0", "requestContext": context, "requestPayload": payload})
    )


def of_stream(function_arn: str) -> Outgoing:
    context = {"requestId": "r-3", "functionArn": function_arn, "condition": "RetriesExhausted"}
    batch = {
        "streamArn": "arn:aws:kinesis:us-east-1:000000000000:stream/clicks",
        "shardId": "shardId-0",
        "startSequenceNumber": "1",
    }
    return Outgoing(json.dumps({"requestContext": context, "KinesisBatchInfo": batch}))


def of_subscription(subscription_arn: str, topic_arn: str, text: str) -> Outgoing:
    url = f"https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={subscription_arn}"
    return Outgoing(
        json.dumps(
            {
                "Type": "Notification",
                "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
                "TopicArn": topic_arn,
                "Message": text,
                "Timestamp": "2026-11-20T10:11:12.000Z",
                "SignatureVersion": "1",
                "Signature": "EXAMPLE",
                "SigningCertURL": "https://sns.us-east-1.amazonaws.com/cert.pem",
                "UnsubscribeURL": url,
            }
        )
    )
