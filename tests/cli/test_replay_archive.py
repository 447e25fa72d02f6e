from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from edactl.core.arn import parse_queue
from edactl.sandbox.state import SandboxState
from tests.running import Run
from tests.sandbox_queues import SandboxQueues
from tests.scripted_sqs import error, scripted_sqs

BUS_ARN = "arn:aws:events:eu-west-1:1:event-bus/flix"
FIELDS = [
    *("replay_name", "state", "state_reason", "archive", "bus", "rules", "started_at"),
    *("ended_at", "event_start_time", "event_end_time", "last_replayed_at", "progress"),
]


@pytest.fixture
def flix(edactl: Callable[..., Run], sandbox: SandboxState) -> SandboxQueues:
    """A bus with an archive that holds three events, and a rule that sends to queue orders."""
    queues = SandboxQueues(sandbox)
    queue = queues.make("orders")
    queues.feed_by_rule(queue, "flix", "orders", {"source": ["com.flix"]})
    assert edactl("archive", "create", "all", "--bus", "flix", "-q").status == 0
    line = '{"source":"com.flix","detail-type":"T","detail":{"n":%d}}\n'
    edactl("put-event", "-", "--bus", "flix", "-q", stdin="".join(line % n for n in range(3)))
    queues.bodies(queue)
    return queues


def test_a_replay_fires_a_rule_again(edactl: Callable[..., Run], flix: SandboxQueues) -> None:
    run = edactl("replay", "archive", "all", "--since", "1h", "--rule", "orders", "--wait")

    record = json.loads(run.out)
    assert run.status == 0
    assert list(record) == FIELDS
    assert (record["state"], record["progress"]) == ("COMPLETED", 1.0)
    assert (record["archive"], record["bus"], record["rules"]) == ("all", "flix", ["orders"])
    assert record["event_start_time"].endswith(":00Z")
    bodies = flix.bodies(flix.sqs.find(parse_queue("orders")))
    assert sorted(json.loads(one)["n"] for one in bodies) == [0, 1, 2]


def test_a_replay_that_is_not_waited_for_tells_how_to_follow_it(
    edactl: Callable[..., Run], flix: SandboxQueues
) -> None:
    run = edactl("replay", "archive", "all", "--since", "1h", "--yes", "--name", "mine")

    assert run.status == 0
    assert "edactl replay show mine" in run.err
    assert json.loads(edactl("replay", "show", "mine", "-o", "json").out)["replay_name"] == "mine"


def test_every_rule_fires_only_when_that_was_agreed_to(
    edactl: Callable[..., Run], flix: SandboxQueues
) -> None:
    run = edactl("replay", "archive", "all", "--since", "1h")

    assert run.status == 252
    assert "Every rule of bus" in run.err
    assert "add --yes" in run.err
    assert edactl("replay", "list", "-o", "json").out == "[]\n"


def test_a_plan_tells_which_rules_would_fire_and_starts_nothing(
    edactl: Callable[..., Run], flix: SandboxQueues, tmp_path: Path
) -> None:
    sample = tmp_path / "sample.ndjson"
    sample.write_text('{"source":"com.flix"}\n{"source":"other"}\n')

    run = edactl(
        *("replay", "archive", "all", "--since", "1h", "--plan", "--sample", str(sample)),
        *("-o", "json"),
    )

    plan = json.loads(run.out)
    assert run.status == 0
    assert plan["dry_run"] is True
    assert plan["sample_events"] == 2
    orders = next(one for one in plan["rules"] if one["rule"] == "orders")
    assert (orders["would_fire"], orders["targets_without_dlq"]) == (1, 1)
    assert 'rule "orders" does not guard against replays' in run.err
    assert edactl("replay", "list", "-o", "json").out == "[]\n"


def test_a_plan_without_a_sample_tells_how_to_make_one(
    edactl: Callable[..., Run], flix: SandboxQueues
) -> None:
    run = edactl("replay", "archive", "all", "--since", "1h", "-n", "-o", "json")

    assert json.loads(run.out)["sample_events"] is None
    assert "edactl bus tail flix --limit 100" in run.err


def test_only_to_a_queue_sends_past_every_rule_and_leaves_none_behind(
    edactl: Callable[..., Run], flix: SandboxQueues
) -> None:
    policy = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}}
    statement = policy | {"Action": "sqs:SendMessage", "Resource": "*"}
    queue = flix.make("side", Policy=json.dumps({"Statement": [statement]}))

    run = edactl("replay", "archive", "all", "--since", "1h", "--only-to", "side")

    assert run.status == 0
    bodies = [json.loads(one) for one in flix.bodies(queue)]
    assert sorted(one["detail"]["n"] for one in bodies) == [0, 1, 2]
    assert {one["replay-name"] for one in bodies} == {json.loads(run.out)["replay_name"]}
    assert edactl("bus", "sweep", "--all", "-n", "-o", "json").out == "[]\n"


