"""ECS's answers as core types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edactl.core.task import (
    ContainerDefinition,
    LogTarget,
    Task,
    TaskContainer,
    TaskDefinition,
)

if TYPE_CHECKING:
    from datetime import datetime


def task_of(item: dict[str, Any]) -> Task:
    """A task of DescribeTasks or RunTask."""
    return Task(
        task_arn=item["taskArn"],
        cluster_arn=item.get("clusterArn", ""),
        task_definition_arn=item.get("taskDefinitionArn", ""),
        last_status=item.get("lastStatus", "UNKNOWN"),
        desired_status=item.get("desiredStatus"),
        stop_code=item.get("stopCode"),
        stopped_reason=item.get("stoppedReason") or None,
        containers=tuple(_container(one) for one in item.get("containers", [])),
        capacity_provider=item.get("capacityProviderName"),
        launch_type=item.get("launchType"),
        cpu=_number(item.get("cpu")),
        memory=_number(item.get("memory")),
        ephemeral_storage_gib=_number(item.get("ephemeralStorage", {}).get("sizeInGiB")),
        group=item.get("group"),
        started_by=item.get("startedBy"),
        platform_version=item.get("platformVersion"),
        network_interface_id=_interface(item.get("attachments", [])),
        tags={tag["key"]: tag.get("value", "") for tag in item.get("tags", [])},
        **_times(item),
    )


def settable_tags(tags: list[dict[str, str]]) -> list[dict[str, str]]:
    """The tags without AWS's own: CloudFormation marks what it makes, and nobody else may.

    Source: ECS API reference, Tag: keys must not start with `aws:` in any case.
    """
    return [tag for tag in tags if not tag["key"].lower().startswith("aws:")]


def _times(item: dict[str, Any]) -> dict[str, datetime | None]:
    names = {
        "created_at": "createdAt",
        "pull_started_at": "pullStartedAt",
        "pull_stopped_at": "pullStoppedAt",
        "started_at": "startedAt",
        "stopping_at": "stoppingAt",
        "execution_stopped_at": "executionStoppedAt",
        "stopped_at": "stoppedAt",
    }
    return {ours: item.get(theirs) for ours, theirs in names.items()}


def _container(item: dict[str, Any]) -> TaskContainer:
    return TaskContainer(
        item.get("name", ""),
        item.get("lastStatus"),
        item.get("exitCode"),
        item.get("reason") or None,
    )


def _interface(attachments: list[dict[str, Any]]) -> str | None:
    for attachment in attachments:
        for detail in attachment.get("details", []):
            if detail.get("name") == "networkInterfaceId":
                return str(detail["value"])
    return None


def _number(value: object) -> int | None:
    text = str(value or "")
    return int(text) if text.isdigit() else None


def definition_of(item: dict[str, Any]) -> TaskDefinition:
    """A task definition of DescribeTaskDefinition."""
    return TaskDefinition(
        arn=item["taskDefinitionArn"],
        family=item.get("family", ""),
        revision=int(item.get("revision", 0)),
        status=item.get("status", "ACTIVE"),
        network_mode=item.get("networkMode"),
        compatibilities=tuple(
            item.get("requiresCompatibilities") or item.get("compatibilities") or ()
        ),
        cpu=_number(item.get("cpu")),
        memory=_number(item.get("memory")),
        task_role=item.get("taskRoleArn"),
        platform=_platform(item.get("runtimePlatform", {})),
        containers=tuple(
            _container_definition(one) for one in item.get("containerDefinitions", [])
        ),
    )


def _platform(item: dict[str, str]) -> str:
    if item.get("operatingSystemFamily", "").startswith("WINDOWS"):
        return "WINDOWS"
    return item.get("cpuArchitecture", "X86_64")


def _container_definition(item: dict[str, Any]) -> ContainerDefinition:
    log = item.get("logConfiguration")
    return ContainerDefinition(
        name=item.get("name", ""),
        image=item.get("image", ""),
        essential=item.get("essential", True),
        entry_point=tuple(item.get("entryPoint") or ()),
        command=tuple(item.get("command") or ()),
        log=_log(log) if log else None,
    )


def _log(item: dict[str, Any]) -> LogTarget:
    driver, options = item.get("logDriver", ""), item.get("options") or {}
    if driver != "awslogs":
        return LogTarget(driver)
    return LogTarget(
        driver,
        options.get("awslogs-group"),
        options.get("awslogs-region"),
        options.get("awslogs-stream-prefix"),
        options.get("mode"),
    )
