"""The command line of `scale apply` and its advice, as the policy that is wanted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.cli.opened import shown, text_of
from edactl.cli.scale_parameters import positive_seconds, seconds_of
from edactl.core.arn import parse_queue
from edactl.core.scaling_policy.advice_file import read_advice
from edactl.core.scaling_policy.service_place import parse_service_place
from edactl.core.scaling_policy.wanted import METRICS, TASK_COUNTS, Slots, WantedPolicy
from edactl.errors import GuardError, UsageError

if TYPE_CHECKING:
    from edactl.cli.context import CommandContext
    from edactl.core.scaling_policy.advice_file import AdvisedPolicy
    from edactl.core.scaling_policy.service_place import ServicePlace
    from edactl.core.scaling_policy.wanted import Metric, TaskCount

OUT_COOLDOWN_SECONDS, IN_COOLDOWN_SECONDS = 60, 300
_FROM_ADVICE = "or an advice of edactl scale advise -o json"


@dataclass(frozen=True)
class How:
    """How to go about it."""

    force: bool
    yes: bool
    dry_run: bool


@dataclass(frozen=True)
class Given:
    """The options, as typed; empty or None where nothing was."""

    names: tuple[str, str, str]
    metric: str
    target_value: float | None
    tasks: tuple[int | None, int | None]
    cooldowns: tuple[str, str]
    slots: tuple[str, str, int | None]
    running_tasks: str

    def refuse_beside_rollback(self, file: str, folder: str) -> None:
        """Raise UsageError when a policy was given too: a rollback has its own."""
        if file or folder or self.names[0] or self.target_value is not None:
            raise UsageError(
                "--rollback takes no policy and no --write",
                hint="edactl scale apply --rollback RUN, and --service for the latest of one",
            )

    def wanted(self, context: CommandContext, file: str, how: How) -> WantedPolicy:
        """The policy: options first, then the advice. Raises UsageError and InputError."""
        advice = read_advice(text_of(file, context.terminal.stdin), shown(file)) if file else None
        queue, place = self._names(advice, how)
        self._refuse_unreachable(context, advice, how)
        metric = self._metric(advice)
        out, into = self._cooldowns(advice)
        return WantedPolicy(
            place=place,
            queue=queue,
            policy_name=self.names[2] or f"edactl-{queue}",
            metric=metric,
            target_value=self._target(advice),
            minimum_tasks=self._count(0, "--minimum", advice),
            maximum_tasks=self._count(1, "--maximum", advice),
            scale_out_cooldown_seconds=out,
            scale_in_cooldown_seconds=into,
            task_count=self._task_count(),
            slots=self._slots(advice) if metric == "load_per_slot" else None,
        )

    def _names(self, advice: AdvisedPolicy | None, how: How) -> tuple[str, ServicePlace]:
        """The queue and the service: those named, or those of the advice; both must agree."""
        queue_text, service_text, _ = self.names
        advised_queue = advice.queue if advice else ""
        advised_service = advice.service if advice else ""
        queue_text, service_text = queue_text or advised_queue, service_text or advised_service
        if not queue_text or not service_text:
            raise UsageError(
                "a policy is for one queue and one service",
                hint="--queue orders --service jobs/orders",
            )
        queue, place = parse_queue(queue_text).name, parse_service_place(service_text)
        for ours, advised in (
            (queue, parse_queue(advised_queue or queue).name),
            (str(place), str(parse_service_place(advised_service or service_text))),
        ):
            if ours != advised and not how.force:
                raise GuardError(
                    f"the advice is for {advised}, not for {ours}",
                    hint="ask edactl scale advise again, with this queue and service; --force"
                    " applies it all the same",
                )
        return queue, place

    def _refuse_unreachable(
        self, context: CommandContext, advice: AdvisedPolicy | None, how: How
    ) -> None:
        if advice is None or advice.is_reachable:
            return
        said = "the advice found no policy that meets its latency"
        if not how.force:
            raise GuardError(
                said, hint="edactl scale advise says why; --force --target-value N applies one"
            )
        context.messages.warn(f"{said}; --force goes on")

    def _target(self, advice: AdvisedPolicy | None) -> float:
        found = self.target_value
        if found is None and advice is not None:
            found = advice.target_value
        if found is None:
            raise UsageError(
                "there is no target to hold", hint=f"--target-value 15, {_FROM_ADVICE}"
            )
        return found

    def _metric(self, advice: AdvisedPolicy | None) -> Metric:
        for one in METRICS:
            if one == self.metric:
                return one
        if self.metric:
            raise UsageError(
                f'--metric "{self.metric}" is unknown', hint=f"one of {', '.join(METRICS)}"
            )
        return advice.metric if advice else "backlog_per_task"

    def _task_count(self) -> TaskCount:
        for one in TASK_COUNTS:
            if one == self.running_tasks:
                return one
        raise UsageError(
            f'--running-tasks "{self.running_tasks}" is unknown',
            hint=f"one of {', '.join(TASK_COUNTS)}",
        )

    def _count(self, which: int, option: str, advice: AdvisedPolicy | None) -> int:
        found = self.tasks[which]
        if found is None and advice is not None:
            found = (advice.minimum_tasks, advice.maximum_tasks)[which]
        if found is None:
            raise UsageError(f"there is no {option}", hint=f"{option} N, {_FROM_ADVICE}")
        return found

    def _cooldowns(self, advice: AdvisedPolicy | None) -> tuple[int, int]:
        out, into = OUT_COOLDOWN_SECONDS, IN_COOLDOWN_SECONDS
        if advice is not None:
            out, into = advice.scale_out_cooldown_seconds, advice.scale_in_cooldown_seconds
        said_out, said_in = self.cooldowns
        if said_out:
            out = round(seconds_of("--scale-out-cooldown", said_out))
        if said_in:
            into = round(seconds_of("--scale-in-cooldown", said_in))
        return out, into

    def _slots(self, advice: AdvisedPolicy | None) -> Slots:
        said_work, said_latency, concurrency = self.slots
        work = latency = 0.0
        if advice is not None:
            work, latency = advice.processing_time_seconds, advice.latency_seconds
            concurrency = concurrency or advice.concurrency_per_task
        if said_work:
            work = positive_seconds("--processing-time", said_work)
        if said_latency:
            latency = positive_seconds("--latency", said_latency)
        return Slots(work, latency, 1 if concurrency is None else concurrency)
