"""The process around a command: signals, a full disk, a bug."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from edactl.cli.options import GlobalOptions
from edactl.cli.run import _unexpected
from edactl.cli.signals import graceful_stop, raise_on_sigterm
from edactl.errors import Terminated

EXECUTABLE = str(Path(sys.executable).parent / "edactl")


@pytest.mark.parametrize(
    ("number", "status", "second"),
    [(signal.SIGINT, 130, KeyboardInterrupt), (signal.SIGTERM, 143, Terminated)],
)
def test_the_first_signal_asks_and_the_second_raises(
    number: int, status: int, second: type[BaseException]
) -> None:
    with graceful_stop() as stop:
        assert not stop()
        os.kill(os.getpid(), number)
        assert stop()
        assert stop.status == status
        with pytest.raises(second):
            os.kill(os.getpid(), number)


def test_off_the_main_thread_nothing_is_taken_over() -> None:
    seen: list[bool] = []

    def work() -> None:
        raise_on_sigterm()
        with graceful_stop() as stop:
            seen.append(stop())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert seen == [False]


def test_a_bug_says_where_and_never_what(capfd: pytest.CaptureFixture[str]) -> None:
    status = _unexpected(ValueError("a secret"), GlobalOptions())

    err = capfd.readouterr().err
    assert status == 255
    assert "a bug in edactl: ValueError at an unknown place" in err
    assert "secret" not in err


def test_a_bug_in_our_code_names_its_line_and_under_vv_the_way_there(
    capfd: pytest.CaptureFixture[str],
) -> None:
    options = GlobalOptions({"verbose": 2})
    try:
        GlobalOptions(None).flag("x")  # type: ignore[arg-type]
    except (AttributeError, TypeError) as error:
        status = _unexpected(error, options)

    err = capfd.readouterr().err
    assert status == 255
    assert " at edactl/cli/options.py:" in err
    assert "in flag" in err


def test_a_full_disk_is_named(capfd: pytest.CaptureFixture[str]) -> None:
    with Path(os.devnull).open("w") as nowhere, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", nowhere)
        status = _unexpected(OSError(errno.ENOSPC, "x"), GlobalOptions())

    assert status == 255
    assert "could not be written: No space left on device" in capfd.readouterr().err


def test_out_of_memory_says_so(capfd: pytest.CaptureFixture[str]) -> None:
    assert _unexpected(MemoryError(), GlobalOptions()) == 255
    assert "out of memory" in capfd.readouterr().err


@pytest.mark.parametrize("arguments", [("iam-policy", "put-event"), ("--version",)])
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_output_is_not_a_success(arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        run = subprocess.run(
            [EXECUTABLE, *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert run.returncode == 255
    assert "No space left on device" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize("arguments", ["help exit-status", "--version"])
def test_closed_streams_are_no_crash(arguments: str) -> None:
    run = subprocess.run(["/bin/sh", "-c", f"'{EXECUTABLE}' {arguments} <&- >&- 2>&-"], check=False)

    assert run.returncode in {0, 141}


@pytest.mark.parametrize(
    ("status", "at_work", "out"),
    [(3, False, "data"), (130, True, "data"), (3, True, "data, waited for")],
)
def test_a_process_ends_at_once_unless_threads_are_at_work_and_no_signal_came(
    status: int, at_work: bool, out: str
) -> None:
    code = (
        "import sys, threading; from edactl.cli.signals import end_process;"
        "go = threading.Event(); sys.stdout.write('data');"
        "late = lambda: (go.wait(), sys.stdout.write(', waited for'));"
        f"{at_work} and threading.Thread(target=late).start();"
        f"end_process({status}); go.set(); sys.exit({status})"
    )
    python = [sys.executable, "-E", "-c"]  # buffered, whatever PYTHONUNBUFFERED says here
    run = subprocess.run([*python, code], stdout=subprocess.PIPE, text=True, check=False)

    assert (run.returncode, run.stdout) == (status, out)
