"""How a run of a task ended: the outcome, the exit status, and words on it.

The essential containers decide: a sidecar that ends with 143 when the task is stopped is normal.
Source: ECS developer guide, "Stopped task error codes", and the `essential` parameter.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Literal

from edactl.core.task_failure import classify
from edactl.core.task_failure_rule import FailureClass, FailureRule

if TYPE_CHECKING:
    from edactl.core.task import Task, TaskContainer, TaskDefinition

Outcome = Literal["succeeded", "failed", "never_started", "interrupted", "timed_out", "cancelled"]

NEVER_STARTED, INTERRUPTED_BY_AWS, TIMED_OUT, CANCELLED = 125, 75, 124, 130
_NO_CODE = 1
_SHELL_CODES = range(256)
_STOPPED_CODES = {137, 143}
_SIGNALS = {
    126: "the command is not executable",
    127: "the command was not found in the image",
    134: "it aborted (SIGABRT)",
    137: "it was killed (SIGKILL): out of memory, or it did not end in time when stopped",
    139: "it crashed (SIGSEGV)",
    143: "it was told to stop (SIGTERM)",
}


class StoppedFor(Enum):
    """Why this run itself asked ECS to stop the task."""

    CANCEL = "cancel"
    TIMEOUT = "timeout"
    LAUNCH_TIMEOUT = "launch timeout"


@dataclass(frozen=True)
class Judgement:
    """How a stopped task ended. `exit_code` is the deciding container's own, null without one."""

    outcome: Outcome
    exit_code: int | None
    explanation: str
    failure: FailureRule | None = None


def exit_status(outcome: Outcome, exit_code: int | None) -> int:
    """What the shell gets: the container's own code, or 125, 124, 130; 75 when AWS took it away.

    A code that no shell can have (Windows has them) is 1: its last eight bits may be 0.
    """
    match outcome:
        case "succeeded" | "failed":
            if exit_code is None or exit_code not in _SHELL_CODES:
                return _NO_CODE
            return exit_code
        case "never_started":
            return NEVER_STARTED
        case "interrupted":
            return INTERRUPTED_BY_AWS
        case "timed_out":
            return TIMED_OUT
    return CANCELLED


def with_essentials(task: Task, definition: TaskDefinition) -> Task:
    """The task, its containers marked as the definition has them."""
    essential = {one.name: one.essential for one in definition.containers}
    return replace(
        task,
        containers=tuple(
            replace(one, essential=essential.get(one.name, True)) for one in task.containers
        ),
    )


def deciding(task: Task, chosen: str) -> TaskContainer | None:
    """The container whose code is the task's: the chosen one, or the essential that ended it.

    One that was only stopped (137, 143, no reason of its own) yields to another essential one
    that ended by itself.
    """
    essential = [one for one in task.containers if one.essential and one.exit_code is not None]
    essential.sort(key=lambda one: one.name != chosen)  # stable: the chosen one comes first
    ended = [one for one in essential if one.exit_code not in _STOPPED_CODES or one.reason]
    if not essential or essential[0] in ended:
        return essential[0] if essential else None
    return next((one for one in ended if one.exit_code), essential[0])


def judge(task: Task, chosen: str, stopped_for: StoppedFor | None = None) -> Judgement:
    """How a stopped task ended, with its containers' `essential` filled in."""
    words = reason_of(task)
    rule = classify("stop", task.stop_code or "", words)
    decider = deciding(task, chosen)
    code = decider.exit_code if decider else None
    if rule.kind is FailureClass.INTERRUPTED:
        return Judgement("interrupted", code, _said(rule, words), rule)
    if task.stop_code == "UserInitiated":
        return _stopped_by_someone(task, code, stopped_for)
    if task.stop_code == "ServiceSchedulerInitiated":
        unhealthy = "failed" in words.lower()
        return Judgement(
            "failed" if unhealthy else "cancelled", code, f"its service stopped it: {words}", rule
        )
    if task.stop_code == "TaskFailedToStart" or not task.ran:
        return Judgement("never_started", None, _said(rule, words), rule)
    if decider is None or code is None:
        return Judgement("failed", None, _said(rule, words), rule)
    if code == 0:
        return Judgement("succeeded", 0, f"container {decider.name} ended with 0")
    return Judgement("failed", code, _explained_exit(decider))


def _stopped_by_someone(task: Task, code: int | None, stopped_for: StoppedFor | None) -> Judgement:
    match stopped_for:
        case StoppedFor.TIMEOUT:
            return Judgement("timed_out", code, "--timeout passed, and the task was stopped")
        case StoppedFor.LAUNCH_TIMEOUT:
            return Judgement(
                "never_started",
                code,
                "it did not start within --launch-timeout, and was stopped; try subnets of other"
                " zones, or a longer --launch-timeout",
            )
        case StoppedFor.CANCEL:
            return Judgement("cancelled", code, "it was stopped on your request")
    return Judgement(
        "cancelled", code, f"somebody stopped it: {task.stopped_reason or 'no reason'}"
    )


def reason_of(task: Task) -> str:
    """AWS's own words on why it stopped, the containers' too."""
    own = [one.reason for one in task.containers if one.reason]
    return "; ".join(dict.fromkeys([task.stopped_reason or "", *own])).strip("; ")


def _said(rule: FailureRule, words: str) -> str:
    return f"{rule.says}: {words.rstrip('.') or 'no reason given'}. What to do: {rule.fix}"


def _explained_exit(container: TaskContainer) -> str:
    said = f"container {container.name} ended with {container.exit_code}"
    if container.reason and "OutOfMemory" in container.reason:
        return f"{said}: it ran out of memory ({container.reason}). What to do: more --memory"
    meaning = container.reason or _SIGNALS.get(container.exit_code or 0)
    return f"{said}: {meaning}" if meaning else said
