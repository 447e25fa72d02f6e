"""An execution of a map's state machine, and what its results in S3 say of each item.

ResultWriter writes a manifest, and files of records by status: each an execution of one item, with
its input as text and its output or cause as text. Source: Step Functions developer guide,
"ResultWriter". The output of `ecs:runTask.sync`, and the cause of its failure, is the task.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.core.json_text import parse_json
from edactl.core.task_failure import classify
from edactl.core.task_outcome import Judgement, Outcome, judge, with_essentials
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from edactl.core.record import JsonValue
    from edactl.core.task import Task, TaskDefinition
    from edactl.core.task_failure_rule import Where

RUNNING = "RUNNING"
_PENDING = "PENDING"


@dataclass(frozen=True)
class Execution:
    """An execution as it is now. `error` and `cause` are those of the whole machine."""

    arn: str
    status: str
    input: JsonValue = None
    output: JsonValue = None
    error: str | None = None
    cause: str | None = None

    @property
    def running(self) -> bool:
        """Whether it goes on."""
        return self.status in {RUNNING, "PENDING_REDRIVE"}

    @property
    def manifest_key(self) -> tuple[str, str] | None:
        """Bucket and key of the manifest of its results, if it wrote them."""
        match self.output:
            case {"ResultWriterDetails": {"Bucket": str() as bucket, "Key": str() as key}}:
                return bucket, key
        return None


@dataclass(frozen=True)
class MapRunCounts:
    """How far a map run is, in items. Source: API reference, MapRunItemCounts."""

    total: int = 0
    pending: int = 0
    running: int = 0
    succeeded: int = 0
    failed: int = 0
    timed_out: int = 0
    aborted: int = 0
    results_written: int = 0

    @property
    def ended(self) -> int:
        """How many items have ended."""
        return self.succeeded + self.failed + self.timed_out + self.aborted


def result_keys(manifest: JsonValue, where: str) -> list[str]:
    """The keys of the result files. Raises InputError for what is no manifest."""
    match manifest:
        case {"ResultFiles": dict() as files}:
            keys = [
                one["Key"]
                for group in files.values()
                if isinstance(group, list)
                for one in group
                if isinstance(one, dict)
            ]
            return [str(one) for one in keys]
    raise InputError("not the manifest of a map run", where=where)


@dataclass(frozen=True)
class ItemExecution:
    """One item's execution: which item, its task if there is one, and how it ended.

    `judgement` is None for an item that was never begun.
    """

    index: int
    value: JsonValue
    task: Task | None
    judgement: Judgement | None


def item_execution(
    record: JsonValue,
    definition: TaskDefinition,
    container: str,
    task_of: Callable[[Mapping[str, JsonValue]], Task | None],
    where: str,
) -> ItemExecution:
    """What a record of a result file says. Raises InputError for what is none."""
    if not isinstance(record, dict):
        raise InputError("not a record of a map run", where=where)
    match _text(record, "Input"):
        case {"index": int() as index, "item": value}:
            pass
        case _:
            raise InputError("its input is not that of a task map", where=where)
    status = record.get("Status")
    told = _text(record, "Output" if status == "SUCCEEDED" else "Cause")
    task = task_of(told) if isinstance(told, dict) else None
    task = with_essentials(task, definition) if task else None
    if status == _PENDING:
        return ItemExecution(index, value, task, None)
    return ItemExecution(index, value, task, _judged(record, status, task, container))


def _judged(
    record: Mapping[str, JsonValue], status: JsonValue, task: Task | None, container: str
) -> Judgement:
    if status == "TIMED_OUT" or record.get("Error") == "States.Timeout":
        return Judgement("timed_out", None, "--timeout passed, and Step Functions stopped the task")
    if status == "ABORTED":
        return Judgement("cancelled", None, "it was stopped with the whole execution")
    if task is not None:
        return judge(task, container)
    error, cause = str(record.get("Error") or ""), str(record.get("Cause") or "no reason given")
    code = error.rpartition(".")[2]
    seen: Where = "failure" if error == "AmazonECS.Unknown" else "error"
    rule = classify(seen, code, cause)
    outcome: Outcome = "never_started"
    said = f"{rule.says}: {cause} ({error or 'no error'}). What to do: {rule.fix}"
    return Judgement(outcome, None, said, rule)


def _text(record: Mapping[str, JsonValue], name: str) -> JsonValue:
    """A field that is JSON as text, or JSON itself; None when it is neither."""
    value = record.get(name)
    if not isinstance(value, str):
        return value
    try:
        return parse_json(value)
    except (ValueError, RecursionError):
        return None
