"""Options that `task run` and `task map` share: what to run, where, and what it changes."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

_NETWORK = "a service's own with --service"

DefinitionOption: TypeAlias = Annotated[
    str, typer.Option("--task-definition", metavar="FAMILY[:REVISION]", help="What to run.")
]
ServiceOption: TypeAlias = Annotated[
    str, typer.Option("--service", metavar="SERVICE", help="Run as this service runs its own.")
]
ContainerOption: TypeAlias = Annotated[
    str, typer.Option("--container", metavar="NAME", help="Whose command and code [essential one].")
]
EnvFileOption: TypeAlias = Annotated[
    list[str] | None, typer.Option("--env-file", metavar="FILE", help="Set these variables.")
]
CpuOption: TypeAlias = Annotated[
    int | None, typer.Option("--cpu", metavar="UNITS", help="CPU units, 1024 a vCPU.")
]
MemoryOption: TypeAlias = Annotated[
    int | None, typer.Option("--memory", metavar="MIB", help="In MiB.")
]
StorageOption: TypeAlias = Annotated[
    int | None, typer.Option("--ephemeral-storage", metavar="GIB", help="Disk, 21 to 200 GiB.")
]
TaskRoleOption: TypeAlias = Annotated[
    str, typer.Option("--task-role", metavar="ARN", help="Role of the task's own calls.")
]
ExecutionRoleOption: TypeAlias = Annotated[
    str, typer.Option("--execution-role", metavar="ARN", help="Role that pulls and logs.")
]
SubnetOption: TypeAlias = Annotated[
    list[str] | None, typer.Option("--subnet", metavar="ID", help=f"Subnet; {_NETWORK}.")
]
SecurityGroupOption: TypeAlias = Annotated[
    list[str] | None, typer.Option("--security-group", metavar="ID", help="Security group.")
]
PublicIpOption: TypeAlias = Annotated[
    bool, typer.Option("--public-ip", help="Give it a public IP.")
]
LaunchTypeOption: TypeAlias = Annotated[
    str, typer.Option("--launch-type", metavar="FARGATE|EC2|EXTERNAL", help="Where it runs.")
]
CapacityProviderOption: TypeAlias = Annotated[
    str, typer.Option("--capacity-provider", metavar="NAME", help="Capacity to run it on.")
]
SpotOption: TypeAlias = Annotated[
    bool, typer.Option("--spot", help="On Fargate Spot; an interrupted task runs again.")
]
FallbackOption: TypeAlias = Annotated[
    str, typer.Option("--fallback", metavar="on-demand", help="After two failures of Spot.")
]
LaunchTimeoutOption: TypeAlias = Annotated[
    str, typer.Option("--launch-timeout", metavar="DURATION", help="Time to start, retries in.")
]
TagOption: TypeAlias = Annotated[
    list[str] | None, typer.Option("--tag", metavar="NAME=VALUE", help="Tag it.")
]
PriceFileOption: TypeAlias = Annotated[
    str, typer.Option("--price-file", metavar="FILE", help="Prices of more regions, as JSON.")
]
