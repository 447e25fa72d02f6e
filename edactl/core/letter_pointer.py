"""A message whose body an extended client has put into S3. Pure.

Source: the extended client libraries for SQS.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edactl.core.letter import Payload
from edactl.core.message import parsed_body

if TYPE_CHECKING:
    from edactl.core.message import Message
    from edactl.core.record import JsonValue

_POINTER_ATTRIBUTES = ("ExtendedPayloadSize", "SQSLargePayloadSize", "S3MessageBodyKey")
_POINTER_CLASSES = frozenset(
    {
        "software.amazon.payloadoffloading.PayloadS3Pointer",
        "com.amazon.sqs.javamessaging.MessageS3Pointer",
    }
)


def pointer_of(message: Message) -> tuple[Payload, str | None]:
    """Whether the body is an extended client's pointer, and what is wrong when it is only meant so.

    The Java and Python clients write a list of a class name and the place; others mark it by an
    attribute alone.
    """
    points = message.body.lstrip().startswith("[") and _names_pointer(parsed_body(message.body))
    marked = any(name in message.message_attributes for name in _POINTER_ATTRIBUTES)
    if not points and not marked:
        return Payload.BODY, None
    if points or "S3MessageBodyKey" in message.message_attributes:
        return Payload.S3_POINTER, None
    return Payload.S3_POINTER, "its attributes promise a pointer to S3, and the body is none"


def _names_pointer(body: JsonValue) -> bool:
    match body:
        case [str(name), {"s3BucketName": str(), "s3Key": str()}]:
            return name in _POINTER_CLASSES
    return False
