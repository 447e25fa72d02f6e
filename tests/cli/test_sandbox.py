from __future__ import annotations

import io
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from edactl.cli import main
from edactl.errors import ConfigError
from edactl.sandbox import server
from edactl.sandbox.state import SandboxState, read_state, state_directory, write_state
from tests.running import Run
from tests.sandbox_queues import SandboxQueues


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "sandbox"
    monkeypatch.setenv("EDACTL_SANDBOX_DIR", str(path))
    return path


def test_up_status_env_and_down_tell_one_story(edactl: Callable[..., Run], directory: Path) -> None:
    try:
        up = edactl("sandbox", "up", "-o", "json")
        again = edactl("sandbox", "up", "-o", "json")
        status = edactl("sandbox", "status", "-o", "json")
        env = edactl("sandbox", "env")
    finally:
        down = edactl("sandbox", "down")
    after = edactl("sandbox", "status", "-o", "json")

    started = json.loads(up.out)
    assert (up.status, again.status, status.status, env.status, down.status) == (0, 0, 0, 0, 0)
    assert started["running"] is True
    assert started["account_id"] == "000000000000"
    assert started["endpoint_url"].startswith("http://127.0.0.1:")
    assert json.loads(again.out) == json.loads(status.out) == started
    assert f"export AWS_ENDPOINT_URL={started['endpoint_url']}\n" in env.out
    assert "stopped" in down.err
    assert after.status == 1
    assert json.loads(after.out)["endpoint_url"] is None


def test_the_server_listens_on_loopback_only(sandbox_server: tuple[Path, SandboxState]) -> None:
    _, state = sandbox_server
    wanted = f"{state.port:04X}"
    tables = [Path("/proc/net/tcp"), Path("/proc/net/tcp6")]
    listening = [
        line.split()[1]
        for table in tables
        if table.exists()
        for line in table.read_text().splitlines()[1:]
        if line.split()[3] == "0A" and line.split()[1].endswith(f":{wanted}")
    ]

    assert listening == [f"0100007F:{wanted}"]


def test_down_without_a_sandbox_is_nothing_to_do(
    edactl: Callable[..., Run], directory: Path
) -> None:
    run = edactl("sandbox", "down")

    assert run.status == 0
    assert "nothing to do" in run.err


@pytest.mark.parametrize(
    "verb", [("sandbox", "env"), ("sandbox", "reset"), ("queue", "list", "--sandbox")]
)
def test_a_sandbox_that_does_not_run_is_refused_with_the_command_that_starts_one(
    edactl: Callable[..., Run], directory: Path, verb: tuple[str, ...]
) -> None:
    run = edactl(*verb)

    assert (run.status, run.out) == (253, "")
    assert run.err == (
        "edactl: the sandbox is not running; nothing was sent\n  try: edactl sandbox up\n"
    )


def test_reset_drops_what_the_sandbox_holds(edactl: Callable[..., Run], sandbox: object) -> None:
    edactl("put-event", "--source", "a", "--detail-type", "b", "--detail", "{}")
    run = edactl("sandbox", "reset")

    assert run.status == 0
    assert "is empty" in run.err
    assert json.loads(edactl("queue", "list", "-o", "json").out) == []


