"""What the sandbox really delivers, held against what `edactl rule transform` says."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edactl.sandbox.state import SandboxState
from tests.running import Run
from tests.sandbox_queues import SandboxQueues

Edactl = Callable[..., Run]
EXECUTABLE = str(Path(sys.executable).parent / "edactl")
FILE = json.loads(
    (Path(__file__).parents[1] / "cases" / "input_transformers.json").read_text("utf-8")
)
CASES: dict[str, dict[str, Any]] = {
    one["id"]: one for one in FILE["cases"] if "Arn" not in one["target"] and "refused" not in one
}
# where the sandbox differs from what AWS does, and how
WRONG = {
    "reserved-in-json": "keys in another order, and detail-type keeps its dash",
    "string-object": "spaces after commas and colons",
    "string-list": "spaces after commas",
    "string-all": "spaces after commas and colons",
    "object-in-longer-quotes": "delivered",
    "object-in-quotes": "delivered",
    "list-in-quotes": "delivered",
    "doc-string-bare-quotes": "quotes are added between quotes",
    "doc-not-escaped": "JSON that is broken is delivered",
    "doc-slash-changes": "JSON that is broken is delivered",
    "doc-line-break": "JSON that is broken is delivered",
    "path-index": "no array indices",
    "path-wildcard": "no wildcards",
    "path-brackets": "the whole event is delivered",
    "input-path-missing": "the whole event is delivered",
}
TRANSFORM = ("rule", "transform", "-", "--bus", "flix", "--rule", "au", "--target", "case")


class Delivering:
    """A bus with one rule, whose targets are queues: the first gets the whole event."""

    def __init__(self, queues: SandboxQueues) -> None:
        self.queues = queues
        self.whole = queues.make("whole")
        self._call("create_event_bus", Name="flix")
        pattern = json.dumps({"version": ["0"]})
        self._call("put_rule", Name="au", EventBusName="flix", EventPattern=pattern)

    def _call(self, operation: str, **parameters: Any) -> Any:
        return self.queues.session.call("events", operation, **parameters)

    def send(self, case: dict[str, Any]) -> tuple[str, list[str]]:
        """The event as it came out, and what the case's target got of it."""
        transformed = self.queues.make(f"case-{case['id'][:60]}")
        targets = [
            {"Id": "whole", "Arn": self.whole.arn},
            {"Id": "case", "Arn": transformed.arn, **case["target"]},
        ]
        self._call("put_targets", Rule="au", EventBusName="flix", Targets=targets)
        event = json.loads(FILE["events"][case["event"]])
        entry = {
            "EventBusName": "flix",
            "Source": event["source"].replace("aws.", "com."),  # PutEvents keeps aws. to AWS
            "DetailType": event["detail-type"],
            "Detail": json.dumps(event["detail"], ensure_ascii=False),
            "Resources": event["resources"],
            "Time": event["time"],
        }
        self._call("put_events", Entries=[entry])
        [whole] = self.queues.bodies(self.whole)
        return whole, self.queues.bodies(transformed)


@pytest.fixture
def delivering(sandbox: SandboxState) -> Delivering:
    return Delivering(SandboxQueues(sandbox))


def as_json(texts: list[str]) -> list[Any]:
    """Each text as JSON where it is some: the sandbox writes spaces, and AWS none."""
    return [_parsed(one) for one in texts]


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def ours(run: Run) -> tuple[list[str], str | None]:
    """What our record says is delivered, and the reason where nothing is."""
    [record] = [json.loads(line) for line in run.out.splitlines()]
    return [record["body"]] if record["delivered"] else [], record["reason"]


@pytest.mark.parametrize("name", [name for name in CASES if name not in WRONG])
def test_the_sandbox_delivers_what_we_say(
    edactl: Edactl, delivering: Delivering, name: str
) -> None:
    event, bodies = delivering.send(CASES[name])

    said, _ = ours(edactl(*TRANSFORM, stdin=event))

    assert as_json(said) == as_json(bodies)
    assert len(bodies) == 1


@pytest.mark.parametrize("name", WRONG)
def test_where_the_sandbox_is_wrong_we_say_what_is_on_record(
    edactl: Edactl, delivering: Delivering, name: str
) -> None:
    case = CASES[name]
    event, bodies = delivering.send(case)

    on_sandbox, _ = ours(edactl(*TRANSFORM, stdin=event))
    said, reason = ours(edactl(*TRANSFORM, stdin=FILE["events"][case["event"]]))

    assert as_json(on_sandbox) != as_json(bodies) or on_sandbox != bodies, "it is right by now"
    assert said == ([case["text"]] if "text" in case else [])
    assert case.get("nothing", "") in (reason or "")


def test_the_executable_says_the_same(delivering: Delivering) -> None:
    event, bodies = delivering.send(CASES["json"])

    done = subprocess.run(
        [EXECUTABLE, *TRANSFORM, "--query", "[0].body", "-o", "text"],
        input=event,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == json.loads(bodies[0])
