"""Sending letters to what is no queue: each call tried once, each entry's answer read.

A call that fails raises AwsError or one of its kinds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore import xform_name

from edactl.core.json_text import parse_json
from edactl.core.message import NotSent, SendOutcome, Sent
from edactl.errors import AwsError, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edactl.aws.session import AwsSession
    from edactl.core.message import MessageAttribute
    from edactl.core.redrive_delivery import Parcel

_NO_ANSWER = NotSent("NoAnswer", "AWS did not say what became of this message")
_PASSING = ("ProvisionedThroughputExceeded", "Internal", "ServiceUnavailable", "Throttl")


@dataclass(frozen=True)
class TopicSink:
    """A topic: PublishBatch."""

    session: AwsSession
    arn: str
    batch: int = 10

    def put(self, parcels: Sequence[Parcel]) -> list[SendOutcome]:
        """What became of each message."""
        fifo = self.arn.endswith(".fifo")
        answer = self.session.call(
            "sns",
            "publish_batch",
            resource=f'topic "{self.arn.rpartition(":")[2]}"',
            attempts=1,
            TopicArn=self.arn,
            PublishBatchRequestEntries=[
                _topic_entry(str(at), one, fifo=fifo) for at, one in enumerate(parcels)
            ],
        )
        found: dict[int, SendOutcome] = {
            int(one["Id"]): Sent(one["MessageId"]) for one in answer.get("Successful", [])
        }
        for one in answer.get("Failed", []):
            code, text = str(one.get("Code", "Unknown")), str(one.get("Message", "no reason given"))
            found[int(one["Id"])] = NotSent(code, text, not one.get("SenderFault"))
        return [found.get(at, _NO_ANSWER) for at in range(len(parcels))]


def _topic_entry(entry_id: str, parcel: Parcel, *, fifo: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {"Id": entry_id, "Message": parcel.text}
    if parcel.attributes:
        entry["MessageAttributes"] = {
            name: _attribute(one) for name, one in parcel.attributes.items()
        }
    if parcel.key:
        entry["MessageGroupId"] = parcel.key
    if fifo:
        entry["MessageDeduplicationId"] = parcel.name
    return entry


def _attribute(attribute: MessageAttribute) -> dict[str, Any]:
    value: dict[str, Any] = {"DataType": attribute.data_type}
    if attribute.binary_value is not None:
        return value | {"BinaryValue": attribute.binary_value}
    return value | {"StringValue": attribute.string_value or ""}


@dataclass(frozen=True)
class FunctionSink:
    """A function: an asynchronous Invoke; Lambda queues it, and says nothing of its end."""

    session: AwsSession
    arn: str
    batch: int = 1

    def put(self, parcels: Sequence[Parcel]) -> list[SendOutcome]:
        """What became of each event; its id is the request's, as Lambda's logs have it."""
        return [self._invoke(parcel) for parcel in parcels]

    def _invoke(self, parcel: Parcel) -> SendOutcome:
        answer = self.session.call(
            "lambda",
            "invoke",
            resource=f'function "{self.arn.partition(":function:")[2]}"',
            attempts=1,
            FunctionName=self.arn,
            InvocationType="Event",
            Payload=parcel.text.encode(),
        )
        return Sent(_request_id(answer))


@dataclass(frozen=True)
class StreamSink:
    """A Kinesis stream: PutRecords."""

    session: AwsSession
    arn: str
    batch: int = 10

    def put(self, parcels: Sequence[Parcel]) -> list[SendOutcome]:
        """What became of each record; its id is its sequence number."""
        answer = self.session.call(
            "kinesis",
            "put_records",
            resource=f'stream "{self.arn.rpartition("/")[2]}"',
            attempts=1,
            StreamARN=self.arn,
            Records=[
                {"Data": one.text.encode(), "PartitionKey": one.key or one.name} for one in parcels
            ],
        )
        return _record_outcomes(answer.get("Records", []), "SequenceNumber", len(parcels))


@dataclass(frozen=True)
class DeliveryStreamSink:
    """A Firehose stream: PutRecordBatch."""

    session: AwsSession
    arn: str
    batch: int = 10

    def put(self, parcels: Sequence[Parcel]) -> list[SendOutcome]:
        """What became of each record."""
        name = self.arn.rpartition("/")[2]
        answer = self.session.call(
            "firehose",
            "put_record_batch",
            resource=f'delivery stream "{name}"',
            attempts=1,
            DeliveryStreamName=name,
            Records=[{"Data": one.text.encode()} for one in parcels],
        )
        return _record_outcomes(answer.get("RequestResponses", []), "RecordId", len(parcels))


def _record_outcomes(
    records: Sequence[dict[str, Any]], id_name: str, count: int
) -> list[SendOutcome]:
    found = [_record_outcome(one, id_name) for one in records]
    return [*found, *[_NO_ANSWER] * (count - len(found))]


def _record_outcome(record: dict[str, Any], id_name: str) -> SendOutcome:
    code = record.get("ErrorCode")
    if not code:
        return Sent(str(record.get(id_name, "")))
    passing = any(str(code).startswith(one) for one in _PASSING)
    return NotSent(str(code), str(record.get("ErrorMessage") or "no reason given"), passing)


@dataclass(frozen=True)
class StateMachineSink:
    """A state machine: StartExecution, named so that one letter starts one execution.

    Express workflows take the same name again: there a letter that is sent twice runs twice.
    """

    session: AwsSession
    arn: str
    batch: int = 1

    def put(self, parcels: Sequence[Parcel]) -> list[SendOutcome]:
        """What became of each input; its id is the execution's ARN."""
        return [self._start(parcel) for parcel in parcels]

    def _start(self, parcel: Parcel) -> SendOutcome:
        try:
            answer = self.session.call(
                "stepfunctions",
                "start_execution",
                resource=f'state machine "{self.arn.rpartition(":")[2]}"',
                attempts=1,
                stateMachineArn=self.arn,
                name=parcel.name,
                input=parcel.text,
            )
        except AwsError as error:
            if error.code != "ExecutionAlreadyExists":
                raise
            return Sent(parcel.name)
        return Sent(str(answer.get("executionArn", "")))


