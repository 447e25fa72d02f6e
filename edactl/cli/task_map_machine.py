"""Running a map as a state machine: upload its items, start it, follow it, bring results back."""

from __future__ import annotations

import json
import random
import tempfile
import time
from array import array
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from edactl.aws.s3 import S3Objects
from edactl.aws.step_functions import StepFunctions, task_of_execution
from edactl.cli.queue_parameters import counted
from edactl.cli.signals import StopSignal, graceful_stop
from edactl.cli.task_lines import said_anyway
from edactl.cli.task_map_kept import kept_in
from edactl.cli.task_map_run import say_reasons, show_balance
from edactl.cli.task_map_via import Via, execution_input, machine_name
from edactl.cli.task_run_job import waiting
from edactl.core.json_stream import json_values, lines_of_chunks
from edactl.core.json_text import json_text, parse_json
from edactl.core.task_map_execution import item_execution, result_keys
from edactl.core.task_map_machine import state_machine
from edactl.core.task_map_record import ItemRecord, MapTally
from edactl.core.task_result import Ended, result_of
from edactl.errors import AwsError, EdactlError, ExitStatus, InputError, Terminated
from edactl.ops.task_log_follow import Timing
from edactl.ops.task_map_machine import MachineFollow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from edactl.cli.context import CommandContext
    from edactl.cli.task_map_job import MapOptions, Ready
    from edactl.cli.task_map_kept import Kept
    from edactl.core.fargate_prices import Price
    from edactl.core.record import JsonValue
    from edactl.core.task_map import MapPolicy
    from edactl.core.task_map_execution import Execution, MapRunCounts

_LINE_EVERY_SECONDS = 30.0


