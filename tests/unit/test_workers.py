"""Worker threads: what they leave to the main thread, and how they end."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING

import pytest

from edactl.ops.workers import worker_pool

if TYPE_CHECKING:
    from concurrent.futures import Future


def test_a_signal_goes_to_the_main_thread_whatever_the_workers_do() -> None:
    with worker_pool(1) as pool:
        blocked = pool.submit(signal.pthread_sigmask, signal.SIG_BLOCK, ()).result()

    assert {signal.SIGINT, signal.SIGTERM} <= blocked
    assert not {signal.SIGINT, signal.SIGTERM} & signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_a_block_left_early_waits_for_no_worker_and_what_has_not_begun_never_does() -> None:
    over = threading.Event()
    futures: list[Future[bool]] = []

    def work() -> None:
        with worker_pool(1) as pool:
            futures.extend(pool.submit(over.wait, 60) for _ in range(2))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()

    at_work, waiting = futures
    assert not at_work.done()
    assert waiting.cancelled()
    over.set()


def test_at_its_end_a_block_waits_for_all_workers() -> None:
    with worker_pool(1) as pool:
        late = pool.submit(threading.Event().wait, 0.05)

    assert late.done()
