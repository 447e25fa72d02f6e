"""Resource names: a resource is given by name, URL or ARN, everywhere."""

from __future__ import annotations

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

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"

    @property
    def name(self) -> str:
        """The last part of the resource: `orders` of `event-bus/orders`."""
        return self.resource.rsplit("/", 1)[-1].rsplit(":", 1)[-1]


def parse_arn(text: str) -> Arn:
    """The ARN in `text`. Raises InputError when it is none."""
    parts = text.split(":", _ARN_PARTS - 1)
    if len(parts) != _ARN_PARTS or parts[0] != "arn" or not parts[1] or not parts[2]:
        raise InputError(
            f'"{text}" is not an ARN', hint="an ARN is arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE"
        )
    return Arn(*parts[1:])


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


def parse_queue(text: str) -> QueueReference:
    """The queue meant by a name, a URL or an ARN. Raises InputError for an ARN of another service.

    URLs are opaque but for their last two parts, account and name: emulators and VPC endpoints
    use hosts of their own.
    """
    if text.startswith(("http://", "https://")):
        *_, account, name = text.rstrip("/").split("/")
        return QueueReference(name=name, account=account, url=text)
    if not is_arn(text):
        return QueueReference(name=text)
    arn = parse_arn(text)
    if arn.service != "sqs":
        raise InputError(f'"{text}" is the ARN of a {arn.service} resource, not of a queue')
    return QueueReference(name=arn.resource, region=arn.region, account=arn.account)


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
