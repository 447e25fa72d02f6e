from __future__ import annotations

from dataclasses import replace
from typing import Any

import botocore.exceptions as boto
import pytest
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from edactl.aws.denial import Denial, denial_of
from edactl.aws.translate import Call, translate
from edactl.core.settings import Setting
from edactl.errors import (
    AccessDenied,
    AwsError,
    ConfigError,
    EdactlError,
    ExitStatus,
    FailedInside,
    NotFound,
    Throttled,
    Unreachable,
)

REGIONS = ("eu-west-1", "eu-north-1", "us-east-1")
SEND = Call(
    service="sqs",
    operation="send_message_batch",
    resource='queue "orders-dql"',
    region="eu-west-1",
    profile="prod",
    known_regions=lambda: REGIONS,
)


def _answer(
    code: str, message: str = "", *, operation: str = "SendMessageBatch", status: int = 400
) -> ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"RequestId": "r-1", "HTTPStatusCode": status},
    }
    return ClientError(response, operation)


# -- botocore's own errors -------------------------------------------------------------------------


def _every(kind: type[BotoCoreError]) -> set[type[BotoCoreError]]:
    found = {kind}
    for sub in kind.__subclasses__():
        if sub.__module__.startswith("botocore"):
            found |= _every(sub)
    return found


def _made(kind: type[BotoCoreError], words: str = "it failed") -> BotoCoreError:
    error = kind.__new__(kind)
    Exception.__init__(error, words)
    return error


@pytest.mark.parametrize("kind", sorted(_every(BotoCoreError), key=repr))
def test_no_botocore_error_is_taken_for_a_bug_of_edactl(kind: type[BotoCoreError]) -> None:
    raised = translate(_made(kind), SEND)

    assert raised.status in {ExitStatus.USAGE, ExitStatus.CONFIG, ExitStatus.AWS}
    assert raised.message
    assert "\n" not in raised.message


CONFIG, AWS, USAGE = ExitStatus.CONFIG, ExitStatus.AWS, ExitStatus.USAGE


