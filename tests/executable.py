"""The real executable, started as a user would, in a test's environment."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

EXECUTABLE = str(Path(sys.executable).parent / "edactl")
PATIENCE_SECONDS = 120.0  # only a failure takes that long


def run(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """One command line, to its end."""
    return subprocess.run(
        [EXECUTABLE, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def wait_until(true: Callable[[], bool]) -> None:
    """Look again and again; fail after the patience is over."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)
