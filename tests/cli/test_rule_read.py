from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from botocore.stub import ANY, Stubber

from edactl.aws.cloudwatch import RuleMetrics
from edactl.aws.session import AwsSession
from edactl.core.settings import ConnectionOptions, Setting
from edactl.sandbox.state import SandboxState
from tests.running import Run
from tests.sandbox_queues import SandboxQueues

Edactl = Callable[..., Run]
PATTERN = {"source": ["com.flix"], "detail": {"region": ["AU"]}}


@pytest.fixture
def flix(sandbox: SandboxState) -> SandboxQueues:
    """A bus with one rule that feeds a queue through a transformer, with a DLQ."""
    queues = SandboxQueues(sandbox)
    orders = queues.make("orders")
    queues.feed_by_rule(orders, "flix", "au", PATTERN)
    queues.session.call(
        "events",
        "put_targets",
        Rule="au",
        EventBusName="flix",
        Targets=[
            {
                "Id": "second",
                "Arn": orders.arn,
                "DeadLetterConfig": {"Arn": orders.arn},
                "RetryPolicy": {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 60},
                "InputTransformer": {
                    "InputPathsMap": {"r": "$.detail.region"},
                    "InputTemplate": '"<r>"',
                },
            }
        ],
    )
    return queues


def test_rules_are_listed_with_targets_and_missing_dlqs(
    edactl: Edactl, flix: SandboxQueues
) -> None:
    run = edactl("rule", "list", "--bus", "flix")

    [record] = [json.loads(line) for line in run.out.splitlines()]
    assert run.status == 0
    assert (record["name"], record["event_pattern"]) == ("au", PATTERN)
    assert (record["targets_count"], record["targets_without_dlq"]) == (2, 1)
    assert record["last_triggered_at"] is None or record["last_triggered_at"].endswith("Z")


def test_a_rule_is_shown_with_retry_and_transformer(edactl: Edactl, flix: SandboxQueues) -> None:
    shown = json.loads(edactl("rule", "show", "au", "--bus", "flix").out)

    second = next(one for one in shown["targets"] if one["target_id"] == "second")
    assert (second["max_attempts"], second["max_event_age_seconds"]) == (3, 60)
    assert second["input_transformer"] == {"template": '"<r>"', "paths": {"r": "$.detail.region"}}


@pytest.mark.parametrize(
    "arguments", [("show", "nope", "--bus", "flix"), ("pull", "--bus", "nope")]
)
def test_what_is_not_there_is_254(
    edactl: Edactl, flix: SandboxQueues, arguments: tuple[str, ...]
) -> None:
    assert edactl("rule", *arguments).status == 254


def test_a_snapshot_is_read_by_test(edactl: Edactl, flix: SandboxQueues, tmp_path: Path) -> None:
    snapshot = tmp_path / "flix.json"
    snapshot.write_text(edactl("rule", "pull", "--bus", "flix").out)
    event = json.dumps({"source": "com.flix", "detail": {"region": "AU"}})

    run = edactl("rule", "test", "--event", event, "--rules", str(snapshot))

    assert run.status == 0
    assert json.loads(run.out)["rule"] == "au"
    assert json.loads(snapshot.read_text())["bus"] == "flix"


def test_the_last_hour_in_which_a_rule_fired_is_its_last_use(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "k")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    session = AwsSession(ConnectionOptions(region=Setting("eu-west-1", "--region")))
    hours = [datetime(2026, 1, 31, hour, tzinfo=UTC) for hour in range(3)]
    answer = {
        "MetricDataResults": [
            {"Id": "q0", "Timestamps": hours, "Values": [4.0, 2.0, 0.0]},
            {"Id": "q1", "Timestamps": hours[:1], "Values": [0.0]},
        ]
    }
    expected = {"MetricDataQueries": ANY, "StartTime": ANY, "EndTime": ANY, "ScanBy": ANY}
    with Stubber(session.client("cloudwatch")) as stubber:
        stubber.add_response("get_metric_data", answer, expected)
        metrics = RuleMetrics(session)
        found = metrics.last_triggered("flix", ["au", "us"], now=hours[2] + timedelta(hours=1))

    assert found == {"au": hours[1]}
