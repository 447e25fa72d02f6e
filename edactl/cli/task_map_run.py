"""Running a `task map` once it is checked: launch, watch, tell of each item, conclude."""

from __future__ import annotations

import random
import time
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.aws.ecs import EcsTasks
from edactl.cli.queue_parameters import counted
from edactl.cli.signals import StopSignal, graceful_stop
from edactl.cli.task_lines import said_anyway
from edactl.cli.task_map_job import WORKERS
from edactl.cli.task_map_kept import kept_in
from edactl.cli.task_map_resume import Resumed, state_of
from edactl.cli.task_map_screen import MapScreen
from edactl.core.task_map_journal import end_line
from edactl.core.task_map_pace import MOST_PROVISIONING
from edactl.errors import EdactlError, ExitStatus, Terminated
from edactl.ops.task_map import MapPlan, TaskMap
from edactl.ops.task_map_crew import ThreadCrew
from edactl.ops.task_map_ports import MapTiming
from edactl.ops.workers import worker_pool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from concurrent.futures import Executor

    from edactl.cli.context import CommandContext
    from edactl.cli.task_map_job import MapOptions, Ready
    from edactl.cli.task_map_kept import Kept
    from edactl.core.fargate_prices import Price
    from edactl.core.record import JsonValue
    from edactl.core.task_map import MapPolicy
    from edactl.core.task_map_record import ItemRecord, MapTally

_SHOWN_REASONS = 5


