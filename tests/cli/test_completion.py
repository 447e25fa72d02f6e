from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from edactl.aws.session import AwsSession
from edactl.cli.complete import complete
from edactl.cli.completion_names import names_of, write_names
from edactl.cli.completion_scripts import FILE_NAMES, SCRIPTS
from edactl.core.settings import ConnectionOptions, SandboxEndpoint
from edactl.sandbox.state import SandboxState
from tests.running import Run

SCRIPT_FOLDER = Path(__file__).parents[2] / "completions"
FORBIDDEN = ("boto3", "botocore", "rich", "jmespath", "pydantic", "asyncio")


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def path_with_edactl() -> str:
    return f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


@pytest.mark.parametrize("shell", sorted(SCRIPTS))
def test_the_files_are_what_the_command_prints(edactl: Callable[..., Run], shell: str) -> None:
    run = edactl("completion", shell)

    assert run.status == 0
    assert run.out == (SCRIPT_FOLDER / FILE_NAMES[shell]).read_text("utf-8")


def test_an_unknown_shell_is_refused(edactl: Callable[..., Run]) -> None:
    run = edactl("completion", "tcsh")

    assert (run.status, run.out) == (252, "")
    assert 'no completion for "tcsh"' in run.err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["bu"], ["bus"]),
        (["bus", ""], ["list", "show", "sweep", "tail"]),
        (["bus", "tail", "--exp"], ["--expand", "--expect"]),
        (["--region", "x", "bus", "ta"], ["tail"]),
        (["bus", "--region=x", "ta"], ["tail"]),
        (["-o", "js"], ["json"]),
        (["bus", "list", "--output", "t"], ["table", "text"]),
        (["queue", "list", "-q", "--colo"], ["--color"]),
        (["completion", ""], ["bash", "fish", "zsh"]),
        (["dlq", "redrive", "--via", ""], ["bus"]),
        (["put-event", ""], []),
        (["put-event", "--source", ""], []),
        (["whoami", ""], []),
        (["nope", "nope", ""], []),
        ([], None),
    ],
)
def test_what_may_come_next(words: list[str], expected: list[str] | None) -> None:
    found = complete(words)

    assert found == expected if expected is not None else "put-event" in found


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("bus", ["bus", "tail", ""]),
        ("queue", ["queue", "peek", ""]),
        ("queue", ["dlq", "inspect", ""]),
        ("queue", ["dlq", "redrive", ""]),
        ("queue", ["dlq", "redrive", "--to", ""]),
        ("rule", ["bus", "tail", "--rule", ""]),
        ("cluster", ["task", "list", "--cluster", ""]),
        ("service", ["service", "show", ""]),
        ("service", ["task", "run", "--service", ""]),
        ("cluster-service", ["scale", "advise", "--service", ""]),
        ("task", ["task", "logs", ""]),
        ("family", ["task", "run", "--task-definition", ""]),
        ("family", ["task", "list", "--family", ""]),
    ],
)
def test_real_names_come_from_the_cache(kind: str, words: list[str]) -> None:
    write_names(kind, [], ["orders", "flix"])

    assert complete(words) == ["flix", "orders"]
    assert complete([*words[:-1], "or"]) == ["orders"]


def test_services_are_those_of_the_cluster_that_is_named() -> None:
    write_names("service", [], ["jobs/orders"])
    write_names("service", ["--cluster", "jobs"], ["orders"])
    write_names("family", [], ["report"])

    assert complete(["service", "show", ""]) == ["jobs/orders"]
    assert complete(["service", "show", "--cluster", "jobs", ""]) == ["orders"]
    assert complete(["task", "run", "--cluster", "jobs", "--task-definition", ""]) == ["report"]


def test_what_is_no_name_of_anything_is_not_completed() -> None:
    assert complete(["task", "run", "--env", ""]) == []
    assert complete(["task", "logs", "--since", ""]) == []