@pytest.mark.parametrize(
    ("kind", "status", "words", "hint"),
    [
        (boto.ProfileNotFound, CONFIG, "it failed", "aws configure list-profiles"),
        (boto.NoCredentialsError, CONFIG, "no credentials", "aws configure, aws sso login"),
        (boto.PartialCredentialsError, CONFIG, "no credentials", "aws configure"),
        (boto.CredentialRetrievalError, CONFIG, "no credentials", "aws configure"),
        (boto.MetadataRetrievalError, CONFIG, "no credentials", "aws configure"),
        (boto.UnauthorizedSSOTokenError, CONFIG, "SSO login of profile prod", "--profile prod"),
        (boto.SSOTokenLoadError, CONFIG, "SSO login", "aws sso login --profile prod"),
        (boto.TokenRetrievalError, CONFIG, "SSO login", "aws sso login --profile prod"),
        (boto.LoginRefreshRequired, CONFIG, "it failed", "aws login --profile prod"),
        (boto.RefreshWithMFAUnsupportedError, CONFIG, "a new MFA code", "run the command again"),
        (boto.NoRegionError, CONFIG, "no region is set", "add --region"),
        (boto.InvalidRegionError, CONFIG, '"eu-west-1" is not a region', "that is spelt so"),
        (boto.EndpointResolutionError, CONFIG, "has no endpoint in eu-west-1", "--region"),
        (boto.UnknownEndpointError, CONFIG, "has no endpoint in eu-west-1", "--region"),
        (boto.ConfigParseError, CONFIG, "configuration cannot be used", "~/.aws/config"),
        (boto.ConfigNotFound, CONFIG, "configuration cannot be used", "~/.aws/config"),
        (boto.InfiniteLoopConfigError, CONFIG, "configuration cannot be used", "~/.aws/config"),
        (boto.InvalidRetryModeError, CONFIG, "configuration cannot be used", "~/.aws/config"),
        (boto.MissingDependencyException, CONFIG, "is not installed", "pip install 'edactl[crt]'"),
        (boto.UnknownServiceError, CONFIG, "does not know sqs", "pip install --upgrade boto3"),
        (boto.ParamValidationError, USAGE, 'queue "orders-dql": it failed', "change the value"),
        (boto.RangeError, USAGE, "it failed", "change the value"),
        (boto.EndpointConnectionError, AWS, "sqs in eu-west-1 could not be reached", "--region"),
        (boto.ConnectTimeoutError, AWS, "could not be reached", "--region"),
        (boto.SSLError, AWS, "TLS failed", "AWS_CA_BUNDLE"),
        (boto.ProxyConnectionError, AWS, "the proxy could not be reached", "HTTPS_PROXY"),
        (boto.ReadTimeoutError, AWS, "no answer to sqs:send", "look before you repeat"),
        (boto.ConnectionClosedError, AWS, "no answer to sqs:send", "look before you repeat"),
        (boto.ResponseStreamingError, AWS, "no answer to sqs:send", "look before you repeat"),
        (boto.IncompleteReadError, AWS, "no answer to sqs:send", "look before you repeat"),
        (boto.ChecksumError, AWS, "is not AWS's", "a proxy may stand between"),
        (boto.CapacityNotAvailableError, AWS, "throttled", "slow down"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_botocore_error_says_what_happened_and_what_to_do(
    kind: type[BotoCoreError], status: ExitStatus, words: str, hint: str
) -> None:
    raised = translate(_made(kind), SEND)

    assert raised.status == status
    assert words in raised.message
    assert raised.hint is not None
    assert hint in raised.hint


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (boto.EndpointConnectionError, Unreachable),
        (boto.ReadTimeoutError, Unreachable),
        (boto.CapacityNotAvailableError, Throttled),
        (boto.ChecksumError, AwsError),
        (boto.PaginationError, AwsError),
    ],
)
def test_what_got_no_answer_carries_the_botocore_name_as_its_code(
    kind: type[BotoCoreError], expected: type[AwsError]
) -> None:
    raised = translate(_made(kind), SEND)

    assert type(raised) is expected
    assert isinstance(raised, AwsError)
    assert raised.code == kind.__name__
    assert raised.operation == "sqs:send_message_batch"
    assert raised.request_id is None


def test_a_misspelt_region_is_named_when_it_cannot_be_reached() -> None:
    call = Call("sqs", "list_queues", region="eu-wset-1", known_regions=lambda: REGIONS)

    raised = translate(_made(boto.EndpointConnectionError), call)

    assert raised.hint == "--region eu-west-1: this version knows no region eu-wset-1"


def test_an_endpoint_that_cannot_be_reached_is_named_with_its_source() -> None:
    call = Call("sqs", "list_queues", endpoint=Setting("http://h:1", "AWS_ENDPOINT_URL"))

    raised = translate(_made(boto.EndpointConnectionError), call)

    assert "sqs at http://h:1 (from AWS_ENDPOINT_URL) could not be reached" in raised.message
    assert raised.hint == "start what listens there, or change AWS_ENDPOINT_URL"


@pytest.mark.parametrize("kind", [boto.EndpointConnectionError, boto.ChecksumError])
def test_a_sandbox_that_cannot_be_reached_points_to_its_status(kind: type[BotoCoreError]) -> None:
    call = Call("sqs", "list_queues", endpoint=Setting("http://127.0.0.1:1", "sandbox"))

    assert translate(_made(kind), call).hint == "edactl sandbox status"


def test_an_answer_that_cannot_be_parsed_is_not_aws_s() -> None:
    raised = translate(ResponseParserError("it is a web page"), SEND)

    assert (
        raised.message
        == 'queue "orders-dql": the answer of sqs in eu-west-1 is not AWS\'s: it is a web page'
    )


def test_an_error_without_words_is_named_by_its_class() -> None:
    raised = translate(_made(boto.PaginationError, ""), SEND)

    assert raised.message == 'queue "orders-dql": PaginationError (PaginationError)'


def test_without_a_resource_the_operation_is_named() -> None:
    raised = translate(_made(boto.PaginationError), Call("sqs", "list_queues"))

    assert raised.message.startswith("sqs:list_queues: ")


# -- what AWS answered -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        ("QueueDoesNotExist", NotFound, 'queue "orders-dql" does not exist in eu-west-1'),
        ("AWS.SimpleQueueService.NonExistentQueue", NotFound, "(QueueDoesNotExist)"),
        ("ResourceNotFoundException", NotFound, "does not exist"),
        ("NotFound", NotFound, "does not exist"),
        ("AccessDenied", AccessDenied, "the caller lacks sqs:SendMessage"),
        ("AccessDeniedException", AccessDenied, "the caller lacks sqs:SendMessage"),
        ("AuthorizationError", AccessDenied, "the caller lacks sqs:SendMessage"),
        ("403", AccessDenied, "the caller lacks sqs:SendMessage"),
        ("ExpiredToken", ConfigError, "the credentials have expired"),
        ("ExpiredTokenException", ConfigError, "the credentials have expired"),
        ("InvalidClientTokenId", ConfigError, "does not know these credentials"),
        ("UnrecognizedClientException", ConfigError, "does not know these credentials"),
        ("MissingAuthenticationToken", ConfigError, "does not know these credentials"),
        ("SignatureDoesNotMatch", ConfigError, "refuses the signature"),
        ("InvalidSignatureException", ConfigError, "refuses the signature"),
        ("RequestTimeTooSkewed", ConfigError, "refuses the signature"),
        ("RequestExpired", ConfigError, "refuses the signature"),
        ("OptInRequired", ConfigError, "may not use sqs in eu-west-1"),
        ("SubscriptionRequiredException", ConfigError, "may not use sqs in eu-west-1"),
        ("ThrottlingException", Throttled, "AWS throttles sqs:SendMessage"),
        ("AWS.SimpleQueueService.RequestThrottled", Throttled, "AWS throttles"),
        ("TooManyRequestsException", Throttled, "AWS throttles"),
        ("KMS.ThrottlingException", Throttled, "the reason"),
        ("KmsThrottled", Throttled, "the reason"),
        ("KMS.DisabledException", AwsError, "its KMS key: the reason"),
        ("KMS.AccessDeniedException", AwsError, "its KMS key: the reason"),
        ("KmsInvalidState", AwsError, "its KMS key: the reason"),
        ("InternalFailure", FailedInside, "AWS failed inside: the reason"),
        ("ServiceUnavailable", FailedInside, "AWS failed inside"),
        ("AWS.SimpleQueueService.PurgeQueueInProgress", AwsError, "the reason"),
        ("LimitExceededException", AwsError, "the reason"),
        ("InvalidParameterValue", AwsError, "the reason"),
    ],
)
def test_an_answer_of_aws_becomes_its_kind(code: str, kind: type[EdactlError], words: str) -> None:
    raised = translate(_answer(code, "the reason"), SEND)

    assert type(raised) is kind
    assert words in raised.message


