from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from edactl.core.dead_letter_source import DeadLetterSource, SourceKind
from edactl.core.dlq import first_expiry_seconds, looks_like_dlq
from edactl.core.move_task import MoveTask
from edactl.core.queue import QueueAttributes, RedriveAllowPolicy, dead_letter_arn
from edactl.errors import AccessDenied, AwsError, EdactlError, NotFound
from edactl.ops.dead_letter_sources import find_sources
from edactl.ops.dlq_list import DlqListing, DlqReaders, list_dlqs
from tests.queue_fakes import FakeAges, FakeQueues, attributes, redrive_to

NOW = datetime(2026, 11, 25, tzinfo=UTC)
DAY = 86_400


def arn(name: str) -> str:
    return f"arn:aws:sqs:r:1:{name}"


def denied(action: str) -> AccessDenied:
    return AccessDenied(f"the caller lacks {action}", code="AccessDenied", action=action)


def rule(name: str, dlq: str, target: str = "t") -> DeadLetterSource:
    return DeadLetterSource(SourceKind.RULE, f"arn:aws:events:r:1:rule/{name}", dlq, target)


@dataclass
class FakeSources:
    """A service whose resources answer with sources or with errors."""

    answers: Sequence[DeadLetterSource | EdactlError]
    list_error: EdactlError | None = None
    what: str = "rules"
    asked: int = 0

    def questions(self) -> Iterator[Callable[[], Iterable[DeadLetterSource]]]:
        for answer in self.answers:
            yield lambda answer=answer: self._answer(answer)  # type: ignore[misc] # bound early
        if self.list_error:
            raise self.list_error

    def _answer(self, answer: DeadLetterSource | EdactlError) -> list[DeadLetterSource]:
        self.asked += 1
        if isinstance(answer, EdactlError):
            raise answer
        return [answer]


@dataclass
class FakeTasks:
    """Move tasks by the ARN of the DLQ."""

    tasks: dict[str, list[MoveTask]] = field(default_factory=dict)
    error: EdactlError | None = None
    asked: list[str] = field(default_factory=list)

    def recent(self, dlq_arn: str) -> Sequence[MoveTask]:
        self.asked.append(dlq_arn)
        if self.error:
            raise self.error
        return self.tasks.get(dlq_arn, [])


def listed(
    queues: dict[str, QueueAttributes | EdactlError],
    *sources: FakeSources,
    ages: FakeAges | None = None,
    tasks: FakeTasks | None = None,
    prefix: str = "",
    nobodys: bool = False,
) -> DlqListing:
    readers = DlqReaders(
        FakeQueues(queues), ages or FakeAges(), tasks or FakeTasks(), list(sources)
    )
    return list_dlqs(readers, prefix=prefix, nobodys=nobodys, now=NOW, workers=4)


def names(listing: DlqListing) -> list[str]:
    return [row.name for row in listing.dlqs]


ORDERS_TO_DLQ = attributes(redrive_policy=redrive_to("orders-dlq", 3))


def test_the_dlq_of_a_queue_is_listed_with_its_depth_and_its_source() -> None:
    dlq = attributes(visible=3, in_flight=2, delayed=1)

    [row] = listed({"orders": ORDERS_TO_DLQ, "orders-dlq": dlq, "other": attributes()}).dlqs

    assert (row.name, row.arn) == ("orders-dlq", arn("orders-dlq"))
    assert (row.visible, row.in_flight, row.delayed, row.letters) == (3, 2, 1, 6)
    assert [(one.kind, one.arn, one.target) for one in row.sources] == [
        (SourceKind.QUEUE, arn("orders"), None)
    ]
    assert row.url == "https://q/1/orders-dlq"
    assert row.retention_seconds == 4 * DAY
    assert row.move_task is None


