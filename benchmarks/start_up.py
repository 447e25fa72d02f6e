"""CPU time of whole commands as ratios, alternated in one run: `start_up.py [--aws PATH]`.

Interpreters and executables are named by their real path: a version manager's shim costs ten times
a bare start. With --aws, the same calls through the AWS CLI are timed too, on a sandbox.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from edactl.sandbox import server

EDACTL = str(Path(sys.executable).parent / "edactl")
BARE = [sys.executable, "-c", "pass"]


def cpu_seconds(command: list[str], environment: dict[str, str]) -> float:
    """User and system time of one run of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=environment, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def ratio(
    command: list[str], other: list[str], environment: dict[str, str], runs: int = 15
) -> float:
    """Median CPU time of a command over that of another, run in turn."""
    pairs = [
        (cpu_seconds(command, environment), cpu_seconds(other, environment)) for _ in range(runs)
    ]
    return statistics.median(one for one, _ in pairs) / statistics.median(two for _, two in pairs)


def report(name: str, bar: float, found: float) -> None:
    """One line: what, the ratio, and the bar."""
    print(f"{name:48} {found:6.2f}   bar {bar:4.2f}   {'ok' if found <= bar else 'MISSED'}")


def main() -> None:
    """Print every ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--aws", help="path of the AWS CLI's executable")
    aws = parser.parse_args().aws
    environment = dict(os.environ)
    report("--version / bare python", 1.5, ratio([EDACTL, "--version"], BARE, environment))
    report("--help / bare python", 7, ratio([EDACTL, "--help"], BARE, environment))
    topic = [EDACTL, "help", "exit-status"]
    report("help exit-status / bare python", 7, ratio(topic, BARE, environment))
    if aws:
        report(
            "help exit-status / aws --version", 0.3, ratio(topic, [aws, "--version"], environment)
        )
        against_the_aws_cli(aws, environment)


def against_the_aws_cli(aws: str, environment: dict[str, str]) -> None:
    """Reading calls on a sandbox, through both."""
    with tempfile.TemporaryDirectory() as name:
        state = server.start(Path(name))
        own = environment | {"EDACTL_SANDBOX": "1", "EDACTL_SANDBOX_DIR": name}
        own |= {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s", "AWS_REGION": "us-east-1"}
        own |= {"AWS_DEFAULT_REGION": "us-east-1"}
        there = [aws, "--endpoint-url", state.url]
        try:
            for mine, theirs in (
                (["bus", "list"], ["events", "list-event-buses"]),
                (["whoami"], ["sts", "get-caller-identity"]),
                (["queue", "list"], ["sqs", "list-queues"]),
            ):
                found = ratio([EDACTL, *mine], [*there, *theirs], own)
                report(f"{' '.join(mine)} / aws {' '.join(theirs)}", 0.65, found)
        finally:
            server.stop(Path(name))


if __name__ == "__main__":
    main()
