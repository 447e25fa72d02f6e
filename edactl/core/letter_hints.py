"""What to do about a letter: the likely cause, and what to type or which statement is missing.

A letter's attributes are whatever its sender wrote, so what goes into a command is quoted.
"""

from __future__ import annotations

from dataclasses import dataclass
from shlex import quote
from typing import TYPE_CHECKING

from edactl.core.arn import arn_of, name_of
from edactl.core.letter import Origin
from edactl.core.letter_causes import Cause, cause_of
from edactl.core.letter_grants import key_grant, trust_grant
from edactl.core.letter_senders import grant_for, look_at, principal_of, sender_of, target_of
from edactl.core.message import parsed_body
from edactl.core.redrive_origins import ToOrigin
from edactl.core.redrive_route import Skip

if TYPE_CHECKING:
    from edactl.core.letter import Letter


@dataclass(frozen=True)
class Place:
    """Where the letter lies: its DLQ by name, and its cluster."""

    dlq: str
    cluster: str

    @property
    def chosen(self) -> str:
        """The arguments that choose these letters."""
        return f"{self.dlq} --cluster {self.cluster}"

    @property
    def redrive(self) -> str:
        """What to type to send them back."""
        return f"edactl dlq redrive {self.chosen}"


_DELIVERIES = {
    Cause.PERMISSION: "{who} may not reach {target}: {grant}",
    Cause.ROLE: "the role of {who} cannot be assumed: {trust}",
    Cause.MISSING: "{target} does not exist: make it again, or choose another target; {look}",
    Cause.KEY: "{who} may not use the key that {target} is encrypted with: {key}",
    Cause.THROTTLED: "{target} was throttled or at its limit: raise that, or redrive with --rate",
    Cause.UNREACHABLE: "{target} did not answer in time: see that it is up, try one (--canary 1)",
    Cause.TRANSFORMATION: "what {who} makes of the event is invalid: {look}",
    Cause.REFUSED: "{target} refused it, as the message says: {look}",
    Cause.HOPS: "an event crosses accounts or regions once only, so send it there straight: {look}",
    Cause.INSIDE_AWS: "AWS failed inside; health.aws.amazon.com tells whether it still does",
}
_OTHER_DELIVERY = "{target} took none of the attempts: {look}"
_FUNCTIONS = {
    Cause.THROTTLED: "{target} was throttled until the event was given up: raise its concurrency,"
    " aws lambda get-function-concurrency --function-name {target}",
    Cause.TIMED_OUT: "{target} ran out of time: raise its timeout, or see why: {logs}",
    Cause.MEMORY: "{target} ran out of memory: raise its memory size, or see why: {logs}",
    Cause.PERMISSION: "{target} lacks a permission, as the message says: {logs}",
}
_FUNCTIONS |= {Cause.TOO_OLD: _FUNCTIONS[Cause.THROTTLED], Cause.KEY: _FUNCTIONS[Cause.PERMISSION]}
_OTHER_FUNCTION = "{target} failed on it: {logs}"


def hint_of(letter: Letter, place: Place) -> str:
    """The likely cause and the fix, in one line; ARNs in it are the letter's own."""
    if letter.problem:
        return (
            f"{letter.problem}, so it cannot go back by itself;"
            f" see it whole: edactl dlq inspect {place.chosen} --letters"
        )
    match letter.origin:
        case Origin.UNKNOWN:
            fix = "nothing tells who sent it here, or why: say where it should go"
            return f"{fix}; {place.redrive} --to QUEUE"
        case Origin.S3_POINTER:
            fix = "its body is in S3 and has to stay there; who sent it here is not told"
            return f"{fix}; {place.redrive} --to QUEUE"
        case Origin.STREAM_DESTINATION:
            return f"{_of_reader(letter)}; {_of_stream(letter)}"
        case Origin.CUSTOM_EVENT_BUS:
            return f"{_of_delivery(letter)}; {_of_custom_bus()}"
    way = ToOrigin("", lambda same: same).route(letter)
    if isinstance(way, Skip):
        return f"{_fix(letter)}; {way.reason} ({place.redrive} --to QUEUE)"
    return f"{_fix(letter)}; then {place.redrive}"