def test_the_dlq_of_a_rule_is_listed_with_the_rule_and_its_target() -> None:
    found = listed(
        {"dlq": attributes()}, FakeSources([rule("b", arn("dlq")), rule("a", arn("dlq"))])
    )

    [row] = found.dlqs
    assert [(one.arn[-6:], one.target) for one in row.sources] == [("rule/a", "t"), ("rule/b", "t")]


def test_what_expires_soonest_comes_first_then_what_is_deepest_and_empty_ones_last() -> None:
    depths = {"empty": 0, "late": 1, "soon": 1, "deep": 9, "deeper": 10}
    queues = {name: attributes(visible=depth) for name, depth in depths.items()}
    sources = FakeSources([rule("r", arn(name)) for name in depths])
    ages = FakeAges({"late": 10.0, "soon": 3.5 * DAY, "empty": 4 * DAY})

    found = listed(dict(queues), sources, ages=ages)

    assert names(found) == ["soon", "late", "deeper", "deep", "empty"]
    left = [row.expires_in_seconds for row in found.dlqs]
    assert left == [0.5 * DAY, 4 * DAY - 10, None, None, None]
    assert found.dlqs[0].oldest_age_seconds == 3.5 * DAY


def test_cloudwatch_is_asked_only_about_dlqs_with_letters() -> None:
    ages = FakeAges()
    sources = FakeSources([rule("r", arn("full")), rule("r", arn("empty"))])

    listed({"full": attributes(visible=1), "empty": attributes()}, sources, ages=ages)

    assert ages.asked == [(("full",), NOW)]


def test_the_running_move_task_is_told_and_only_dlqs_of_queues_are_asked() -> None:
    done = MoveTask(arn("orders-dlq"), "COMPLETED", NOW, 9, 9)
    running = replace(done, status="RUNNING", moved=1)
    tasks = FakeTasks({arn("orders-dlq"): [done, running]})
    queues = {
        "orders": ORDERS_TO_DLQ,
        "orders-dlq": attributes(visible=1),
        "rule-dlq": attributes(visible=1),
    }

    found = listed(dict(queues), FakeSources([rule("r", arn("rule-dlq"))]), tasks=tasks)

    assert {row.name: row.move_task for row in found.dlqs} == {
        "orders-dlq": running,
        "rule-dlq": None,
    }
    assert tasks.asked == [arn("orders-dlq")]


@pytest.mark.parametrize(
    ("error", "warnings"),
    [
        (denied("sqs:List"), ["no move tasks: the caller lacks sqs:List"]),
        (AwsError("no such action", code="InvalidAction"), []),
    ],
    ids=["denied", "not supported"],
)
def test_tasks_that_cannot_be_asked_are_null(error: EdactlError, warnings: list[str]) -> None:
    queues = {"orders": ORDERS_TO_DLQ, "orders-dlq": attributes(visible=1)}

    found = listed(dict(queues), tasks=FakeTasks(error=error))

    assert [row.move_task for row in found.dlqs] == [None]
    assert list(found.warnings) == warnings


def test_a_service_that_may_not_be_asked_is_a_warning_and_the_others_are_listed() -> None:
    schedules = FakeSources([], denied("scheduler:ListSchedules"), what="schedules")

    found = listed({"dlq": attributes()}, schedules, FakeSources([rule("r", arn("dlq"))]))

    assert names(found) == ["dlq"]
    assert found.warnings == (
        "not all schedules were looked at: the caller lacks scheduler:ListSchedules",
    )


def test_a_refused_question_ends_the_service_s_and_keeps_what_it_told() -> None:
    answers: list[DeadLetterSource | EdactlError] = [rule("r", arn("dlq"))]
    answers += [denied("events:ListTargetsByRule")] * 1000
    rules = FakeSources(answers)

    found = find_sources([rules], workers=4)

    assert found.sources == (rule("r", arn("dlq")),)
    assert found.warnings == (
        "not all rules were looked at: the caller lacks events:ListTargetsByRule",
    )
    assert rules.asked <= 64


