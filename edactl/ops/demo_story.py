"""The story of the demo: a bus, a rule, a queue, and what an operator does with them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from edactl.ops.demo import Finished, Step

if TYPE_CHECKING:
    from edactl.core.record import JsonValue

BUS, RULE, QUEUE, DLQ = "flix", "flix-anz", "flix-anz-channels", "flix-anz-channels-dlq"
ARCHIVE, CAPTURED = "flix-all", "captured.ndjson"
CLUSTER, FAMILY = "flix", "flix-report"
PATTERN = '{"source":["com.flix"],"detail":{"data":{"region":["AU","NZ"]}}}'


def story(*, plots: bool = False) -> tuple[Step, ...]:
    """The talk's story, once the bus, its rule and queues are made; `plots` draws one."""
    return (
        *_watching(),
        *_events_flow(),
        *_replays(),
        *_dead_letter(),
        *_tasks(),
        *_scaling(plots=plots),
        *_nothing_left(),
    )


def _watching() -> tuple[Step, ...]:
    """Whatever passes is kept."""
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
    )


def _events_flow() -> tuple[Step, ...]:
    """An event is put, a rule routes it, a queue shows it."""
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
            _peek(1),
            lambda done: _regions(done) == ["AU"],
            "the queue holds the AU event",
        ),
        Step(
            "See every queue, how deep it is, and where its dead letters go.",
            ("queue", "list", "-o", "json"),
            lambda done: _depths(done) == {QUEUE: (1, DLQ), DLQ: (0, None)},
            "one message waits, the DLQ is empty",
        ),
    )


def _replays() -> tuple[Step, ...]:
    """What was captured goes out again."""
    return (
        Step(
            "Replay both from the file of the tail, marked so that consumers can tell.",
            ("replay", "file", CAPTURED, "--bus", BUS, "--mark", "-o", "json"),
            _sent_two,
            "both events are sent again",
        ),
        Step(
            "Australia is there twice now, the second one with a replay-id.",
            _peek(2),
            lambda done: _regions(done) == ["AU", "AU"] and _marks(done) == 1,
            "the queue holds the AU event and its replay",
        ),
        Step(
            "Have AWS replay the archive, to this one rule alone.",
            ("replay", "archive", ARCHIVE, "--since", "10m", "--rule", RULE, "--wait"),
            lambda done: json.loads(done.out)["state"] == "COMPLETED",
            "the replay completes",
        ),
    )


def _dead_letter() -> tuple[Step, ...]:
    """A consumer fails on a message, which is looked at and sent back."""
    return (
        Step(
            "A channel opens in New Zealand, and somebody forgot its title.",
            _put("NZ", None),
            _sent_one,
            "one event is sent",
        ),
        Step(
            "A consumer works the queue, and fails on it time after time, until SQS puts it into\n"
            f"# the DLQ (sqs:ReceiveMessage {QUEUE}, and no DeleteMessage). Why is it there?",
            ("dlq", "inspect", DLQ, "--limit", "1", "-o", "json"),
            lambda done: _letters(done) == [("sqs-redrive", QUEUE, 1)],
            "the DLQ holds one letter of the queue",
            consumes=QUEUE,
        ),
        Step(
            "The consumer is mended: send the letter back to where it came from.",
            ("dlq", "redrive", DLQ, "--limit", "1", "--yes", "-o", "json"),
            _redriven,
            "one letter is sent back, deleted and journaled",
        ),
        Step(
            "The queue has it again.",
            _peek(1),
            lambda done: _regions(done) == ["NZ"],
            "the queue holds the NZ event",
        ),
    )


def can_work(body: str) -> bool:
    """Whether the demo's consumer gets along with a message: it wants a title."""
    return json.loads(body)["detail"]["data"]["title"] is not None