@dataclass
class MachineRun:
    """One map by Step Functions."""

    context: CommandContext
    ready: Ready
    options: MapOptions
    policy: MapPolicy
    prices: Mapping[tuple[str, str], Price]
    via: Via
    _next_line_at: float = field(default_factory=lambda: time.monotonic() + _LINE_EVERY_SECONDS)

    def run(self) -> int:
        """Run it, tell its balance, and give the exit status."""
        definition = self._definition()
        name = machine_name(definition, self.via.role)
        started = execution_input(self.via, self.ready.header.run_id)
        if self.options.dry_run:
            return self._planned(definition, name, started)
        kept = kept_in(
            self.options.failed_to,
            self.ready.header.run_id,
            self.ready.session,
            said_anyway(self.context.messages.warn),
            going_on=bool(self.options.resume),
        )
        machines = StepFunctions(self.ready.session)
        began = time.monotonic()
        with graceful_stop() as stop, closing(kept):
            arn = self.options.resume or self._start(machines, definition, name, started)
            execution = self._followed(machines, arn, stop)
            tally = MapTally(self.ready.header.file.items)
            failure = self._bring_back(execution, tally, kept, stop)
        self.context.progress.clear()
        if not self._wants_each:
            show_balance(self._result(execution, tally, began), self.context)
        return self._conclude(execution, tally, failure, stop)

    @property
    def _wants_each(self) -> bool:
        return self.context.emitter.format == "ndjson"

    def _definition(self) -> str:
        ready = self.ready
        machine = state_machine(ready.request, ready.templates, self.policy, self.options.parallel)
        return json_text(machine)

    def _planned(self, definition: str, name: str, started: dict[str, JsonValue]) -> int:
        self.context.messages.note("dry run: nothing was uploaded, made or started")
        machine: JsonValue = json.loads(definition)
        self.context.emitter.result(
            {
                "dry_run": True,
                "items": self.ready.header.file.items,
                "state_machine_name": name,
                "input": started,
                "state_machine": machine,
            }
        )
        return ExitStatus.DONE

    def _start(
        self, machines: StepFunctions, definition: str, name: str, started: dict[str, JsonValue]
    ) -> str:
        bucket, key = self.via.bucket, str(started["key"])
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "items.ndjson"
            with path.open("w", encoding="utf-8") as file:
                file.writelines(json_text(item.value) + "\n" for item in self.ready.items.each())
            S3Objects(self.ready.session).put(bucket, key, path)
        machine = machines.create(name, definition, self.via.role)
        arn = machines.start(machine, self.ready.header.run_id, json_text(started))
        self.context.messages.note(
            f"{counted(self.ready.header.file.items, 'item')} in s3://{bucket}/{key}; execution"
            f" {arn}; --resume {arn} follows it again"
        )
        return arn

    def _followed(self, machines: StepFunctions, arn: str, stop: StopSignal) -> Execution:
        timing = Timing(time.monotonic, waiting(stop), random.random)
        follow = MachineFollow(machines, timing, stop, self.options.keep, self._show)
        try:
            return follow.to_its_end(arn)
        except (EdactlError, KeyboardInterrupt, Terminated):
            said_anyway(self.context.messages.warn)(
                f"the execution may still run; the same command with --resume {arn} follows it"
            )
            raise

    def _show(self, counts: MapRunCounts) -> None:
        text = (
            f"{counts.ended} of {counts.total} items ended: {counts.succeeded} succeeded,"
            f" {counts.failed} failed, {counts.timed_out} timed out; {counts.running} running"
        )
        progress = self.context.progress
        if progress.seen:
            progress.show(lambda: text)
        elif time.monotonic() >= self._next_line_at:
            self._next_line_at = time.monotonic() + _LINE_EVERY_SECONDS
            said_anyway(self.context.messages.note)(text)

    # -- results -----------------------------------------------------------------------------------

    def _bring_back(
        self, execution: Execution, tally: MapTally, kept: Kept, stop: StopSignal
    ) -> EdactlError | None:
        """Tell of each item that the results know; the error that ended that early, if one did."""
        stream = self.context.emitter.stream() if self._wants_each else nullcontext(_nobody)
        try:
            with stream as write:
                for record in self._records(execution):
                    tally.add(record)
                    tally.launched += record.result.task_arn is not None
                    if not record.succeeded:
                        kept.keep([record])
                    write(record.as_json())
        except BrokenPipeError:
            stop.set(ExitStatus.PIPE_CLOSED)
        except EdactlError as error:
            return error
        if execution.status == "SUCCEEDED" or execution.running or stop():
            return None
        return AwsError(
            f"execution {execution.arn} is {execution.status}: {execution.error or 'no error'}"
            f" ({execution.cause or 'no cause given'})",
            code=execution.error or execution.status,
            operation="states:StartExecution",
            hint="the role may lack a permission: --write prints the policy that it needs",
        )

    def _records(self, execution: Execution) -> Iterator[ItemRecord]:
        if execution.manifest_key is None:
            if execution.status == "SUCCEEDED":
                self.context.messages.warn(
                    "the execution wrote no results to S3: its items are counted as left"
                )
            return
        bucket, key = execution.manifest_key
        lines = array("Q", (item.line for item in self.ready.items.each()))
        container = self.ready.request.overrides.container
        for name in self._result_files(bucket, key):
            for value, where in self._values(bucket, name):
                found = item_execution(
                    value, self.ready.definition, container, task_of_execution, where
                )
                if found.judgement is None:
                    continue
                result = result_of(
                    Ended(found.task, found.judgement, ""),
                    self.ready.definition,
                    self.ready.header.cluster,
                    prices=self.prices,
                )
                line = lines[found.index] if found.index < len(lines) else found.index + 1
                yield ItemRecord(found.index, line, found.value, False, result)

    def _result_files(self, bucket: str, key: str) -> list[str]:
        content = b"".join(S3Objects(self.ready.session).chunks(bucket, key))
        where = f"s3://{bucket}/{key}"
        try:
            manifest: JsonValue = parse_json(content.decode())
        except ValueError:
            raise InputError("not the manifest of a map run", where=where) from None
        return result_keys(manifest, where)

    def _values(self, bucket: str, key: str) -> Iterator[tuple[JsonValue, str]]:
        name = f"s3://{bucket}/{key}"
        chunks = S3Objects(self.ready.session).chunks(bucket, key)
        for found in json_values(lines_of_chunks(chunks), name):
            if found is not None:
                yield found[0], f"{name}:{found[1]}"

    def _result(self, execution: Execution, tally: MapTally, began: float) -> dict[str, JsonValue]:
        return {
            "run_id": execution.arn.rpartition(":")[2],
            "cluster": self.ready.header.cluster,
            "task_definition": self.ready.definition.name,
            **tally.as_json(),
            "duration_seconds": round(time.monotonic() - began, 3),
            "execution_arn": execution.arn,
            "execution_status": execution.status,
            "failed_to": self.options.failed_to or None,
            "failures": [*tally.failures],
        }

    def _conclude(
        self,
        execution: Execution,
        tally: MapTally,
        failure: EdactlError | None,
        stop: StopSignal,
    ) -> int:
        say = said_anyway(self.context.messages.note)
        ended = [f"{count} {name}" for name, count in tally.outcomes.items() if count]
        say(
            f"{counted(tally.items, 'item')}: {', '.join([*ended, f'{tally.left} left'])};"
            f" execution {execution.status}"
        )
        say_reasons(tally, self.context)
        if execution.running:
            say(f"--resume {execution.arn} follows it again")
        if failure is not None:
            self.context.messages.error(failure)
            return ExitStatus.PARTLY if tally.ended else failure.status
        if stop():
            return stop.status
        return ExitStatus.PARTLY if tally.unsuccessful or tally.left else ExitStatus.DONE


def _nobody(_record: object) -> None:
    """Where records go when only the balance is asked for."""
