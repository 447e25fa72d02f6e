"""Queues of a test's sandbox, made and read past the command line."""

from __future__ import annotations

import json
from typing import Any

from edactl.aws.session import AwsSession
from edactl.aws.sqs import SqsQueues
from edactl.core.message import Outgoing
from edactl.core.queue import Queue
from edactl.core.settings import ConnectionOptions, SandboxEndpoint
from edactl.sandbox.state import SandboxState


class SandboxQueues:
    """Makes queues, rules and topics in a sandbox, and looks at depths."""

    def __init__(self, state: SandboxState) -> None:
        endpoint = SandboxEndpoint(state.url, state.account_id)
        self.session = AwsSession(ConnectionOptions(sandbox=endpoint))
        self.sqs = SqsQueues(self.session)

    def make(self, name: str, *bodies: str, **attributes: str) -> Queue:
        if name.endswith(".fifo"):
            attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "true"} | attributes
        queue = self.sqs.create(name, attributes=attributes, tags={})
        group = "g" if queue.is_fifo else None
        for start in range(0, len(bodies), 10):
            part = bodies[start : start + 10]
            self.sqs.send(queue, [Outgoing(body, group_id=group) for body in part])
        return queue

    def make_with_dlq(self, name: str, count: int, *bodies: str) -> Queue:
        dlq = self.make(f"{name}-dlq")
        policy = {"deadLetterTargetArn": dlq.arn, "maxReceiveCount": str(count)}
        return self.make(name, *bodies, RedrivePolicy=json.dumps(policy))

    def depth(self, queue: Queue) -> tuple[int, int]:
        found = self.sqs.attributes(queue)
        return found.visible, found.in_flight

    def bodies(self, queue: Queue) -> list[str]:
        """Every body, taken out of the queue."""
        taken: list[str] = []
        while batch := self.sqs.receive(queue, count=10, wait_seconds=0, visibility_seconds=60):
            taken += [one.message.body for one in batch]
            self.sqs.delete_messages(queue, [one.receipt_handle for one in batch])
        return taken

    def feed_by_rule(self, queue: Queue, bus: str, rule: str, pattern: dict[str, Any]) -> None:
        call = self.session.call
        call("events", "create_event_bus", Name=bus)
        call("events", "put_rule", Name=rule, EventBusName=bus, EventPattern=json.dumps(pattern))
        target = {"Id": "1", "Arn": queue.arn, "InputPath": "$.detail"}
        call("events", "put_targets", Rule=rule, EventBusName=bus, Targets=[target])

    def feed_by_topic(self, queue: Queue, topic: str) -> str:
        arn = str(self.session.call("sns", "create_topic", Name=topic)["TopicArn"])
        attributes = {"RawMessageDelivery": "true"}
        self.session.call(
            "sns",
            "subscribe",
            TopicArn=arn,
            Protocol="sqs",
            Endpoint=queue.arn,
            Attributes=attributes,
        )
        return arn

    def put_event(self, bus: str, source: str, detail: dict[str, Any]) -> None:
        entry = {
            "EventBusName": bus,
            "Source": source,
            "DetailType": "test",
            "Detail": json.dumps(detail),
        }
        self.session.call("events", "put_events", Entries=[entry])

    def is_mirrored(self, bus: str) -> bool:
        """Whether a tail's rule on this bus has its targets: what is put now, it will show."""
        rules = self.session.pages("events", "list_rules", items="Rules", EventBusName=bus)
        return any(
            self.session.call(
                "events", "list_targets_by_rule", Rule=rule["Name"], EventBusName=bus
            )["Targets"]
            for rule in rules
            if rule["Name"].startswith("edactl-tail-")
        )

    def leftovers(self) -> list[str]:
        """Temporary queues and rules that a tail should have removed."""
        names = list(self.sqs.names("edactl-tail-"))
        for bus in self.session.pages("events", "list_event_buses", items="EventBuses"):
            rules = self.session.pages(
                "events", "list_rules", items="Rules", EventBusName=bus["Name"]
            )
            names += [rule["Name"] for rule in rules if "edactl-tail-" in rule["Name"]]
        return names
