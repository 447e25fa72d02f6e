"""What a fresh process imports: offline commands stay light."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"boto3", "botocore", "rich", "jmespath", "pydantic", "asyncio"}


def _modules_after(*arguments: str) -> set[str]:
    code = (
        "import sys, io; from edactl.cli import main; out = sys.stdout; sys.stdout = io.StringIO();"
        f"status = main({list(arguments)!r}); sys.stdout = out;"
        "print(' '.join(sys.modules)); sys.exit(status)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("help", "exit-status"),
        ("bus", "tail", "--help"),
        ("put-event", "--help"),
        ("queue", "send", "--help"),
        ("rule", "transform", "--event", "{}", "--target-arn", "x"),
        ("completion", "bash"),
        ("iam-policy", "put-event"),
        ("__complete", "bus", ""),
        ("sandbox", "down"),
        (
            "scale",
            "advise",
            "--latency",
            "2m",
            "--pattern",
            "steady:2/m",
            "--processing-time",
            "2s",
        ),
        ("scale", "simulate", "--pattern", "steady:2/m", "--service-time", "constant:1s"),
        ("rule", "lint", "--pattern", '{"source":["com.flix"]}'),
    ],
    ids=" ".join,
)
def test_an_offline_command_imports_nothing_heavy(arguments: tuple[str, ...]) -> None:
    assert _modules_after(*arguments) & HEAVY == set()


def test_version_imports_nothing_but_itself() -> None:
    code = (
        "import sys; before = set(sys.modules); from edactl.cli import main;"
        "main(['--version']); print(' '.join(sorted(set(sys.modules) - before)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    first, second = done.stdout.splitlines()
    assert first.startswith("edactl ")
    assert set(second.split()) <= {"edactl", "edactl.cli", "__future__"}
