"""Ctrl-C and SIGTERM: the first asks to stop, the second stops now."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
import weakref
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NoReturn

from edactl.errors import ExitStatus, Terminated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


class StopSignal:
    """Whether the operator asked to stop; callable, as operations want it.

    A handler runs between any two steps of the main thread, and the next signal interrupts the
    handler itself. So nothing here takes a lock: threading.Event would, and two signals in a row
    would then wait for each other for ever. A pipe wakes those who wait, in every thread; it is
    never emptied.
    """

    def __init__(self) -> None:
        self.status = ExitStatus.DONE
        self._asked = False
        self._ear, self._mouth = os.pipe()
        weakref.finalize(self, _close, self._ear, self._mouth)

    def __call__(self) -> bool:
        """True once a signal came."""
        return self._asked

    def set(self, status: ExitStatus) -> None:
        """Ask to stop, to end with this status."""
        self.status = status
        self._asked = True
        os.write(self._mouth, b"!")

    def wait(self, seconds: float) -> bool:
        """Sleep, but wake when asked to stop; True when asked."""
        if not self._asked:
            waiting = select.poll()
            waiting.register(self._ear, select.POLLIN)
            waiting.poll(max(0.0, seconds) * 1000)
        return self._asked


@contextmanager
def graceful_stop() -> Iterator[StopSignal]:
    """Turn the first SIGINT or SIGTERM into a request; the second raises at once.

    Off the main thread there are no signals to take; the request then never comes by itself.
    """
    stop = StopSignal()
    came: list[int] = []

    def on_signal(number: int, _frame: FrameType | None) -> None:
        # first of all, in one step: the next signal may come in the middle of this one's handler
        came.append(number)
        if len(came) > 1:
            _raise(number)
        stop.set(ExitStatus.INTERRUPTED if number == signal.SIGINT else ExitStatus.TERMINATED)

    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {
        number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def raise_on_sigterm() -> None:
    """Outside graceful_stop, SIGTERM raises Terminated, as SIGINT raises KeyboardInterrupt."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda number, _frame: _raise(number))


def end_process(status: int) -> None:
    """End the process here, once its output is written, unless threads are still at work.

    Python's own tear-down costs nearly as much as a bare start of it. It would wait for threads,
    which is right unless a signal came: their answers may take minutes.
    """
    stopped = status in {ExitStatus.INTERRUPTED, ExitStatus.TERMINATED}
    if stopped or threading.active_count() == 1:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(status)


def _raise(number: int) -> NoReturn:
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    raise Terminated


def _close(*descriptors: int) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
