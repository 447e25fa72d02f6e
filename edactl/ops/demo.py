"""The demo: steps that each say what they run, run it, and check that it did what it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True)
class Finished:
    """What one command did."""

    status: int
    out: str


class Runner(Protocol):
    """Runs edactl command lines and gives what they did; their stderr is the operator's."""

    def __call__(self, arguments: Sequence[str], /) -> Finished:
        """Run one to its end."""
        ...

    def start(self, arguments: Sequence[str], into: str, /) -> None:
        """Start a tail that writes into a file; it listens when this returns."""
        ...

    def consume(self, queue: str, /) -> None:
        """Have a consumer take what it can of a queue until nothing is left in it."""
        ...

    def ended(self) -> Finished:
        """Wait for the tail that was started last; what it wrote."""
        ...


@dataclass(frozen=True)
class Step:
    """One thing to show: in words, the command, and what must be true of what it did.

    With `into` the command runs on in the background, and writes into that file. With `consumes` a
    consumer of that queue comes first. `status` is how it must end.
    """

    title: str
    arguments: tuple[str, ...]
    holds: Callable[[Finished], bool]
    promise: str
    into: str | None = None
    consumes: str | None = None
    status: int = 0


def run_story(steps: Sequence[Step], run: Runner, say: Callable[[str], None]) -> list[str]:
    """Run each step; the promises that were not kept, in words."""
    broken: list[str] = []
    running: Step | None = None
    for step in steps:
        say(f"\n# {step.title}")
        if step.into is not None:
            say(f"$ edactl {shown(step.arguments)} > {step.into} &")
            run.start(step.arguments, step.into)
            running = step
            continue
        if running is not None and running.into in step.arguments:  # it needs what the tail wrote
            broken += _broken(running, run.ended())
            running = None
        if step.consumes is not None:
            run.consume(step.consumes)
        say(f"$ edactl {shown(step.arguments)}")
        done = run(step.arguments)
        say(done.out.rstrip("\n"))
        broken += _broken(step, done)
    return broken


def _broken(step: Step, done: Finished) -> list[str]:
    if done.status == step.status and _kept(step, done):
        return []
    return [f'"{step.promise}" is not so (exit status {done.status})']


def shown(arguments: Sequence[str]) -> str:
    """A command line as one would type it."""
    return " ".join(
        f"'{word}'" if any(c in word for c in ' {}"`[]|') else word for word in arguments
    )


def _kept(step: Step, done: Finished) -> bool:
    try:
        return step.holds(done)
    except (ValueError, KeyError, TypeError):
        return False
