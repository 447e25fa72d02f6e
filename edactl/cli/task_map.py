"""`edactl task map`."""

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


def map_(
    ctx: typer.Context,
    command: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[-- COMMAND…]",
            help="Command of each task; {field} is the item's.",
            show_default=False,
        ),
    ] = None,
    each: Annotated[
        str, typer.Option("--each", metavar="FILE", help="Items: NDJSON, a JSON array, .gz, or -.")
    ] = "",
    cluster: ClusterOption = "",
    task_definition: DefinitionOption = "",
    service: ServiceOption = "",
    container: ContainerOption = "",
    env: Annotated[
        list[str] | None,
        typer.Option("--env", metavar="NAME=VALUE", help="Set a variable; {json} is the item."),
    ] = None,
    env_file: EnvFileOption = None,
    cpu: CpuOption = None,
    memory: MemoryOption = None,
    ephemeral_storage: StorageOption = None,
    task_role: TaskRoleOption = "",
    execution_role: ExecutionRoleOption = "",
    subnet: SubnetOption = None,
    security_group: SecurityGroupOption = None,
    public_ip: PublicIpOption = False,
    launch_type: LaunchTypeOption = "",
    capacity_provider: CapacityProviderOption = "",
    spot: SpotOption = False,
    fallback: FallbackOption = "",
    tag: TagOption = None,
    parallel: Annotated[
        int,
        typer.Option("--parallel", metavar="N", min=1, help="Tasks at once, starting ones too."),
    ] = 50,
    pace: Annotated[
        float, typer.Option("--pace", metavar="N", help="Launches a second; Fargate takes 20.")
    ] = 20.0,
    retries: Annotated[
        int, typer.Option("--retries", metavar="N", min=0, help="Run a failed item again so often.")
    ] = 0,
    launch_timeout: LaunchTimeoutOption = "10m",
    timeout: Annotated[
        str, typer.Option("--timeout", metavar="DURATION", help="Stop a task after that long.")
    ] = "",
    keep: Annotated[bool, typer.Option("--keep", help="Ctrl-C lets the tasks run on.")] = False,
    failed_to: Annotated[
        str,
        typer.Option("--failed-to", metavar="QUEUE|FILE", help="Keep items that did not succeed."),
    ] = "",
    state: Annotated[
        str, typer.Option("--state", metavar="FILE", help="State file [one in ~/.local/state].")
    ] = "",
    resume: Annotated[
        str, typer.Option("--resume", metavar="FILE", help="Go on with the run of a state file.")
    ] = "",
    via: Annotated[
        str,
        typer.Option("--via", metavar="stepfunctions", help="Let a Distributed Map run it."),
    ] = "",
    write: Annotated[
        bool, typer.Option("--write", help="Print that state machine; call nothing.")
    ] = False,
    bucket: Annotated[
        str, typer.Option("--bucket", metavar="BUCKET", help="Where its items and results lie.")
    ] = "",
    prefix: Annotated[
        str, typer.Option("--prefix", metavar="KEY", help="Folder in there [edactl-task-map].")
    ] = "",
    state_machine_role: Annotated[
        str, typer.Option("--state-machine-role", metavar="ARN", help="Role of the state machine.")
    ] = "",
    price_file: PriceFileOption = "",
    dry_run: Annotated[
        bool, typer.Option("-n", "--dry-run", help="Check every item; start nothing.")
    ] = False,
) -> int:
    """Run one task an item: so many at once, at a pace, each to its end, and count them.

    {field}, {a.b}, {index} and {json} (the whole item) are filled in the command and in --env; a
    command that names nothing gets the item as ITEM. Every item is checked before the first launch.
    Items whose tasks are equal are launched ten a call.

    No capacity, throttles, quotas and start-up failures that pass are tried again within
    --launch-timeout; tasks that failed, as --retries says; wrong configuration never. Ctrl-C stops
    the tasks and waits for their end; a second Ctrl-C does not wait. --resume goes on with a run
    that was stopped or killed, and launches nothing twice without saying so.

    The status is 0 when every item succeeded, 2 when some did not.

    \b
    Examples:
      edactl task map --each films.ndjson --service encoder --parallel 40 -- encode {s3_key}
      edactl task map --each ids.json --task-definition job --subnet subnet-1 --env ID={id}
      edactl task map --each films.ndjson --service encoder --spot --failed-to failed.ndjson
      edactl task map --each failed.ndjson --service encoder -- encode {s3_key}
      edactl task map --task-definition job --subnet subnet-1 --via stepfunctions --write
    """
    from edactl.cli.task_map_job import MapOptions, TaskMapJob
    from edactl.cli.task_map_via import Via
    from edactl.cli.task_run_input import Changes, Labels, Placement, Target

    sizes = (cpu, memory, ephemeral_storage)
    changes = Changes(
        container, command or [], env or [], env_file or [], *sizes, task_role, execution_role
    )
    capacity = (launch_type, capacity_provider, spot, fallback)
    place = Placement(subnet or [], security_group or [], public_ip, *capacity)
    times = (launch_timeout, timeout)
    files = (state, resume, failed_to)
    options = MapOptions(each, parallel, pace, retries, *times, *files, keep, price_file, dry_run)
    target = Target(cluster, task_definition, service)
    by = Via(via, write, bucket, prefix, state_machine_role)
    job = TaskMapJob(target, changes, place, Labels(tag or [], "", ""), options, by)
    return job.run(context_of(ctx))
