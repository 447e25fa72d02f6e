"""Letters of two rules go to their targets through faults and kills: none is lost or misplaced."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from edactl.core.queue import Queue
from edactl.sandbox.state import SandboxState
from tests import letter_makers as letters
from tests.faulty_sqs import Dice, faulty_sqs
from tests.redrive_world import CERTAIN, CHANCES, DOUBTS, RedriveWorld, check_balance, killed_runs
from tests.sandbox_queues import SandboxQueues

BUS = "shop"


class DoorsWorld(RedriveWorld):
    """A DLQ with the letters of two rules, every other one of each."""

    def __post_init__(self) -> None:
        self.queues = SandboxQueues(self.state)
        self.queues.session.call("events", "create_event_bus", Name=BUS)
        self.dlq = self.queues.make("events-dlq")
        self.targets = [self.queues.make(name) for name in ("even", "odd")]
        rules = [self._rule(queue) for queue in self.targets]
        self.numbers: dict[str, int] = {}
        for number in range(self.letters):
            parity = number % 2
            letter = letters.of_rule(
                rules[parity], self.targets[parity].arn, detail={"n": number, "x": "y"}
            )
            [sent] = self.queues.sqs.send(self.dlq, [letter])
            self.numbers[sent.message_id] = number  # type: ignore[union-attr] # the sandbox takes all

    def _rule(self, queue: Queue) -> str:
        call = self.queues.session.call
        pattern = json.dumps({"source": ["com.shop"]})
        answer = call("events", "put_rule", Name=queue.name, EventBusName=BUS, EventPattern=pattern)
        target = {"Id": "1", "Arn": queue.arn, "InputPath": "$.detail.n"}
        call("events", "put_targets", Rule=queue.name, EventBusName=BUS, Targets=[target])
        return str(answer["RuleArn"])


def test_no_letter_of_a_rule_is_lost_or_at_the_wrong_target(
    sandbox: SandboxState, tmp_path: Path
) -> None:
    world = DoorsWorld(sandbox, letters=60)
    with faulty_sqs(sandbox.port, Dice(CHANCES, seed=5, certain=CERTAIN)) as endpoint:
        report = killed_runs(world, tmp_path / "j.ndjson", endpoint, kills=2, seed=9)

    arrived = [[int(one.body) for one in world.taken_out(queue)] for queue in world.targets]
    assert [{number % 2 for number in numbers} for numbers in arrived] == [{0}, {1}]
    copies = Counter(number for numbers in arrived for number in numbers)
    assert set(copies) == set(range(world.letters))
    told = {
        world.numbers[one["message_id"]]
        for one in report["failures"]
        if one["error_code"] in DOUBTS
    }
    assert {number for number, count in copies.items() if count > 1} <= told
    assert world.queues.depth(world.dlq) == (0, 0)
    check_balance(report)
