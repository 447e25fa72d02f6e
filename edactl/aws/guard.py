"""Which operations only read. Dry-run lets nothing else through."""

from __future__ import annotations

_READING_PREFIXES = ("describe_", "get_", "list_", "test_", "batch_get_", "search_", "simulate_")
_READING = {("sts", "get_caller_identity"), ("logs", "filter_log_events"), ("logs", "start_query")}
_CHANGING_DESPITE_THE_NAME = {
    ("sqs", "receive_message"),  # raises the receive count and hides the message
    ("kinesis", "get_queue_records"),
    ("stepfunctions", "get_activity_task"),  # takes the task from its worker
}


def is_read_only(service: str, operation: str) -> bool:
    """Whether the operation, named as boto3 names it, leaves the world as it was."""
    if (service, operation) in _CHANGING_DESPITE_THE_NAME:
        return False
    return operation.startswith(_READING_PREFIXES) or (service, operation) in _READING
