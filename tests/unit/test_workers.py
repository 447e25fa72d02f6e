"""Worker threads: what they leave to the main thread, and how they end."""

from __future__ import annotations

import signal
import threading

import pytest

from edactl.ops.workers import worker_pool


def test_a_signal_goes_to_the_main_thread_whatever_the_workers_do() -> None:
    with worker_pool(1) as pool:
        blocked = pool.submit(signal.pthread_sigmask, signal.SIG_BLOCK, ()).result()

    assert {signal.SIGINT, signal.SIGTERM} <= blocked
    assert not {signal.SIGINT, signal.SIGTERM} & signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_a_block_left_early_waits_for_no_worker() -> None:
    over = threading.Event()

    def work() -> None:
        with worker_pool(1) as pool:
            pool.submit(over.wait, 60)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()

    assert not over.is_set()
    over.set()
