"""One `task map`, from its options to its balance."""

from __future__ import annotations

import uuid
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from edactl.cli.state_files import state_directory
from edactl.cli.task_map_items import Items, items_of, require_each
from edactl.cli.task_map_kept import check_kept
from edactl.cli.task_map_via import Via, Written
from edactl.cli.task_run_input import Target, check_service, request_of, settings_of_definition
from edactl.cli.task_run_job import prices_of, seconds_of
from edactl.core.task_map import ItemRun, MapPolicy
from edactl.core.task_map_item import Templates, with_item
from edactl.core.task_map_journal import MapHeader
from edactl.core.task_map_pace import CALLS_PER_SECOND
from edactl.core.times import rfc3339
from edactl.errors import ExitStatus, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from edactl.aws.session import AwsSession
    from edactl.cli.context import CommandContext
    from edactl.cli.task_map_resume import Resumed
    from edactl.cli.task_run_input import Changes, Labels, Placement
    from edactl.core.fargate_prices import Price
    from edactl.core.record import JsonValue
    from edactl.core.task import TaskDefinition
    from edactl.core.task_map_item import MapItem
    from edactl.core.task_map_journal import ItemsFile
    from edactl.core.task_request import Overrides, TaskRequest

WORKERS = 40
"""Calls in flight: RunTask takes a second at times, and is called up to 20 times a second."""


@dataclass(frozen=True)
class MapOptions:
    """Which items, how many at once, how fast, how often, and what is kept."""

    each: str
    parallel: int
    pace: float
    retries: int
    launch_timeout: str
    timeout: str
    state: str
    resume: str
    failed_to: str
    keep: bool
    price_file: str
    dry_run: bool

    def checked(self) -> MapOptions:
        """The same. Raises UsageError."""
        if self.pace <= 0:
            raise UsageError("--pace must be above 0", hint="--pace 20 launches 20 tasks a second")
        if self.state and self.resume:
            raise UsageError(
                "--state is for a new run, --resume goes on with one", hint="leave one of them out"
            )
        check_kept(self.failed_to, self.each)
        return self

    def policy(self, *, fallback: bool) -> MapPolicy:
        """How long, how often. Raises InputError."""
        return MapPolicy(
            seconds_of(self.launch_timeout, "--launch-timeout"),
            seconds_of(self.timeout, "--timeout") if self.timeout else None,
            self.retries,
            fallback,
        )


@dataclass(frozen=True)
class TaskMapJob:
    """Everything that was asked for."""

    target: Target
    changes: Changes
    placement: Placement
    labels: Labels
    options: MapOptions
    via: Via

    def run(self, context: CommandContext) -> int:
        """Check everything, run the map, tell its balance, and give the exit status."""
        options = self.options.checked()
        via = self.via.checked(fallback=bool(self.placement.fallback), state=bool(options.state))
        target = self.target.checked()
        placement = self.placement.checked(service=bool(target.service))
        policy = options.policy(fallback=bool(placement.fallback))
        self.labels.pairs()
        prices = prices_of(options.price_file, context)
        overrides = with_item(self.changes.overrides(context.terminal.stdin))
        with ExitStack() as stack:
            if via.write and not options.each:
                items, file = None, None
            else:
                items = self._items(context)
                stack.callback(items.forget)
                file = items.checked(Templates.over(overrides))
            if via.write or items is None or file is None:
                written = Written(target, placement, self.labels, policy, options.parallel, via)
                return written.print(context, overrides)
            via.runnable()
            ready = self._ready(context, target, placement, overrides, items, file)
            return self._carry_out(context, ready, policy, prices, via, stack)

    def _items(self, context: CommandContext) -> Items:
        folder = state_directory(context.environment, "task-map")
        return items_of(require_each(self.options.each), context, folder)

    def _carry_out(
        self,
        context: CommandContext,
        ready: Ready,
        policy: MapPolicy,
        prices: Mapping[tuple[str, str], Price],
        via: Via,
        stack: ExitStack,
    ) -> int:
        """Run it by Step Functions, or from here; the copy of stdin stays while it is needed."""
        if via.name:
            from edactl.cli.task_map_machine import MachineRun

            return MachineRun(context, ready, self.options, policy, prices, via).run()
        if self.options.dry_run:
            return ready.planned(context, self.options)
        from edactl.cli.task_map_run import Running

        running = Running(context, ready, self.options, policy, prices)
        status = running.run()
        if running.items_are_needed:
            stack.pop_all()
        return status

    def _ready(
        self,
        context: CommandContext,
        target: Target,
        placement: Placement,
        overrides: Overrides,
        items: Items,
        file: ItemsFile,
    ) -> Ready:
        """The request of every task, and what the run is a run of."""
        session = context.session(read_only=self.options.dry_run, workers=WORKERS)
        definition, request = self._request(session, target, placement, overrides)
        header = MapHeader(
            run_id=datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ-") + uuid.uuid4().hex[:8],
            cluster=target.cluster,
            region=session.region,
            task_definition=definition.arn,
            file=file,
            request=request_record(request),
            started_at=rfc3339(datetime.now(UTC)),
        )
        return Ready(session, definition, request, Templates.over(request.overrides), items, header)

    def _request(
        self, session: AwsSession, target: Target, placement: Placement, overrides: Overrides
    ) -> tuple[TaskDefinition, TaskRequest]:
        from edactl.aws.ecs import EcsTasks
        from edactl.aws.ecs_services import EcsServices

        settings = settings_of_definition(target)
        if target.service:
            settings = EcsServices(session).run_settings(target.cluster, target.service)
            check_service(settings, target.service)
        definition = EcsTasks(session).definition(settings.task_definition)
        request = request_of(target, settings, definition, overrides, placement, self.labels, "map")
        return definition, request


def request_record(request: TaskRequest) -> dict[str, JsonValue]:
    """RunTask's parameters without what is each call's own; its templates are not filled."""
    own = {"clientToken", "startedBy", "count"}
    return {name: one for name, one in request.as_json("").items() if name not in own}


@dataclass(frozen=True)
class Ready:
    """A map that is checked: its items, the request that each of them fills, and its header."""

    session: AwsSession
    definition: TaskDefinition
    request: TaskRequest
    templates: Templates
    items: Items
    header: MapHeader

    def run_of(self, item: MapItem) -> ItemRun:
        """The item with the request of its task."""
        overrides = self.templates.of(item, self.items.name)
        return ItemRun(item, replace(self.request, overrides=overrides))

    def runs(self, resumed: Resumed) -> Iterator[ItemRun]:
        """Every item that no earlier process launched, in order."""
        for item in self.items.each():
            if item.index not in resumed:
                yield self.run_of(item)

    def launches_per_second(self, options: MapOptions) -> float:
        """The pace that is possible: tasks with commands of their own take a call each."""
        return min(options.pace, CALLS_PER_SECOND) if self.templates.differ else options.pace

    def planned(self, context: CommandContext, options: MapOptions) -> int:
        """What would be sent, for `--dry-run`."""
        first = self.run_of(next(self.items.each())).request
        count = self.header.file.items
        context.messages.note("dry run: the RunTask of the first item; nothing was sent")
        context.emitter.result(
            {
                "dry_run": True,
                "items": count,
                "parallel": options.parallel,
                "pace": options.pace,
                "least_seconds_to_launch": round(count / self.launches_per_second(options), 1),
                "run_task": replace(first, started_by="edactl/JOB/1").as_json("edactl-JOB-1"),
            }
        )
        return ExitStatus.DONE
