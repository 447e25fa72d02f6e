"""The tour of the README is true: its commands run on a sandbox and print what it shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from edactl.errors import ExitStatus
from edactl.sandbox.state import SandboxState

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
BIN = Path(sys.executable).parent
EVENT = ("--source", "com.flix", "--detail-type", "T", "--detail", '{"a":1}')
_MASKS = (
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UUID"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "TIME"),
)


def _blocks() -> list[list[tuple[str, list[str]]]]:
    """Each console block as its commands with the lines that the README shows after them."""
    found = []
    for block in re.findall(r"^```console\n(.*?)^```$", README, re.DOTALL | re.MULTILINE):
        steps: list[tuple[str, list[str]]] = []
        for line in block.splitlines():
            if line.startswith("$ "):
                steps.append((line.removeprefix("$ "), []))
            else:
                steps[-1][1].append(line)
        found.append(steps)
    return found


STEPS = [
    step
    for block in _blocks()
    for step in block
    if step[1] and not step[0].startswith(("edactl sandbox", "export"))
]


def _masked(lines: list[str]) -> list[str]:
    for pattern, mask in _MASKS:
        lines = [re.sub(pattern, mask, line) for line in lines]
    return sorted(lines)  # stdout and stderr meet in any order


def _shell(command: str) -> subprocess.Popen[str]:
    environment = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.Popen(
        ["/bin/sh", "-c", command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
    )


@pytest.mark.parametrize(("command", "shown"), STEPS, ids=[command for command, _ in STEPS])
def test_a_command_of_the_tour_prints_what_the_readme_shows(
    sandbox: SandboxState, command: str, shown: list[str]
) -> None:
    process = _shell(command)
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line.rstrip("\n"))
        if "listening on" in line:
            feeder = threading.Thread(target=_put)
            feeder.start()
            feeder.join()
    process.wait(30)
    process.stdout.close()

    assert _masked(lines) == _masked(shown)


def _put() -> None:
    subprocess.run([BIN / "edactl", "put-event", "-q", *EVENT], check=True, capture_output=True)


def test_every_command_that_the_readme_names_exists() -> None:
    named = set(re.findall(r"edactl ((?:[a-z-]+ ?){1,2})", README))
    pages = {path.stem for path in (Path(__file__).parents[2] / "docs" / "reference").glob("*.txt")}
    steps = [step for block in _blocks() for step, _ in block]
    called = {words.strip() for words in named if any(words in step for step in steps)}

    assert called
    for words in called:
        assert words.replace(" ", "-") in pages or words.split()[0] in pages


def test_the_exit_table_is_the_program_s() -> None:
    rows = dict(re.findall(r"^\| ([\d, ]+) \| (.+) \|$", README, re.MULTILINE))
    shown = {int(code) for codes in rows for code in codes.split(",")}

    assert shown == {int(status) for status in ExitStatus}
    for codes, meaning in rows.items():
        if "," not in codes and codes.strip() != "255":
            assert meaning.replace("`", "") == ExitStatus(int(codes)).meaning
