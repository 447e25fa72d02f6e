"""Fixtures of the tests that start the real executable."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator

import pytest

from edactl.sandbox.state import SandboxState
from tests.executable import EXECUTABLE


@pytest.fixture
def start(sandbox: SandboxState) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start the real executable and leave it running; it is gone when the test is."""
    started: list[subprocess.Popen[str]] = []

    def begin(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [EXECUTABLE, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()
