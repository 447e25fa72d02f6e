"""Every botocore error as an edactl error: the exit status, the resource, what to type next."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConfigNotFound,
    ConfigParseError,
    ConnectionClosedError,
    CredentialRetrievalError,
    EndpointProviderError,
    HTTPClientError,
    InvalidEndpointConfigurationError,
    InvalidRegionError,
    MissingDependencyException,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
    ProfileNotFound,
    ReadTimeoutError,
    SSOError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
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
    UsageError,
)

_CHECK_CONFIG = "check ~/.aws/config and ~/.aws/credentials"
_SSO_LOGIN = "aws sso login --profile NAME"
_NOT_FOUND = {"ResourceNotFoundException", "QueueDoesNotExist", "NotFoundException", "NotFound"}
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
_BAD_CREDENTIALS = {
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "SignatureDoesNotMatch",
    "InvalidAccessKeyId",
    "AuthFailure",
}
_DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",  # SNS's word
    "NotAuthorized",
    "UnauthorizedOperation",
}
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
        return NotFound(
            f"{subject} does not exist in {region} ({code})", hint=_list_hint(subject), **facts
        )
    if code.startswith(("KMS", "Kms")):
        return AwsError(
            f"{subject}: {text} ({code}{_with_id(request_id)})",
            hint="the key's policy must let the caller, and the sending service, use the key",
            **facts,
        )
    if code in _THROTTLED:
        return Throttled(f"{subject}: AWS throttles {action} ({code}): {text}", **facts)
    return AwsError(f"{subject}: {text} ({code}{_with_id(request_id)})", **facts)


def _with_id(request_id: object) -> str:
    return f", request id {request_id}" if request_id else ""


def _list_hint(subject: str) -> str | None:
    """The command that lists what there is of the kind that was not found."""
    kind, _, name = subject.partition(" ")
    if kind == "bus":
        return "edactl bus list"
    if kind == "queue":
        return f"edactl queue list --prefix {name.strip(chr(34))[:3]}"
    return None


def _without_answer(error: BotoCoreError, service: str, operation: str, region: str) -> EdactlError:
    name = type(error).__name__
    action = f"{service}:{operation}"
    configuration = _configuration_error(error, service, region)
    if configuration:
        return configuration
    match error:
        case ParamValidationError():
            return UsageError(f"{action} does not take these values: {error}")
        case ReadTimeoutError() | ConnectionClosedError():
            return Unreachable(
                f"{action} in {region} got no answer ({name}); it may have happened all the same",
                code=name,
                operation=action,
                hint="look before you repeat it; -vv shows the calls",
            )
        case BotoConnectionError() | HTTPClientError():
            return Unreachable(
                f"{service} in {region} could not be reached: {error}",
                code=name,
                operation=action,
                hint="check the network, --endpoint-url and --region",
            )
    return AwsError(f"{action}: {error} ({name})", code=name, operation=action)


def _configuration_error(error: BotoCoreError, service: str, region: str) -> ConfigError | None:
    """What is missing before a call can be made at all; None when that is not the matter."""
    match error:
        case ProfileNotFound():
            return ConfigError(str(error), hint="aws configure list-profiles")
        case ConfigNotFound() | ConfigParseError():
            return ConfigError(f"the AWS configuration cannot be read: {error}", hint=_CHECK_CONFIG)
        case NoCredentialsError() | PartialCredentialsError() | CredentialRetrievalError():
            return ConfigError(
                f"no credentials: {error}", hint="aws configure, aws sso login, or --profile NAME"
            )
        case SSOError() | UnauthorizedSSOTokenError() | TokenRetrievalError():
            return ConfigError(f"the SSO login is missing or expired: {error}", hint=_SSO_LOGIN)
        case NoRegionError():
            return ConfigError("no region is set", hint="add --region eu-west-1")
        case InvalidRegionError() | EndpointProviderError() | InvalidEndpointConfigurationError():
            return ConfigError(f"{region} has no endpoint for {service}: {error}", hint="--region")
        case MissingDependencyException():
            return ConfigError(
                f"{service} needs signatures of version 4A, which are not installed",
                hint="pip install 'edactl[crt]'",
            )
    return None
