"""Botocore's own errors: what went wrong before AWS answered, or in reading the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore import exceptions as boto
from botocore.parsers import ResponseParserError

from edactl.aws.guard import what_to_do_again
from edactl.errors import AwsError, ConfigError, EdactlError, Throttled, Unreachable, UsageError

if TYPE_CHECKING:
    from edactl.aws.translate import Call

_FILES = "look at ~/.aws/config and ~/.aws/credentials; edactl whoami shows what is in force"


def translate_unanswered(
    error: boto.BotoCoreError | ResponseParserError, call: Call
) -> EdactlError:
    """The edactl error for what botocore itself raised."""
    for kinds, make in _KINDS:
        if isinstance(error, kinds):
            return make(error, call)
    return AwsError(
        f"{_subject(call)}: {_first_line(error)} ({type(error).__name__})", **_facts(error, call)
    )


def _subject(call: Call) -> str:
    return call.resource or f"{call.service}:{call.operation}"


def _facts(error: Exception, call: Call) -> dict[str, str]:
    return {"code": type(error).__name__, "operation": f"{call.service}:{call.operation}"}


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _place(call: Call) -> str:
    if call.endpoint:
        return f"{call.service} at {call.endpoint.value} (from {call.endpoint.source})"
    return f"{call.service} in {call.region}"


# -- configuration: 253 ----------------------------------------------------------------------------


def _no_profile(error: Exception, _call: Call) -> EdactlError:
    return ConfigError(_first_line(error), hint="aws configure list-profiles")


def _no_credentials(error: Exception, _call: Call) -> EdactlError:
    return ConfigError(
        f"no credentials: {_first_line(error)}",
        hint="aws configure, aws sso login, or --profile NAME",
    )


def _no_login(error: Exception, call: Call) -> EdactlError:
    return ConfigError(
        f"the SSO login of profile {call.profile} is missing or expired: {_first_line(error)}",
        hint=f"aws sso login --profile {call.profile}",
    )


def _no_aws_login(error: Exception, call: Call) -> EdactlError:
    return ConfigError(_first_line(error), hint=f"aws login --profile {call.profile}")


def _mfa_ran_out(_error: Exception, _call: Call) -> EdactlError:
    return ConfigError(
        "the role's credentials have expired, and a new MFA code is needed",
        hint="run the command again",
    )


def _no_region(_error: Exception, _call: Call) -> EdactlError:
    return ConfigError(
        "no region is set", hint="add --region eu-west-1, or export AWS_REGION=eu-west-1"
    )


def _bad_region(_error: Exception, call: Call) -> EdactlError:
    return ConfigError(
        f'"{call.region}" is not a region of AWS',
        hint=_near_region(call) or "--region eu-west-1, or another that is spelt so",
    )


def _no_endpoint(error: Exception, call: Call) -> EdactlError:
    return ConfigError(
        f"{call.service} has no endpoint in {call.region} as configured: {_first_line(error)}",
        hint="check --region, and the FIPS, dual-stack and endpoint settings of the profile",
    )


def _bad_configuration(error: Exception, _call: Call) -> EdactlError:
    return ConfigError(f"the AWS configuration cannot be used: {_first_line(error)}", hint=_FILES)


def _needs_crt(error: Exception, call: Call) -> EdactlError:
    return ConfigError(
        f"{call.service}:{call.operation} needs a library that is not installed:"
        f" {_first_line(error)}",
        hint="pip install 'edactl[crt]'",
    )


def _old_botocore(error: Exception, call: Call) -> EdactlError:
    return ConfigError(
        f"this botocore does not know {call.service}:{call.operation}: {type(error).__name__}",
        hint="pip install --upgrade boto3",
    )


# -- values that AWS would not take: 252 -----------------------------------------------------------


def _bad_value(error: Exception, call: Call) -> EdactlError:
    report = _first_line(error).removeprefix("Parameter validation failed: ")
    return UsageError(
        f"{_subject(call)}: {report}; nothing was sent by {call.service}:{call.operation}",
        hint="change the value that is named; edactl help shows the options",
    )


# -- no answer: 254 --------------------------------------------------------------------------------


def _no_connection(error: Exception, call: Call) -> EdactlError:
    return Unreachable(
        f"{_place(call)} could not be reached: {_first_line(error)}",
        hint=_about_endpoint(call) if call.endpoint else _about_network(call),
        **_facts(error, call),
    )


def _no_trust(error: Exception, call: Call) -> EdactlError:
    return Unreachable(
        f"{_place(call)}: TLS failed: {_first_line(error)}",
        hint="if a proxy opens TLS here, set AWS_CA_BUNDLE to its certificate file",
        **_facts(error, call),
    )


def _no_proxy(error: Exception, call: Call) -> EdactlError:
    return Unreachable(
        f"{_place(call)}: the proxy could not be reached",
        hint="check HTTPS_PROXY and NO_PROXY",
        **_facts(error, call),
    )


def _no_answer(error: Exception, call: Call) -> EdactlError:
    return Unreachable(
        f"{_subject(call)}: no answer to {call.service}:{call.operation} from {_place(call)}"
        f" ({type(error).__name__})",
        hint=f"{what_to_do_again(call)}; -vv shows the calls",
        **_facts(error, call),
    )


def _no_sense(error: Exception, call: Call) -> EdactlError:
    return AwsError(
        f"{_subject(call)}: the answer of {_place(call)} is not AWS's: {_first_line(error)[:200]}",
        hint=_about_endpoint(call) if call.endpoint else "a proxy may stand between; -vv shows it",
        **_facts(error, call),
    )


def _throttled_here(error: Exception, call: Call) -> EdactlError:
    return Throttled(
        f"{_subject(call)}: AWS throttled so many calls that the retries are used up",
        hint="slow down: --rate or fewer at once, then run it again",
        **_facts(error, call),
    )


def _about_endpoint(call: Call) -> str:
    source = call.endpoint.source if call.endpoint else ""
    if source == "sandbox":
        return "edactl sandbox status"
    return f"start what listens there, or change {source}"


def _about_network(call: Call) -> str:
    return _near_region(call) or "check the network, the proxy, and --region"


def _near_region(call: Call) -> str | None:
    """The region that was probably meant, when AWS has none of this name."""
    known = list(call.known_regions())
    from difflib import get_close_matches

    near = get_close_matches(call.region, known, n=1)
    if near and call.region not in known:
        return f"--region {near[0]}: this version knows no region {call.region}"
    return None


_Maker = Callable[[Exception, "Call"], EdactlError]
_KINDS: tuple[tuple[tuple[type[Exception], ...], _Maker], ...] = (
    ((boto.ProfileNotFound,), _no_profile),
    (
        (boto.NoCredentialsError, boto.PartialCredentialsError, boto.CredentialRetrievalError),
        _no_credentials,
    ),
    ((boto.MetadataRetrievalError, boto.NoAuthTokenError), _no_credentials),
    ((boto.SSOError, boto.TokenRetrievalError), _no_login),
    ((boto.LoginError,), _no_aws_login),
    ((boto.RefreshWithMFAUnsupportedError,), _mfa_ran_out),
    ((boto.NoRegionError,), _no_region),
    ((boto.InvalidRegionError, boto.UnknownRegionError), _bad_region),
    (
        (
            boto.BaseEndpointResolverError,
            boto.EndpointProviderError,
            boto.ServiceNotInRegionError,
            boto.InvalidEndpointConfigurationError,
        ),
        _no_endpoint,
    ),
    ((boto.MissingDependencyException,), _needs_crt),
    (
        (
            boto.ConfigNotFound,
            boto.ConfigParseError,
            boto.InvalidConfigError,
            boto.UnknownCredentialError,
            boto.UnknownTokenProviderError,
            boto.InvalidRetryConfigurationError,
            boto.InvalidDefaultsMode,
            boto.InvalidProxiesConfigError,
            boto.InvalidSTSRegionalEndpointsConfigError,
            boto.InvalidS3UsEast1RegionalEndpointConfigError,
            boto.InvalidEndpointDiscoveryConfigurationError,
            boto.InvalidChecksumConfigError,
            boto.InvalidIMDSEndpointError,
            boto.InvalidIMDSEndpointModeError,
        ),
        _bad_configuration,
    ),
    (
        (
            boto.DataNotFoundError,
            boto.ApiVersionNotFoundError,
            boto.UnknownClientMethodError,
            boto.UnsupportedServiceProtocolsError,
            boto.UnknownSignatureVersionError,
            boto.UnsupportedSignatureVersionError,
        ),
        _old_botocore,
    ),
    ((boto.ParamValidationError, boto.ValidationError, boto.MissingParametersError), _bad_value),
    ((boto.SSLError,), _no_trust),
    ((boto.ProxyConnectionError,), _no_proxy),
    ((boto.ConnectionError,), _no_connection),
    ((boto.HTTPClientError, boto.IncompleteReadError), _no_answer),
    ((boto.ChecksumError, boto.FlexibleChecksumError, ResponseParserError), _no_sense),
    ((boto.CapacityNotAvailableError,), _throttled_here),
)
