"""Ctrl-C and SIGTERM: the first asks, the second ends, however close together they come."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from edactl.cli.signals import StopSignal, graceful_stop
from edactl.errors import ExitStatus, Terminated

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

FOREVER_SECONDS = 60


def _run_until(
    *signals: int, profile: Callable[[FrameType, str, object], None] | None = None
) -> None:
    with graceful_stop():
        sys.setprofile(profile)
        for number in signals:
            os.kill(os.getpid(), number)


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, ExitStatus.INTERRUPTED), (signal.SIGTERM, ExitStatus.TERMINATED)],
)
def test_the_first_signal_only_asks(number: int, status: ExitStatus) -> None:
    with graceful_stop() as stop:
        before = stop()
        os.kill(os.getpid(), number)

        assert (before, stop(), stop.status) == (False, True, status)


@pytest.mark.parametrize(
    ("number", "raised"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, Terminated)]
)
def test_the_second_signal_raises_at_once(number: int, raised: type[BaseException]) -> None:
    with pytest.raises(raised):
        _run_until(signal.SIGTERM, number)


def test_afterwards_signals_are_what_they_were() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]

    with graceful_stop():
        pass

    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_a_signal_in_the_middle_of_the_first_ones_handler_is_the_second() -> None:
    def interrupt(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code is StopSignal.set.__code__:
            sys.setprofile(None)
            os.kill(os.getpid(), signal.SIGTERM)

    try:
        with pytest.raises(Terminated):
            _run_until(signal.SIGINT, profile=interrupt)
    finally:
        sys.setprofile(None)


def test_a_signal_wakes_the_main_thread_from_its_wait() -> None:
    with graceful_stop() as stop:
        threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()
        begun = time.monotonic()

        assert stop.wait(FOREVER_SECONDS)
        assert time.monotonic() - begun < FOREVER_SECONDS


def test_every_waiting_thread_wakes_and_later_waits_end_at_once() -> None:
    stop = StopSignal()
    woken: list[bool] = []
    threads = [
        threading.Thread(target=lambda: woken.append(stop.wait(FOREVER_SECONDS))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    stop.set(ExitStatus.INTERRUPTED)
    for thread in threads:
        thread.join()

    assert woken == [True, True, True]
    assert stop.wait(FOREVER_SECONDS)


def test_a_wait_that_nothing_ends_is_as_long_as_asked_for() -> None:
    assert not StopSignal().wait(0.01)
    assert not StopSignal().wait(-1)


def test_off_the_main_thread_no_signal_is_taken() -> None:
    handlers: list[object] = []

    def run() -> None:
        with graceful_stop() as stop:
            handlers.extend([signal.getsignal(signal.SIGINT), stop()])

    before = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()

    assert handlers == [before, False]


def test_the_pipe_is_closed_with_its_signal() -> None:
    stop = StopSignal()
    ear = stop._ear  # no public name: only the kernel tells that it is closed

    del stop

    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(ear)