def _tasks() -> tuple[Step, ...]:
    """A one-off task, as far as it goes where no container runs."""
    run = ("task", "run", "--cluster", CLUSTER, "--task-definition", FAMILY, "--subnet", "subnet-1")
    return (
        Step(
            "The channels are reported by a one-off task. First the plan: what ECS would be sent.",
            (*run, "--env", "DAY=monday", "--dry-run", "-o", "json", "--", "./report"),
            lambda done: json.loads(done.out)["run_task"]["launchType"] == "FARGATE",
            "the plan is a task on Fargate",
        ),
        Step(
            "Then the task. Without Docker the sandbox has ECS's states and no container: it\n"
            "# would run for ever. --timeout stops it (124); else the status is the container's.",
            (*run, "--timeout", "1s", "--query", _ENDED, "-o", "json", "--", "./report"),
            lambda done: json.loads(done.out)["outcome"] == "timed_out",
            "the task is stopped after a second",
            status=124,
        ),
        Step(
            "ECS keeps what has ended for an hour.",
            ("task", "list", "--cluster", CLUSTER, "--status", "stopped", "-o", "table"),
            lambda done: f"{FAMILY}:1" in done.out and "edactl: timeout" in done.out,
            "the task is listed with its reason",
        ),
    )


def _scaling(*, plots: bool) -> tuple[Step, ...]:
    """How many tasks the queue's traffic needs."""
    return (
        Step(
            "How should tasks scale with the queue? Measured on its metrics (three hours of them,\n"
            "# cloudwatch:PutMetricData), proved by a replay of that traffic.",
            (
                *("scale", "advise", "--queue", QUEUE, "--latency", "2m", "--lookback", "3h"),
                *("--query", _ADVICE, "-o", "json", *(["--plot"] if plots else [])),
            ),
            lambda done: json.loads(done.out)["verdict"].startswith("reachable"),
            "the latency can be met",
        ),
    )


_ENDED = "{outcome: outcome, stop_code: stop_code, explanation: explanation, cost_usd: cost_usd}"
_ADVICE = (
    "{verdict: verdict, textbook: textbook_backlog_per_task, metric: metric, target: target_value,"
    " minimum: minimum_tasks, maximum: maximum_tasks}"
)


def _nothing_left() -> tuple[Step, ...]:
    """The bus is as it was."""
    return (
        Step(
            "Nothing temporary is left behind.",
            ("bus", "sweep", "--all", "--dry-run", "-o", "json"),
            lambda done: done.status == 0 and json.loads(done.out) == [],
            "there is nothing to sweep",
        ),
    )


def _peek(limit: int) -> tuple[str, ...]:
    """A look at so many messages: it ends when it has them, without waiting for more."""
    return ("queue", "peek", QUEUE, "--limit", str(limit), "--json-body", "-o", "json")


def _put(region: str, title: str | None) -> tuple[str, ...]:
    detail = json.dumps({"data": {"region": region, "title": title}})
    options = ("--bus", BUS, "--source", "com.flix", "--detail-type", "ChannelCreated")
    return ("put-event", *options, "--detail", detail, "-o", "json")


def _sent_one(done: Finished) -> bool:
    record = json.loads(done.out)
    return bool(record["sent"] == 1 and record["failed"] == 0)


def _sent_two(done: Finished) -> bool:
    record = json.loads(done.out)
    return bool(record["sent"] == 2 and record["failed"] == 0)  # noqa: PLR2004 -- AU and US


def _letters(done: Finished) -> list[tuple[str, str, int]]:
    return [
        (one["origin"], one["target"].rpartition(":")[2], one["count"])
        for one in json.loads(done.out)
    ]


def _redriven(done: Finished) -> bool:
    record = json.loads(done.out)
    return bool(record["received"] == record["sent"] == record["deleted"] == 1)


def _marks(done: Finished) -> int:
    return sum("metadata" in one["json_body"]["detail"] for one in json.loads(done.out))


def _regions(done: Finished) -> list[JsonValue]:
    return [one["json_body"]["detail"]["data"]["region"] for one in json.loads(done.out)]


def _depths(done: Finished) -> dict[str, tuple[int, str | None]]:
    return {one["name"]: (one["visible"], one["dlq"]) for one in json.loads(done.out)}
