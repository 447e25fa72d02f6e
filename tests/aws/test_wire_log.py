from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.tokens import SSOTokenProvider

from edactl.aws.session import AwsSession
from edactl.aws.wire_log import mask, write_log_to
from edactl.core.settings import ConnectionOptions, Setting
from edactl.errors import EdactlError
from tests.scripted_aws import (
    Answer,
    Request,
    identity_answer,
    query_error,
    role_answer,
    scripted_aws,
)

SECRETS = (
    "wJalrXUtnFEMI/K7MDENG",
    "IQoJb3JpZ2luX2VjEXAMPLETOKEN//////////wEaCXVz==",
    "role-secret",
    "role-token",
    "654321",
    "AKIAIOSFODNN7EXAMPLE",
    "ASIAROLEROLEROLE1111",
)


@pytest.fixture
def log() -> Iterator[list[str]]:
    """What is logged; the log is off again afterwards."""
    yield []
    write_log_to(None)


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Temporary credentials whose every part is a secret."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", SECRETS[5])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRETS[0])
    monkeypatch.setenv("AWS_SESSION_TOKEN", SECRETS[1])


def _options(url: str, role_arn: str | None = None) -> ConnectionOptions:
    return ConnectionOptions(
        region=Setting("eu-west-1", "--region"),
        endpoint_url=Setting(url, "--endpoint-url"),
        role_arn=role_arn,
        mfa_serial="arn:aws:iam::1:mfa/me" if role_arn else None,
    )


def _assert_no_secret(log: list[str]) -> None:
    text = "\n".join(log)
    for secret in SECRETS:
        assert secret not in text


def test_no_secret_of_a_role_s_whole_life_is_in_the_log(keys: None, log: list[str]) -> None:
    def answer(request: Request) -> Answer:
        return role_answer() if "Action=AssumeRole" in request.body else identity_answer()

    with scripted_aws(answer) as endpoint:
        session = AwsSession(
            _options(endpoint.url, "arn:aws:iam::123456789012:role/ops"),
            on_log=log.append,
            ask_mfa_code=lambda _prompt: "654321",
        )
        session.call("sts", "get_caller_identity")

    _assert_no_secret(log)
    text = "\n".join(log)
    assert "Making request for OperationModel(name=AssumeRole)" in text
    assert "Response body" in text
    assert "ASIA***1111" in text
    assert "RoleArn" in text
    assert "botocore.hooks" not in text


def test_no_secret_of_a_json_call_is_in_the_log_but_its_body_is(keys: None, log: list[str]) -> None:
    with scripted_aws(lambda _request: Answer(200, '{"QueueUrls": ["http://h/1/a"]}')) as endpoint:
        session = AwsSession(_options(endpoint.url), on_log=log.append)
        session.call("sqs", "list_queues", QueueNamePrefix="orders")

    _assert_no_secret(log)
    text = "\n".join(log)
    assert "orders" in text
    assert "http://h/1/a" in text
    assert "x-amz-security-token" in text.lower()


def test_no_secret_of_a_refused_call_is_in_the_log(keys: None, log: list[str]) -> None:
    refused = query_error("SignatureDoesNotMatch", f"token {SECRETS[5]}")
    with scripted_aws(lambda _request: refused) as endpoint:
        session = AwsSession(_options(endpoint.url), on_log=log.append)
        with pytest.raises(EdactlError):
            session.call("sts", "get_caller_identity")

    assert log
    _assert_no_secret(log)


