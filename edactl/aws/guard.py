"""Which operations only read. Dry-run lets nothing else through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore import xform_name

from edactl.errors import DryRunBroken

if TYPE_CHECKING:
    from edactl.aws.translate import Call

_READING_PREFIXES = ("describe_", "get_", "list_", "test_", "batch_get_", "search_", "simulate_")
_READING = {
    ("logs", "filter_log_events"),
    ("logs", "start_query"),
    # how credentials are got; without them a dry run could read nothing
    ("sts", "assume_role"),
    ("sts", "assume_role_with_web_identity"),
    ("sso-oidc", "create_token"),
    ("signin", "create_oauth2_token"),
}
_CHANGING_DESPITE_THE_NAME = {
    ("sqs", "receive_message"),  # raises the receive count and hides the message
    ("stepfunctions", "get_activity_task"),  # takes the task from its worker
    ("stepfunctions", "test_state"),  # runs the state's real integration
}
# what a look does to messages: each is hidden for a moment, its receive count raised, given back
_LOOKING = {
    ("sqs", "receive_message"),
    ("sqs", "change_message_visibility"),
    ("sqs", "change_message_visibility_batch"),
}


def is_read_only(service: str, operation: str) -> bool:
    """Whether the operation, named as boto3 names it, leaves the world as it was."""
    if (service, operation) in _CHANGING_DESPITE_THE_NAME:
        return False
    return operation.startswith(_READING_PREFIXES) or (service, operation) in _READING


def what_to_do_again(call: Call) -> str:
    """What to do after a call whose outcome is open."""
    if is_read_only(call.service, call.operation):
        return "run it again: nothing was changed"
    return "look before you repeat a change: it may have happened"


def refuse_writes(service: str, operation: str, *, looks: bool = False) -> None:
    """Nothing for a reading operation, named as AWS names it. Raises DryRunBroken otherwise.

    `looks` lets messages be received and given back too.
    """
    name = xform_name(operation)
    if not is_read_only(service, name) and not (looks and (service, name) in _LOOKING):
        raise DryRunBroken(
            f"a bug in edactl: the dry run was about to call {service}:{operation};"
            " it was stopped, and nothing was sent",
            hint="report it with this line and the command",
        )
