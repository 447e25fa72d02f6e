from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edactl.core.identity import NamedSetting, named_settings
from edactl.sandbox.state import SandboxState
from tests.running import Run
from tests.scripted_aws import (
    Answer,
    Endpoint,
    Request,
    identity_answer,
    role_answer,
    scripted_aws,
    silent_endpoint,
)


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    """An endpoint that knows the caller, credentials, and a region."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDAKIDAKIDAKID9999")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    with scripted_aws(lambda _request: identity_answer()) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        yield server


def test_whoami_shows_account_principal_region_and_the_source_of_each_setting(
    edactl: Callable[..., Run], endpoint: Endpoint
) -> None:
    run = edactl("whoami")

    assert (run.status, run.err) == (0, "")
    assert json.loads(run.out) == {
        "account": "123456789012",
        "principal": "arn:aws:iam::123456789012:user/ops",
        "user_id": "AIDA1",
        "region": "eu-west-1",
        "profile": "default",
        "endpoint_url": endpoint.url,
        "credentials_source": "AWS_ACCESS_KEY_ID",
        "sandbox": False,
        "settings": [
            {"name": "profile", "value": "default", "source": "default"},
            {"name": "region", "value": "eu-west-1", "source": "AWS_REGION"},
            {"name": "credentials", "value": "…9999", "source": "AWS_ACCESS_KEY_ID"},
            {"name": "endpoint_url", "value": endpoint.url, "source": "AWS_ENDPOINT_URL"},
        ],
    }


def test_a_table_has_one_setting_a_line(edactl: Callable[..., Run], endpoint: Endpoint) -> None:
    run = edactl("whoami", "-o", "table", "--region", "eu-north-1")

    assert run.status == 0
    rows = [line.split() for line in run.out.splitlines()]
    assert rows[0] == ["NAME", "VALUE", "SOURCE"]
    assert ["account", "123456789012", "sts:GetCallerIdentity"] in rows
    assert ["principal", "arn:aws:iam::123456789012:user/ops", "sts:GetCallerIdentity"] in rows
    assert ["region", "eu-north-1", "--region"] in rows


def test_a_query_works_on_the_record_whatever_the_format(
    edactl: Callable[..., Run], endpoint: Endpoint
) -> None:
    assert edactl("whoami", "--query", "account", "-o", "text").out == "123456789012\n"
    assert "eu-west-1" in edactl("whoami", "--query", "{r: region}", "-o", "table").out


def test_endpoints_of_single_services_are_settings_too(
    edactl: Callable[..., Run], endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:9")

    settings = json.loads(edactl("whoami").out)["settings"]

    assert settings[-1] == {
        "name": "endpoint_url of sqs",
        "value": "http://127.0.0.1:9",
        "source": "AWS_ENDPOINT_URL_SQS",
    }


def test_one_endpoint_of_the_command_line_holds_for_all_services(
    edactl: Callable[..., Run], endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:9")

    settings = json.loads(edactl("whoami", "--endpoint-url", endpoint.url).out)["settings"]

    assert settings[-1] == {
        "name": "endpoint_url",
        "value": endpoint.url,
        "source": "--endpoint-url",
    }


def test_whoami_on_the_sandbox_cannot_be_taken_for_an_account(
    edactl: Callable[..., Run], sandbox: SandboxState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "prod")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDAKIDAKIDAKID9999")

    shown = json.loads(edactl("whoami", "-o", "json").out)

    assert shown["account"] == "000000000000"
    assert shown["sandbox"] is True
    assert shown["endpoint_url"] == sandbox.url
    assert {setting["source"] for setting in shown["settings"]} == {"sandbox"}


# -- what is missing -------------------------------------------------------------------------------


def _refused(run: Run, message: str, hint: str) -> None:
    assert (run.status, run.out) == (253, "")
    assert run.err.splitlines() == [f"edactl: {message}", f"  try: {hint}"]


def test_no_region_is_refused(edactl: Callable[..., Run]) -> None:
    _refused(
        edactl("whoami"),
        "no region is set",
        "add --region eu-west-1, or export AWS_REGION=eu-west-1",
    )


def test_no_credentials_are_refused(edactl: Callable[..., Run]) -> None:
    _refused(
        edactl("whoami", "--region", "eu-west-1"),
        "no credentials: Unable to locate credentials",
        "aws configure, aws sso login, or --profile NAME",
    )


@pytest.mark.parametrize("where", ["flag", "environment"])
def test_an_unknown_profile_is_refused_with_its_source(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    if where == "environment":
        monkeypatch.setenv("AWS_PROFILE", "nope")
    flags = ("--profile", "nope") if where == "flag" else ()
    source = "--profile" if where == "flag" else "AWS_PROFILE"

    _refused(
        edactl("whoami", *flags),
        f'profile "nope" not found (from {source})',
        "aws configure list-profiles",
    )


def test_a_broken_configuration_is_refused_in_two_lines(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text("[profile\nbroken\n", "utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))

    run = edactl("whoami", "--region", "eu-west-1")

    assert (run.status, run.out) == (253, "")
    assert str(tmp_path / "config") in run.err
    assert len(run.err.splitlines()) == 2


def test_an_mfa_code_is_not_asked_for_where_nobody_types(
    edactl: Callable[..., Run], endpoint: Endpoint
) -> None:
    role = ("--role-arn", "arn:aws:iam::123456789012:role/ops", "--mfa-serial", "arn:mfa")

    run = edactl("whoami", *role)

    assert (run.status, run.out) == (253, "")
    assert "Enter MFA code for arn:mfa: nobody can be asked here, so nothing was sent" in run.err
    assert endpoint.requests == []


@pytest.mark.parametrize(
    "flags",
    [
        ("--external-id", "e"),
        ("--mfa-serial", "m"),
        ("--role-arn", "ops"),
        ("--endpoint-url", "localhost:4566"),
    ],
)
def test_connection_flags_that_can_mean_nothing_are_a_wrong_command_line(
    edactl: Callable[..., Run], endpoint: Endpoint, flags: tuple[str, ...]
) -> None:
    run = edactl("whoami", *flags)

    assert (run.status, run.out) == (252, "")
    assert flags[0] in run.err
    assert endpoint.requests == []


def test_v_shows_each_call_with_its_request_id(
    edactl: Callable[..., Run], endpoint: Endpoint
) -> None:
    run = edactl("whoami", "-v")

    [line] = run.err.splitlines()
    assert line.startswith("edactl: sts:get_caller_identity ")
    assert line.endswith("ms request id r-1 ok")


@pytest.mark.parametrize("how", ["-vv", "EDACTL_DEBUG"])
def test_vv_shows_the_log_without_secrets(
    edactl: Callable[..., Run],
    endpoint: Endpoint,
    monkeypatch: pytest.MonkeyPatch,
    how: str,
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "S3CR3TS3CR3T")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "T0K3NT0K3N")
    if how == "EDACTL_DEBUG":
        monkeypatch.setenv("EDACTL_DEBUG", "1")

    run = edactl("whoami", *(["-vv"] if how == "-vv" else []))
    after = edactl("whoami", "-q") if how == "-vv" else Run(0, "", "")

    assert run.status == 0
    assert "Making request for OperationModel(name=GetCallerIdentity)" in run.err
    assert "S3CR3T" not in run.err
    assert "T0K3N" not in run.err
    assert "AKIDAKID" not in run.err
    assert after.err == ""


def test_an_assumed_role_is_a_setting(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDAKIDAKIDAKID9999")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    role = "arn:aws:iam::123456789012:role/ops"

    def answer(request: Request) -> Answer:
        return role_answer() if "Action=AssumeRole" in request.body else identity_answer()

    with scripted_aws(answer) as server:
        flags = ("--region", "eu-west-1", "--endpoint-url", server.url, "--role-arn", role)
        shown = json.loads(edactl("whoami", *flags).out)

    assert shown["credentials_source"] == "--role-arn"
    assert {"name": "role_arn", "value": role, "source": "--role-arn"} in shown["settings"]


def test_without_an_endpoint_it_is_the_one_of_aws() -> None:
    [setting] = named_settings({"endpoint_url": None})

    assert setting == NamedSetting("endpoint_url", None, "AWS")


class Screen(io.StringIO):
    """A terminal's stderr."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("look", ["in a script", "-v", "at a terminal"])
def test_new_attempts_are_told_to_whoever_looks(
    edactl: Callable[..., Run], endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, look: str
) -> None:
    monkeypatch.setattr("edactl.aws.connection.READ_SECONDS", 0.05)
    screen = Screen()
    with silent_endpoint() as url, monkeypatch.context() as at:
        command = ["whoami", "--role-arn", "arn:aws:iam::123456789012:role/ops"]
        if look == "at a terminal":
            at.setattr(sys, "stderr", screen)
        run = edactl(*command, "--endpoint-url", url, *([look] if look == "-v" else []))

    assert run.status == 254
    said = run.err + screen.getvalue()
    assert ("no answer to sts:AssumeRole" in said) is (look != "in a script")
    assert ("asking again (3 of 3)" in said) is (look != "in a script")