def test_a_resource_that_goes_away_meanwhile_is_left_out() -> None:
    gone = NotFound("gone", code="ResourceNotFoundException")

    found = find_sources([FakeSources([gone, rule("r", arn("dlq"))])], workers=1)

    assert (len(found.sources), found.warnings) == (1, ())


def test_a_dlq_that_does_not_exist_is_a_warning_and_no_row() -> None:
    found = listed({"orders": ORDERS_TO_DLQ})

    assert found.dlqs == ()
    [warning] = found.warnings
    assert warning == (
        f"queue {arn('orders')} sends its failures to a queue that does not exist: orders-dlq;"
        " they are lost"
    )


def test_a_dlq_of_another_account_or_region_is_listed_with_what_is_known() -> None:
    theirs = "arn:aws:sqs:r:2:theirs"

    [row] = listed({"x": attributes()}, FakeSources([rule("r", theirs)])).dlqs

    assert (row.name, row.arn, row.url) == ("theirs", theirs, None)
    assert (row.visible, row.letters, row.retention_seconds) == (None, None, None)
    assert len(row.sources) == 1


def test_a_topic_or_something_odd_as_a_dlq_is_no_queue() -> None:
    sources = FakeSources([rule("r", "arn:aws:sns:r:1:news"), rule("r", "odd")])

    found = listed({"x": attributes()}, sources)

    assert (found.dlqs, found.warnings) == ((), ())


def test_a_dlq_that_may_not_be_read_has_nulls() -> None:
    found = listed({"orders": ORDERS_TO_DLQ, "orders-dlq": denied("sqs:GetQueueAttributes")})

    [row] = found.dlqs
    assert (row.visible, row.letters, row.url) == (None, None, "https://q/1/orders-dlq")
    assert "1 of 2 queues may not be read" in found.warnings[0]


def test_queues_that_look_like_dlqs_and_are_nobody_s_show_only_when_wanted() -> None:
    queues = {"old-dlq": attributes(), "orders": attributes()}

    assert names(listed(dict(queues))) == []
    [row] = listed(dict(queues), nobodys=True).dlqs
    assert (row.name, row.sources) == ("old-dlq", ())


def test_only_names_with_the_prefix_are_listed_though_any_queue_may_be_a_source() -> None:
    queues = {"orders": ORDERS_TO_DLQ, "orders-dlq": attributes(), "x-dlq": attributes()}

    found = listed(dict(queues), FakeSources([rule("r", arn("x-dlq"))]), prefix="orders")

    assert names(found) == ["orders-dlq"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("orders-dlq", True),
        ("orders-dlq.fifo", True),
        ("OrdersDLQ", True),
        ("dlq-orders", True),
        ("orders_dead_letter", True),
        ("orders-deadletters", True),
        ("OrdersDeadLetterQueue", True),
        ("orders", False),
        ("dlqueue", False),
    ],
)
def test_a_name_tells_what_is_meant_as_a_dlq(name: str, expected: bool) -> None:
    assert looks_like_dlq(name, attributes()) is expected
    assert looks_like_dlq(name, None) is expected


def test_a_queue_that_names_its_sources_is_meant_as_a_dlq() -> None:
    allowing = replace(attributes(), redrive_allow_policy=RedriveAllowPolicy("byQueue", ("a",)))
    denying = replace(attributes(), redrive_allow_policy=RedriveAllowPolicy("denyAll"))

    assert looks_like_dlq("letters", allowing)
    assert not looks_like_dlq("orders-dlq", denying)


def test_the_first_letter_has_what_its_age_leaves_of_the_retention() -> None:
    assert first_expiry_seconds(10.0, attributes()) == 4 * DAY - 10
    assert first_expiry_seconds(5.0 * DAY, attributes()) == 0
    assert first_expiry_seconds(None, attributes()) is None


def test_a_redrive_policy_names_the_dlq() -> None:
    assert dead_letter_arn('{"deadLetterTargetArn": "arn:x"}') == "arn:x"
    assert dead_letter_arn("") is None
    assert dead_letter_arn(None) is None