def test_no_secret_of_an_sso_login_is_in_the_log(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, log: list[str]
) -> None:
    monkeypatch.setattr(SSOTokenProvider, "_SSO_TOKEN_CACHE_DIR", str(tmp_path))
    token = {"accessToken": SECRETS[1], "expiresAt": "2099-01-01T00:00:00Z"}
    name = hashlib.sha1(b"corp", usedforsecurity=False).hexdigest()
    (tmp_path / f"{name}.json").write_text(json.dumps(token))
    role = {
        "accessKeyId": SECRETS[6],
        "secretAccessKey": SECRETS[2],
        "sessionToken": SECRETS[3],
        "expiration": 4070908800000,
    }

    def answer(request: Request) -> Answer:
        if request.path.startswith("/federation/credentials"):
            return Answer(200, json.dumps({"roleCredentials": role}), "application/json")
        return identity_answer()

    config = tmp_path / "config"
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    with scripted_aws(answer) as endpoint:
        config.write_text(
            f"[profile prod]\nregion = eu-west-1\nendpoint_url = {endpoint.url}\n"
            "sso_session = corp\nsso_account_id = 123456789012\nsso_role_name = ops\n"
            "[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://c.example/s\n"
        )
        options = ConnectionOptions(profile=Setting("prod", "--profile"))
        AwsSession(options, on_log=log.append).call("sts", "get_caller_identity")

    _assert_no_secret(log)
    assert "GetRoleCredentials" in "\n".join(log)


@pytest.mark.parametrize(
    "text",
    [
        "{'Authorization': b'AWS4-HMAC-SHA256 Credential=k/x, Signature=S3CR3T'}",
        "{'X-Amz-Security-Token': 'S3CR3T'}",
        "{'X-Amz-Security-Token': b'S3CR3T'}",
        "x-amz-security-token:S3CR3T\nhost:h",
        "X-Amz-Security-Token=S3CR3T&X-Amz-Signature=S3CR3T&a=b",
        "<SecretAccessKey>S3CR3T</SecretAccessKey>",
        "b'<SessionToken>S3CR3T</SessionToken>'",
        '{"SessionToken": "S3CR3T"}',
        '{"accessToken":"S3CR3T","clientSecret":"S3CR3T"}',
        'b\'{"secretAccessKey":"S3CR3T"}\'',
        '"{\\"sessionToken\\": \\"S3CR3T\\"}"',
        "'TokenCode': 'S3CR3T'",
        "TokenCode=S3CR3T&RoleArn=r",
        "'WebIdentityToken': 'S3CR3T'",
        "'x-amz-sso_bearer_token': 'S3CR3T'",
        "'X-aws-ec2-metadata-token': 'S3CR3T'",
        "{'refreshToken': 'S3CR3T', 'idToken': 'S3CR3T'}",
        "aws_secret_access_key = S3CR3T",
        "Signature:\nabcdef0123456789abcdef0123456789",
        "the key id is AKIAIOSFODNN7EXAMPLE",
    ],
)
def test_a_secret_is_masked_wherever_it_stands(text: str) -> None:
    masked = mask(text)

    assert "S3CR3T" not in masked
    assert "abcdef0123456789" not in masked
    assert "IOSFODNN7" not in masked
    assert "***" in masked


@pytest.mark.parametrize(
    "text",
    [
        "{'QueueUrl': 'http://h/1/orders', 'MessageBody': '{\"a\": 1}'}",
        "'NextToken': 'page-2'",
        "host:sqs.eu-west-1.amazonaws.com",
        "Response headers: {'x-amzn-RequestId': 'r-1'}",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert mask(text) == text


def test_the_log_is_off_for_a_session_that_did_not_ask_for_it(keys: None) -> None:
    first: list[str] = []
    AwsSession(_options("http://127.0.0.1:9"), on_log=first.append)
    AwsSession(_options("http://127.0.0.1:9"))
    before = len(first)

    logging.getLogger("botocore.test").debug("x")

    assert len(first) == before


def test_a_log_that_cannot_be_written_does_not_end_the_command(log: list[str]) -> None:
    def broken(_line: str) -> None:
        raise OSError

    write_log_to(broken)
    logging.getLogger("botocore.test").debug("x")
    write_log_to(log.append)
    try:
        raise ValueError("SessionToken=S3CR3T")  # noqa: TRY301 -- to log it
    except ValueError:
        logging.getLogger("botocore.test").debug("failed %s", "so", exc_info=True)

    assert log == ["botocore.test: failed so (ValueError: SessionToken=***)"]
