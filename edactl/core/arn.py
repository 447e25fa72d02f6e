"""Resource names: a resource is given by name, URL or ARN, everywhere."""

from __future__ import annotations

import re
from dataclasses import dataclass

from edactl.errors import InputError

_ARN_PARTS = 6


@dataclass(frozen=True)
class Arn:
    """`arn:partition:service:region:account:resource`, taken apart."""

    partition: str
    service: str
    region: str
    account: str
    resource: str


def parse_arn(text: str) -> Arn:
    """The ARN in `text`. Raises InputError when it is none."""
    parts = text.split(":", _ARN_PARTS - 1)
    if len(parts) != _ARN_PARTS or parts[0] != "arn" or not parts[1] or not parts[2]:
        raise InputError(
            f'"{text}" is not an ARN', hint="an ARN is arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE"
        )
    return Arn(*parts[1:])


def arn_of(text: str | None) -> Arn | None:
    """The ARN, taken apart; None when it is none."""
    try:
        return parse_arn(text or "")
    except InputError:
        return None


def name_of(text: str | None) -> str:
    """What people call the resource of this ARN; the text itself when it is no ARN."""
    arn = arn_of(text)
    if arn is None:
        return text or "?"
    match arn.service:
        case "lambda":
            return arn.resource.removeprefix("function:").split(":")[0]
        case "sns":
            return arn.resource.split(":")[0]
        case "scheduler" if not arn.region:
            return arn.resource.removeprefix("aws-sdk:")
    return arn.resource.rpartition("/")[2].rpartition(":")[2] or arn.resource


def is_arn(text: str) -> bool:
    """Whether `text` is meant as an ARN."""
    return text.startswith("arn:")


@dataclass(frozen=True)
class QueueReference:
    """A queue as typed: name, URL or ARN. `region` and `account` are empty for a bare name."""

    name: str
    region: str = ""
    account: str = ""
    url: str = ""


_QUEUE_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}|[A-Za-z0-9_-]{1,75}\.fifo")
_AWS_QUEUE_HOST = re.compile(
    r"https?://(?:[^/]*\.)?(?:sqs\.(?P<new>[a-z0-9-]+)|(?P<old>[a-z0-9-]+)\.queue)"
    r"(?:\.vpce)?\.amazonaws\.com(?:\.cn)?/"
)


def parse_queue(text: str) -> QueueReference:
    """The queue meant by a name, a URL or an ARN. Raises InputError for what can be none of them.

    URLs are opaque but for their last two parts, account and name, since emulators use hosts of
    their own; a host of AWS tells the region too. Source: SQS API reference, CreateQueue (names);
    AWS general reference, "Amazon SQS endpoints".
    """
    if text.startswith(("http://", "https://")):
        reference = _queue_of_url(text)
    elif is_arn(text):
        arn = parse_arn(text)
        if arn.service != "sqs":
            raise InputError(
                f'"{text}" is the ARN of {arn.service}, not of a queue',
                hint="a queue's ARN is arn:aws:sqs:REGION:ACCOUNT:NAME",
            )
        reference = QueueReference(name=arn.resource, region=arn.region, account=arn.account)
    else:
        reference = QueueReference(name=text)
    if not _QUEUE_NAME.fullmatch(reference.name):
        raise InputError(
            f'"{text}" names no queue',
            hint="a name is at most 80 letters, digits, - and _, and .fifo; see edactl queue list",
        )
    return reference


def _queue_of_url(url: str) -> QueueReference:
    path = url.rstrip("/").split("/")[3:]  # after the scheme, nothing, and the host
    account, name = ["", "", *path][-2:]
    host = _AWS_QUEUE_HOST.match(url)
    region = (host["new"] or host["old"]) if host else ""
    return QueueReference(name=name, region=region, account=account, url=url)


@dataclass(frozen=True)
class BusReference:
    """An event bus as typed: name or ARN. `region` and `account` are empty for a bare name."""

    name: str
    region: str = ""
    account: str = ""
    arn: str = ""

    def __str__(self) -> str:
        return self.arn or self.name


def parse_bus(text: str) -> BusReference:
    """The bus meant by a name or an ARN. Raises InputError for an ARN of something else."""
    if not is_arn(text):
        return BusReference(name=text)
    arn = parse_arn(text)
    if arn.service != "events" or not arn.resource.startswith("event-bus/"):
        raise InputError(f'"{text}" is not the ARN of an event bus')
    name = arn.resource.removeprefix("event-bus/")
    return BusReference(name=name, region=arn.region, account=arn.account, arn=text)
