"""Who is calling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edactl.aws.session import AwsSession


@dataclass(frozen=True)
class CallerIdentity:
    """What sts:GetCallerIdentity says of the caller."""

    account: str
    arn: str
    user_id: str


def caller_identity(session: AwsSession) -> CallerIdentity:
    """The account and principal that calls are made as."""
    answer = session.call("sts", "get_caller_identity", resource="caller identity")
    return CallerIdentity(answer["Account"], answer["Arn"], answer["UserId"])
