"""The demo: steps that each say what they run, run it, and check that it did what it says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edactl.core.record import JsonValue

BUS, RULE, QUEUE, DLQ = "flix", "flix-anz", "flix-anz-channels", "flix-anz-channels-dlq"
PATTERN = '{"source":["com.flix"],"detail":{"data":{"region":["AU","NZ"]}}}'


@dataclass(frozen=True)
class Finished:
    """What one command did."""

    status: int
    out: str


class Runner(Protocol):
    """Runs one edactl command line and gives what it did; its stderr is the operator's."""

    def __call__(self, arguments: Sequence[str], /) -> Finished:
        """Run it to its end."""
        ...


@dataclass(frozen=True)
class Step:
    """One thing to show: in words, the command, and what must be true of what it did."""

    title: str
    arguments: tuple[str, ...]
    holds: Callable[[Finished], bool]
    promise: str


def story() -> tuple[Step, ...]:
    """The talk's story, once the bus, its rule and queues are made."""
    return (
        Step(
            "A channel opens in Australia: put the event on the bus.",
            _put("AU", "Outback Nature"),
            _sent_one,
            "one event is sent",
        ),
        Step(
            "Another opens in the US: the rule does not want it.",
            _put("US", "Desert Drama"),
            _sent_one,
            "one event is sent",
        ),
        Step(
            "Look into the queue without taking anything: only Australia has arrived.",
            ("queue", "peek", QUEUE, "--json-body", "-o", "json"),
            lambda done: _regions(done) == ["AU"],
            "the queue holds the AU event and nothing else",
        ),
        Step(
            "See every queue, how deep it is, and where its dead letters go.",
            ("queue", "list", "-o", "json"),
            lambda done: _depths(done) == {QUEUE: (1, DLQ), DLQ: (0, None)},
            "one message waits, the DLQ is empty",
        ),
        Step(
            "Nothing temporary is left behind.",
            ("bus", "sweep", "--all", "--dry-run", "-o", "json"),
            lambda done: done.status == 0 and json.loads(done.out) == [],
            "there is nothing to sweep",
        ),
    )


def run_story(steps: Sequence[Step], run: Runner, say: Callable[[str], None]) -> list[str]:
    """Run each step; the promises that were not kept, in words."""
    broken: list[str] = []
    for step in steps:
        say(f"\n# {step.title}")
        say(f"$ edactl {shown(step.arguments)}")
        done = run(step.arguments)
        say(done.out.rstrip("\n"))
        if done.status != 0 or not _kept(step, done):
            broken.append(f'"{step.promise}" is not so (exit status {done.status})')
    return broken


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


def _put(region: str, title: str) -> tuple[str, ...]:
    detail = json.dumps({"data": {"region": region, "title": title}})
    options = ("--bus", BUS, "--source", "com.flix", "--detail-type", "ChannelCreated")
    return ("put-event", *options, "--detail", detail, "-o", "json")


def _sent_one(done: Finished) -> bool:
    record = json.loads(done.out)
    return bool(record["sent"] == 1 and record["failed"] == 0)


def _regions(done: Finished) -> list[JsonValue]:
    return [one["json_body"]["detail"]["data"]["region"] for one in json.loads(done.out)]


def _depths(done: Finished) -> dict[str, tuple[int, str | None]]:
    return {one["name"]: (one["visible"], one["dlq"]) for one in json.loads(done.out)}
