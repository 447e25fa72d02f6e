"""The IAM action of an API operation."""

from __future__ import annotations

# Operations whose IAM action has another name, or that need the action of another operation.
# Source: service authorization reference, pages of Amazon SQS and Amazon SNS.
_ACTION_OF_OPERATION = {
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sns:PublishBatch": "sns:Publish",
}
_PREFIX_OF_SERVICE = {"stepfunctions": "states"}


def iam_action(service: str, operation: str) -> str:
    """The IAM action of an API operation: `sqs:SendMessage` of `sqs`, `SendMessageBatch`."""
    prefix = _PREFIX_OF_SERVICE.get(service, service)
    return _ACTION_OF_OPERATION.get(f"{prefix}:{operation}", f"{prefix}:{operation}")
