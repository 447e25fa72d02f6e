"""Threads that make a task map's calls, while one thread alone decides."""

from __future__ import annotations

from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from edactl.ops.task_map_ports import Answer


@dataclass
class ThreadCrew:
    """Hands calls to a pool, and their answers, or what they raised, to the thread that asks."""

    pool: Executor
    _answers: SimpleQueue[Answer | BaseException] = field(default_factory=SimpleQueue)

    def start(self, work: Callable[[], Answer]) -> None:
        """Do it in a thread of the pool."""
        self.pool.submit(self._do, work)

    def _do(self, work: Callable[[], Answer]) -> None:
        try:
            self._answers.put(work())
        except BaseException as error:  # noqa: BLE001 -- raised where it is seen
            self._answers.put(error)

    def collect(self, seconds: float) -> list[Answer]:
        """The answers that are there; waits so long for the first. Raises what a call raised."""
        found: list[Answer] = []
        try:
            one = self._answers.get(timeout=max(0.0, seconds))
            while True:
                if isinstance(one, BaseException):
                    raise one
                found.append(one)
                one = self._answers.get_nowait()
        except Empty:
            return found
