"""Where a running sandbox is written down: one JSON file in the sandbox's state directory."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from edactl.core.settings import SandboxEndpoint
from edactl.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

ACCOUNT_ID = "000000000000"
REGION = "us-east-1"
_START = "edactl sandbox up"


@dataclass(frozen=True)
class SandboxState:
    """A sandbox that was started: its server's pid and port, and when."""

    pid: int
    port: int
    account_id: str
    started_at: str

    @property
    def url(self) -> str:
        """The endpoint, on loopback only."""
        return f"http://127.0.0.1:{self.port}"


def state_directory(environment: Mapping[str, str]) -> Path:
    """EDACTL_SANDBOX_DIR, else edactl/sandbox under XDG_STATE_HOME or ~/.local/state."""
    if chosen := environment.get("EDACTL_SANDBOX_DIR"):
        return Path(chosen)
    base = environment.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "edactl" / "sandbox"


def read_state(directory: Path) -> SandboxState | None:
    """The sandbox written down there, running or not; None when there is none."""
    try:
        return SandboxState(**json.loads((directory / "state.json").read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def write_state(directory: Path, state: SandboxState) -> None:
    """Write the sandbox down, whole or not at all."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = directory / "state.json.new"
    draft.write_text(json.dumps(asdict(state)), "utf-8")
    draft.replace(directory / "state.json")


def is_alive(pid: int) -> bool:
    """Whether a process of this pid exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@dataclass(frozen=True)
class SandboxStatus:
    """What `edactl sandbox status` shows; the addresses are null when it does not run."""

    running: bool
    endpoint_url: str | None
    account_id: str
    region: str
    pid: int | None
    started_at: str | None
    state_directory: str


def status_of(state: SandboxState | None, directory: Path) -> SandboxStatus:
    """The status of a running sandbox, or of none."""
    return SandboxStatus(
        running=state is not None,
        endpoint_url=state.url if state else None,
        account_id=state.account_id if state else ACCOUNT_ID,
        region=REGION,
        pid=state.pid if state else None,
        started_at=state.started_at if state else None,
        state_directory=str(directory),
    )


def environment_exports(state: SandboxState) -> dict[str, str]:
    """The variables that point AWS tools at the sandbox, and never at a real account."""
    return {
        "AWS_ENDPOINT_URL": state.url,
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "EDACTL_SANDBOX": "1",
    }


def running_endpoint(environment: Mapping[str, str]) -> SandboxEndpoint:
    """The endpoint of the running sandbox.

    Raises ConfigError, with the command that starts one, when none runs.
    """
    state = running_state(environment)
    return SandboxEndpoint(state.url, state.account_id)


def running_state(environment: Mapping[str, str]) -> SandboxState:
    """The running sandbox. Raises ConfigError, with the command that starts one, when none runs."""
    state = read_state(state_directory(environment))
    if state is None or not is_alive(state.pid):
        raise ConfigError("the sandbox is not running; nothing was sent", hint=_START)
    return state
