"""The output options, through the command line: formats, query, colour, quiet, errors as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.running import Run

EVENT = '{"source":"com.flix","detail-type":"ChannelCreated","detail":{"city":"Köln"}}'
DRY = ("put-event", "-", "--dry-run", "--no-check")


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials and an endpoint that nothing answers on: nothing here may call AWS."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "k")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")


def test_a_pipe_gets_one_document_for_a_result(edactl: Callable[..., Run]) -> None:
    run = edactl(*DRY, stdin=EVENT)

    assert run.status == 0
    assert json.loads(run.out)["sent"] == 1
    assert run.out.startswith('{\n  "')


@pytest.mark.parametrize("before", [True, False])
def test_global_options_are_taken_before_and_after_the_verb(
    edactl: Callable[..., Run], before: bool
) -> None:
    options = ("-o", "text", "--query", "[bus, sent]")
    arguments = (*options, *DRY) if before else (*DRY, *options)

    run = edactl(*arguments, stdin=EVENT)

    assert (run.status, run.out) == (0, "default\t1\n")


def test_the_format_may_come_from_the_environment(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDACTL_OUTPUT", "ndjson")

    run = edactl(*DRY, stdin=EVENT)

    assert json.loads(run.out) == {
        "index": 0,
        "event_id": None,
        "error_code": None,
        "error_message": None,
    }


def test_the_flag_beats_the_environment(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDACTL_OUTPUT", "ndjson")

    assert json.loads(edactl(*DRY, "-o", "json", stdin=EVENT).out)["sent"] == 1


@pytest.mark.parametrize("name", ["yaml", "JSON"])
def test_an_unknown_format_is_a_usage_error(edactl: Callable[..., Run], name: str) -> None:
    run = edactl(*DRY, "-o", name, stdin=EVENT)

    assert run.status == 252
    assert name in run.err


def test_an_unknown_format_of_the_environment_is_a_usage_error(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDACTL_OUTPUT", "yaml")

    run = edactl(*DRY, stdin=EVENT)

    assert run.status == 252
    assert run.err.splitlines() == [
        'edactl: EDACTL_OUTPUT is "yaml"',
        "  try: one of table, json, ndjson, text",
    ]


def test_a_nested_value_as_text_is_a_usage_error(
    edactl: Callable[..., Run], sandbox: object
) -> None:
    run = edactl("bus", "show", "default", "-o", "text")

    assert run.status == 252
    assert "--query" in run.err


def test_a_bad_query_is_refused_before_any_call(edactl: Callable[..., Run]) -> None:
    run = edactl("bus", "list", "--query", "[?")

    assert run.status == 252
    assert "127.0.0.1" not in run.err
    assert len(run.err.splitlines()) == 2


def test_q_silences_notes_and_nothing_else(edactl: Callable[..., Run]) -> None:
    loud, quiet = edactl(*DRY, stdin=EVENT), edactl(*DRY, "-q", stdin=EVENT)

    assert "would be sent" in loud.err
    assert quiet.err == ""
    assert edactl("-q", *DRY, stdin="nonsense").err.startswith("edactl: <stdin>:1:")


def test_errors_can_be_one_json_line(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDACTL_ERRORS", "json")

    run = edactl(*DRY, stdin="nonsense")

    assert run.status == 252
    record = json.loads(run.err)
    assert record["status"] == 252
    assert record["kind"] == "InputError"
    assert record["where"] == "<stdin>:1"
    assert record["sandbox_account"] is None


def test_colour_can_be_forced_and_refused(edactl: Callable[..., Run]) -> None:
    forced = edactl(*DRY, "-o", "table", "--color", "always", stdin=EVENT)
    refused = edactl(*DRY, "-o", "table", "--color", "never", stdin=EVENT)

    assert "\x1b[" in forced.out
    assert "\x1b[" not in refused.out


def test_stdout_is_utf8_in_any_locale(edactl: Callable[..., Run]) -> None:
    run = edactl(*DRY, "--query", '`"Köln 東京"`', stdin=EVENT)

    assert json.loads(run.out) == "Köln 東京"