@pytest.mark.parametrize(
    ("kind", "options", "names"),
    [
        ("cluster", [], ["default", "jobs"]),
        ("service", [], ["web", "jobs/orders"]),
        ("service", ["--cluster", "jobs"], ["orders"]),
        ("cluster-service", [], ["default/web", "jobs/orders"]),
        ("family", [], ["report"]),
        ("task", ["--cluster", "jobs"], None),
        ("task", [], None),
    ],
)
def test_the_names_of_ecs_are_fetched_from_each_cluster(
    sandbox: SandboxState,
    edactl: Callable[..., Run],
    kind: str,
    options: list[str],
    names: list[str] | None,
) -> None:
    session = AwsSession(ConnectionOptions(sandbox=SandboxEndpoint(sandbox.url, "000000000000")))
    session.call(
        "ecs",
        "register_task_definition",
        family="report",
        containerDefinitions=[{"name": "app", "image": "busybox", "memory": 512}],
    )
    for cluster, service in (("default", "web"), ("jobs", "orders")):
        session.call("ecs", "create_cluster", clusterName=cluster)
        session.call(
            "ecs",
            "create_service",
            cluster=cluster,
            serviceName=service,
            taskDefinition="report",
            desiredCount=0,
        )
    arns = session.call("ecs", "run_task", cluster="jobs", taskDefinition="report")["tasks"]
    task = arns[0]["taskArn"].rpartition("/")[2]

    assert edactl("__refresh-names", kind, *options).status == 0

    assert names_of(kind, options) == (names or [task if options else f"jobs/{task}"])


def test_names_of_another_region_are_another_cache() -> None:
    write_names("bus", ["--region", "eu-west-1"], ["there"])
    write_names("bus", [], ["here"])

    assert complete(["--region", "eu-west-1", "bus", "tail", ""]) == ["there"]
    assert complete(["bus", "tail", ""]) == ["here"]


def test_a_broken_cache_gives_no_names(tmp_path: Path) -> None:
    write_names("bus", [], ["here"])
    for path in (tmp_path / "cache").rglob("*.json"):
        path.write_text("{", "utf-8")

    assert names_of("bus", []) == []


def test_the_names_of_a_sandbox_are_fetched(
    sandbox: object, edactl: Callable[..., Run], path_with_edactl: str
) -> None:
    assert edactl("__refresh-names", "bus").status == 0

    assert edactl("__complete", "bus", "tail", "").out == "default\n"


@pytest.mark.parametrize("kind", ["queue", "rule", "topic", "nothing"])
def test_an_empty_account_has_no_names(
    sandbox: object, edactl: Callable[..., Run], kind: str, tmp_path: Path
) -> None:
    run = edactl("__refresh-names", kind)

    assert (run.status, run.out, run.err) == (0, "", "")
    [path] = (tmp_path / "cache").rglob("*.json")
    assert json.loads(path.read_text("utf-8")) == []


def test_a_login_that_fails_is_remembered_as_no_names(
    edactl: Callable[..., Run], tmp_path: Path
) -> None:
    run = edactl("__refresh-names", "bus", "--profile", "nope", "--region", "x")

    assert (run.status, run.out, run.err) == (0, "", "")
    [path] = (tmp_path / "cache").rglob("*.json")
    assert json.loads(path.read_text("utf-8")) == []


def test_an_empty_cache_starts_a_child_and_does_not_fail(edactl: Callable[..., Run]) -> None:
    run = edactl("__complete", "bus", "tail", "--region", "x", "")

    assert (run.status, run.out, run.err) == (0, "", "")


def test_completing_imports_no_aws_library() -> None:
    code = (
        "import sys; from edactl.cli import main; main(['__complete', 'bus', '']);"
        f"sys.exit(sum(name in sys.modules for name in {FORBIDDEN}))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def _bash(line: str, path: str) -> list[str]:
    script = (
        f"source {SCRIPT_FOLDER / 'edactl.bash'}; COMP_LINE='{line}'; COMP_POINT={len(line)};"
        ' _edactl; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", script],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_completes(path_with_edactl: str) -> None:
    write_names("bus", [], ["flix", "arn:aws:events:x"])

    assert _bash("edactl bus ta", path_with_edactl) == ["tail"]
    assert _bash("edactl bus ", path_with_edactl) == ["list", "show", "sweep", "tail"]
    assert _bash("edactl bus tail fl", path_with_edactl) == ["flix"]
    assert _bash("edactl bus tail arn:aw", path_with_edactl) == ["aws:events:x"]


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
def test_zsh_completes(path_with_edactl: str) -> None:
    script = (
        "autoload -U compinit; compinit -D -u; compadd() { print -l -- ${(P)2} };"
        f"source {SCRIPT_FOLDER / '_edactl'}; words=(edactl bus ta); CURRENT=3; _edactl"
    )
    done = subprocess.run(
        ["zsh", "-f", "-c", script],
        env={**os.environ, "PATH": path_with_edactl},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout.split() == ["tail"], done.stderr


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
def test_fish_completes(path_with_edactl: str) -> None:
    script = f"source {SCRIPT_FOLDER / 'edactl.fish'}; complete -C 'edactl bus ta'"
    done = subprocess.run(
        ["fish", "--no-config", "-c", script],
        env={**os.environ, "PATH": path_with_edactl},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "tail" in done.stdout.split(), done.stderr