def test_a_queue_that_lets_no_rule_send_is_refused_with_the_statement_that_lacks(
    edactl: Callable[..., Run], flix: SandboxQueues
) -> None:
    flix.make("side")

    run = edactl("replay", "archive", "all", "--since", "1h", "--only-to", "side")

    assert run.status == 252
    assert "lets no rule send to it" in run.err
    assert '"Service": "events.amazonaws.com"' in run.err
    assert "rule/flix/*" in run.err


def test_an_archive_is_replayed_on_its_own_bus_alone(
    edactl: Callable[..., Run], flix: SandboxQueues
) -> None:
    run = edactl("replay", "archive", "all", "--since", "1h", "--bus", "default")

    assert run.status == 252
    assert 'is of bus "flix", not of "default"' in run.err


def test_a_rule_that_does_not_exist_is_named(
    edactl: Callable[..., Run], flix: SandboxQueues
) -> None:
    run = edactl("replay", "archive", "all", "--since", "1h", "--rule", "nope")

    assert run.status == 254
    assert 'rule "nope" does not exist' in run.err


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--since", "1h", "--until", "1h"), "the window is empty"),
        (("--since", "2d", "--until", "1d"), "holds nothing before"),
        (("--since", "1h", "--only-to", "q", "--rule", "r"), "fires no rule of yours"),
        (("--since", "1h", "--sample", "f"), "--sample is for --plan"),
        (("--since", "1h", "--name", "a b"), '"a b" is no name of a replay'),
        (("--since", "1h", "--timeout", "soon"), '"soon" is not a duration'),
    ],
)
def test_a_wrong_replay_is_refused(
    edactl: Callable[..., Run], flix: SandboxQueues, options: tuple[str, ...], says: str
) -> None:
    run = edactl("replay", "archive", "all", *options)

    assert run.status == 252
    assert says in run.err
    assert edactl("replay", "list", "-o", "json").out == "[]\n"


def test_a_name_in_use_is_refused(edactl: Callable[..., Run], flix: SandboxQueues) -> None:
    edactl("replay", "archive", "all", "--since", "1h", "--yes", "--name", "mine")

    run = edactl("replay", "archive", "all", "--since", "1h", "--yes", "--name", "mine")

    assert run.status == 254
    assert "names cannot be used again" in run.err


def test_a_finished_replay_cannot_be_cancelled(
    edactl: Callable[..., Run], flix: SandboxQueues
) -> None:
    edactl("replay", "archive", "all", "--since", "1h", "--yes", "--name", "mine", "--wait")

    run = edactl("replay", "cancel", "mine", "-o", "json")

    assert run.status == 1
    assert 'replay "mine" has ended: it is COMPLETED' in run.err
    assert json.loads(run.out)["state"] == "COMPLETED"


def test_replays_are_listed_with_their_bus(edactl: Callable[..., Run], flix: SandboxQueues) -> None:
    edactl("replay", "archive", "all", "--since", "1h", "--yes", "--name", "mine", "--wait")

    listed = edactl("replay", "list", "--archive", "all", "--state", "completed", "-o", "json")
    none = edactl("replay", "list", "--prefix", "other", "-o", "json")

    assert [(one["replay_name"], one["bus"]) for one in json.loads(listed.out)] == [
        ("mine", "flix")
    ]
    assert none.out == "[]\n"


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (("list", "--state", "odd"), 252, '"odd" is no state of a replay'),
        (("show", "arn:aws:sqs:us-east-1:1:q"), 252, "is not the ARN of a replay"),
        (("show", "nope"), 254, 'replay "nope" does not exist'),
        (("show", "arn:aws:events:us-east-1:1:replay/nope"), 254, 'replay "nope" does not exist'),
        (("cancel", "nope"), 254, 'replay "nope" does not exist'),
    ],
)
def test_what_is_no_replay_is_named(
    edactl: Callable[..., Run],
    sandbox: SandboxState,
    arguments: tuple[str, ...],
    status: int,
    says: str,
) -> None:
    run = edactl("replay", *arguments)

    assert run.status == status
    assert says in run.err


