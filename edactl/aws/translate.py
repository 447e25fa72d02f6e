"""Every botocore error as an edactl error: the exit status, the resource, what to type next."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
)
from botocore.exceptions import (
    ConnectionError as BotoConnectionError,
)

from edactl.core.iam import iam_action
from edactl.errors import (
    AccessDenied,
    AwsError,
    ConfigError,
    EdactlError,
    NotFound,
    Throttled,
    Unreachable,
)

_NOT_FOUND = {"ResourceNotFoundException", "QueueDoesNotExist", "NotFoundException", "NotFound"}
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
_BAD_CREDENTIALS = {
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "SignatureDoesNotMatch",
    "InvalidAccessKeyId",
    "AuthFailure",
}
_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized"}
_THROTTLED = {
    "ThrottlingException",
    "Throttling",
    "TooManyRequestsException",
    "RequestThrottled",
    "LimitExceededException",
}


def translate(
    error: ClientError | BotoCoreError,
    *,
    service: str,
    operation: str,
    resource: str,
    region: str,
) -> EdactlError:
    """The edactl error that says what this botocore error means for the operator."""
    if isinstance(error, ClientError):
        return _from_answer(error, service, resource, region)
    return _without_answer(error, service, operation, region)


def _from_answer(error: ClientError, service: str, resource: str, region: str) -> EdactlError:
    answer: dict[str, Any] = dict(error.response)
    code = str(answer.get("Error", {}).get("Code", "Unknown")).rsplit(".", 1)[-1]
    text = str(answer.get("Error", {}).get("Message", "")).strip() or "no reason given"
    request_id = answer.get("ResponseMetadata", {}).get("RequestId")
    action = iam_action(service, error.operation_name)
    subject = resource or action
    facts: dict[str, Any] = {"code": code, "operation": action, "request_id": request_id}
    if code in _EXPIRED:
        return ConfigError(
            f"the credentials have expired ({code})", hint="aws sso login, or refresh the keys"
        )
    if code in _BAD_CREDENTIALS:
        return ConfigError(f"AWS does not know these credentials ({code})", hint="edactl whoami")
    if code in _DENIED:
        return AccessDenied(
            f"{subject}: access denied ({code}); the caller lacks {action}",
            action=action,
            hint=f"allow {action}; edactl iam-policy prints the least policy of a command",
            **facts,
        )
    if code in _NOT_FOUND or code.endswith("NonExistentQueue"):
        return NotFound(f"{subject} does not exist in {region} ({code})", **facts)
    if code in _THROTTLED:
        return Throttled(f"{subject}: AWS throttles {action} ({code}): {text}", **facts)
    suffix = f", request id {request_id}" if request_id else ""
    return AwsError(f"{subject}: {text} ({code}{suffix})", **facts)


def _without_answer(error: BotoCoreError, service: str, operation: str, region: str) -> EdactlError:
    match error:
        case ProfileNotFound():
            return ConfigError(str(error), hint="aws configure list-profiles")
        case NoCredentialsError() | PartialCredentialsError():
            return ConfigError(
                f"no credentials: {error}", hint="aws configure, aws sso login, or --profile NAME"
            )
        case NoRegionError():
            return ConfigError("no region is set", hint="add --region eu-west-1")
        case BotoConnectionError() | HTTPClientError():
            return Unreachable(
                f"{service} in {region} could not be reached: {error}",
                code=type(error).__name__,
                operation=f"{service}:{operation}",
                hint="check the network, --endpoint-url and --region",
            )
    return AwsError(str(error), code=type(error).__name__, operation=f"{service}:{operation}")
