"""The adapters of ECS on moto: another witness for the shapes of requests and answers.

moto runs no task for real: a task's codes are 0 from the start, and nothing fails.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from edactl.aws.ecs import EcsTasks
from edactl.aws.ecs_inventory import EcsInventory
from edactl.aws.ecs_services import EcsServices
from edactl.aws.session import AwsSession
from edactl.aws.task_revisions import TaskRevisions
from edactl.core.record import JsonValue
from edactl.core.settings import ConnectionOptions, Setting
from edactl.core.task import Task
from edactl.core.task_request import Overrides, TaskRequest, network_of
from edactl.core.task_revision import with_image
from edactl.errors import NotFound

TAGS = [{"key": "team", "value": "orders"}]


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsSession]:
    """An account with a cluster, a task definition and a service of it."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATESTTESTTEST0000")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with mock_aws():
        session = AwsSession(ConnectionOptions(region=Setting("eu-west-1", "--region")))
        session.call("ecs", "create_cluster", clusterName="jobs")
        session.call(
            "ecs",
            "register_task_definition",
            family="orders",
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="256",
            memory="512",
            tags=TAGS,
            containerDefinitions=[
                {"name": "app", "image": "busybox", "memory": 256, "entryPoint": ["sh", "-c"]}
            ],
        )
        session.call(
            "ecs",
            "create_service",
            cluster="jobs",
            serviceName="web",
            taskDefinition="orders",
            desiredCount=2,
            launchType="FARGATE",
            networkConfiguration=a_network(session),
        )
        yield session


def a_network(session: AwsSession) -> JsonValue:
    """A subnet and security group; moto wants both."""
    subnet = session.call("ec2", "describe_subnets")["Subnets"][0]["SubnetId"]
    group = session.call("ec2", "describe_security_groups")["SecurityGroups"][0]["GroupId"]
    return network_of([subnet], [group], public_ip=False)


def test_a_definition_is_read_whole(session: AwsSession) -> None:
    found = EcsTasks(session).definition("orders")

    assert (found.name, found.status, found.network_mode) == ("orders:1", "ACTIVE", "awsvpc")
    assert (found.cpu, found.memory, found.platform) == (256, 512, "X86_64")
    assert found.main_container == "app"
    assert found.containers[0].entry_point == ("sh", "-c")


def test_an_unknown_definition_is_not_found(session: AwsSession) -> None:
    with pytest.raises(NotFound):
        EcsTasks(session).definition("nope:3")


def test_a_task_is_started_described_listed_and_stopped(session: AwsSession) -> None:
    tasks = EcsTasks(session)
    request = TaskRequest(
        "jobs",
        "orders",
        Overrides("app", ("ls",), {"A": "1"}),
        "edactl-1",
        network=a_network(session),
        launch_type="FARGATE",
    )

    made = tasks.run(request, "edactl-1-1")

    assert isinstance(made, Task)
    [seen] = tasks.describe("jobs", [made.task_arn])
    assert (seen.task_arn, seen.started_by) == (made.task_arn, "edactl-1")
    assert [one.name for one in seen.containers] == ["app"]
    assert [one.task_arn for one in tasks.started_by("jobs", "edactl-1")] == [made.task_arn]
    assert made.task_id in list(EcsInventory(session).tasks("jobs"))
    tasks.stop("jobs", made.task_arn, "edactl: cancel")
    [stopped] = tasks.describe("jobs", [made.task_arn])
    assert (stopped.desired_status, stopped.stopped_reason) == ("STOPPED", "edactl: cancel")


def test_a_service_tells_what_its_tasks_run_with(session: AwsSession) -> None:
    services = EcsServices(session)

    [listed] = list(services.list("jobs"))
    settings = services.run_settings("jobs", "web")

    assert (listed.name, listed.cluster, listed.desired) == ("web", "jobs", 2)
    assert listed.task_definition == "orders:1"
    assert settings.task_definition.endswith(":task-definition/orders:1")
    assert settings.launch_type == "FARGATE"
    assert settings.network_configuration
    with pytest.raises(NotFound):
        services.describe("jobs", "nope")


def test_a_copied_revision_differs_by_its_image_alone(session: AwsSession) -> None:
    revisions = TaskRevisions(session)
    _, before = revisions.document("orders")

    made = revisions.register(with_image(before, "app", "busybox:2"))
    newest, after = revisions.document("orders")

    assert (made.name, newest.name) == ("orders:2", "orders:2")
    assert after == with_image(before, "app", "busybox:2")
    assert after["tags"] == TAGS


def test_what_there_is_has_names(session: AwsSession) -> None:
    inventory = EcsInventory(session)

    assert list(inventory.clusters()) == ["jobs"]
    assert list(inventory.services("jobs")) == ["web"]
    assert list(inventory.families()) == ["orders"]