@dataclass
class ScriptedReplays:
    """EventBridge with replays that take their time, as no emulator has them."""

    states: list[str]
    running: int = 0
    cancelled: bool = False
    started: dict[str, Any] = field(default_factory=dict)

    def __call__(self, operation: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if operation == "DescribeArchive":
            return 200, {
                "ArchiveName": "all",
                "ArchiveArn": "arn:aws:events:eu-west-1:1:archive/all",
                "EventSourceArn": BUS_ARN,
                "State": "ENABLED",
                "CreationTime": 1_700_000_000,
            }
        if operation == "ListReplays":
            count = self.running if request["State"] == "RUNNING" else 0
            names = [{"ReplayName": f"busy-{n}", "State": "RUNNING"} for n in range(count)]
            return 200, {"Replays": names}
        if operation == "StartReplay":
            self.started = request
            return 200, {"State": "STARTING"}
        if operation == "CancelReplay":
            self.cancelled = True
            self.states[:] = ["CANCELLING", "CANCELLED"]
            return 200, {"State": "CANCELLING"}
        if operation == "DescribeReplay":
            return self._described()
        return error("AccessDeniedException", 400)

    def _described(self) -> tuple[int, dict[str, Any]]:
        if not self.started:
            return error("ResourceNotFoundException", 400)
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        start = self.started["EventStartTime"]
        return 200, {
            "ReplayName": self.started["ReplayName"],
            "EventSourceArn": self.started["EventSourceArn"],
            "Destination": self.started["Destination"],
            "State": state,
            "StateReason": "the archive was deleted" if state == "FAILED" else "",
            "EventStartTime": start,
            "EventEndTime": self.started["EventEndTime"],
            "EventLastReplayedTime": start + 1800 if state == "RUNNING" else start,
            "ReplayStartTime": datetime.now(UTC).timestamp() - 60,
        }


@contextmanager
def scripted(replays: ScriptedReplays, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "k")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    with scripted_sqs(replays) as (url, _):
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        yield


REPLAY = ("replay", "archive", "all", "--since", "2h", "--until", "1h", "--yes")


def test_a_replay_that_fails_ends_with_its_reason(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripted(ScriptedReplays(["STARTING", "FAILED"]), monkeypatch):
        run = edactl(*REPLAY, "--wait", "-o", "json")

    assert run.status == 254
    assert json.loads(run.out)["state_reason"] == "the archive was deleted"
    assert "is FAILED: the archive was deleted" in run.err


def test_a_replay_that_outlasts_the_timeout_goes_on_alone(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    replays = ScriptedReplays(["RUNNING"])
    with scripted(replays, monkeypatch):
        run = edactl(*REPLAY, "--timeout", "500ms", "-o", "json")

    record = json.loads(run.out)
    assert run.status == 124
    assert record["state"] == "RUNNING"
    assert 0.4 < record["progress"] < 0.6
    assert not replays.cancelled


def test_a_replay_that_somebody_cancelled_is_a_no(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripted(ScriptedReplays(["RUNNING", "CANCELLED"]), monkeypatch):
        run = edactl(*REPLAY, "--wait")

    assert run.status == 1


def test_a_running_replay_is_cancelled(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    replays = ScriptedReplays(["RUNNING"])
    with scripted(replays, monkeypatch):
        name = json.loads(edactl(*REPLAY, "-o", "json").out)["replay_name"]
        planned = edactl("replay", "cancel", name, "-n", "-o", "json")
        assert not replays.cancelled
        run = edactl("replay", "cancel", name, "-o", "json")

    assert json.loads(planned.out)["dry_run"] is True
    assert run.status == 0
    assert json.loads(run.out)["state"] == "CANCELLING"


def test_an_eleventh_replay_is_refused_before_it_is_asked_for(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    replays = ScriptedReplays(["RUNNING"], running=10)
    with scripted(replays, monkeypatch):
        run = edactl(*REPLAY)

    assert run.status == 254
    assert "10 replays run already" in run.err
    assert "edactl replay cancel busy-0" in run.err
    assert replays.started == {}


def test_the_window_is_widened_to_whole_minutes_and_said_so(
    edactl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    replays = ScriptedReplays(["RUNNING"])
    window = ("--since", "2026-11-20T08:00:30Z", "--until", "2026-11-20T09:00:01Z", "--yes")
    with scripted(replays, monkeypatch):
        run = edactl("replay", "archive", "all", *window)

    assert "whole minutes from 2026-11-20T08:00:00Z to 2026-11-20T09:01:00Z" in run.err
    assert replays.started["EventStartTime"] == 1795161600
    assert replays.started["EventEndTime"] == 1795165260
    assert replays.started["EventSourceArn"] == "arn:aws:events:eu-west-1:1:archive/all"
    assert replays.started["Destination"] == {"Arn": BUS_ARN}


def test_a_disabled_rule_is_said_to_be(edactl: Callable[..., Run], flix: SandboxQueues) -> None:
    flix.session.call("events", "disable_rule", Name="orders", EventBusName="flix")

    run = edactl("replay", "archive", "all", "--since", "1h", "--rule", "orders")

    assert 'rule "orders" is disabled' in run.err
