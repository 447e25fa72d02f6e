"""One `task run`, from its options to its result."""

from __future__ import annotations

import random
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.cli.opened import shown, text_of
from edactl.cli.signals import StopSignal, graceful_stop
from edactl.cli.task_lines import LinesOnScreen, said_anyway
from edactl.cli.task_run_image import NewImage, request_for
from edactl.cli.task_run_input import (
    Changes,
    Labels,
    Placement,
    Target,
    check_service,
    request_of,
    settings_of_definition,
    swallowed,
)
from edactl.cli.task_tables import emit_task_result
from edactl.core.task import dropped_perhaps, log_streams, unshown_logs
from edactl.core.task_outcome import exit_status
from edactl.core.task_request import job_id
from edactl.core.task_revision import Revision
from edactl.core.times import parse_duration_seconds
from edactl.errors import ExitStatus, InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from edactl.aws.session import AwsSession
    from edactl.cli.context import CommandContext
    from edactl.core.fargate_prices import Price
    from edactl.core.record import JsonValue
    from edactl.core.task import Task, TaskDefinition
    from edactl.core.task_request import Overrides, TaskRequest
    from edactl.core.task_result import Ended
    from edactl.ops.task_log_follow import LogFollow
    from edactl.ops.task_run import RunLimits


@dataclass(frozen=True)
class Way:
    """How long the run may take, and how it ends."""

    launch_timeout: str
    timeout: str
    detach: bool
    execute: bool
    keep: bool
    price_file: str
    dry_run: bool


@dataclass(frozen=True)
class TaskRunJob:
    """Everything that was asked for."""

    target: Target
    changes: Changes
    placement: Placement
    labels: Labels
    way: Way
    image: NewImage

    def run(self, context: CommandContext) -> int:
        """Run it, tell its result, and give the exit status: the container's own."""
        target = self.target.checked()
        placement = self.placement.checked(service=bool(target.service))
        overrides = self.changes.overrides(context.terminal.stdin)
        self.labels.pairs()
        image = self.image.checked()
        limits = self._limits(fallback=bool(placement.fallback))
        prices = prices_of(self.way.price_file, context)
        session = context.session(read_only=self.way.dry_run)
        key = self.labels.idempotency_key
        job = job_id(key) if key else uuid.uuid4().hex[:16]
        definition, request = self._request(session, target, overrides, placement, job)
        container = next(
            one for one in definition.containers if one.name == request.overrides.container
        )
        for unshown in unshown_logs(definition):
            context.messages.note(unshown)
        if warning := swallowed(container, request.overrides.command):
            context.messages.warn(warning)
        revision = image.revision(context, session, definition, container.name)
        request = request_for(request, revision)
        if self.way.dry_run:
            return _planned(context, request, job, revision)
        definition = image.definition(context, session, revision)
        request = request_for(request, definition)
        return _Running(context, session, definition, prices, job).run(
            request, limits, resumed=bool(key)
        )

    def _limits(self, *, fallback: bool) -> RunLimits:
        from edactl.ops.task_run import RunLimits

        if self.way.keep and self.way.detach:
            raise UsageError("--keep and --detach say the same", hint="leave one of them out")
        return RunLimits(
            launch_seconds=seconds_of(self.way.launch_timeout, "--launch-timeout"),
            seconds=seconds_of(self.way.timeout, "--timeout") if self.way.timeout else None,
            fallback=fallback,
            keep=self.way.keep,
            detach=self.way.detach,
        )

    def _request(
        self,
        session: AwsSession,
        target: Target,
        overrides: Overrides,
        placement: Placement,
        job: str,
    ) -> tuple[TaskDefinition, TaskRequest]:
        from dataclasses import replace

        from edactl.aws.ecs import EcsTasks
        from edactl.aws.ecs_services import EcsServices

        settings = settings_of_definition(target)
        if target.service:
            settings = EcsServices(session).run_settings(target.cluster, target.service)
            check_service(settings, target.service)
        if self.way.execute:
            settings = replace(settings, enable_execute_command=True)
        definition = EcsTasks(session).definition(settings.task_definition)
        request = request_of(target, settings, definition, overrides, placement, self.labels, job)
        return definition, request