def test_not_found_is_worded_as_the_contract_shows() -> None:
    raised = translate(_answer("QueueDoesNotExist", "no"), SEND)

    assert raised.message == 'queue "orders-dql" does not exist in eu-west-1 (QueueDoesNotExist)'
    assert raised.hint == "edactl queue list --prefix orders"
    assert isinstance(raised, NotFound)
    assert (raised.code, raised.request_id) == ("QueueDoesNotExist", "r-1")
    assert raised.operation == "sqs:SendMessageBatch"


@pytest.mark.parametrize(
    ("resource", "hint"),
    [
        ('bus "flix"', "edactl bus list"),
        ('queue "a_b"', "edactl queue list --prefix a"),
        ('rule "r"', "edactl rule list --bus BUS"),
        ('topic "t"', "aws sns list-topics"),
        ("", None),
        ("queue", None),
    ],
)
def test_not_found_points_to_the_list_of_that_kind(resource: str, hint: str | None) -> None:
    call = Call("events", "describe_event_bus", resource=resource, region="r")

    assert translate(_answer("ResourceNotFoundException"), call).hint == hint


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("AWS.SimpleQueueService.PurgeQueueInProgress", "one purge every 60 seconds"),
        ("AWS.SimpleQueueService.QueueDeletedRecently", "after 60 seconds"),
        ("OverLimit", "in flight"),
        ("LimitExceededException", "quota"),
        ("InvalidAddress", "another account or region"),
        ("ConcurrentModificationException", "run it again"),
        ("ManagedRuleException", "another AWS service owns this rule"),
        ("SignatureDoesNotMatch", "clock"),
        ("ExpiredToken", "aws sso login --profile prod"),
        ("KMS.DisabledException", "aws kms describe-key"),
        ("ThrottlingException", "--rate"),
        ("OptInRequired", "enable the region"),
        ("InternalFailure", "may have happened"),
    ],
)
def test_an_answer_says_what_to_do(code: str, hint: str) -> None:
    raised = translate(_answer(code, "the reason"), SEND)

    assert raised.hint is not None
    assert hint in raised.hint


