"""SQS: queues, their attributes, and their messages."""

from __future__ import annotations

from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any

from edactl.aws.session import ATTEMPTS
from edactl.core.queue import Queue, QueueAttributes, queue_attributes
from edactl.errors import EdactlError, NotFound, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from edactl.aws.session import AwsSession
    from edactl.core.arn import QueueReference
    from edactl.core.message import BatchFailure, Outgoing, Received, SendOutcome

BATCH = 10
_PAGE = 1000


class SqsQueues:
    """The queues of one account and region. Every error is an AwsError or one of its kinds.

    `attempts` is how often a call is tried at the HTTP level; 1 shows every answer that was lost.
    `validate` is whether botocore checks parameters; without it calls are a third cheaper.
    """

    def __init__(
        self, session: AwsSession, *, attempts: int = ATTEMPTS, validate: bool = True
    ) -> None:
        self._session = session
        self._attempts = attempts
        self._validate = validate

    # -- queues ----------------------------------------------------------------------------------

    def find(self, reference: QueueReference) -> Queue:
        """The queue that was meant.

        Raises NotFound when it does not exist, and UsageError when it is of another region.
        """
        region = self._session.region
        if reference.region and reference.region != region:
            raise UsageError(
                f'queue "{reference.name}" is in {reference.region}, not in {region},'
                " which this command talks to",
                hint=f"add --region {reference.region}",
            )
        owner: dict[str, Any] = {}
        if reference.account.isdigit():
            owner["QueueOwnerAWSAccountId"] = reference.account
        try:
            answer = self._session.call(
                "sqs",
                "get_queue_url",
                resource=_named(reference.name),
                QueueName=reference.name,
                **owner,
            )
        except NotFound as error:
            error.hint = self._where_to_look(reference.name)
            raise
        return self._queue(answer["QueueUrl"])

    def _where_to_look(self, name: str) -> str:
        """What to type when this name is not found, with the nearest name that is."""
        look = f"edactl queue list --prefix {_stem(name)}"
        with suppress(EdactlError):  # a hint is no reason to fail otherwise
            names = list(islice(self.names(_stem(name)), _PAGE))
            from difflib import get_close_matches

            for near in get_close_matches(name, names, n=1):
                return f"{near}; or {look}"
        return look

    def names(self, prefix: str = "") -> Iterator[str]:
        """The names of all queues that begin with `prefix`, as SQS orders them."""
        for queue in self.list(prefix):
            yield queue.name

    def attributes(self, queue: Queue) -> QueueAttributes:
        """What SQS says of the queue, now."""
        answer = self._call("get_queue_attributes", queue, AttributeNames=["All"])
        return queue_attributes(answer.get("Attributes", {}))

    def sources_of(self, queue: Queue) -> list[str]:
        """The names of the queues that have this one as their DLQ, sorted."""
        urls = self._session.pages(
            "sqs",
            "list_dead_letter_source_queues",
            items="queueUrls",
            resource=_named(queue.name),
            QueueUrl=queue.url,
            MaxResults=_PAGE,
        )
        return sorted(self._queue(url).name for url in urls)

    def tags(self, queue: Queue) -> dict[str, str]:
        """The tags of the queue."""
        tags: dict[str, str] = self._call("list_queue_tags", queue).get("Tags", {})
        return tags

    def create(self, name: str, *, attributes: Mapping[str, str], tags: Mapping[str, str]) -> Queue:
        """A new queue, with attributes named as AWS names them."""
        answer = self._session.call(
            "sqs",
            "create_queue",
            resource=_named(name),
            QueueName=name,
            Attributes=dict(attributes),
            tags=dict(tags),
        )
        return self._queue(answer["QueueUrl"])

    def tag(self, queue: Queue, tags: Mapping[str, str]) -> None:
        """Add tags, replacing those of the same names."""
        self._call("tag_queue", queue, Tags=dict(tags))

    def delete(self, queue: Queue) -> None:
        """Delete the queue and all that is in it."""
        self._call("delete_queue", queue)

    def set_policy(self, queue: Queue, policy_json: str) -> None:
        """Replace the queue's access policy."""
        self._call("set_queue_attributes", queue, Attributes={"Policy": policy_json})

    def purge(self, queue: Queue) -> None:
        """Have SQS delete every message, those in flight too; it takes up to 60 seconds."""
        self._call("purge_queue", queue)

    # -- messages --------------------------------------------------------------------------------

    def receive(
        self, queue: Queue, *, count: int, wait_seconds: int, visibility_seconds: int
    ) -> list[Received]:
        """Up to `count` (1 to 10) messages, hidden from others for `visibility_seconds`.

        Raises every message's receive count. An empty answer does not mean an empty queue.
        """
        answer = self._call(
            "receive_message",
            queue,
            MaxNumberOfMessages=count,
            WaitTimeSeconds=wait_seconds,
            VisibilityTimeout=visibility_seconds,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        from edactl.aws import sqs_messages as messages

        return [messages.received(raw) for raw in answer.get("Messages", [])]

    def send(self, queue: Queue, outgoing: Sequence[Outgoing]) -> list[SendOutcome]:
        """What became of each of up to 10 messages, in their order.

        A message whose MD5OfMessageBody is not that of its body counts as not sent.
        """
        from edactl.aws import sqs_messages as messages
        from edactl.core.message import NotSent

        entries = [messages.send_entry(str(at), one) for at, one in enumerate(outgoing)]
        answer = self._call("send_message_batch", queue, Entries=entries)
        outcomes: dict[int, SendOutcome] = {
            int(entry["Id"]): messages.checked(outgoing[int(entry["Id"])], entry)
            for entry in answer.get("Successful", [])
        }
        for failure in messages.failures(answer, offset=0):
            outcomes[failure.index] = NotSent(
                failure.error_code, failure.error_message, failure.retryable
            )
        lost = NotSent("NoAnswer", "SQS did not say what became of this message", retryable=False)
        return [outcomes.get(index, lost) for index in range(len(outgoing))]

    def delete_messages(self, queue: Queue, handles: Sequence[str]) -> list[BatchFailure]:
        """Delete the messages of these receipt handles; gives those that were not deleted."""
        return self._by_handle("delete_message_batch", queue, handles, {})

    def release(self, queue: Queue, handles: Sequence[str]) -> list[BatchFailure]:
        """Give the messages of these receipt handles back at once; gives those that were not."""
        shown = {"VisibilityTimeout": 0}
        return self._by_handle("change_message_visibility_batch", queue, handles, shown)

    def extend(
        self, queue: Queue, handles: Sequence[str], *, visibility_seconds: int
    ) -> list[BatchFailure]:
        """Hide the messages of these receipt handles so long from now on; gives those not hidden.

        SQS hides a message for at most 12 hours after it was received.
        """
        hidden = {"VisibilityTimeout": visibility_seconds}
        return self._by_handle("change_message_visibility_batch", queue, handles, hidden)

    def _by_handle(
        self, operation: str, queue: Queue, handles: Sequence[str], more: dict[str, Any]
    ) -> list[BatchFailure]:
        from edactl.aws import sqs_messages as messages

        failures: list[BatchFailure] = []
        for start in range(0, len(handles), BATCH):
            entries = [
                {"Id": str(index), "ReceiptHandle": handle, **more}
                for index, handle in enumerate(handles[start : start + BATCH])
            ]
            answer = self._call(operation, queue, Entries=entries)
            failures.extend(messages.failures(answer, offset=start))
        return failures

    def _call(self, operation: str, queue: Queue, **parameters: Any) -> dict[str, Any]:
        return self._session.call(
            "sqs",
            operation,
            resource=_named(queue.name),
            attempts=self._attempts,
            validate=self._validate,
            QueueUrl=queue.url,
            **parameters,
        )

    def _queue(self, url: str) -> Queue:
        *_, account, name = url.rstrip("/").split("/")
        region = self._session.region
        partition = self._session.client("sqs").meta.partition
        arn = f"arn:{partition}:sqs:{region}:{account}:{name}"
        return Queue(name=name, url=url, arn=arn, account=account, region=region)

    def list(self, prefix: str = "") -> Iterator[Queue]:
        """All queues whose names begin with `prefix`, to the last page."""
        wanted = {"QueueNamePrefix": prefix} if prefix else {}
        for url in self._session.pages(
            "sqs", "list_queues", items="QueueUrls", resource="queues", MaxResults=_PAGE, **wanted
        ):
            yield self._queue(url)


def _named(name: str) -> str:
    return f'queue "{name}"'


def _stem(name: str) -> str:
    """What to look for when a name is not found: its first word."""
    return name.replace("_", "-").replace(".", "-").split("-")[0] or name