def seconds_of(text: str, option: str) -> float:
    """Seconds of a duration. Raises InputError naming the option."""
    try:
        return parse_duration_seconds(text)
    except InputError as error:
        raise InputError(error.message, where=option, hint=error.hint) from None


def prices_of(price_file: str, context: CommandContext) -> Mapping[tuple[str, str], Price]:
    """The package's prices, with those of a file over them. Raises InputError."""
    import json

    from edactl.core.fargate_prices import PRICES, prices_from

    if not price_file:
        return PRICES
    try:
        document: JsonValue = json.loads(text_of(price_file, context.terminal.stdin))
    except ValueError as error:
        raise InputError(f"it is no JSON: {error}", where=shown(price_file)) from None
    return prices_from(document, shown(price_file))


def _planned(
    context: CommandContext, request: TaskRequest, job: str, revision: TaskDefinition | Revision
) -> int:
    from edactl.core.task_request import client_token

    plan: dict[str, JsonValue] = {"dry_run": True}
    where = "ecs:RunTask"
    if isinstance(revision, Revision):
        context.messages.note(f"it would register {revision.change}, and run that")
        plan["register_task_definition"] = revision.document
        where = "ecs:RegisterTaskDefinition and ecs:RunTask"
    context.messages.note(f"dry run: this would be sent to {where}; nothing was")
    context.emitter.result(plan | {"run_task": request.as_json(client_token(job, 1))})
    return ExitStatus.DONE


@dataclass(frozen=True)
class _Running:
    """The run itself, with the real clock, signals and streams."""

    context: CommandContext
    session: AwsSession
    definition: TaskDefinition
    prices: Mapping[tuple[str, str], Price]
    job: str

    def run(self, request: TaskRequest, limits: RunLimits, *, resumed: bool) -> int:
        from edactl.aws.ecs import EcsTasks
        from edactl.core.task_result import result_of
        from edactl.ops.task_log_follow import Timing
        from edactl.ops.task_run import TaskRun

        messages, lines = self.context.messages, LinesOnScreen(self.context.terminal)
        with graceful_stop() as stop:
            run = TaskRun(
                EcsTasks(self.session),
                self.definition,
                self.job,
                limits,
                Timing(time.monotonic, waiting(stop), random.random),
                stop,
                self._follow(lines),
                said_anyway(messages.note),
                said_anyway(messages.warn),
                resumed,
            )
            ended = run.run(request)
        result = result_of(
            ended, self.definition, request.cluster, attempts=run.attempts, prices=self.prices
        )
        emit_task_result(self.context, result)
        for hint in dropped_perhaps(self.definition, lines.counts):
            said_anyway(messages.note)(hint)
        said_anyway(messages.note)(ended.explanation)
        return status_of(ended, stop)

    def _follow(self, lines: LinesOnScreen) -> Callable[[Task], LogFollow]:
        from edactl.aws.task_logs import TaskLogs
        from edactl.ops.task_log_follow import LogFollow

        logs = TaskLogs(log_sessions(self.context, self.session))

        def follow(task: Task) -> LogFollow:
            streams = log_streams(task.task_id, self.definition)
            show = lines.of([stream.container for stream in streams])
            return LogFollow(logs, streams, show, said_anyway(self.context.messages.warn))

        return follow


def waiting(stop: StopSignal) -> Callable[[float], object]:
    """Sleep that a first Ctrl-C ends; after it a stopped task is still waited for."""
    return lambda seconds: time.sleep(seconds) if stop() else stop.wait(seconds)


def log_sessions(
    context: CommandContext, session: AwsSession
) -> Callable[[str | None], AwsSession]:
    """The session of the region that a log group is in."""
    others: dict[str, AwsSession] = {}

    def session_of(region: str | None) -> AwsSession:
        if not region or region == session.region or context.sandbox:
            return session
        if region not in others:
            others[region] = context.session(read_only=True, region=region)
        return others[region]

    return session_of


def status_of(ended: Ended, stop: StopSignal) -> int:
    """The container's own code, or what stands for why there is none."""
    if ended.judgement is None:
        return stop.status
    if ended.judgement.outcome == "cancelled" and stop():
        return stop.status
    return exit_status(ended.judgement.outcome, ended.judgement.exit_code)
