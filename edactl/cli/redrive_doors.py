"""The doors of a run, with the AWS collaborators behind them, and the one place named by --to."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from edactl.aws.events import EventBuses
from edactl.aws.rules import BusRules
from edactl.aws.sinks import (
    DeliveryStreamSink,
    FunctionSink,
    OperationSink,
    StateMachineSink,
    StreamSink,
    TopicSink,
)
from edactl.aws.sns import SnsTopics
from edactl.aws.sqs import SqsQueues
from edactl.aws.target_sinks import LogSink, TaskSink
from edactl.cli.dlq_inspect import dead_letter_sources
from edactl.core.arn import is_arn, parse_arn, parse_bus, parse_queue
from edactl.core.letter import Origin
from edactl.core.letter_origins import located
from edactl.core.redrive_origins import operation_of
from edactl.core.redrive_route import (
    BUS_DOOR,
    DROP_DOOR,
    FUNCTION_DOOR,
    RULE_DOOR,
    SCHEDULE_DOOR,
    SQS_DOOR,
    SUBSCRIPTION_DOOR,
    TOPIC_DOOR,
    Route,
)
from edactl.core.redrive_targets import Kind, kind_of, why_unreachable
from edactl.errors import AccessDenied, AwsError, InputError, NotFound, UsageError
from edactl.ops.redrive_doors import DoorCache, QueueOpener
from edactl.ops.redrive_keepsakes import DropDoor
from edactl.ops.redrive_origins import (
    ChangingDoor,
    RuleTargetOpener,
    ScheduleOpener,
    SubscriptionOpener,
    as_published,
)
from edactl.ops.redrive_patience import Patience
from edactl.ops.redrive_sinks import BusSink, Sink, SinkDoor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from edactl.aws.session import AwsSession
    from edactl.cli.context import CommandContext
    from edactl.core.arn import QueueReference
    from edactl.core.bus import Target
    from edactl.core.dead_letter_source import DeadLetterSource
    from edactl.core.letter import Letter
    from edactl.core.queue import Queue, QueueAttributes
    from edactl.ops.redrive_ports import Door

_PLACES = {Kind.QUEUE: SQS_DOOR, Kind.TOPIC: TOPIC_DOOR, Kind.BUS: BUS_DOOR}
_SINKS: Mapping[Kind, Callable[[AwsSession, str], Sink]] = {
    Kind.TOPIC: TopicSink,
    Kind.FUNCTION: FunctionSink,
    Kind.STREAM: StreamSink,
    Kind.DELIVERY_STREAM: DeliveryStreamSink,
    Kind.STATE_MACHINE: StateMachineSink,
}


@dataclass
class Ways:
    """Makes the doors of one run that takes letters from `queue`."""

    context: CommandContext
    session: AwsSession
    queue: Queue
    run_id: str
    read_only: bool = False
    workers: int = 1
    _sessions: dict[str, AwsSession] = field(default_factory=dict)

    def doors(self, *, one_place: bool) -> DoorCache:
        """The doors; with many places, one that cannot be reached does not stop the run."""
        return DoorCache(
            {
                SQS_DOOR: lambda route: self._queue_door(route, self.queue),
                DROP_DOOR: lambda _route: DropDoor(),
                FUNCTION_DOOR: lambda route: self.place(route.destination),
                BUS_DOOR: lambda route: self.place(route.destination),
                TOPIC_DOOR: self._topic,
                RULE_DOOR: RuleTargetOpener(BusRules(self.session), self.place, self._task),
                SCHEDULE_DOOR: ScheduleOpener(self._operation, self.place, self.run_id),
                SUBSCRIPTION_DOOR: SubscriptionOpener(self.place),
            },
            None if one_place else Patience(),
        )

    def place(self, arn: str) -> Door:
        """The plain door to a resource. Raises UsageError where there is none."""
        session, kind = self._in_region_of(arn), kind_of(arn)
        match kind:
            case None | Kind.CLUSTER:
                raise UsageError(why_unreachable(arn) or arn)
            case Kind.LOG_GROUP:
                sink = LogSink(session, arn, f"edactl-redrive/{self.run_id}")
                return SinkDoor(sink, self.run_id)
            case Kind.QUEUE:
                return self._queue_door(Route(SQS_DOOR, arn), None)
            case Kind.BUS:
                self._check_bus(arn)
                return SinkDoor(BusSink(arn, EventBuses(session, attempts=1)), self.run_id)
        return SinkDoor(_SINKS[kind](session, arn), self.run_id)

    def _queue_door(self, route: Route, source: Queue | None) -> Door:
        session = self._in_region_of(route.destination)
        once = SqsQueues(session, attempts=1, validate=False)
        return QueueOpener(source, SqsQueues(session), once, self.run_id)(route)

    def attributes(self, queue: Queue) -> QueueAttributes:
        """What SQS says of a queue that letters go to, asked in its region."""
        return SqsQueues(self._in_region_of(queue.arn)).attributes(queue)

    def find(self, reference: QueueReference) -> Queue:
        """The queue that was meant, in its region. Raises NotFound."""
        return SqsQueues(self._in_region(reference.region)).find(reference)

    def _topic(self, route: Route) -> Door:
        return ChangingDoor(self.place(route.destination), as_published)

    def _task(self, target: Target) -> Door:
        session, parameters = self._in_region_of(target.arn), target.ecs_parameters or {}
        return SinkDoor(TaskSink(session, target.arn, parameters), self.run_id)

    def _operation(self, target: str) -> Sink:
        operation = operation_of(target)
        if operation is None:
            raise UsageError(f"{target} is no operation of an API")
        return OperationSink(self.session, *operation)

    def _in_region_of(self, arn: str) -> AwsSession:
        return self._in_region(parse_arn(arn).region)

    def _in_region(self, region: str) -> AwsSession:
        if region in {"", self.session.region}:
            return self.session
        if region not in self._sessions:
            self._sessions[region] = self.context.session(
                read_only=self.read_only, workers=self.workers, region=region
            )
        return self._sessions[region]

    # -- the place of --to -------------------------------------------------------------------------

    def named_place(self, text: str) -> Route:
        """The queue, topic or bus that was meant; a bare name or a URL is a queue's.

        Raises NotFound when it is not there, and UsageError or InputError when it cannot be used.
        """
        place = place_of(text) if is_arn(text) else None
        if place is None or place.door == SQS_DOOR:
            return Route(SQS_DOOR, self._named_queue(text).arn)
        if place.door == TOPIC_DOOR:
            _refuse_other_order(self.queue, text)
            self._check_there(partial(SnsTopics(self._in_region_of(text)).check, text))
        else:
            self._check_bus(text)
        return place

    def _named_queue(self, text: str) -> Queue:
        try:
            return self.find(parse_queue(text))
        except NotFound as error:
            if not is_arn(text) and "/" not in text:
                meant = " or ".join(
                    f"{arn}, the {kind_of(arn)} of that name" for arn in self._others_named(text)
                )
                error.hint = meant or f"{error.hint}; a topic or a bus is named by its ARN"
            raise

    def _others_named(self, name: str) -> Iterator[str]:
        """The ARNs of the topic and the bus of this name; what may not be asked is none."""
        own = parse_arn(self.queue.arn)
        topic = f"arn:{own.partition}:sns:{own.region}:{own.account}:{name}"
        bus = f"arn:{own.partition}:events:{own.region}:{own.account}:event-bus/{name}"
        asks: tuple[tuple[str, Callable[[], object]], ...] = (
            (topic, partial(SnsTopics(self.session).check, topic)),
            (bus, partial(EventBuses(self.session).describe_bus, name)),
        )
        for arn, ask in asks:
            with suppress(AwsError):
                ask()
                yield arn

    def _check_bus(self, arn: str) -> None:
        """Raises NotFound for a bus that is not there: PutEvents may not say so.

        A bus of another account tells nobody about itself.
        """
        bus = parse_bus(arn)
        if bus.account == self.queue.account:
            buses = EventBuses(self._in_region_of(arn))
            self._check_there(partial(buses.describe_bus, bus.name))

    def _check_there(self, ask: Callable[[], object]) -> None:
        try:
            ask()
        except AccessDenied as error:  # to send there may be allowed all the same
            self.context.messages.warn(f"whether it is there is not known: {error.message}")


def place_of(arn: str) -> Route:
    """The route to the one place of a run, which has this ARN. Raises InputError for another."""
    kind = kind_of(arn)
    if kind is None or kind not in _PLACES:
        raise InputError(
            f'"{arn}" is the ARN of neither a queue, a topic nor a bus',
            hint="--to QUEUE by name, URL or ARN; a topic or a bus by its ARN",
        )
    return Route(_PLACES[kind], arn)


def _refuse_other_order(queue: Queue, topic: str) -> None:
    if queue.is_fifo is topic.endswith(".fifo"):
        return
    kinds = ("FIFO", "standard") if queue.is_fifo else ("standard", "FIFO")
    raise UsageError(
        f'queue "{queue.name}" is {kinds[0]}, and topic "{topic.rpartition(":")[2]}" is'
        f" {kinds[1]}: letters go only between those of one type",
        hint="--to another topic",
    )


@dataclass
class Locator:
    """Adds to letters what the DLQ's sources tell; each is asked once."""

    context: CommandContext
    session: AwsSession
    queue: Queue
    _found: dict[str, list[DeadLetterSource]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, letter: Letter) -> Letter:
        """The letter with its target, as far as anything tells."""
        asks = letter.sender if letter.origin is Origin.SNS and letter.sender else letter.origin
        with self._lock:
            if asks not in self._found:
                self._found[asks] = dead_letter_sources(
                    self.session, self.queue, [letter], self.context
                )
            return located(letter, self._found[asks])
