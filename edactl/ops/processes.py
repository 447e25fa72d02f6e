"""Work on batches of lines by several processes, with the results in the order of the batches."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from edactl.errors import EdactlError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future, ProcessPoolExecutor

_AHEAD = 2
_LOOK_SECONDS = 1.0
_SIGNALS = {signal.SIGINT, signal.SIGTERM}

T = TypeVar("T")
Lines = list[bytes]

_work: Callable[[Lines], Any] | None = None


class Processes(Generic[T]):
    """Processes that all do one `work`, which they inherit as it is at the first batch."""

    def __init__(self, pool: ProcessPoolExecutor, count: int) -> None:
        self._pool = pool
        self._count = count

    def results(self, batches: Iterable[Lines]) -> Iterator[tuple[Lines, T]]:
        """Each batch with its result; at most two batches a process are read ahead.

        Raises EdactlError when a process died, and what the work raises.
        """
        from concurrent.futures.process import BrokenProcessPool

        waiting: deque[tuple[Lines, Future[T]]] = deque()
        try:
            for batch in batches:
                waiting.append((batch, self._pool.submit(_do, batch)))
                if len(waiting) > _AHEAD * self._count:
                    lines, result = waiting.popleft()
                    yield lines, result.result()
            while waiting:
                lines, result = waiting.popleft()
                yield lines, result.result()
        except BrokenProcessPool:
            raise EdactlError(
                "a process of --jobs died, perhaps for want of memory",
                hint="try again with fewer, or without --jobs",
            ) from None


@contextmanager
def processes(work: Callable[[Lines], T], count: int) -> Iterator[Processes[T]]:
    """So many processes for one work. They end with the block, or with the process itself."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    pool = ProcessPoolExecutor(
        count, get_context("fork"), initializer=_begin, initargs=(work, os.getpid())
    )
    # the pool's threads take no signal either: the main thread would sleep on in its read
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        pool.submit(os.getpid)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    try:
        yield Processes(pool, count)
    except BaseException:  # a signal, too: nobody waits for the batches in hand
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


def _begin(work: Callable[[Lines], Any], parent: int) -> None:
    """In a new process: keep the work, leave signals to the parent, and end when it is gone."""
    global _work  # noqa: PLW0603 -- what a process keeps between its batches
    _work = work
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _do(batch: Lines) -> Any:  # noqa: ANN401 -- what the work gives
    assert _work is not None  # noqa: S101 -- _begin came first
    return _work(batch)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os._exit(1)
