from __future__ import annotations

import pytest

from edactl.core.settings import (
    ConfiguredEndpoints,
    ConnectionOptions,
    SandboxEndpoint,
    Setting,
    connection_options,
    is_loopback,
    is_web_address,
)
from edactl.errors import UsageError

ROLE = "arn:aws:iam::123456789012:role/ops"
SANDBOX = SandboxEndpoint("http://127.0.0.1:1", "000000000000")


def test_flags_win_over_the_environment_and_aws_region_over_the_default_region() -> None:
    environment = {"AWS_REGION": "a", "AWS_DEFAULT_REGION": "b", "AWS_PROFILE": "p"}

    options = connection_options({"profile": "q", "region": None}, environment)

    assert options.profile == Setting("q", "--profile")
    assert options.region == Setting("a", "AWS_REGION")


def test_the_default_variables_come_last() -> None:
    environment = {"AWS_DEFAULT_REGION": "b", "AWS_DEFAULT_PROFILE": "d"}

    options = connection_options({}, environment)

    assert options.region == Setting("b", "AWS_DEFAULT_REGION")
    assert options.profile == Setting("d", "AWS_DEFAULT_PROFILE")


def test_empty_variables_are_not_set() -> None:
    options = connection_options({}, {"AWS_REGION": "", "AWS_PROFILE": ""})

    assert (options.region, options.profile) == (None, None)


def test_of_the_environment_only_endpoint_variables_are_kept() -> None:
    environment = {
        "AWS_ENDPOINT_URL": "http://a",
        "AWS_ENDPOINT_URL_SQS": "http://b",
        "AWS_SECRET_ACCESS_KEY": "s",
    }

    options = connection_options({}, environment)

    assert options.endpoint_variables == {
        "AWS_ENDPOINT_URL": "http://a",
        "AWS_ENDPOINT_URL_SQS": "http://b",
    }


def test_a_role_comes_with_its_external_id_and_device() -> None:
    flags = {"role_arn": ROLE, "external_id": "e", "mfa_serial": "m"}

    options = connection_options(flags, {})

    assert (options.role_arn, options.external_id, options.mfa_serial) == (ROLE, "e", "m")


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ({"external_id": "e"}, "--external-id belongs to --role-arn"),
        ({"mfa_serial": "m"}, "--mfa-serial belongs to --role-arn"),
        ({"role_arn": "ops"}, '--role-arn "ops" is not the ARN of a role'),
        ({"role_arn": "arn:aws:iam::123456789012:user/ops"}, "is not the ARN of a role"),
        ({"endpoint_url": "localhost:4566"}, '--endpoint-url "localhost:4566" is not a URL'),
        ({"endpoint_url": "http://"}, "is not a URL"),
    ],
)
def test_flags_that_can_mean_nothing_are_refused(flags: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        connection_options(flags, {})

    assert caught.value.hint


@pytest.mark.parametrize(
    "flags",
    [{"profile": "prod"}, {"role_arn": ROLE}, {"endpoint_url": "https://sqs.example"}],
)
def test_a_flag_for_a_real_account_is_refused_with_the_sandbox(flags: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="asks for an account of AWS, --sandbox for none"):
        connection_options(flags, {}, sandbox=SANDBOX)


def test_a_sandbox_is_where_it_is_whatever_the_environment_says() -> None:
    environment = {
        "AWS_PROFILE": "prod",
        "AWS_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL": "https://sqs.example",
    }

    options = connection_options({}, environment, sandbox=SANDBOX)
    elsewhere = connection_options({"region": "eu-north-1"}, environment, sandbox=SANDBOX)

    assert options == ConnectionOptions(sandbox=SANDBOX)
    assert elsewhere.region == Setting("eu-north-1", "--region")


@pytest.mark.parametrize(
    ("url", "valid", "loopback"),
    [
        ("http://127.0.0.1:4566", True, True),
        ("http://127.8.9.10/", True, True),
        ("http://localhost:1/x", True, True),
        ("http://[::1]:4566", True, True),
        ("https://vpce-1.sqs.eu-west-1.vpce.amazonaws.com", True, False),
        ("http://127.0.0.1.example.com", True, False),
        ("http://user@10.0.0.1", True, False),
        ("http://127.0.0.1@example.com", True, False),
        ("ftp://127.0.0.1", False, False),
        ("127.0.0.1:4566", False, False),
        ("http://a b", False, False),
        ("http://", False, False),
    ],
)
def test_what_is_a_web_address_and_what_is_this_machine(
    url: str, valid: bool, loopback: bool
) -> None:
    assert (is_web_address(url), is_loopback(url)) == (valid, loopback)


VARIABLES = {"AWS_ENDPOINT_URL": "http://all", "AWS_ENDPOINT_URL_EVENTBRIDGE": "http://events"}


def test_the_variable_of_a_service_wins_by_its_service_id() -> None:
    endpoints = ConfiguredEndpoints(variables=VARIABLES)

    assert endpoints.of_service("EventBridge") == Setting(
        "http://events", "AWS_ENDPOINT_URL_EVENTBRIDGE"
    )
    assert endpoints.of_service("SQS") == Setting("http://all", "AWS_ENDPOINT_URL")
    assert endpoints.of_every_service() == Setting("http://all", "AWS_ENDPOINT_URL")


def test_the_profile_comes_after_the_environment_its_services_before_its_own() -> None:
    endpoints = ConfiguredEndpoints(
        profile="dev",
        profile_url="http://profile",
        services_section="local",
        services={"cloudwatch_logs": "http://logs"},
    )

    assert endpoints.of_service("CloudWatch Logs") == Setting(
        "http://logs", "services local of profile dev"
    )
    assert endpoints.of_service("SQS") == Setting("http://profile", "profile dev")
    assert endpoints.of_every_service() == Setting("http://profile", "profile dev")


def test_the_variable_for_all_services_wins_over_a_profile_s_service() -> None:
    endpoints = ConfiguredEndpoints(
        variables=VARIABLES, services_section="local", services={"sqs": "http://sqs"}
    )

    assert endpoints.of_service("SQS") == Setting("http://all", "AWS_ENDPOINT_URL")
    assert endpoints.of_single_services() == {
        "eventbridge": Setting("http://events", "AWS_ENDPOINT_URL_EVENTBRIDGE")
    }


def test_single_services_come_from_variables_and_profile() -> None:
    endpoints = ConfiguredEndpoints(
        variables={"AWS_ENDPOINT_URL_SQS": "http://v", "AWS_ENDPOINT_URL_SNS": ""},
        profile="dev",
        services_section="local",
        services={"sqs": "http://p", "sns": "http://p"},
    )

    assert endpoints.of_single_services() == {
        "sns": Setting("http://p", "services local of profile dev"),
        "sqs": Setting("http://v", "AWS_ENDPOINT_URL_SQS"),
    }


def test_nothing_configured_is_aws_own_endpoint() -> None:
    endpoints = ConfiguredEndpoints()

    assert endpoints.of_service("SQS") is None
    assert endpoints.of_every_service() is None
    assert endpoints.of_single_services() == {}
