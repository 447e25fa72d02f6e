"""Who failed to deliver a letter: what people call it, where to look, what it lacks."""

from __future__ import annotations

import re
from shlex import quote
from typing import TYPE_CHECKING

from edactl.core.arn import arn_of, name_of, parse_queue
from edactl.core.letter import Origin
from edactl.core.letter_grants import Caller, identity_grant, missing_grant
from edactl.core.message import parsed_body
from edactl.errors import InputError

if TYPE_CHECKING:
    from edactl.core.letter import Letter

_OPERATION = re.compile(r":::aws-sdk:(\w+):(\w+)$")
ANYTHING = "*"
_IAM_PREFIXES = {"sfn": "states", "eventbridge": "events"}
_IAM_ACTIONS = {"lambda:Invoke": "lambda:InvokeFunction"}
_KINDS = {
    Origin.EVENTBRIDGE_RULE: "rule",
    Origin.SCHEDULER: "schedule",
    Origin.CUSTOM_EVENT_BUS: "subscriber",
}


def sender_of(letter: Letter) -> str:
    """The sender as people say it: `rule orders`, `schedule nightly`."""
    kind = _KINDS.get(letter.origin, "subscription")
    arn = arn_of(letter.sender)
    match arn.resource.split("/") if arn else []:
        case ["subscriber", name, _]:
            return f"subscriber {name}"
    return f"{kind} {name_of(letter.sender)}"


def target_of(letter: Letter) -> str:
    """The target as people say it; of a schedule's operation, what its request is about."""
    if _OPERATION.search(letter.target or ""):
        about = requested_arn(letter)
        return name_of(letter.target if about == ANYTHING else about)
    return name_of(letter.target)


def principal_of(letter: Letter) -> str:
    """The service that delivers, as policies name it."""
    match letter.origin:
        case Origin.SCHEDULER:
            return "scheduler.amazonaws.com"
        case Origin.SNS | Origin.SNS_RAW:
            return "sns.amazonaws.com"
    return "events.amazonaws.com"


def look_at(letter: Letter) -> str:
    """What to type to see how the sender is set up."""
    arn = arn_of(letter.sender)
    path = arn.resource.split("/") if arn else []
    match letter.origin, path:
        case Origin.EVENTBRIDGE_RULE, ["rule", name]:
            return f"edactl rule show {quote(name)}"
        case Origin.EVENTBRIDGE_RULE, ["rule", *bus, name]:
            return f"edactl rule show {quote(name)} --bus {quote('/'.join(bus))}"
        case Origin.SCHEDULER, ["schedule", group, name]:
            return f"aws scheduler get-schedule --name {quote(name)} --group-name {quote(group)}"
        case Origin.CUSTOM_EVENT_BUS, _:
            return f"aws eventsv2 describe-subscriber --subscriber-arn {quote(letter.sender or '')}"
    return f"look at {letter.sender}"


def grant_for(letter: Letter) -> str:
    """The permission that the sender lacks on the target, ready to paste."""
    operation = _OPERATION.search(letter.target or "")
    if operation is not None:
        service, name = operation.groups()
        action = f"{_IAM_PREFIXES.get(service, service)}:{name[:1].upper()}{name[1:]}"
        return identity_grant(_IAM_ACTIONS.get(action, action), requested_arn(letter))
    if letter.origin is Origin.SNS or letter.origin is Origin.SNS_RAW:
        topic = (letter.sender or "").rpartition(":")[0]  # TOPIC_ARN:ID
        return missing_grant(letter.target or "", Caller(principal_of(letter), topic))
    return missing_grant(letter.target or "", Caller(principal_of(letter), letter.sender))


def requested_arn(letter: Letter) -> str:
    """The ARN that an API request is about, or its queue URL's; `*` when it tells none."""
    body = parsed_body(letter.message.body)
    values = list(body.values()) if isinstance(body, dict) else []
    for value in values:
        if isinstance(value, str) and arn_of(value) is not None:
            return value
    url = body.get("QueueUrl") if isinstance(body, dict) else None
    return _arn_of_url(url) if isinstance(url, str) else ANYTHING


def _arn_of_url(url: str) -> str:
    try:
        queue = parse_queue(url)
    except InputError:
        return ANYTHING
    if not queue.region or not queue.account:
        return ANYTHING
    return f"arn:aws:sqs:{queue.region}:{queue.account}:{queue.name}"
