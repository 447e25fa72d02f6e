from __future__ import annotations

import getpass
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from botocore.tokens import SSOTokenProvider

from edactl.aws.credentials import RoleCache, role_session_name
from edactl.aws.session import AwsSession
from edactl.core.settings import ConnectionOptions, Setting
from edactl.core.times import rfc3339
from edactl.errors import AccessDenied, ConfigError
from tests.scripted_aws import (
    Answer,
    Endpoint,
    Request,
    identity_answer,
    query_error,
    role_answer,
    scripted_aws,
)

ROLE = "arn:aws:iam::123456789012:role/ops"
DEVICE = "arn:aws:iam::111122223333:mfa/me"


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials of nobody, which may assume roles."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDAKIDAKIDAKID9999")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "base-secret")


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An AWS configuration file to write."""
    path = tmp_path / "config"
    monkeypatch.setenv("AWS_CONFIG_FILE", str(path))
    return path


def _sts(request: Request, role: Callable[[], Answer] = role_answer) -> Answer:
    return role() if "Action=AssumeRole" in request.body else identity_answer()


def _options(url: str, **more: str) -> ConnectionOptions:
    return ConnectionOptions(
        region=Setting("eu-west-1", "--region"),
        endpoint_url=Setting(url, "--endpoint-url"),
        role_arn=ROLE,
        external_id=more.get("external_id"),
        mfa_serial=more.get("mfa_serial"),
    )


def _assumptions(endpoint: Endpoint) -> list[dict[str, list[str]]]:
    bodies = [parse_qs(request.body) for request in endpoint.requests]
    return [body for body in bodies if body["Action"] == ["AssumeRole"]]


def _who(options: ConnectionOptions, ask: Callable[[str], str] | None = None) -> None:
    AwsSession(options, ask_mfa_code=ask).call("sts", "get_caller_identity")


def _cache() -> Path:
    return Path("~/.aws/cli/cache").expanduser()


# -- a role on top -------------------------------------------------------------------------------


def test_a_role_is_assumed_with_external_id_and_a_name_of_the_user() -> None:
    with scripted_aws(_sts) as endpoint:
        session = AwsSession(_options(endpoint.url, external_id="e-1"))
        session.call("sts", "get_caller_identity")

    [assumed] = _assumptions(endpoint)
    assert assumed["RoleArn"] == [ROLE]
    assert assumed["ExternalId"] == ["e-1"]
    assert assumed["RoleSessionName"] == [role_session_name()]
    assert "SerialNumber" not in assumed
    asked, used = (request.headers["Authorization"] for request in endpoint.requests)
    assert "Credential=AKIDAKIDAKIDAKID9999/" in asked
    assert "Credential=ASIAROLEROLEROLE1111/" in used
    assert session.credentials_setting == Setting("…1111", "--role-arn")
    assert session.credentials_source == "assume-role"


def test_a_role_that_is_about_to_expire_is_assumed_again() -> None:
    soon = rfc3339(datetime.now(UTC) + timedelta(minutes=12))
    with scripted_aws(lambda request: _sts(request, lambda: role_answer(expires=soon))) as endpoint:
        session = AwsSession(_options(endpoint.url))
        session.call("sts", "get_caller_identity")
        session.call("sts", "get_caller_identity")

        assert len(_assumptions(endpoint)) == 2


def test_the_role_is_kept_for_the_next_command_in_a_file_of_its_owner() -> None:
    with scripted_aws(_sts) as endpoint:
        _who(_options(endpoint.url))
        _who(_options(endpoint.url))

        assert len(_assumptions(endpoint)) == 1
    [file] = _cache().iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert json.loads(file.read_text("utf-8"))["Credentials"]["AccessKeyId"].endswith("1111")


def test_another_identity_is_not_served_from_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted_aws(_sts) as endpoint:
        _who(_options(endpoint.url))
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDOTHEROTHEROT0000")
        _who(_options(endpoint.url))

        assert len(_assumptions(endpoint)) == 2


def test_another_endpoint_is_not_served_from_the_cache() -> None:
    with scripted_aws(_sts) as first, scripted_aws(_sts) as second:
        _who(_options(first.url))
        _who(_options(second.url))

    assert len(_assumptions(second)) == 1


def test_a_role_that_may_not_be_assumed_is_denied_by_its_name() -> None:
    text = (
        f"User: arn:aws:iam::111122223333:user/me is not authorized to perform: sts:AssumeRole"
        f" on resource: {ROLE}"
    )
    denied = query_error("AccessDenied", text)
    with (
        scripted_aws(lambda request: _sts(request, lambda: denied)) as endpoint,
        pytest.raises(AccessDenied) as caught,
    ):
        AwsSession(_options(endpoint.url)).call("sqs", "list_queues", resource="queues")

    assert caught.value.action == "sts:AssumeRole"
    assert caught.value.operation == "sts:AssumeRole"
    assert caught.value.hint is not None
    assert ROLE in caught.value.hint


def test_a_role_needs_credentials_to_assume_it_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    with scripted_aws(_sts) as endpoint, pytest.raises(ConfigError, match="no credentials"):
        _who(_options(endpoint.url))

    assert endpoint.requests == []


def test_a_dry_run_may_assume_its_role() -> None:
    with scripted_aws(_sts) as endpoint:
        session = AwsSession(_options(endpoint.url), read_only=True)
        session.call("sts", "get_caller_identity")

        assert len(_assumptions(endpoint)) == 1


# -- MFA -----------------------------------------------------------------------------------------


def test_the_mfa_code_is_asked_for_once_for_several_commands() -> None:
    asked: list[str] = []

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return " 123456\n"

    with scripted_aws(_sts) as endpoint:
        _who(_options(endpoint.url, mfa_serial=DEVICE), ask)
        _who(_options(endpoint.url, mfa_serial=DEVICE), ask)

        [assumed] = _assumptions(endpoint)
    assert assumed["SerialNumber"] == [DEVICE]
    assert assumed["TokenCode"] == ["123456"]
    assert asked == [f"Enter MFA code for {DEVICE}: "]


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef"])
def test_what_is_no_mfa_code_is_not_sent(code: str) -> None:
    with (
        scripted_aws(_sts) as endpoint,
        pytest.raises(ConfigError, match="an MFA code is 6 digits"),
    ):
        _who(_options(endpoint.url, mfa_serial=DEVICE), lambda _prompt: code)

    assert endpoint.requests == []


def test_an_mfa_code_that_nobody_can_type_is_a_config_error() -> None:
    with scripted_aws(_sts) as endpoint, pytest.raises(ConfigError, match="nobody can be asked"):
        _who(_options(endpoint.url, mfa_serial=DEVICE))

    assert endpoint.requests == []


PROFILE = f"""
[profile ops]
region = eu-west-1
role_arn = {ROLE}
mfa_serial = {DEVICE}
source_profile = base
endpoint_url = {{url}}
[profile base]
aws_access_key_id = AKIDBASEBASEBASE5555
aws_secret_access_key = s
"""


def test_a_profile_s_own_role_asks_the_same_way_and_is_kept(config: Path) -> None:
    asked: list[str] = []

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return "123456"

    options = ConnectionOptions(profile=Setting("ops", "--profile"))
    with scripted_aws(_sts) as endpoint:
        config.write_text(PROFILE.format(url=endpoint.url), "utf-8")
        _who(options, ask)
        _who(options, ask)
        session = AwsSession(options)

        assert len(_assumptions(endpoint)) == 1
        assert session.credentials_setting == Setting("…1111", "role_arn of profile ops")
    assert asked == [f"Enter MFA code for {DEVICE}: "]


# -- SSO -----------------------------------------------------------------------------------------

SSO = """
[profile prod]
region = eu-west-1
sso_session = corp
sso_account_id = 123456789012
sso_role_name = ops
[sso-session corp]
sso_region = eu-west-1
sso_start_url = https://corp.example/start
"""


@pytest.fixture
def log_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """Write down an SSO login that expires then; botocore fixes the place when it is imported."""
    monkeypatch.setattr(SSOTokenProvider, "_SSO_TOKEN_CACHE_DIR", str(tmp_path))

    def write(expires: str) -> None:
        name = hashlib.sha1(b"corp", usedforsecurity=False).hexdigest()
        token = {"accessToken": "sso-token", "expiresAt": expires, "region": "eu-west-1"}
        (tmp_path / f"{name}.json").write_text(json.dumps(token), "utf-8")

    return write


@pytest.mark.parametrize("login", ["never", "expired"])
def test_a_missing_or_expired_sso_login_names_the_command_to_log_in(
    config: Path, log_in: Callable[[str], None], login: str
) -> None:
    config.write_text(SSO, "utf-8")
    if login == "expired":
        log_in("2020-01-01T00:00:00Z")

    with pytest.raises(ConfigError, match="SSO login of profile prod is missing or expired") as it:
        AwsSession(ConnectionOptions(profile=Setting("prod", "--profile"))).call(
            "sqs", "list_queues"
        )

    assert it.value.hint == "aws sso login --profile prod"


def test_a_valid_sso_login_gets_the_role_s_credentials(
    config: Path, log_in: Callable[[str], None]
) -> None:
    role = {
        "accessKeyId": "ASIASSOSSOSSOSSO3333",
        "secretAccessKey": "s",
        "sessionToken": "t",
        "expiration": 4070908800000,
    }

    def answer(request: Request) -> Answer:
        if request.path.startswith("/federation/credentials"):
            assert request.headers["x-amz-sso_bearer_token"] == "sso-token"
            return Answer(200, json.dumps({"roleCredentials": role}), "application/json")
        return identity_answer()

    with scripted_aws(answer) as endpoint:
        config.write_text(SSO.replace("sso_session", f"endpoint_url = {endpoint.url}\nsso_session"))
        log_in("2099-01-01T00:00:00Z")
        session = AwsSession(ConnectionOptions(profile=Setting("prod", "--profile")))
        session.call("sts", "get_caller_identity")

    assert session.credentials_setting == Setting("…3333", "SSO login of profile prod")


# -- the cache -----------------------------------------------------------------------------------

ENTRY = {
    "Credentials": {
        "AccessKeyId": "a",
        "SecretAccessKey": "s",
        "SessionToken": "t",
        "Expiration": "2099-01-01T00:00:00UTC",
    }
}


def test_an_unscoped_cache_is_the_one_of_the_aws_cli() -> None:
    RoleCache("")["key"] = ENTRY

    assert json.loads((_cache() / "key.json").read_text("utf-8")) == ENTRY
    assert "key" in RoleCache("")
    assert "key" not in RoleCache("scope")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"Credentials": []}',
        '{"Credentials": {"AccessKeyId": "a"}}',
        json.dumps({"Credentials": {**ENTRY["Credentials"], "Expiration": "soon"}}),
    ],
)
def test_a_damaged_entry_is_not_there(content: str) -> None:
    _cache().mkdir(parents=True)
    (_cache() / "key.json").write_text(content, "utf-8")

    assert "key" not in RoleCache("")


def test_a_cache_that_cannot_be_written_is_no_reason_to_fail() -> None:
    _cache().parent.mkdir(parents=True)
    _cache().write_text("a file where the directory should be", "utf-8")

    cache = RoleCache("")
    cache["key"] = ENTRY

    assert "key" not in cache


def test_a_user_without_a_name_is_just_edactl(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "jörg o'neil")
    assert role_session_name() == "edactl-j-rg-o-neil"

    def nobody() -> str:
        raise KeyError

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert role_session_name() == "edactl"
