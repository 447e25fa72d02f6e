from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from edactl.core.queue import Queue
from edactl.errors import AccessDenied, AwsError
from edactl.ops.queue_purge import Purge, plan_purge, purge
from tests.queue_fakes import ORDERS, attributes


@dataclass
class FakePurger:
    error: AwsError | None = None
    purged: list[Queue] = field(default_factory=list)

    def purge(self, queue: Queue) -> None:
        if self.error:
            raise self.error
        self.purged.append(queue)


def test_the_plan_names_the_queue_and_its_depth_and_purges_nothing() -> None:
    plan = plan_purge(ORDERS, attributes(visible=1, in_flight=2, delayed=3))

    assert plan == Purge("orders", ORDERS.arn, 1, 2, 3, purged=False, purged_at=None)
    assert plan.depth == 6


def test_a_purge_purges_the_queue() -> None:
    purger = FakePurger()

    purge(ORDERS, purger)

    assert purger.purged == [ORDERS]


def test_a_purge_that_still_runs_says_how_long_to_wait() -> None:
    running = AwsError("only one", code="PurgeQueueInProgress", operation="sqs:P", request_id="r")
    with pytest.raises(AwsError) as caught:
        purge(ORDERS, FakePurger(running))

    assert (caught.value.code, caught.value.operation, caught.value.request_id) == (
        "PurgeQueueInProgress",
        "sqs:P",
        "r",
    )
    assert "being purged already" in caught.value.message
    assert caught.value.hint == "wait 60 s, then edactl queue show orders"


def test_another_error_of_a_purge_is_passed_on() -> None:
    denied = AccessDenied("no", code="AccessDenied", action="sqs:PurgeQueue")
    with pytest.raises(AccessDenied):
        purge(ORDERS, FakePurger(denied))