@dataclass
class Running:
    """The run itself, with the real clock, signals and streams."""

    context: CommandContext
    ready: Ready
    options: MapOptions
    policy: MapPolicy
    prices: Mapping[tuple[str, str], Price]
    items_are_needed: bool = False
    _stop_is_said: bool = False

    def run(self) -> int:
        """Run the map, tell its balance, and give the exit status."""
        context, messages = self.context, self.context.messages
        _ = context.emitter
        kept = kept_in(
            self.options.failed_to,
            self.ready.header.run_id,
            self.ready.session,
            said_anyway(messages.warn),
            going_on=bool(self.options.resume),
        )
        resumed = state_of(self.options, self.ready, context.environment)
        started = time.monotonic()
        with graceful_stop() as stop, closing(resumed.journal), closing(kept):
            with worker_pool(WORKERS) as pool:
                task_map = self._task_map(resumed, kept, pool, stop)
                self._say_what_begins(resumed)
                failure = self._carry_out(task_map, resumed, stop)
            if not task_map.tally.left and failure is None:
                resumed.journal.write(end_line(task_map.tally.as_json()))
        self.items_are_needed = task_map.tally.left > 0 and resumed.journal.exists
        context.progress.clear()
        if not self._wants_each:
            with _unread():
                show_balance(self._result(task_map, resumed, started), context)
        return self._conclude(task_map, resumed, failure, stop)

    @property
    def _wants_each(self) -> bool:
        return self.context.emitter.format == "ndjson"

    def _task_map(
        self, resumed: Resumed, kept: Kept, pool: Executor, stop: Callable[[], bool]
    ) -> TaskMap:
        options, ready = self.options, self.ready
        return TaskMap(
            MapPlan(
                resumed.header.job,
                resumed.header.cluster,
                ready.definition,
                self.policy,
                options.parallel,
                options.pace,
                self.prices,
                options.parallel if ready.request.on_fargate else MOST_PROVISIONING,
                options.keep,
            ),
            ready.runs(resumed),
            EcsTasks(ready.session),
            ThreadCrew(pool),
            resumed.journal,
            kept,
            MapTiming(time.monotonic, time.time, random.random),
            stop,
            said_anyway(self.context.messages.warn),
            resumed.tally(),
            resumed.unfinished(ready, options.retries),
        )

    def _say_what_begins(self, resumed: Resumed) -> None:
        note, state, options = self.context.messages.note, resumed.state, self.options
        count = resumed.header.file.items
        if state is not None:
            note(
                f"going on with run {resumed.header.run_id}: {state.done.count} of {count} items"
                f" ended, {len(state.in_hand())} in hand"
            )
            return
        note(
            f"{counted(count, 'item')}, a task of {self.ready.definition.name} each,"
            f" {options.parallel} at once, at most {self.ready.launches_per_second(options):g}"
            f" launches a second;"
            f" state: {resumed.journal.path}"
        )

    def _carry_out(
        self, task_map: TaskMap, resumed: Resumed, stop: StopSignal
    ) -> EdactlError | None:
        """Run it to its end; the error that ended it early, if one did."""
        terminal = self.context.terminal
        alone = not (self._wants_each and terminal.is_tty(terminal.stdout))
        said = said_anyway(self.context.messages.note)
        screen = MapScreen(self.context.progress, said, time.monotonic, alone)
        stream = self.context.emitter.stream() if self._wants_each else nullcontext(_nobody)
        try:
            with stream as write:
                for records in task_map.run():
                    self._tell(records, write, stop)
                    screen.show(task_map)
                    self._say_that_it_stops(task_map, stop)
        except (KeyboardInterrupt, Terminated):
            self._say_what_is_left(task_map, resumed)
            raise
        except EdactlError as error:
            return error
        return task_map.halted

    def _say_that_it_stops(self, task_map: TaskMap, stop: StopSignal) -> None:
        if stop() and not self._stop_is_said:
            self._stop_is_said = True
            if task_map.in_flight and not self.options.keep:
                said_anyway(self.context.messages.note)(
                    f"stopping {counted(task_map.in_flight, 'task')}, and waiting for their end;"
                    " a second Ctrl-C does not wait"
                )

    def _tell(
        self, records: Sequence[ItemRecord], write: Callable[[object], None], stop: StopSignal
    ) -> None:
        try:
            for record in records:
                write(record.as_json())
        except BrokenPipeError:  # nobody reads on: end as after Ctrl-C
            if not stop():
                stop.set(ExitStatus.PIPE_CLOSED)

    def _result(self, task_map: TaskMap, resumed: Resumed, started: float) -> dict[str, JsonValue]:
        return {
            "run_id": resumed.header.run_id,
            "cluster": resumed.header.cluster,
            "task_definition": self.ready.definition.name,
            **task_map.tally.as_json(),
            "duration_seconds": round(time.monotonic() - started, 3),
            "state_file": str(resumed.journal.path),
            "failed_to": self.options.failed_to or None,
            "failures": [*task_map.tally.failures],
        }

    def _conclude(
        self,
        task_map: TaskMap,
        resumed: Resumed,
        failure: EdactlError | None,
        stop: StopSignal,
    ) -> int:
        messages, tally = self.context.messages, task_map.tally
        say = said_anyway(messages.note)
        ended = [f"{count} {name}" for name, count in tally.outcomes.items() if count]
        say(f"{counted(tally.items, 'item')}: {', '.join([*ended, f'{tally.left} left'])}")
        say_reasons(tally, self.context)
        if tally.left or task_map.stopped:
            self._say_what_is_left(task_map, resumed)
        if failure:
            with _unread():
                messages.error(failure)
            begun = tally.launched or tally.ended
            return ExitStatus.PARTLY if begun else failure.status
        if stop():
            return stop.status
        return ExitStatus.PARTLY if tally.unsuccessful else ExitStatus.DONE

    def _say_what_is_left(self, task_map: TaskMap, resumed: Resumed) -> None:
        warn = said_anyway(self.context.messages.warn)
        if task_map.in_flight:
            warn(f"{counted(task_map.in_flight, 'task')} still running")
        if task_map.stopped:
            warn(
                f"{len(task_map.stopped)} tasks were stopped with the run; a resumed run starts"
                " their items again"
            )
        if resumed.journal.exists:
            kept = self.ready.items
            each = f" --each {kept.path}" if kept.is_kept else ""
            warn(f"go on with the same command and{each} --resume {resumed.journal.path}")


def say_reasons(tally: MapTally, context: CommandContext) -> None:
    """The most frequent reasons why items did not succeed, on stderr."""
    warn, reasons = said_anyway(context.messages.warn), tally.reasons()
    for reason in reasons[:_SHOWN_REASONS]:
        warn(reason)
    if len(reasons) > _SHOWN_REASONS:
        warn(f"and {len(reasons) - _SHOWN_REASONS} other reasons")


def show_balance(balance: dict[str, JsonValue], context: CommandContext) -> None:
    """The balance as one result; a table leaves out the failures, of which stderr tells."""
    emitter = context.emitter
    if emitter.resolve("json") == "table" and emitter.query is None:
        balance = {name: one for name, one in balance.items() if name != "failures"}
    emitter.outcome(balance)


def _nobody(_record: object) -> None:
    """Where records go when only the balance is asked for."""


@contextmanager
def _unread() -> Iterator[None]:
    """What is written here may find no reader: the run has ended nonetheless."""
    with suppress(BrokenPipeError):
        yield
