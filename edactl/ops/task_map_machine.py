"""Follow an execution of a map's state machine to its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from edactl.errors import FailedInside, Throttled, Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable

    from edactl.core.task_map_execution import Execution, MapRunCounts
    from edactl.ops.task_log_follow import Timing

_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 1.0, 15.0
_PATIENCE_SECONDS = 300.0


class Machines(Protocol):
    """Looks at executions, and stops them."""

    def execution(self, arn: str, /) -> Execution:
        """An execution as it is now."""
        ...

    def map_run_counts(self, execution: str, /) -> MapRunCounts:
        """How far its map run is."""
        ...

    def stop(self, execution: str, /) -> None:
        """Stop it, and the tasks that run for it."""
        ...


@dataclass
class MachineFollow:
    """Follows one execution. `stop` says whether the operator asked to end; `keep` lets it go on.

    `on_counts` gets how far it is at each look.
    """

    machines: Machines
    timing: Timing
    stop: Callable[[], bool]
    keep: bool
    on_counts: Callable[[MapRunCounts], None]
    _stop_sent: bool = False
    _unanswered_since: float | None = None

    def to_its_end(self, arn: str) -> Execution:
        """The execution when it has ended, or was left to run.

        Raises what makes looking at it impossible.
        """
        pause = _FIRST_PAUSE_SECONDS
        while True:
            execution = self._look(arn)
            if execution is not None and not execution.running:
                return execution
            if execution is not None and self.stop() and self.keep:
                return execution
            if self.stop() and not self._stop_sent:
                self.machines.stop(arn)
                self._stop_sent, pause = True, _FIRST_PAUSE_SECONDS
            self.timing.wait(pause * (0.5 + self.timing.random()))
            pause = min(1.5 * pause, _LONGEST_PAUSE_SECONDS)

    def _look(self, arn: str) -> Execution | None:
        """As it is now, its counts told; None while there is no answer."""
        try:
            execution = self.machines.execution(arn)
            self.on_counts(self.machines.map_run_counts(arn))
        except (Throttled, FailedInside, Unreachable):
            now = self.timing.clock()
            self._unanswered_since = self._unanswered_since or now
            if now - self._unanswered_since > _PATIENCE_SECONDS:
                raise
            return None
        self._unanswered_since = None
        return execution
