"""Starting and stopping the emulator: a child process on loopback, in a state directory of its own.

The emulator is the `ministack` package. It is told to bind 127.0.0.1 and nothing else, and its
optional MQTT listener, which would bind every interface, is switched off.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from edactl.core.times import rfc3339
from edactl.errors import ConfigError
from edactl.sandbox.state import ACCOUNT_ID, SandboxState, is_alive, read_state, write_state

if TYPE_CHECKING:
    from collections.abc import Iterator

START_SECONDS = 60.0
STOP_SECONDS = 5.0
_POLL_SECONDS = 0.05
_TRIES = 3  # a client's own port is any free one too, and may be ours by the time we start
_OUTLIVING: list[subprocess.Popen[bytes]] = []  # the server outlives us; Popen warns when dropped


def start(directory: Path, *, python: str = sys.executable, port: int = 0) -> SandboxState:
    """Start a sandbox whose state lives in `directory`; returns once it answers.

    Port 0 takes a free one. A sandbox that already runs there is returned as it is. Raises
    ConfigError when the emulator is not installed or does not come up.
    """
    running = read_state(directory)
    if running and is_alive(running.pid) and answers(running):
        return running
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    log = directory / "server.log"
    with _one_start_at_a_time():
        for _ in range(_TRIES - 1):
            with suppress(_PortTaken):
                state = _started(python, directory, port, log)
                break
        else:
            state = _started(python, directory, port, log)
    write_state(directory, state)
    return state


class _PortTaken(ConfigError):
    """Somebody took the port between our look at it and the server's start."""


def _started(python: str, directory: Path, port: int, log: Path) -> SandboxState:
    free = _free_port(port)
    process = _spawn(python, directory, free, log)
    _OUTLIVING.append(process)
    state = SandboxState(process.pid, free, ACCOUNT_ID, rfc3339(datetime.now(UTC)))
    _wait_until_it_answers(process, state, log)
    return state


@contextmanager
def _one_start_at_a_time() -> Iterator[None]:
    """Hold off other starts of this user until the port that was found free is taken.

    Between the two another start could find the same port free, and each would take the server that
    answers there for its own.
    """
    path = Path(tempfile.gettempdir()) / f"edactl-sandbox-{os.getuid()}.lock"
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _spawn(python: str, directory: Path, port: int, log: Path) -> subprocess.Popen[bytes]:
    try:
        with log.open("wb") as log_file:
            return subprocess.Popen(  # noqa: S603 -- the operator's interpreter
                [python, "-m", "ministack"],
                stdin=subprocess.DEVNULL,
                stdout=log_file,
                stderr=subprocess.STDOUT,
                cwd=directory,
                env=_environment(directory, port),
                start_new_session=True,
            )
    except OSError as error:
        raise ConfigError(
            f"{python} cannot be started: {error.strerror}", hint="--python names an interpreter"
        ) from None


def stop(directory: Path) -> bool:
    """Stop the sandbox of this directory, by its pid; False when none ran."""
    state = read_state(directory)
    if state is None:
        return False
    ran = is_alive(state.pid) and (answers(state) or _is_emulator(state.pid))
    if ran:  # else the pid is another process's by now
        _end(state.pid)
    (directory / "state.json").unlink(missing_ok=True)
    shutil.rmtree(directory / "data", ignore_errors=True)
    return ran


def answers(state: SandboxState, *, timeout_seconds: float = 2.0) -> bool:
    """Whether the server of this state answers its health check."""
    try:
        with urllib.request.urlopen(  # noqa: S310 -- http on loopback
            f"{state.url}/_ministack/health", timeout=timeout_seconds
        ) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004 -- HTTP OK
    except OSError:
        return False


def reset(state: SandboxState) -> None:
    """Drop everything that the sandbox holds; it goes on running."""
    request = urllib.request.Request(f"{state.url}/_ministack/reset", method="POST")  # noqa: S310
    with urllib.request.urlopen(request, timeout=30):  # noqa: S310 -- http on loopback
        pass


def _free_port(wanted: int) -> int:
    """The wanted port, or any when it is 0. Raises ConfigError when another process has it."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", wanted))
        except OSError as error:
            raise ConfigError(
                f"port {wanted} cannot be used: {error.strerror}",
                hint="edactl sandbox up takes a free port",
            ) from None
        return int(listener.getsockname()[1])


def _environment(directory: Path, port: int) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "EDACTL_", "COVERAGE_"))
    }
    data = directory / "data"
    data.mkdir(exist_ok=True)
    return kept | {
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "STATE_DIR": str(data),
        "TMPDIR": str(data),
        "MINISTACK_ACCOUNT_ID": ACCOUNT_ID,
    }


def _wait_until_it_answers(
    process: subprocess.Popen[bytes], state: SandboxState, log: Path
) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise _did_not_start(log)
        if answers(state, timeout_seconds=1.0):
            return
        time.sleep(_POLL_SECONDS)
    process.kill()
    raise _did_not_start(log)


def _did_not_start(log: Path) -> ConfigError:
    if b"No module named" in log.read_bytes():
        return ConfigError(
            "the sandbox needs the emulator, which is not installed",
            hint="pip install 'edactl[sandbox]'",
        )
    kind = _PortTaken if b"already in use" in log.read_bytes() else ConfigError
    return kind(f"the sandbox did not start; its log is {log}", hint=f"tail {log}")


def _end(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline and _still_runs(pid):
        time.sleep(_POLL_SECONDS)
    if _still_runs(pid):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _is_emulator(pid: int) -> bool:
    """Whether the process of this pid was started as the emulator, where the system tells."""
    try:
        return b"ministack" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _still_runs(pid: int) -> bool:
    for child in _OUTLIVING:
        child.poll()  # our own child would stay a zombie
    return is_alive(pid)
