"""Application Auto Scaling and metric math: on moto, on stubs, and against botocore's model."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.stub import Stubber
from moto import mock_aws

from edactl.aws.app_autoscaling import ScalingTargets, refuse_invalid
from edactl.aws.metric_math import MetricMath
from edactl.aws.scaling_policies import ScalingPolicies
from edactl.aws.session import AwsSession
from edactl.core.json_text import json_text
from edactl.core.scaling_policy.metric_math import metric_queries
from edactl.core.scaling_policy.requests import policy_request, register_request, target_of
from edactl.core.scaling_policy.state import Range, State, changes, state_of
from edactl.core.scaling_policy.wanted import Slots, WantedPolicy
from edactl.core.scaling_sim.controllers import Datapoint
from edactl.core.scaling_sim.policy_json import policies_of_json
from edactl.core.settings import ConnectionOptions, Setting
from edactl.errors import InputError
from tests.wanted_policies import PLACE, wanted

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
LOAD = wanted(metric="load_per_slot", slots=Slots(2.0, 120.0, 4))


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> AwsSession:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "fake")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "fake")
    return AwsSession(ConnectionOptions(region=Setting("eu-west-1", "test")))


@pytest.fixture
def account(session: AwsSession) -> Iterator[AwsSession]:
    """An account of moto with one service."""
    with mock_aws():
        session.call("ecs", "create_cluster", clusterName="jobs")
        container = {"name": "app", "image": "busybox", "memory": 128}
        session.call(
            "ecs", "register_task_definition", family="orders", containerDefinitions=[container]
        )
        session.call(
            *("ecs", "create_service"),
            cluster="jobs",
            serviceName="orders",
            taskDefinition="orders",
            desiredCount=2,
        )
        yield session


def test_what_is_put_on_a_service_is_read_back_as_it_was(account: AwsSession) -> None:
    targets, deployed = ScalingTargets(account), ScalingPolicies(account)
    assert deployed.of_service(PLACE) is None

    targets.send("RegisterScalableTarget", register_request(PLACE, 2, 40))
    targets.send("PutScalingPolicy", policy_request(LOAD))

    found = state_of(deployed.of_service(PLACE), "edactl-orders")
    assert changes(found, State(Range(2, 40), policy_request(LOAD))) == ()
    named = {"PolicyName": "edactl-orders", **target_of(PLACE)}
    targets.send("DeleteScalingPolicy", named)
    assert state_of(deployed.of_service(PLACE), "edactl-orders").policy is None
    targets.send("DeregisterScalableTarget", target_of(PLACE))
    assert deployed.of_service(PLACE) is None


def test_the_points_of_every_page_are_put_together(session: AwsSession) -> None:
    queries = metric_queries(wanted())
    minute = [NOON - timedelta(minutes=ago) for ago in range(3)]
    pages: list[dict[str, Any]] = [
        {
            "MetricDataResults": [
                {"Id": "visible", "Timestamps": minute[:2], "Values": [3.0, 4.0]},
                {"Id": "running", "Timestamps": [], "Values": []},
            ],
            "NextToken": "n",
        },
        {"MetricDataResults": [{"Id": "visible", "Timestamps": minute[2:], "Values": [5.0]}]},
    ]
    asked: list[dict[str, Any]] = [{**query, "ReturnData": True} for query in queries]
    for one in asked:
        if "MetricStat" in one:
            one["MetricStat"] = {**one["MetricStat"], "Period": 60}
    expected = {
        "MetricDataQueries": asked,
        "StartTime": minute[2],
        "EndTime": NOON,
        "ScanBy": "TimestampDescending",
    }
    with Stubber(session.client("cloudwatch")) as stub:
        stub.add_response("get_metric_data", pages[0], expected)
        stub.add_response("get_metric_data", pages[1], expected | {"NextToken": "n"})

        found = MetricMath(session).points(queries, resource="m", start=minute[2], end=NOON)
        stub.assert_no_pending_responses()

    assert found == {
        "visible": tuple(zip(minute, (3.0, 4.0, 5.0), strict=True)),
        "running": (),
    }


@pytest.mark.parametrize("policy", [wanted(), LOAD, wanted(task_count="container-insights")])
def test_the_requests_are_valid_by_botocore_s_own_model(policy: WantedPolicy) -> None:
    refuse_invalid(
        {
            "RegisterScalableTarget": register_request(PLACE, 0, 1),
            "PutScalingPolicy": policy_request(policy),
        }
    )


def test_a_request_that_the_model_does_not_know_is_refused() -> None:
    broken = {**policy_request(wanted()), "Typo": 1, "PolicyName": 3}

    with pytest.raises(InputError, match=r"PutScalingPolicy would be refused.*Typo") as refused:
        refuse_invalid({"PutScalingPolicy": broken})

    assert "PolicyName" in refused.value.message


@pytest.mark.parametrize(("policy", "value"), [(wanted(), 60.0), (LOAD, None)])
def test_the_simulation_reads_the_policy_as_what_it_is(
    policy: WantedPolicy, value: float | None
) -> None:
    text = json_text(policy_request(policy)).encode()

    found = policies_of_json(text, name="p", where="p")

    [tracking] = found.trackings
    assert tracking.target == 15.0
    assert (tracking.out_cooldown_seconds, tracking.in_cooldown_seconds) == (60, 300)
    shown = tracking.metric()(Datapoint(60, 300, 20, 600, 5, 0.8))
    assert shown is not None
    assert value is None or shown == value