class Typed(io.StringIO):
    """A terminal's stream."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("answer", "left"), [("y\n", 0), ("\n", 1)])
def test_reset_asks_whoever_sits_at_a_terminal(
    sandbox: SandboxState, monkeypatch: pytest.MonkeyPatch, answer: str, left: int
) -> None:
    queues = SandboxQueues(sandbox)
    queues.make("orders")
    screen = _sit_at_a_terminal(monkeypatch, answer)

    ended = main(["sandbox", "reset"])

    assert ended == (1 if left else 0)
    assert "[y/N]" in screen.getvalue()
    assert len(list(queues.sqs.names())) == left


def test_reset_with_yes_asks_nobody(sandbox: SandboxState, monkeypatch: pytest.MonkeyPatch) -> None:
    queues = SandboxQueues(sandbox)
    queues.make("orders")
    screen = _sit_at_a_terminal(monkeypatch, "")

    assert main(["sandbox", "reset", "--yes"]) == 0
    assert "[y/N]" not in screen.getvalue()
    assert not list(queues.sqs.names())


def _sit_at_a_terminal(monkeypatch: pytest.MonkeyPatch, answer: str) -> Typed:
    screen = Typed()
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(sys, "stdin", Typed(answer))
    monkeypatch.setattr(sys, "stderr", screen)
    return screen


def test_reset_of_a_server_that_does_not_answer_says_so(
    edactl: Callable[..., Run], directory: Path
) -> None:
    write_state(directory, SandboxState(os.getpid(), _unused_port(), "000000000000", "now"))

    run = edactl("sandbox", "reset")

    assert run.status == 253
    assert "does not answer" in run.err


def test_a_pid_of_another_process_is_neither_believed_nor_killed(
    edactl: Callable[..., Run], directory: Path
) -> None:
    with subprocess.Popen(["sleep", "60"]) as other:
        write_state(directory, SandboxState(other.pid, _unused_port(), "000000000000", "now"))

        status = edactl("sandbox", "status")
        server.stop(directory)

        assert status.status == 1
        assert other.poll() is None
        other.kill()


def test_an_interpreter_without_the_emulator_is_named(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'No module named ministack'; exit 1\n", "utf-8")
    python.chmod(0o755)

    with pytest.raises(ConfigError, match="not installed"):
        server.start(tmp_path / "state", python=str(python))


def test_a_server_that_dies_at_once_names_its_log(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"server\.log"):
        server.start(tmp_path / "state", python="/bin/false")


def test_an_interpreter_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be started"):
        server.start(tmp_path / "state", python=str(tmp_path / "nope"))


def test_a_broken_state_file_is_no_sandbox(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text("{", "utf-8")

    assert read_state(tmp_path) is None


def test_the_state_directory_follows_the_environment(tmp_path: Path) -> None:
    assert state_directory({"XDG_STATE_HOME": "/x"}) == Path("/x/edactl/sandbox")
    assert state_directory({"EDACTL_SANDBOX_DIR": "/y"}) == Path("/y")
    assert state_directory({}) == Path.home() / ".local" / "state" / "edactl" / "sandbox"


def _unused_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def test_a_port_that_another_process_has_is_refused(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(ConfigError, match=f"port {port} cannot be used"):
            server.start(tmp_path, port=port)


def test_starts_side_by_side_get_a_server_each(tmp_path: Path) -> None:
    folders = [tmp_path / str(number) for number in range(3)]
    try:
        with ThreadPoolExecutor() as pool:
            states = list(pool.map(server.start, folders))
        assert len({state.port for state in states}) == 3
        assert len({state.pid for state in states}) == 3
    finally:
        for folder in folders:
            server.stop(folder)


def test_a_port_that_is_taken_just_before_the_start_is_given_up_for_another(
    directory: Path, tmp_path: Path
) -> None:
    python = tmp_path / "python"
    flag = tmp_path / "tried"
    python.write_text(
        f"""#!/bin/sh
if [ ! -e {flag} ]; then touch {flag}; echo "ERROR: the port is already in use."; exit 1; fi
exec {sys.executable} "$@"
"""
    )
    python.chmod(0o755)
    try:
        state = server.start(directory, python=str(python))

        assert flag.exists()
        assert server.answers(state)
    finally:
        server.stop(directory)


def test_a_port_that_stays_taken_is_an_error(directory: Path, tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho try; echo 'ERROR: the port is already in use.'; exit 1\n")
    python.chmod(0o755)

    with pytest.raises(ConfigError, match="did not start"):
        server.start(directory, python=str(python))

    assert read_state(directory) is None
