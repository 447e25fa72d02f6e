"""`edactl task run`."""

from __future__ import annotations

from typing import Annotated

import typer

from edactl.cli.context import context_of
from edactl.cli.task_options import (
    CapacityProviderOption,
    ContainerOption,
    CpuOption,
    DefinitionOption,
    EnvFileOption,
    ExecutionRoleOption,
    FallbackOption,
    LaunchTimeoutOption,
    LaunchTypeOption,
    MemoryOption,
    PriceFileOption,
    PublicIpOption,
    SecurityGroupOption,
    ServiceOption,
    SpotOption,
    StorageOption,
    SubnetOption,
    TagOption,
    TaskRoleOption,
)
from edactl.cli.task_parameters import ClusterOption


def run(
    ctx: typer.Context,
    command: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[-- COMMAND…]", help="Command of the container.", show_default=False
        ),
    ] = None,
    cluster: ClusterOption = "",
    task_definition: DefinitionOption = "",
    service: ServiceOption = "",
    container: ContainerOption = "",
    env: Annotated[
        list[str] | None, typer.Option("--env", metavar="NAME=VALUE", help="Set a variable.")
    ] = None,
    env_file: EnvFileOption = None,
    cpu: CpuOption = None,
    memory: MemoryOption = None,
    ephemeral_storage: StorageOption = None,
    task_role: TaskRoleOption = "",
    execution_role: ExecutionRoleOption = "",
    image: Annotated[
        str,
        typer.Option("--image", metavar="IMAGE", help="Register a revision with it, and run that."),
    ] = "",
    entry_point: Annotated[str, typer.Option("--entry-point", hidden=True, help="Refused.")] = "",
    secret: Annotated[str, typer.Option("--secret", hidden=True, help="Refused.")] = "",
    subnet: SubnetOption = None,
    security_group: SecurityGroupOption = None,
    public_ip: PublicIpOption = False,
    launch_type: LaunchTypeOption = "",
    capacity_provider: CapacityProviderOption = "",
    spot: SpotOption = False,
    fallback: FallbackOption = "",
    launch_timeout: LaunchTimeoutOption = "10m",
    timeout: Annotated[
        str, typer.Option("--timeout", metavar="DURATION", help="Stop it after that long (124).")
    ] = "",
    detach: Annotated[bool, typer.Option("--detach", help="Do not wait for it.")] = False,
    execute: Annotated[
        bool, typer.Option("--exec", help="Let aws ecs execute-command in.")
    ] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Ctrl-C and --timeout let it run on.")
    ] = False,
    tag: TagOption = None,
    started_by: Annotated[
        str, typer.Option("--started-by", metavar="TEXT", help="Who started it [edactl-…].")
    ] = "",
    idempotency_key: Annotated[
        str,
        typer.Option(
            "--idempotency-key", metavar="KEY", help="Run this once, however often asked."
        ),
    ] = "",
    price_file: PriceFileOption = "",
    yes: Annotated[
        bool, typer.Option("-y", "--yes", help="Register the revision of --image unasked.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("-n", "--dry-run", help="Show the request; start nothing.")
    ] = False,
) -> int:
    """Run one task to its end: its lines on stderr, result on stdout, its exit code.

    Lack of capacity, throttles, quotas, lost Spot capacity and start-up failures that pass are
    tried again within --launch-timeout; wrong configuration never. Before another attempt the task
    that ECS may have started nonetheless is looked for. Ctrl-C stops the task and waits for its
    end; a second Ctrl-C does not wait.

    RunTask overrides no image: --image registers a copy of the revision with it first, the newest
    of its family from then on, unless the newest is that copy already.

    The status is the container's own; 125 it never started, 124 --timeout passed, 130 Ctrl-C, 75
    AWS took its capacity away.

    \b
    Examples:
      edactl task run --cluster jobs --service orders -- python manage.py migrate
      edactl task run --cluster jobs --task-definition report:12 --subnet subnet-1 --public-ip
      edactl task run --service orders --spot --fallback on-demand --timeout 2h -- ./nightly
    """
    from edactl.cli.task_run_image import NewImage
    from edactl.cli.task_run_input import Changes, Labels, Placement, Target, refuse_what_stays
    from edactl.cli.task_run_job import TaskRunJob, Way

    refuse_what_stays({"entry point": entry_point, "secrets": secret})
    sizes = (cpu, memory, ephemeral_storage)
    changes = Changes(
        container, command or [], env or [], env_file or [], *sizes, task_role, execution_role
    )
    place = Placement(
        subnet or [],
        security_group or [],
        public_ip,
        launch_type,
        capacity_provider,
        spot,
        fallback,
    )
    labels = Labels(tag or [], started_by, idempotency_key)
    way = Way(launch_timeout, timeout, detach, execute, keep, price_file, dry_run)
    target = Target(cluster, task_definition, service)
    job = TaskRunJob(target, changes, place, labels, way, NewImage(image, yes))
    return job.run(context_of(ctx))
