"""`edactl rule test --jobs`: what one process says, several say."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edactl.cli.rule_jobs import LINES_AT_ONCE
from edactl.cli.rule_testing import LOOKED_AT
from edactl.errors import EdactlError
from edactl.ops.processes import processes
from tests.executable import EXECUTABLE
from tests.running import Run

Edactl = Callable[..., Run]
RULES = {
    "au": '{"source":["com.flix"],"detail":{"region":["AU"]}}',
    "odd": '{"n":[1,3,5,7,9]}',
    "both": '{"detail":{"region":["AU","NZ"]}}',
}
PATIENCE_SECONDS = 60.0


def line(number: int) -> str:
    region = ("AU", "NZ", "US")[number % 3]
    event = {"id": f"e{number}", "source": "com.flix", "n": number % 10}
    return json.dumps(event | {"detail": {"region": region}}) + "\n"


def many(count: int = LOOKED_AT + 3 * LINES_AT_ONCE) -> list[str]:
    return [line(number) for number in range(count)]


def spread(number: int) -> str:
    return json.dumps(json.loads(line(number)), indent=1) + "\n"


def with_blank_lines(lines: list[str]) -> list[str]:
    return [*lines[:1500], "\n", "  \n", *lines[1500:]]


def with_documents(lines: list[str]) -> list[str]:
    """A document within a batch, and one that goes on in the next one."""
    edge = 2 * LINES_AT_ONCE - 3
    return [*lines[:1600], spread(1), *lines[1600 : edge - 8], spread(2), *lines[edge:]]


def with_an_array_at_the_end(lines: list[str]) -> list[str]:
    return [*lines, json.dumps([json.loads(line(1)), json.loads(line(2))]) + "\n"]


def with_duplicate_keys(lines: list[str]) -> list[str]:
    twice = '{"n":2,"n":3}\n'
    return [*lines[:10], twice, *lines[10:3000], twice, *lines[3000:]]


def bad(lines: list[str]) -> list[str]:
    return [*lines[:2000], "nonsense\n", "[1]\n", *lines[2000:2500], '{"n":\n', *lines[2500:]]


def bad_at_the_end(lines: list[str]) -> list[str]:
    """After batches that other processes judged."""
    return [*lines, "nonsense\n"]


def with_an_event_around_a_batch(lines: list[str]) -> list[str]:
    """Its middle is a batch that would pass for one event and blank lines."""
    middle = ['{"region":"AU"}\n', *["\n"] * (LINES_AT_ONCE - 1)]
    before = lines[: 2 * LINES_AT_ONCE - 1]
    return [*before, '{"source":"com.flix","n":2,"detail":\n', *middle, "}\n", *lines[3000:]]


LAYOUTS = [
    bad_at_the_end,
    with_an_event_around_a_batch,
    list,
    with_blank_lines,
    with_documents,
    with_an_array_at_the_end,
    with_duplicate_keys,
    bad,
]


@pytest.fixture
def rules(tmp_path: Path) -> str:
    path = tmp_path / "rules.json"
    path.write_text(json.dumps(RULES), "utf-8")
    return str(path)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("options", [(), ("--count",), ("--skip-invalid", "--all")])
def test_several_processes_say_what_one_says(
    edactl: Edactl,
    tmp_path: Path,
    rules: str,
    layout: Callable[[list[str]], list[str]],
    options: tuple[str, ...],
) -> None:
    path = tmp_path / "events.ndjson"
    path.write_text("".join(layout(many())), "utf-8")
    test = ("rule", "test", str(path), "--rules", rules, *options)

    one, several = edactl(*test), edactl(*test, "--jobs", "2")

    assert (several.status, several.err) == (one.status, one.err)
    if one.status != 252:  # what was shown before a bad line came is not the same
        assert several.out == one.out
        assert one.out


def test_files_follow_one_another_and_stdin_is_one_of_them(
    edactl: Edactl, tmp_path: Path, rules: str
) -> None:
    path = tmp_path / "events.ndjson"
    path.write_text("".join(many()), "utf-8")
    test = ("rule", "test", "-", str(path), "--rules", rules)
    text = "".join(many(20))

    assert edactl(*test, "--jobs", "3", stdin=text) == edactl(*test, stdin=text)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_file_that_is_cut_off_is_refused(edactl: Edactl, rules: str, jobs: str) -> None:
    text = "".join(many())[:-9]

    run = edactl("rule", "test", "-", "--rules", rules, "--jobs", jobs, stdin=text)

    assert run.status == 252
    assert "in the middle of" in run.err


def test_no_event_at_all_is_said(edactl: Edactl, rules: str) -> None:
    run = edactl("rule", "test", "-", "--rules", rules, "--jobs", "2", stdin="\n")

    assert run.status == 252
    assert "no event" in run.err


def test_one_event_needs_no_processes(edactl: Edactl) -> None:
    run = edactl("rule", "test", "--event", '{"a":1}', "--pattern", '{"a":[1]}', "--jobs", "2")

    assert run.status == 0


def test_a_process_that_dies_is_told_of() -> None:
    def die(_lines: list[bytes]) -> None:
        os._exit(1)

    with (
        pytest.raises(EdactlError, match="a process of --jobs died"),
        processes(die, 2) as pool,
    ):
        list(pool.results([[b"a"], [b"b"]]))


def test_ctrl_c_is_for_the_parent_alone_and_sigterm_ends_a_child() -> None:
    """Both go to a whole group of processes; a child that told of Ctrl-C would tell it twice."""

    def signals(_lines: list[bytes]) -> tuple[object, object, set[int]]:
        return (
            signal.getsignal(signal.SIGINT),
            signal.getsignal(signal.SIGTERM),
            signal.pthread_sigmask(signal.SIG_BLOCK, []) & {signal.SIGINT, signal.SIGTERM},
        )

    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        with processes(signals, 2) as pool:
            [(_, found)] = pool.results([[b"a"]])
    finally:
        signal.signal(signal.SIGTERM, before)

    assert found == (signal.SIG_IGN, signal.SIG_DFL, set())


def test_only_a_few_batches_are_read_ahead() -> None:
    read: list[int] = []

    def batches() -> Iterator[list[bytes]]:
        for number in range(100):
            read.append(number)
            yield [b"%d" % number]

    with processes(len, 2) as pool:
        lines, result = next(pool.results(batches()))

    assert (lines, result) == ([b"0"], 1)
    assert len(read) == 5


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)]
)
def test_no_process_outlives_the_command(rules: str, number: int, status: int) -> None:
    test = subprocess.Popen(
        [EXECUTABLE, "rule", "test", "-", "--rules", rules, "--jobs", "2", "--count"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert test.stdin is not None
    test.stdin.write("".join(many()))
    test.stdin.flush()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(children := _children_of(test.pid)) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    test.send_signal(number)
    assert test.wait(PATIENCE_SECONDS) == status
    assert test.stderr is not None
    while any(_is_alive(one) for one in children):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert "Traceback" not in test.stderr.read()
    for pipe in (test.stdin, test.stdout, test.stderr):
        assert pipe is not None
        pipe.close()


def _children_of(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(one) for one in path.read_text("ascii").split()]


def _is_alive(pid: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text("ascii")
    except OSError:
        return False
