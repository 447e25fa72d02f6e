"""`edactl dlq redrive` sends each letter out by the door it came from, on the sandbox."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from edactl.core.journal import JournalHeader, Planned, planned_line
from edactl.core.message import Outgoing
from edactl.core.queue import Queue
from edactl.sandbox.state import SandboxState
from tests import letter_makers as letters
from tests.queue_fakes import a_message
from tests.running import Run
from tests.sandbox_queues import SandboxQueues
from tests.scripted_sqs import error, scripted_sqs

Edactl = Callable[..., Run]
BUS = "shop"
ACCOUNT = "123456789012"
ROLE = "arn:aws:iam::000000000000:role/r"
EMPTY_ZIP = b"PK\x05\x06" + bytes(18)
INPUT = {
    "InputPathsMap": {"id": "$.detail.orderId", "total": "$.detail.total"},
    "InputTemplate": '{"order": <id>, "total": <total>, "rule": "<aws.events.rule-name>"}',
}


class Shop:
    """A bus with rules, and a DLQ that their letters are put into."""

    def __init__(self, state: SandboxState) -> None:
        self.queues = SandboxQueues(state)
        self.account = state.account_id
        self.call = self.queues.session.call
        self.call("events", "create_event_bus", Name=BUS)
        self.dlq = self.queues.make("events-dlq")

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:us-east-1:{self.account}:{resource}"

    def rule(self, name: str, *targets: dict[str, Any], bus: str = BUS) -> str:
        pattern = json.dumps({"source": ["com.shop"]})
        answer = self.call("events", "put_rule", Name=name, EventBusName=bus, EventPattern=pattern)
        if targets:
            self.call("events", "put_targets", Rule=name, EventBusName=bus, Targets=list(targets))
        return str(answer["RuleArn"])

    def put(self, *outgoing: Outgoing) -> None:
        for one in outgoing:
            self.queues.sqs.send(self.dlq, [one])

    def messages(self, queue: Queue) -> list[Any]:
        taken = self.queues.sqs.receive(queue, count=10, wait_seconds=0, visibility_seconds=60)
        return [one.message for one in taken]


@pytest.fixture
def shop(sandbox: SandboxState) -> Shop:
    return Shop(sandbox)


def redriven(edactl: Edactl, *options: str, status: int = 0) -> dict[str, Any]:
    """The report of a redrive that ends with this status; its counts add up."""
    run = edactl("dlq", "redrive", "events-dlq", *options, "--yes", "-o", "json")
    assert run.status == status, run.err
    report: dict[str, Any] = json.loads(run.out)
    left = report["skipped"] + report["failed"] + report["ambiguous"]
    assert report["received"] == report["sent"] + left
    assert ("--dry-run says why" in run.err) is bool(report["skipped"])
    return report


def test_a_rules_letter_goes_to_the_target_that_failed_with_its_input(
    shop: Shop, edactl: Edactl
) -> None:
    billing, other = shop.queues.make("billing"), shop.queues.make("other")
    rule = shop.rule(
        "orders",
        {"Id": "1", "Arn": billing.arn, "InputTransformer": INPUT},
        {"Id": "2", "Arn": other.arn},
    )
    shop.put(letters.of_rule(rule, billing.arn))

    report = redriven(edactl)

    [arrived] = shop.messages(billing)
    assert json.loads(arrived.body) == {"order": "o-7", "total": 12.5, "rule": "orders"}
    assert arrived.message_attributes == {}
    assert shop.queues.depth(other) == (0, 0)
    assert (report["sent"], report["deleted"], report["remaining"]) == (1, 1, 0)


def test_a_rules_log_group_gets_the_event_with_its_time_as_its_template_says(
    shop: Shop, edactl: Edactl
) -> None:
    group = "/aws/events/orders"
    shop.call("logs", "create_log_group", logGroupName=group)
    arn = shop.arn("logs", f"log-group:{group}")
    template = {
        "InputPathsMap": {"id": "$.detail.orderId", "at": "$.time"},
        "InputTemplate": '{"timestamp": <at>, "message": "order <id>"}',
    }
    plain = shop.rule("plain", {"Id": "1", "Arn": arn})
    told = shop.rule("told", {"Id": "1", "Arn": arn, "InputTransformer": template})
    recent = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    shop.put(letters.of_rule(plain, arn), letters.of_rule(told, arn, time=recent))

    report = redriven(edactl)

    stream = f"edactl-redrive/{report['run_id']}"
    found = shop.call("logs", "get_log_events", logGroupName=group, logStreamName=stream)["events"]
    by_message = {one["message"]: one["timestamp"] for one in found}
    assert report["deleted"] == 2
    assert by_message["order o-7"] == datetime.fromisoformat(recent).timestamp() * 1000
    assert json.dumps(letters.EVENT, separators=(",", ":")) in by_message


def test_a_rules_task_is_started_with_the_overrides_that_its_template_makes(
    shop: Shop, edactl: Edactl
) -> None:
    shop.call("ecs", "create_cluster", clusterName="blue")
    containers = [{"name": "app", "image": "app", "memory": 10}]
    definition = shop.call(
        *("ecs", "register_task_definition"), family="app", containerDefinitions=containers
    )["taskDefinition"]["taskDefinitionArn"]
    cluster = shop.arn("ecs", "cluster/blue")
    template = {
        "InputPathsMap": {"id": "$.detail.orderId"},
        "InputTemplate": '{"containerOverrides": [{"name": "app", "command": [<id>]}]}',
    }
    target = {"Id": "1", "Arn": cluster, "InputTransformer": template}
    parameters = {"TaskDefinitionArn": definition, "TaskCount": 1}
    rule = shop.rule("orders", target | {"RoleArn": ROLE, "EcsParameters": parameters})
    shop.put(letters.of_rule(rule, cluster))

    assert redriven(edactl)["deleted"] == 1

    arns = shop.call("ecs", "list_tasks", cluster="blue")["taskArns"]
    [task] = shop.call("ecs", "describe_tasks", cluster="blue", tasks=arns)["tasks"]
    assert task["overrides"]["containerOverrides"] == [{"name": "app", "command": ["o-7"]}]
    assert (task["taskDefinitionArn"], task["startedBy"]) == (definition, "edactl-redrive")


def test_two_rules_with_one_target_each_send_their_own_input(shop: Shop, edactl: Edactl) -> None:
    queue = shop.queues.make("billing")
    plain = shop.rule("plain", {"Id": "1", "Arn": queue.arn})
    part = shop.rule("part", {"Id": "1", "Arn": queue.arn, "InputPath": "$.detail.orderId"})
    shop.put(letters.of_rule(plain, queue.arn), letters.of_rule(part, queue.arn))

    assert redriven(edactl)["sent"] == 2

    bodies = {one.body for one in shop.messages(queue)}
    assert bodies == {'"o-7"', json.dumps(letters.EVENT, separators=(",", ":"))}


def test_a_letter_whose_rule_or_target_is_gone_stays_and_others_go(
    shop: Shop, edactl: Edactl
) -> None:
    queue, gone = shop.queues.make("billing"), shop.arn("sqs", "gone")
    rule = shop.rule("orders", {"Id": "1", "Arn": queue.arn})
    shop.put(
        letters.of_rule(shop.arn("events", f"rule/{BUS}/deleted"), queue.arn),
        letters.of_rule(rule, gone),
        letters.of_rule(rule, queue.arn),
    )

    report = redriven(edactl, status=2)

    assert (report["sent"], report["failed"], report["remaining"]) == (1, 2, 2)
    told = [one["error_message"] for one in report["failures"]]
    assert "rule orders no longer has the target queue gone" in told
    assert any("deleted" in one for one in told)


def test_a_dry_run_names_rules_and_targets_and_what_has_no_door(shop: Shop, edactl: Edactl) -> None:
    queue = shop.queues.make("billing")
    rule = shop.rule("orders", {"Id": "1", "Arn": queue.arn})
    shop.put(
        letters.of_rule(rule, queue.arn),
        letters.of_rule(rule, shop.arn("sqs", "gone")),
        letters.of_rule(rule, shop.arn("batch", "job-queue/blue")),
    )

    run = edactl("dlq", "redrive", "events-dlq", "--dry-run", "-o", "json")

    assert run.status == 0, run.err
    assert "would send 1 letter to rule orders -> queue billing, as this target gets" in run.err
    assert "would leave 1 letter: rule orders no longer has the target queue gone" in run.err
    assert "aws batch submit-job" in run.err
    [planned] = json.loads(run.out)["plan"]["destinations"]
    assert (planned["door"], planned["sender"]) == ("rule-target", rule)
    assert shop.queues.depth(queue) == (0, 0)


def test_via_bus_puts_the_event_and_leaves_those_of_aws(shop: Shop, edactl: Edactl) -> None:
    seen = shop.queues.make("seen")
    rule = shop.rule("orders", {"Id": "1", "Arn": seen.arn})
    shop.put(letters.of_rule(rule, seen.arn), letters.of_rule(rule, seen.arn, source="aws.s3"))

    report = redriven(edactl, "--via", "bus")

    assert (report["sent"], report["skipped"]) == (1, 1)
    [arrived] = [json.loads(one.body) for one in shop.messages(seen)]
    for name in ("source", "detail-type", "resources", "detail"):
        assert arrived[name] == letters.EVENT[name]
    assert arrived["id"] != letters.EVENT["id"]


def test_to_a_topic_publishes_what_was_published_once(shop: Shop, edactl: Edactl) -> None:
    queue = shop.queues.make("readers")
    topic = shop.queues.feed_by_topic(queue, "news")
    shop.put(
        letters.of_subscription(f"{topic}:1", topic, "headline"),
        Outgoing("plain", message_attributes=letters.text_attributes(tenant="t1")),
    )

    assert redriven(edactl, "--to", topic)["sent"] == 2

    arrived = {one.body: dict(one.message_attributes) for one in shop.messages(queue)}
    assert arrived == {"headline": {}, "plain": letters.text_attributes(tenant="t1")}


def test_to_a_bus_puts_events_and_leaves_what_is_none(shop: Shop, edactl: Edactl) -> None:
    seen = shop.queues.make("seen")
    shop.rule("orders", {"Id": "1", "Arn": seen.arn})
    shop.put(Outgoing(json.dumps(letters.EVENT)), Outgoing("no event"))

    report = redriven(edactl, "--to", shop.arn("events", f"event-bus/{BUS}"))

    assert (report["sent"], report["skipped"]) == (1, 1)
    assert len(shop.messages(seen)) == 1


def test_subscribers_get_their_letters_again_and_nobody_else_does(
    shop: Shop, edactl: Edactl
) -> None:
    queue, other = shop.queues.make("readers"), shop.queues.make("others")
    topic = shop.queues.feed_by_topic(other, "news")
    policy = json.dumps({"deadLetterTargetArn": shop.dlq.arn})
    subscription = str(
        shop.call(
            "sns",
            "subscribe",
            TopicArn=topic,
            Protocol="sqs",
            Endpoint=queue.arn,
            Attributes={"RedrivePolicy": policy, "RawMessageDelivery": "true"},
            ReturnSubscriptionArn=True,
        )["SubscriptionArn"]
    )
    enveloped = letters.of_subscription(subscription, topic, "headline")
    shop.put(enveloped, Outgoing("raw", message_attributes=letters.text_attributes(a="1")))

    assert redriven(edactl)["sent"] == 2

    assert {one.body for one in shop.messages(queue)} == {enveloped.body, "raw"}
    assert shop.queues.depth(other) == (0, 0)


def test_a_schedules_request_is_called_again(shop: Shop, edactl: Edactl) -> None:
    queue = shop.queues.make("nightly")
    schedule = shop.arn("scheduler", "schedule/default/nightly")
    operation = "arn:aws:scheduler:::aws-sdk:sqs:sendMessage"
    shop.put(
        letters.of_schedule(schedule, operation, {"QueueUrl": queue.url, "MessageBody": "hi"}),
        letters.of_schedule(
            schedule, "arn:aws:scheduler:::aws-sdk:iam:createUser", {"UserName": "x"}
        ),
    )

    report = redriven(edactl)

    assert (report["sent"], report["skipped"]) == (1, 1)
    assert [one.body for one in shop.messages(queue)] == ["hi"]


def test_a_mixed_dlq_balances_and_each_letter_is_in_its_place(shop: Shop, edactl: Edactl) -> None:
    queue, nightly = shop.queues.make("billing"), shop.queues.make("nightly")
    rule = shop.rule("orders", {"Id": "1", "Arn": queue.arn})
    schedule = shop.arn("scheduler", "schedule/default/nightly")
    operation = "arn:aws:scheduler:::aws-sdk:sqs:sendMessage"
    function = shop.arn("lambda", "function:billing")
    shop.put(
        letters.of_rule(rule, queue.arn),
        letters.of_schedule(schedule, operation, {"QueueUrl": nightly.url, "MessageBody": "hi"}),
        letters.of_stream(function),
        letters.of_function_destination(function, {"n": 1}),
        letters.of_function(),
        Outgoing("nobody knows"),
        Outgoing("broken", message_attributes=letters.text_attributes(RULE_ARN=rule)),
    )

    report = redriven(edactl, status=2)

    assert report["received"] == 7
    assert (report["sent"], report["skipped"], report["failed"]) == (2, 4, 1)
    [failure] = report["failures"]
    assert "billing" in failure["error_message"]
    assert report["remaining"] == 5
    assert shop.queues.depth(queue)[0] == shop.queues.depth(nightly)[0] == 1


def test_a_restore_takes_the_doors_of_the_run(shop: Shop, edactl: Edactl) -> None:
    queue = shop.queues.make("billing")
    rule = shop.rule("orders", {"Id": "1", "Arn": queue.arn, "InputPath": "$.detail.orderId"})
    shop.put(letters.of_rule(rule, queue.arn))
    journal = redriven(edactl)["journal"]

    run = edactl("dlq", "restore", journal, "--yes", "-o", "json")

    assert run.status == 0, run.err
    assert [one.body for one in shop.messages(queue)] == ['"o-7"', '"o-7"']


def test_functions_are_invoked_and_the_one_that_a_letter_leaves_out_is_found(
    shop: Shop, edactl: Edactl
) -> None:
    dlq = shop.queues.make("functions-dlq")  # its own: the function fails on them again, later
    shop.call(
        "lambda",
        "create_function",
        FunctionName="billing",
        Runtime="python3.11",
        Role=shop.arn("iam", "role/r").replace("us-east-1", ""),
        Handler="app.handler",
        Code={"ZipFile": EMPTY_ZIP},
        DeadLetterConfig={"TargetArn": dlq.arn},
    )
    function = shop.arn("lambda", "function:billing")
    both = [letters.of_function(), letters.of_function_destination(function, {"n": 1})]
    shop.queues.sqs.send(dlq, both)

    run = edactl("dlq", "redrive", dlq.name, "--limit", "2", "--yes", "-o", "json")

    assert run.status == 0, run.err
    report = json.loads(run.out)
    assert (report["sent"], report["deleted"], report["failures"]) == (2, 2, [])


def test_a_run_is_resumed_by_the_doors_it_took(shop: Shop, edactl: Edactl) -> None:
    queue = shop.queues.make("billing")
    rule = shop.rule("orders")
    shop.put(letters.of_rule(rule, queue.arn))
    journal = redriven(edactl, status=2)["journal"]
    shop.rule("orders", {"Id": "1", "Arn": queue.arn, "InputPath": "$.detail.orderId"})

    run = edactl("dlq", "redrive", "--resume", journal, "--yes", "-o", "json")

    assert run.status == 0, run.err
    assert [one.body for one in shop.messages(queue)] == ['"o-7"']
    assert shop.queues.depth(shop.dlq) == (0, 0)


def test_a_restore_says_which_doors_it_does_not_have(
    shop: Shop, edactl: Edactl, tmp_path: Path
) -> None:
    arn = shop.dlq.arn
    header = JournalHeader(
        "run-1", "redrive", shop.account, "us-east-1", arn, None, {}, "2026-01-31T08:00:00Z"
    )
    ecs, operation = shop.arn("ecs", "cluster/blue"), "arn:aws:scheduler:::odd"
    routes = [(ecs, "portal", ""), (ecs, "function", ""), (operation, "schedule-target", "s")]
    lines = [
        planned_line(Planned(a_message(f"m-{at}"), "h", where, None, 0.0, door, sender))
        for at, (where, door, sender) in enumerate(routes)
    ]
    (tmp_path / "j").write_text(header.line() + "".join(lines), "utf-8")

    run = edactl("dlq", "restore", str(tmp_path / "j"), "--yes", "-o", "json")

    assert run.status == 2, run.err
    told = [one["error_message"] for one in json.loads(run.out)["failures"]]
    assert told[0] == 'this edactl has no door of the kind "portal"'
    assert "aws ecs run-task" in told[1]
    assert told[2] == f"{operation} is no operation of an API"


def test_inspect_says_what_has_no_way_back_as_redrive_does(shop: Shop, edactl: Edactl) -> None:
    rule = shop.rule("orders")
    shop.put(letters.of_rule(rule, shop.arn("batch", "job-queue/blue")))

    [cluster] = json.loads(edactl("dlq", "inspect", "events-dlq", "-o", "json").out)
    look = edactl("dlq", "redrive", "events-dlq", "--dry-run", "-o", "json")

    [skipped] = json.loads(look.out)["plan"]["skipped"]
    assert "aws batch submit-job" in skipped["reason"]
    assert skipped["reason"] in cluster["hint"]


# -- refusals --------------------------------------------------------------------------------------


def scripted(refused: dict[str, tuple[int, dict[str, Any]]], outgoing: list[Outgoing]) -> Any:
    """SQS and EventBridge with these letters, where sending to some queues is refused."""
    waiting = [
        {
            "MessageId": f"m-{at}",
            "ReceiptHandle": f"h-{at}",
            "Body": one.body,
            "MessageAttributes": {
                name: {"DataType": "String", "StringValue": value.string_value}
                for name, value in one.message_attributes.items()
            },
        }
        for at, one in enumerate(outgoing)
    ]

    def answer(operation: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        entries = [{"Id": one["Id"], "MessageId": "new"} for one in request.get("Entries", ())]
        match operation:
            case "GetQueueUrl":
                return 200, {"QueueUrl": f"http://sqs/{ACCOUNT}/{request['QueueName']}"}
            case "GetQueueAttributes":
                return 200, {"Attributes": {"ApproximateNumberOfMessages": str(len(outgoing))}}
            case "ReceiveMessage":
                taken, waiting[:] = list(waiting), []
                return 200, {"Messages": taken}
            case "ListDeadLetterSourceQueues":
                return 200, {"queueUrls": [f"http://sqs/{ACCOUNT}/orders"]}
            case "ListTargetsByRule":
                names = ("open", "closed")
                arns = [f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}" for name in names]
                return 200, {"Targets": [{"Id": arn[-4:], "Arn": arn} for arn in arns]}
            case "SendMessageBatch":
                name = request["QueueUrl"].rpartition("/")[2]
                return refused.get(name, (200, {"Successful": entries, "Failed": []}))
        return 200, {"Successful": entries, "Failed": []}

    return answer


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_REGION", "us-east-1")


def rule_letters(*queues: str) -> list[Outgoing]:
    rule = f"arn:aws:events:us-east-1:{ACCOUNT}:rule/shop/orders"
    arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:"
    return [letters.of_rule(rule, arn + name, id=str(at)) for at, name in enumerate(queues)]


@pytest.mark.usefixtures("credentials")
@pytest.mark.parametrize("code", ["AccessDenied", "KMS.AccessDeniedException", "QueueDoesNotExist"])
def test_a_target_that_refuses_keeps_its_letters_and_the_others_go(
    edactl: Edactl, code: str
) -> None:
    script = scripted({"closed": error(code)}, rule_letters("closed", "open", "closed"))
    with scripted_sqs(script) as (url, calls):
        report = redriven(edactl, "--engine", "client", "--endpoint-url", url, status=2)

    assert (report["sent"], report["failed"]) == (1, 2)
    assert {one["message_id"] for one in report["failures"]} == {"m-0", "m-2"}
    assert calls.count("SendMessageBatch") == 2


@pytest.mark.usefixtures("credentials")
def test_where_nothing_arrives_for_want_of_a_permission_the_run_says_so(edactl: Edactl) -> None:
    denied = {"closed": error("AccessDenied")}
    with scripted_sqs(scripted(denied, rule_letters("closed", "closed"))) as (url, calls):
        run = edactl(
            *("dlq", "redrive", "events-dlq", "--yes", "--engine", "client"),
            *("--endpoint-url", url, "-o", "json"),
        )

    assert run.status == 254
    assert "sqs:SendMessage" in run.err
    assert json.loads(run.out)["failed"] == 2
    assert "DeleteMessageBatch" not in calls


@pytest.mark.usefixtures("credentials")
def test_a_topic_that_may_not_be_looked_at_is_published_to_all_the_same(edactl: Edactl) -> None:
    topic = f"arn:aws:sns:us-east-1:{ACCOUNT}:news"
    with scripted_sqs(scripted({}, rule_letters("open"))) as (url, calls):
        run = edactl(
            *("dlq", "redrive", "events-dlq", "--to", topic, "--yes", "-o", "json"),
            *("--endpoint-url", url),
        )

    assert run.status == 254  # the scripted SNS denies that too
    assert "whether it is there is not known" in run.err
    assert "sns:Publish" in run.err
    assert "DeleteMessageBatch" not in calls


@pytest.mark.usefixtures("credentials")
def test_a_bus_of_another_account_and_region_is_asked_in_its_own_region(edactl: Edactl) -> None:
    bus = "arn:aws:events:eu-west-1:999999999999:event-bus/theirs"
    script = scripted({}, rule_letters("open"))
    put: list[dict[str, Any]] = []

    def answer(operation: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if operation == "PutEvents":
            put.append(request)
            return 200, {"FailedEntryCount": 0, "Entries": [{"EventId": "e-1"}]}
        return script(operation, request)  # type: ignore[no-any-return] # Any by the script

    with scripted_sqs(answer) as (url, calls):
        report = redriven(edactl, "--to", bus, "--endpoint-url", url)

    assert (report["sent"], report["deleted"]) == (1, 1)
    assert "DescribeEventBus" not in calls
    [entry] = put[0]["Entries"]
    assert (entry["EventBusName"], entry["Source"]) == (bus, "com.shop")


@pytest.mark.usefixtures("credentials")
def test_events_that_a_bus_refused_in_a_200_stay(edactl: Edactl) -> None:
    bus = f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/shop"
    script = scripted({}, rule_letters("open", "open"))

    def answer(operation: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if operation == "PutEvents":
            failed = {"ErrorCode": "NotAuthorizedForSource", "ErrorMessage": "not for you"}
            return 200, {"FailedEntryCount": 1, "Entries": [{"EventId": "e-1"}, failed]}
        if operation == "DescribeEventBus":
            return 200, {"Name": "shop", "Arn": bus}
        return script(operation, request)  # type: ignore[no-any-return] # Any by the script

    with scripted_sqs(answer) as (url, _):
        report = redriven(edactl, "--to", bus, "--endpoint-url", url, status=2)

    assert (report["sent"], report["deleted"], report["failed"]) == (1, 1, 1)
    assert report["failures"][0]["error_code"] == "NotAuthorizedForSource"


@pytest.mark.usefixtures("credentials")
def test_one_entry_that_failed_in_a_200_stays_and_the_other_is_deleted(edactl: Edactl) -> None:
    failed = {"Id": "0", "Code": "InvalidMessageContents", "Message": "odd", "SenderFault": True}
    answer = {"Successful": [{"Id": "1", "MessageId": "new"}], "Failed": [failed]}
    script = scripted({"open": (200, answer)}, rule_letters("open", "open"))
    with scripted_sqs(script) as (url, _):
        report = redriven(edactl, "--engine", "client", "--endpoint-url", url, status=2)

    assert (report["sent"], report["deleted"], report["failed"]) == (1, 1, 1)
    assert report["failures"][0]["error_code"] == "InvalidMessageContents"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--via", "topic"), '--via is "topic"'),
        (("--via", "bus", "--to", "billing"), "--via bus and --to contradict each other"),
        (("--to", "arn:aws:lambda:us-east-1:000000000000:function:f"), "neither a queue, a topic"),
        (("--to", "arn:aws:sns:us-east-1:000000000000:news.fifo"), "is FIFO"),
    ],
)
def test_a_way_that_is_none_is_refused_before_a_letter_is_touched(
    shop: Shop, edactl: Edactl, options: tuple[str, ...], says: str
) -> None:
    shop.put(Outgoing("one"))

    run = edactl("dlq", "redrive", "events-dlq", *options, "--yes")

    assert run.status == 252
    assert says in run.err
    assert shop.queues.depth(shop.dlq) == (1, 0)


@pytest.mark.parametrize("resource", [("sns", "gone"), ("events", "event-bus/gone")])
def test_a_topic_or_bus_that_is_not_there_is_refused(
    shop: Shop, edactl: Edactl, resource: tuple[str, str]
) -> None:
    run = edactl("dlq", "redrive", "events-dlq", "--to", shop.arn(*resource), "--yes")

    assert run.status == 254
    assert "gone" in run.err


def test_a_bare_name_that_is_no_queue_says_how_topics_are_named(shop: Shop, edactl: Edactl) -> None:
    run = edactl("dlq", "redrive", "events-dlq", "--to", "news", "--yes")

    assert run.status == 254
    assert "a topic or a bus is named by its ARN" in run.err


@pytest.mark.parametrize("topic", [False, True], ids=["bus", "bus and topic"])
def test_a_bare_name_of_a_bus_or_a_topic_says_their_arns(
    shop: Shop, edactl: Edactl, *, topic: bool
) -> None:
    meant = f"{shop.arn('events', f'event-bus/{BUS}')}, the bus of that name"
    if topic:
        arn = shop.call("sns", "create_topic", Name=BUS)["TopicArn"]
        meant = f"{arn}, the topic of that name or {meant}"

    run = edactl("dlq", "redrive", "events-dlq", "--to", BUS, "--yes")

    assert run.status == 254
    assert f"try: {meant}\n" in run.err
