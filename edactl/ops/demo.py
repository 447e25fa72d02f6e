"""The demo: steps that each say what they run, run it, and check that it did what it says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edactl.core.record import JsonValue

BUS, RULE, QUEUE, DLQ = "flix", "flix-anz", "flix-anz-channels", "flix-anz-channels-dlq"
ARCHIVE, CAPTURED = "flix-all", "captured.ndjson"
PATTERN = '{"source":["com.flix"],"detail":{"data":{"region":["AU","NZ"]}}}'


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

    def ended(self) -> Finished:
        """Wait for the tail that was started last; what it wrote."""
        ...


@dataclass(frozen=True)
class Step:
    """One thing to show: in words, the command, and what must be true of what it did.

    With `into` the command runs on in the background, and writes into that file.
    """

    title: str
    arguments: tuple[str, ...]
    holds: Callable[[Finished], bool]
    promise: str
    into: str | None = None


def story() -> tuple[Step, ...]:
    """The talk's story, once the bus, its rule and queues are made."""
    return (
        Step(
            "Keep every event of the bus from now on, so that it can be replayed.",
            ("archive", "create", ARCHIVE, "--bus", BUS, "-o", "json"),
            lambda done: json.loads(done.out)["bus"] == BUS,
            "the archive keeps the events of the bus",
        ),
        Step(
            "Watch the bus meanwhile, and keep what passes in a file.",
            ("bus", "tail", BUS, "--limit", "2", "-o", "ndjson"),
            lambda done: len(done.out.splitlines()) == 2,  # noqa: PLR2004 -- AU and US
            "both events are in the file",
            into=CAPTURED,
        ),
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
            "Replay both from the file of the tail, marked so that consumers can tell.",
            ("replay", "file", CAPTURED, "--bus", BUS, "--mark", "-o", "json"),
            _sent_two,
            "both events are sent again",
        ),
        Step(
            "Australia is there twice now, the second one with a replay-id.",
            ("queue", "peek", QUEUE, "--json-body", "-o", "json"),
            lambda done: _regions(done) == ["AU", "AU"] and _marks(done) == 1,
            "the queue holds the AU event and its replay",
        ),
        Step(
            "Have AWS replay the archive, to this one rule alone.",
            ("replay", "archive", ARCHIVE, "--since", "10m", "--rule", RULE, "--wait"),
            lambda done: json.loads(done.out)["state"] == "COMPLETED",
            "the replay completes",
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
        say(f"$ edactl {shown(step.arguments)}")
        done = run(step.arguments)
        say(done.out.rstrip("\n"))
        broken += _broken(step, done)
    return broken


def _broken(step: Step, done: Finished) -> list[str]:
    if done.status == 0 and _kept(step, done):
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


def _put(region: str, title: str) -> tuple[str, ...]:
    detail = json.dumps({"data": {"region": region, "title": title}})
    options = ("--bus", BUS, "--source", "com.flix", "--detail-type", "ChannelCreated")
    return ("put-event", *options, "--detail", detail, "-o", "json")


def _sent_one(done: Finished) -> bool:
    record = json.loads(done.out)
    return bool(record["sent"] == 1 and record["failed"] == 0)


def _sent_two(done: Finished) -> bool:
    record = json.loads(done.out)
    return bool(record["sent"] == 2 and record["failed"] == 0)  # noqa: PLR2004 -- AU and US


def _marks(done: Finished) -> int:
    return sum("metadata" in one["json_body"]["detail"] for one in json.loads(done.out))


def _regions(done: Finished) -> list[JsonValue]:
    return [one["json_body"]["detail"]["data"]["region"] for one in json.loads(done.out)]


def _depths(done: Finished) -> dict[str, tuple[int, str | None]]:
    return {one["name"]: (one["visible"], one["dlq"]) for one in json.loads(done.out)}
