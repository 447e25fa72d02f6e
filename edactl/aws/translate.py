"""Every botocore error as an edactl error: the exit status, the resource, what to type next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError

from edactl.aws.denial import Denial, denial_of
from edactl.aws.guard import what_to_do_again
from edactl.core.iam_action import iam_action
from edactl.errors import (
    AccessDenied,
    AwsError,
    ConfigError,
    EdactlError,
    FailedInside,
    NotFound,
    Throttled,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from botocore.parsers import ResponseParserError

    from edactl.core.settings import Setting

# Sources: "Common Errors" of the SQS, EventBridge, SNS, STS and CloudWatch API references, and the
# error lists of their operations; botocore/retries/standard.py for the throttles
_NOT_FOUND = {
    "ResourceNotFoundException",
    "ResourceNotFound",
    "QueueDoesNotExist",
    "NonExistentQueue",
    "NotFoundException",
    "NotFound",
    "TopicNotFound",
    "ClusterNotFoundException",
    "ServiceNotFoundException",
    "NoSuchEntity",
    "NoSuchEntityException",
    "NoSuchBucket",
    "NoSuchKey",
    "ExecutionDoesNotExist",
    "StateMachineDoesNotExist",
}
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"}
_UNKNOWN_CREDENTIALS = {
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidAccessKeyId",
    "InvalidAccessKeyIdException",
    "InvalidToken",
    "AuthFailure",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
}
_BAD_SIGNATURE = {
    "SignatureDoesNotMatch",
    "InvalidSignatureException",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "RequestTimeTooSkewed",
    "RequestExpired",
    "RequestInTheFuture",
}
_DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "AuthorizationErrorException",
    "UnauthorizedOperation",
    "UnauthorizedException",
    "NotAuthorized",
    "NotAuthorizedException",
    "ForbiddenException",
    "403",
}
_NOT_SUBSCRIBED = {"OptInRequired", "SubscriptionRequired", "SubscriptionRequiredException"}
_THROTTLED = {
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "Throttled",
    "ThrottledError",
    "RequestThrottled",
    "RequestThrottledException",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "SlowDown",
    "PriorRequestNotComplete",
    "429",
}
_FAILED_INSIDE = {
    "InternalFailure",
    "InternalError",
    "InternalErrorException",
    "InternalException",
    "InternalServerError",
    "InternalServerException",
    "InternalServiceError",
    "InternalServiceFault",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "500",
    "502",
    "503",
    "504",
}
_HINTS = {
    "PurgeQueueInProgress": "SQS takes one purge every 60 seconds: wait, and run it again",
    "QueueDeletedRecently": "SQS frees the name of a deleted queue after 60 seconds: wait",
    "OverLimit": "too many messages are in flight: delete or release some before receiving more",
    "LimitExceededException": "a quota of the account is reached: remove some, or ask for more",
    "InvalidAddress": "the queue is of another account or region: check the URL and --region",
    "ConcurrentModificationException": "someone else changed it at the same time: run it again",
    "ManagedRuleException": "another AWS service owns this rule: change it there",
}
_CANONICAL = {"NonExistentQueue": "QueueDoesNotExist"}
# What botocore itself calls to get credentials, in the middle of another call
_CREDENTIAL_SERVICES = {
    "AssumeRole": "sts",
    "AssumeRoleWithWebIdentity": "sts",
    "GetRoleCredentials": "sso",
    "CreateToken": "sso-oidc",
    "CreateOAuth2Token": "signin",
}


@dataclass(frozen=True)
class Call:
    """What was being called, for the words of its error. `operation` is as boto3 names it."""

    service: str
    operation: str
    resource: str = ""
    region: str = ""
    profile: str = "default"
    endpoint: Setting | None = None
    known_regions: Callable[[], Collection[str]] = tuple


def translate(error: ClientError | BotoCoreError | ResponseParserError, call: Call) -> EdactlError:
    """The edactl error that says what this botocore error means for the operator."""
    if isinstance(error, ClientError):
        return _Answer(error, call).translated()
    from edactl.aws.unanswered import translate_unanswered

    return translate_unanswered(error, call)


class _Answer:
    """An error that AWS answered with, taken apart."""

    def __init__(self, error: ClientError, call: Call) -> None:
        answer: dict[str, Any] = dict(error.response)
        raw = str(answer.get("Error", {}).get("Code") or "Unknown")
        self.call = call
        self.is_of_kms = raw.upper().startswith("KMS")
        short = raw.rsplit(".", 1)[-1]
        self.code = raw if self.is_of_kms else _CANONICAL.get(short, short)
        self.text = " ".join(str(answer.get("Error", {}).get("Message") or "").split())
        metadata = answer.get("ResponseMetadata", {})
        self.http_status = int(metadata.get("HTTPStatusCode") or 0)
        self.request_id = metadata.get("RequestId")
        nested = error.operation_name in _CREDENTIAL_SERVICES and (
            xform_name(error.operation_name) != call.operation
        )
        service = _CREDENTIAL_SERVICES[error.operation_name] if nested else call.service
        self.gets_credentials = nested
        self.operation = f"{service}:{error.operation_name}"
        self.action = iam_action(service, error.operation_name)
        self.subject = "the role" if nested else call.resource or self.operation

    @property
    def _facts(self) -> dict[str, Any]:
        return {"code": self.code, "operation": self.operation, "request_id": self.request_id}

    @property
    def _where(self) -> str:
        return f"{self.code}, request id {self.request_id}" if self.request_id else self.code

    def translated(self) -> EdactlError:
        """The error of the kind that the code says."""
        if self.is_of_kms:
            return self._of_kms()
        if credentials := self._about_credentials():
            return credentials
        if self.code in _DENIED:
            return self._denied(denial_of(self.text))
        if self.code in _NOT_FOUND:
            return NotFound(
                f"{self.subject} does not exist in {self.call.region} ({self.code})",
                hint=_list_hint(self.call.resource),
                **self._facts,
            )
        if self.code in _THROTTLED:
            return Throttled(
                f"{self.subject}: AWS throttles {self.action} ({self._where})",
                hint="slow down: --rate or fewer at once, then run it again",
                **self._facts,
            )
        return self._other()

    def _about_credentials(self) -> EdactlError | None:
        """The error when the credentials are what AWS refused, else None."""
        if self.code in _EXPIRED or (
            self.gets_credentials
            and self.code in {"UnauthorizedException", "InvalidGrantException"}
        ):
            return ConfigError(
                f"the credentials have expired ({self._where})", hint=login_hint(self.call.profile)
            )
        if self.code in _UNKNOWN_CREDENTIALS:
            return ConfigError(
                f"AWS does not know these credentials ({self._where})",
                hint="aws configure list shows whose they are; a region that the account has not"
                " enabled says the same",
            )
        if self.code in _BAD_SIGNATURE:
            return ConfigError(
                f"AWS refuses the signature ({self._where}): {self.text or 'no reason given'}",
                hint="set this machine's clock (timedatectl), then check the secret key",
            )
        if self.code in _NOT_SUBSCRIBED:
            return ConfigError(
                f"this account may not use {self.call.service} in {self.call.region}"
                f" ({self._where})",
                hint="enable the region or service in the account, or choose another --region",
            )
        return None

    def _denied(self, denial: Denial) -> AccessDenied:
        action = denial.action or self.action
        if action.lower() == self.action.lower():  # SQS says sqs:sendmessage
            action = self.action
        reason = f": {denial.reason}" if denial.reason else ""
        if denial.action is None and self.text:
            reason = f": {self.text}"
        return AccessDenied(
            f"{self.subject}: access denied, the caller lacks {action} ({self._where}){reason}",
            action=action,
            hint=denial.hint(action),
            **self._facts,
        )

    def _of_kms(self) -> EdactlError:
        text = self.text or "no reason given"
        denial = denial_of(self.text)
        if denial.action:
            return self._denied(denial)
        if "throttl" in self.code.lower():
            return Throttled(f"{self.subject}: {text} ({self._where})", **self._facts)
        return AwsError(
            f"{self.subject}: its KMS key: {text} ({self._where})",
            hint="aws kms describe-key: the key must be enabled, and its policy must let the caller"
            " and the sending service use it",
            **self._facts,
        )

    def _other(self) -> AwsError:
        hint, text = _HINTS.get(self.code), self.text or "no reason given"
        if self.code in _FAILED_INSIDE or self.http_status >= 500:  # noqa: PLR2004 -- HTTP
            return FailedInside(
                f"{self.subject}: AWS failed inside: {text} ({self._where})",
                hint=f"{what_to_do_again(self.call)}; health.aws.amazon.com",
                **self._facts,
            )
        return AwsError(f"{self.subject}: {text} ({self._where})", hint=hint, **self._facts)


def login_hint(profile: str) -> str:
    """What to type when a login or a key has run out."""
    return f"aws sso login --profile {profile}, or refresh the keys"


def _list_hint(resource: str) -> str | None:
    """The command that lists what there is of the kind that was not found."""
    kind, _, quoted = resource.partition(" ")
    name = quoted.strip('"')
    match kind:
        case "bus":
            return "edactl bus list"
        case "queue" if name:
            stem = name.replace("_", "-").replace(".", "-").split("-")[0]
            return f"edactl queue list --prefix {stem}"
        case "rule":
            return "edactl rule list --bus BUS"
        case "archive" | "replay":
            return f"edactl {kind} list"
        case "cluster" | "tasks":
            return "aws ecs list-clusters"
        case "topic":
            return "aws sns list-topics"
    return None
