from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import botocore.session
import pytest
from botocore.model import ListShape, MapShape, StringShape, StructureShape
from botocore.validate import ParamValidator

from edactl.aws.session import AwsSession
from edactl.aws.task_revisions import TaskRevisions
from edactl.core.settings import ConnectionOptions, SandboxEndpoint
from edactl.core.task_revision import checked_image, with_image
from edactl.errors import InputError
from tests.running import Run
from tests.scripted_ecs import (
    ACCOUNT,
    REGION,
    Launch,
    Scenario,
    container,
    exited,
    scripted_ecs,
)

Edactl = Callable[..., Run]
ARN = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/orders"
RUN = ("task", "run", "--cluster", "jobs", "--task-definition", "orders", "--subnet", "subnet-1")
TAGS = [{"key": "team", "value": "orders"}, {"key": "aws:cloudformation:stack-name", "value": "s"}]
TWO = [container("app"), container("proxy", essential=False, image="envoy:1")]
ROLES = {"taskRoleArn": "arn:task", "executionRoleArn": "arn:exec", "pidMode": "task"}


@contextmanager
def ecs(monkeypatch: pytest.MonkeyPatch, *launches: Launch, **settings: Any) -> Iterator[Scenario]:
    """A scripted ECS whose definition orders:7 has two containers, roles and tags."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATESTTESTTEST0000")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_REGION", REGION)
    defaults: dict[str, Any] = {"containers": TWO, "definition": ROLES, "tags": TAGS}
    scenario = Scenario(launches=list(launches), **defaults | settings)
    with scripted_ecs(scenario) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        yield scenario


def test_another_image_registers_a_copy_of_the_revision_and_runs_it(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ecs(monkeypatch, Launch([exited(0)])) as scenario:
        run = edactl(*RUN, "--image", "busybox:2", "--yes", "--", "ls")

    assert run.status == 0
    assert scenario.sent("RegisterTaskDefinition") == [
        {
            "family": "orders",
            "networkMode": "awsvpc",
            "requiresCompatibilities": ["FARGATE"],
            "cpu": "256",
            "memory": "512",
            "containerDefinitions": [TWO[0] | {"image": "busybox:2"}, TWO[1]],
            "tags": TAGS[:1],
            **ROLES,
        }
    ]
    [sent] = scenario.sent("RunTask")
    assert sent["taskDefinition"] == f"{ARN}:8"
    assert json.loads(run.out)["task_definition"] == "orders:8"
    assert "registered orders:8: orders:7 with busybox:2 for busybox in app. To take it" in run.err
    assert "aws ecs deregister-task-definition --task-definition orders:8" in run.err


def test_the_image_is_that_of_the_container_that_is_named(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ecs(monkeypatch, Launch([exited(0)])) as scenario:
        edactl(*RUN, "--image", "envoy:2", "--container", "proxy", "--yes")

    [sent] = scenario.sent("RegisterTaskDefinition")
    assert [one["image"] for one in sent["containerDefinitions"]] == ["busybox", "envoy:2"]


def test_a_dry_run_shows_the_revision_and_registers_nothing(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ecs(monkeypatch) as scenario:
        run = edactl(*RUN, "--image", "busybox:2", "--dry-run")

    plan = json.loads(run.out)
    assert run.status == 0
    assert plan["dry_run"] is True
    assert plan["register_task_definition"]["containerDefinitions"][0]["image"] == "busybox:2"
    assert plan["run_task"]["taskDefinition"] == "orders"
    assert scenario.registered == []
    assert "it would register orders:7 with busybox:2 for busybox in app" in run.err
    assert "ecs:RegisterTaskDefinition and ecs:RunTask; nothing was" in run.err


def test_unasked_nothing_is_registered_where_nobody_can_be_asked(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ecs(monkeypatch) as scenario:
        run = edactl(*RUN, "--image", "busybox:2")

    assert (run.status, run.out) == (252, "")
    assert "Register orders:7 with busybox:2 for busybox in app as the newest revision" in run.err
    assert "add --yes" in run.err
    assert scenario.registered == []
    assert scenario.sent("RunTask") == []


def test_the_same_image_again_registers_nothing(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ecs(monkeypatch, Launch([exited(0)]), Launch([exited(0)])) as scenario:
        edactl(*RUN[:-4], "--task-definition", "orders:7", *RUN[-2:], "--image", "b:2", "--yes")
        again = edactl(*RUN[:-4], "--task-definition", "orders:7", *RUN[-2:], "--image", "b:2")

    assert again.status == 0
    assert len(scenario.registered) == 1
    assert [one["taskDefinition"] for one in scenario.sent("RunTask")] == [f"{ARN}:8"] * 2
    assert "orders:8 is orders:7 with b:2 already" in again.err


def test_a_newest_revision_that_differs_otherwise_does_not_serve(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ecs(monkeypatch, Launch([exited(0)])) as scenario:
        scenario.registered.append(
            {"containerDefinitions": [TWO[0] | {"image": "b:2"}, TWO[1]], "cpu": "1024"}
        )
        edactl(*RUN[:-4], "--task-definition", "orders:7", *RUN[-2:], "--image", "b:2", "--yes")

    assert scenario.registered[1]["cpu"] == "256"
    assert scenario.sent("RunTask")[0]["taskDefinition"] == f"{ARN}:9"


def test_the_image_that_it_has_anyway_needs_no_revision(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ecs(monkeypatch, Launch([exited(0)])) as scenario:
        run = edactl(*RUN, "--image", "busybox")

    assert run.status == 0
    assert "orders:7 has the image busybox already" in run.err
    assert scenario.registered == []


def test_who_may_not_register_is_told_what_is_missing(
    edactl: Edactl, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = {"RegisterTaskDefinition": ("AccessDeniedException", "no")}
    with ecs(monkeypatch, errors=refused) as scenario:
        run = edactl(*RUN, "--image", "busybox:2", "--yes")

    assert (run.status, run.out) == (254, "")
    assert "lacks ecs:RegisterTaskDefinition" in run.err
    assert scenario.sent("RunTask") == []


@pytest.mark.parametrize("image", ["a b", "https://x/y", ":", "@"])
def test_what_is_no_image_is_refused(image: str) -> None:
    with pytest.raises(InputError) as error:
        checked_image(image)

    assert f'--image "{image}" names no image' in error.value.message


@pytest.mark.parametrize("image", ["busybox", "host:5000/a/b:1.2", "a/b@sha256:0123"])
def test_images_by_tag_and_digest_of_any_registry_are_taken(image: str) -> None:
    assert checked_image(image) == image


def test_a_document_without_containers_stays_as_it_is() -> None:
    assert with_image({"family": "x"}, "app", "y") == {"family": "x", "containerDefinitions": []}


# -- the whole definition, by botocore's own model -----------------------------------------------

MODEL = botocore.session.get_session().get_service_model("ecs")
REGISTER: Any = MODEL.operation_model("RegisterTaskDefinition").input_shape
DESCRIBED: Any = MODEL.operation_model("DescribeTaskDefinition").output_shape


def everything(shape: Any) -> Any:
    """A value of a shape with every member that it may have."""
    match shape:
        case StructureShape():
            return {name: everything(member) for name, member in shape.members.items()}
        case ListShape():
            return [everything(shape.member)]
        case MapShape():
            return {"key": everything(shape.value)}
        case StringShape():
            return (shape.enum or ["text"])[0]
    return {"integer": 1, "boolean": True, "timestamp": 1_780_315_200}[shape.type_name]


def test_all_that_describing_gives_and_registering_takes_is_copied() -> None:
    whole = everything(DESCRIBED)["taskDefinition"] | {"revision": 7, "family": "orders"}
    scenario = Scenario(definition=whole, containers=[], tags=TAGS)
    with scripted_ecs(scenario) as url:
        session = AwsSession(ConnectionOptions(sandbox=SandboxEndpoint(url, ACCOUNT)))
        _, document = TaskRevisions(session).document("orders:7")

    assert ParamValidator().validate(document, REGISTER).generate_report() == ""
    assert set(document) == set(REGISTER.members)
    assert document["tags"] == TAGS[:1]
    for field, value in document.items():
        assert field == "tags" or value == whole[field]
