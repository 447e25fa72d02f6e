from __future__ import annotations

from collections.abc import Callable

import pytest

from edactl.errors import ExitStatus
from tests.running import Run


def test_help_on_exit_status_lists_every_one(edactl: Callable[..., Run]) -> None:
    run = edactl("help", "exit-status")

    assert run.status == 0
    assert [int(line.split()[0]) for line in run.out.splitlines()] == [int(s) for s in ExitStatus]


@pytest.mark.parametrize(
    ("words", "same_as"),
    [
        (("help",), ("--help",)),
        (("help", "global-options"), ("--help",)),
        (("help", "bus", "tail"), ("bus", "tail", "--help")),
        (("help", "put-event"), ("put-event", "--help")),
    ],
)
def test_help_shows_what_the_help_option_shows(
    edactl: Callable[..., Run], words: tuple[str, ...], same_as: tuple[str, ...]
) -> None:
    assert edactl(*words).out == edactl(*same_as).out


def test_help_on_the_environment_names_the_variables(edactl: Callable[..., Run]) -> None:
    assert "EDACTL_SANDBOX=1" in edactl("help", "environment").out


@pytest.mark.parametrize("words", [("nope",), ("bus", "nope"), ("put-event", "put-event")])
def test_help_on_what_there_is_not_is_refused(
    edactl: Callable[..., Run], words: tuple[str, ...]
) -> None:
    run = edactl("help", *words)

    assert (run.status, run.out) == (252, "")
    assert f'there is no help on "{" ".join(words)}"' in run.err
