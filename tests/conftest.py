"""Fixtures that every tier shares: a clean environment, `main(argv)` in process, a sandbox."""

from __future__ import annotations

import io
import os
import signal
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from edactl.cli import main
from edactl.sandbox import server
from tests.running import Run
from tests.scripted_scaling import ScalingWorld, scripted_scaling

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from edactl.sandbox.state import SandboxState


RECURSION_LIMIT = 1000

# what a shell starts with `&`, or nohup, has this signal ignored, and so have its children
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No AWS or edactl setting of this machine reaches a test; HOME is empty."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "EDACTL_")) or name in {"CI", "NO_COLOR", "FORCE_COLOR"}:
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(autouse=True)
def python_s_own_recursion_limit() -> None:
    """What a package of the tests sets for itself, as jsonata does, reaches no test of ours."""
    if sys.getrecursionlimit() != RECURSION_LIMIT:
        sys.setrecursionlimit(RECURSION_LIMIT)


@pytest.fixture
def edactl(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Run]:
    """Run one command line in process: `edactl("whoami", "-o", "json", stdin="")`."""

    def run(*arguments: str, stdin: str = "") -> Run:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        status = main(list(arguments))
        out, err = capfd.readouterr()
        return Run(status, out, err)

    return run


@pytest.fixture(scope="session")
def sandbox_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, SandboxState]]:
    """One emulator for the tests of this process."""
    directory = tmp_path_factory.mktemp("sandbox")
    try:
        yield directory, server.start(directory)
    finally:
        server.stop(directory)


@pytest.fixture
def sandbox(
    sandbox_server: tuple[Path, SandboxState], monkeypatch: pytest.MonkeyPatch
) -> SandboxState:
    """An empty sandbox that every command of this test talks to."""
    directory, state = sandbox_server
    server.reset(state)
    monkeypatch.setenv("EDACTL_SANDBOX_DIR", str(directory))
    monkeypatch.setenv("EDACTL_SANDBOX", "1")
    return state


@pytest.fixture
def scaling(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[ScalingWorld], ScalingWorld]]:
    """Serve a scripted world of scaling to every command of this test."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATESTTESTTEST0000")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    with ExitStack() as served:

        def serve(world: ScalingWorld) -> ScalingWorld:
            monkeypatch.setenv("AWS_ENDPOINT_URL", served.enter_context(scripted_scaling(world)))
            return world

        yield serve