@pytest.mark.parametrize(
    "code",
    ["AccessDenied", "ThrottlingException", "ExpiredToken", "Strange", "KMS.DisabledException"],
)
def test_a_refusal_shows_code_and_request_id(code: str) -> None:
    assert f"({code}, request id r-1)" in translate(_answer(code, "the reason"), SEND).message


def test_an_answer_without_request_id_or_reason_says_so() -> None:
    error = ClientError({"Error": {"Code": "Strange"}}, "SendMessageBatch")

    raised = translate(error, SEND)

    assert raised.message == 'queue "orders-dql": no reason given (Strange)'


def test_an_answer_without_a_code_is_still_an_error_of_aws() -> None:
    raised = translate(ClientError({}, "SendMessageBatch"), SEND)

    assert isinstance(raised, AwsError)
    assert raised.code == "Unknown"


def test_a_5xx_with_an_unknown_code_failed_inside_aws() -> None:
    raised = translate(_answer("Odd", "broken", status=500), SEND)

    assert isinstance(raised, FailedInside)
    assert raised.message == 'queue "orders-dql": AWS failed inside: broken (Odd, request id r-1)'


@pytest.mark.parametrize(
    "error", [_answer("Odd", "broken", status=500), _made(boto.ReadTimeoutError)]
)
def test_a_reading_call_that_failed_is_just_made_again(
    error: ClientError | BotoCoreError,
) -> None:
    raised = translate(error, replace(SEND, operation="list_queues"))

    assert raised.hint is not None
    assert raised.hint.startswith("run it again: nothing was changed; ")


# -- access denied ---------------------------------------------------------------------------------

CALLER = "arn:aws:sts::111122223333:assumed-role/dev/me"
QUEUE = "arn:aws:sqs:eu-west-1:111122223333:orders"
IDENTITY = "because no identity-based policy allows the sqs:SendMessage action"


def _words(action: str, resource: str = QUEUE, reason: str = IDENTITY) -> str:
    return f"User: {CALLER} is not authorized to perform: {action} on resource: {resource} {reason}"


def test_the_facts_of_a_denial_are_in_aws_own_words() -> None:
    assert denial_of(_words("sqs:sendmessage")) == Denial(
        principal=CALLER, action="sqs:sendmessage", resource=QUEUE, reason=IDENTITY
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Access to the resource https://sqs/1/q is denied.", Denial()),
        (
            f"User: {CALLER} is not authorized to perform: kms:Decrypt",
            Denial(principal=CALLER, action="kms:Decrypt"),
        ),
        (
            _words("events:PutRule", reason="with an explicit deny in a service control policy."),
            Denial(
                CALLER, "events:PutRule", QUEUE, "with an explicit deny in a service control policy"
            ),
        ),
        (
            _words(
                "kms:Decrypt",
                reason="because no resource-based policy allows the kms:Decrypt action (Service:"
                " AWSKMS; Status Code: 400; Error Code: AccessDeniedException; Proxy: null)",
            ),
            Denial(
                *(CALLER, "kms:Decrypt", QUEUE),
                "because no resource-based policy allows the kms:Decrypt action",
            ),
        ),
        (
            f"User: {CALLER} is not authorized to access this resource",
            Denial(),
        ),
    ],
)
def test_other_words_give_what_they_hold(text: str, expected: Denial) -> None:
    assert denial_of(text) == expected


def _denied(message: str, call: Call = SEND, operation: str = "SendMessageBatch") -> AccessDenied:
    raised = translate(_answer("AccessDenied", message, operation=operation), call)
    assert isinstance(raised, AccessDenied)
    return raised


