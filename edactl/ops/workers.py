"""Threads that work for one operation, and do not hold it up when it is stopped at once."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def worker_pool(count: int) -> Iterator[ThreadPoolExecutor]:
    """A pool of that many threads. Waits for them at the end, but not when the block is left early.

    A request in flight takes minutes to time out, and a second Ctrl-C means now.
    """
    pool = ThreadPoolExecutor(count, initializer=leave_signals_to_the_main_thread)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


def leave_signals_to_the_main_thread() -> None:
    """Have no signal delivered to this thread.

    The kernel gives a process's signal to any thread that takes it. Python's handlers run in the
    main thread alone, which sleeps on if the signal did not interrupt it: a Ctrl-C that a worker
    got would wait for that worker's answer.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