_BOTO_SERVICES = {"sfn": "stepfunctions", "eventbridge": "events"}


@dataclass(frozen=True)
class OperationSink:
    """An operation of an API, as Scheduler calls it: a parcel's text is its request.

    Scheduler takes requests with names in capitals whatever the API's own are (unverified), so
    names are matched without regard to case. A function is invoked asynchronously.
    """

    session: AwsSession
    service: str
    operation: str
    batch: int = 1

    def put(self, parcels: Sequence[Parcel]) -> list[SendOutcome]:
        """What became of each request."""
        return [self._call(parcel) for parcel in parcels]

    def _call(self, parcel: Parcel) -> SendOutcome:
        service = _BOTO_SERVICES.get(self.service, self.service)
        client = self.session.client(service, attempts=1)
        name = self.operation[:1].upper() + self.operation[1:]
        shape = client.meta.service_model.operation_model(name).input_shape
        request = spelt(parse_json(parcel.text), shape)
        if not isinstance(request, dict):
            raise InputError("the body is no request: a JSON object is expected")
        if (service, name) == ("lambda", "Invoke"):
            request["InvocationType"] = "Event"
        answer = self.session.call(
            service,
            xform_name(name),
            resource=f"{service}:{name}",
            attempts=1,
            **request,
        )
        return _operation_outcome(answer)


def _operation_outcome(answer: dict[str, Any]) -> SendOutcome:
    failed = next((one for one in answer.get("Entries", []) if one.get("ErrorCode")), None)
    if failed is None:
        return Sent(str(answer.get("MessageId") or _request_id(answer)))
    code = str(failed["ErrorCode"])
    alone = len(answer["Entries"]) == 1  # of several, some are on the bus: no second try
    return NotSent(code, str(failed.get("ErrorMessage")), alone and code.startswith(_PASSING))


def spelt(value: Any, shape: Any) -> Any:
    """The value with the names that this shape of botocore has for its members.

    Names are matched without regard to case; what the shape does not know is left out.
    """
    kind = getattr(shape, "type_name", "")
    if kind == "structure" and isinstance(value, dict):
        names = {name.lower(): name for name in shape.members}
        return {
            known: spelt(one, shape.members[known])
            for name, one in value.items()
            if (known := names.get(name.lower())) is not None
        }
    if kind == "list" and isinstance(value, list):
        return [spelt(one, shape.member) for one in value]
    if kind == "map" and isinstance(value, dict):
        return {name: spelt(one, shape.value) for name, one in value.items()}
    return value


def _request_id(answer: dict[str, Any]) -> str:
    return str(answer.get("ResponseMetadata", {}).get("RequestId", ""))