def test_access_denied_names_action_resource_and_reason() -> None:
    raised = _denied(_words("sqs:SendMessage"))

    assert raised.message == (
        'queue "orders-dql": access denied, the caller lacks sqs:SendMessage'
        f" (AccessDenied, request id r-1): {IDENTITY}"
    )
    assert raised.hint == (
        f"allow sqs:SendMessage on {QUEUE} to the caller; edactl iam-policy prints the least policy"
    )
    assert raised.action == "sqs:SendMessage"
    assert raised.operation == "sqs:SendMessageBatch"


def test_the_action_that_aws_names_wins_over_the_operation() -> None:
    key = "arn:aws:kms:eu-west-1:111122223333:key/k"

    raised = _denied(_words("kms:GenerateDataKey", key, "because no resource-based policy"))

    assert raised.action == "kms:GenerateDataKey"
    assert raised.hint is not None
    assert raised.hint.startswith(
        f"allow kms:GenerateDataKey on {key} to the caller, in its policies or in the key's own"
    )


def test_a_denial_by_a_kms_key_is_a_denial() -> None:
    error = _answer("KMS.AccessDeniedException", _words("kms:Decrypt"))

    raised = translate(error, SEND)

    assert isinstance(raised, AccessDenied)
    assert raised.action == "kms:Decrypt"


def test_an_explicit_deny_says_that_allowing_is_not_enough() -> None:
    raised = _denied(
        _words("sqs:SendMessage", reason="with an explicit deny in a service control policy")
    )

    assert raised.hint is not None
    assert raised.hint.startswith("find the policy that denies sqs:SendMessage on arn:aws:sqs")


def test_a_resource_of_another_account_needs_its_own_policy() -> None:
    raised = _denied(_words("sqs:SendMessage", "arn:aws:sqs:eu-west-1:999988887777:orders"))

    assert raised.hint is not None
    assert raised.hint.startswith("it is of another account")


def test_the_action_is_spelt_as_the_operation_whatever_case_aws_uses() -> None:
    assert _denied(_words("sqs:sendmessage")).action == "sqs:SendMessage"


@pytest.mark.parametrize(
    ("operation", "service", "action"),
    [
        ("SendMessageBatch", "sqs", "sqs:SendMessage"),
        ("DeleteMessageBatch", "sqs", "sqs:DeleteMessage"),
        ("ChangeMessageVisibilityBatch", "sqs", "sqs:ChangeMessageVisibility"),
        ("PublishBatch", "sns", "sns:Publish"),
        ("GetMetricData", "cloudwatch", "cloudwatch:GetMetricData"),
        ("StartExecution", "stepfunctions", "states:StartExecution"),
        ("PutEvents", "events", "events:PutEvents"),
    ],
)
def test_without_aws_naming_it_the_action_is_the_one_of_the_operation(
    operation: str, service: str, action: str
) -> None:
    raised = _denied("denied", Call(service, "x"), operation)

    assert raised.action == action
    assert raised.message.endswith(": denied")


# -- getting credentials in the middle of a call ---------------------------------------------------


def test_a_role_that_may_not_be_assumed_names_the_role() -> None:
    role = "arn:aws:iam::999988887777:role/ops"
    error = _answer("AccessDenied", _words("sts:AssumeRole", role, ""), operation="AssumeRole")

    raised = translate(error, SEND)

    assert isinstance(raised, AccessDenied)
    assert raised.message.startswith("the role: access denied, the caller lacks sts:AssumeRole")
    assert raised.action == "sts:AssumeRole"
    assert raised.operation == "sts:AssumeRole"
    assert raised.hint is not None
    assert f"allow sts:AssumeRole on {role}" in raised.hint
    assert "trust policy" in raised.hint


def test_a_refused_mfa_code_is_told_in_aws_own_words() -> None:
    error = _answer(
        "AccessDenied",
        "MultiFactorAuthentication failed with invalid MFA one time pass code.",
        operation="AssumeRole",
    )

    raised = translate(error, SEND)

    assert "invalid MFA one time pass code" in raised.message


@pytest.mark.parametrize(
    ("operation", "code"),
    [("GetRoleCredentials", "UnauthorizedException"), ("CreateToken", "InvalidGrantException")],
)
def test_an_sso_login_that_ran_out_in_the_middle_is_an_expired_login(
    operation: str, code: str
) -> None:
    raised = translate(_answer(code, operation=operation), SEND)

    assert isinstance(raised, ConfigError)
    assert raised.hint == "aws sso login --profile prod, or refresh the keys"