def _fix(letter: Letter) -> str:
    match letter.origin:
        case Origin.SQS_REDRIVE:
            return _of_queue(letter)
        case Origin.SNS | Origin.SNS_RAW:
            return _of_subscription(letter)
        case Origin.LAMBDA_ASYNC | Origin.LAMBDA_DESTINATION:
            return _of_function(letter)
    return _of_delivery(letter)


def _of_queue(letter: Letter) -> str:
    name = name_of(letter.target)
    return (
        f"consumers of {name} took it again and again and never deleted it: they fail on it, as"
        " their logs tell, or its visibility timeout is shorter than their work"
        f" (edactl queue show {name})"
    )


def _of_delivery(letter: Letter) -> str:
    """The fix for a rule's, a schedule's or a subscriber's delivery."""
    principal = principal_of(letter)
    return _DELIVERIES.get(cause_of(letter), _OTHER_DELIVERY).format(
        who=sender_of(letter),
        target=target_of(letter),
        look=look_at(letter),
        grant=grant_for(letter),
        trust=trust_grant(principal),
        key=key_grant(principal),
    )


def _of_subscription(letter: Letter) -> str:
    """SNS tells no error; a policy that does not let SNS in is the usual one."""
    if letter.sender is None:
        return (
            "SNS tells neither why nor which subscription: the policy of each endpoint must let"
            " sns.amazonaws.com in; aws sns list-subscriptions"
        )
    look = f"aws sns get-subscription-attributes --subscription-arn {quote(letter.sender)}"
    if arn_of(letter.target) is None:
        return f"SNS does not tell why {letter.target or 'its endpoint'} failed: is it up? {look}"
    return (
        f"SNS does not tell why {target_of(letter)} failed; if it does not let SNS in:"
        f" {grant_for(letter)}"
    )


def _of_function(letter: Letter) -> str:
    target = quote(name_of(letter.target)) if letter.target else "FUNCTION"
    wanted = quote(f'"{letter.request_id}"') if letter.request_id else "ERROR"
    logs = f"aws logs filter-log-events --log-group-name /aws/lambda/{target}"
    template = _FUNCTIONS.get(cause_of(letter), _OTHER_FUNCTION)
    return template.format(target=target, logs=f"{logs} --filter-pattern {wanted}")


def _of_reader(letter: Letter) -> str:
    """The fix for what reads a stream: a function, or a pipe, which tells no more than its name."""
    arn = arn_of(letter.target)
    if arn is None or arn.service != "pipes":
        return _of_function(letter)
    name = quote(name_of(letter.target))
    return (
        f"pipe {name} could not hand the batch on: its enrichment, its target or its role fails, as"
        f" its logs tell: aws pipes describe-pipe --name {name}"
    )


def _of_stream(letter: Letter) -> str:
    """The records are still in the stream, for as long as it keeps them."""
    body = parsed_body(letter.message.body)
    infos = body.values() if isinstance(body, dict) else ()
    batch = next((one for one in infos if isinstance(one, dict) and "streamArn" in one), {})
    stream = letter.sender or ""
    service, number = "kinesis", "--starting-sequence-number"
    if ":dynamodb:" in stream:
        service, number = "dynamodbstreams", "--sequence-number"
    return (
        "it holds no records, so read them from the stream while it keeps them:"
        f" aws {service} get-shard-iterator --stream-arn {quote(stream)}"
        f" --shard-id {quote(str(batch.get('shardId')))}"
        " --shard-iterator-type AT_SEQUENCE_NUMBER"
        f" {number} {quote(str(batch.get('startSequenceNumber')))}"
    )


def _of_custom_bus() -> str:
    return (
        "it holds no event (unverified), so replay from the bus's retention: a new subscriber that"
        " starts at the timestamps of its failedMessages"
    )
