"""`edactl task logs`."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf
from typing import TYPE_CHECKING, Annotated

import typer

from edactl.cli.context import context_of
from edactl.cli.signals import graceful_stop
from edactl.cli.task_lines import prefix_of, shown_line
from edactl.cli.task_parameters import ClusterOption, TaskArgument, known_task
from edactl.core.ecs_names import ecs_name
from edactl.core.task import log_streams, unshown_logs
from edactl.core.times import from_epoch_milliseconds, parse_time
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edactl.aws.ecs import EcsTasks
    from edactl.aws.session import AwsSession
    from edactl.cli.context import CommandContext
    from edactl.cli.signals import StopSignal
    from edactl.core.record import JsonValue
    from edactl.core.task import LogStream, Task, TaskDefinition
    from edactl.core.task_log import LogLine
    from edactl.ops.task_log_follow import LogFollow

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class ContainerLine:
    """One line of a container."""

    container: str
    at: datetime
    message: str


def logs(
    ctx: typer.Context,
    task: TaskArgument,
    cluster: ClusterOption = "",
    container: Annotated[
        str, typer.Option("--container", metavar="NAME", help="Only lines of this container.")
    ] = "",
    since: Annotated[
        str, typer.Option("--since", metavar="10m|TIME", help="Only lines since then.")
    ] = "",
    follow: Annotated[
        bool, typer.Option("-f", "--follow", help="Go on until the task has ended.")
    ] = False,
) -> int:
    """Show the log lines of a task's containers, from CloudWatch Logs.

    With --follow until the task has ended and its last lines are there. Ctrl-C ends the following
    alone: the task runs on.

    \b
    Examples:
      edactl task logs 0f9de17a6465404e8b1b2356dc13c2f8 --cluster jobs --follow
      edactl task logs ARN --container app --since 10m --query message -o text
    """
    context = context_of(ctx)
    named = ecs_name(task, "task", cluster)
    start = parse_time(since, now=datetime.now(UTC)) if since else _NEVER
    session = context.session(read_only=True)
    from edactl.aws.ecs import EcsTasks

    tasks = EcsTasks(session)
    found = known_task(tasks, named)
    definition = tasks.definition(found.task_definition_arn)
    for unshown in unshown_logs(definition):
        context.messages.note(unshown)
    streams = _chosen(log_streams(found.task_id, definition), container, definition)
    with graceful_stop() as stop:
        shown = _Shown(context, session, tasks, named.cluster, start, stop)
        shown.show(found, streams, follow=follow)
    return stop.status


def _chosen(
    streams: Sequence[LogStream], container: str, definition: TaskDefinition
) -> list[LogStream]:
    names = [one.name for one in definition.containers]
    if container and container not in names:
        raise InputError(
            f'task definition {definition.name} has no container "{container}"',
            hint=f"--container {'|'.join(names)}",
        )
    return [one for one in streams if container in {"", one.container}]


@dataclass(frozen=True)
class _Shown:
    """The lines of one task, as they go to stdout."""

    context: CommandContext
    session: AwsSession
    tasks: EcsTasks
    cluster: str
    start: datetime
    stop: StopSignal

    def show(self, task: Task, streams: Sequence[LogStream], *, follow: bool) -> None:
        """Write what there is, and with `follow` what comes until the task has ended."""
        from edactl.aws.task_logs import TaskLogs
        from edactl.cli.task_run_job import log_sessions
        from edactl.ops.task_log_follow import LogFollow

        seen = set[str]()
        stdout = self.context.terminal.stdout
        line = _line(
            [one.container for one in streams], colored=self.context.terminal.colored(stdout)
        )
        with self.context.emitter.stream(line=line) as write:

            def on_line(stream: LogStream, one: LogLine) -> None:
                at = from_epoch_milliseconds(one.timestamp)
                seen.add(stream.container)
                if at >= self.start:
                    write(ContainerLine(stream.container, at, one.message.rstrip("\n")))

            logs = TaskLogs(log_sessions(self.context, self.session))
            reader = LogFollow(logs, streams, on_line, self.context.messages.warn)
            watched = follow and not task.stopped
            if watched:
                self._watch(task, reader)
            while not self.stop() and reader.read():
                pass
        if not watched:  # which tells of it itself, at the end
            self._tell_of_silence([one for one in streams if one.container not in seen])

    def _tell_of_silence(self, silent: Sequence[LogStream]) -> None:
        for one in silent:
            self.context.messages.note(
                f"container {one.container} logged nothing so far, or log group {one.group} does"
                " not exist"
            )

    def _watch(self, task: Task, reader: LogFollow) -> None:
        from edactl.cli.task_run_job import waiting
        from edactl.ops.task_log_follow import Timing
        from edactl.ops.task_watch import TaskWatch

        TaskWatch(
            self.tasks,
            self.cluster,
            reader,
            Timing(time.monotonic, waiting(self.stop), random.random),
            self.stop,
            launch_deadline=inf,
            deadline=None,
            keep=True,
            note=self.context.messages.detail,
            warn=self.context.messages.warn,
        ).until_stopped(task)


def _line(containers: Sequence[str], *, colored: bool) -> Callable[[JsonValue], str]:
    """One line for a person: whose, and what."""

    def render(record: JsonValue) -> str:
        if not isinstance(record, dict) or "message" not in record:
            return shown_line(str(record))
        prefix = prefix_of(str(record["container"]), containers, colored=colored)
        return f"{prefix}{shown_line(str(record['message']))}"

    return render
