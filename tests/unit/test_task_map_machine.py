from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from edactl.core.task_map import MapPolicy
from edactl.core.task_map_execution import Execution, MapRunCounts, item_execution, result_keys
from edactl.core.task_map_item import MapItem, Templates, template_of, with_item
from edactl.core.task_map_machine import expression, role_policy, state_machine
from edactl.core.task_request import Overrides
from edactl.errors import InputError, Throttled
from edactl.ops.task_log_follow import Timing
from edactl.ops.task_map_machine import MachineFollow
from tests.scripted_machine import evaluated
from tests.task_map_world import DEFINITION, ON_SPOT, REQUEST

ITEMS: list[Any] = [
    {"id": 7, "name": 'a "b" \\ ü', "at": {"city": "Oslo"}, "tags": [1, "x"], "no": None},
    {"id": 1.5, "name": "", "at": {"city": {"x": 1}}, "tags": [], "no": False, "index": "mine"},
    {"id": "text", "name": "%}", "at": {"city": None}, "at.city": "own", "tags": {}, "no": 0},
]
TEXTS = [
    "plain",
    "",
    "{id}",
    "--name={name}!",
    "{at.city}",
    "{tags}/{no}",
    "{index}",
    "{{id}} ${id} {id}",
    'quote " and \\ and {% odd %} {name}',
    "{% odd %}",
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("number", range(len(ITEMS)))
def test_jsonata_fills_a_template_as_edactl_does(text: str, number: int) -> None:
    item = MapItem(number, number + 1, ITEMS[number])
    [ours] = Templates.over(Overrides("app", (text,))).of(item, "items").command
    theirs = expression(template_of(text))

    if theirs.startswith("{%"):
        theirs = evaluated(theirs, {"index": number, "item": item.value})
    assert theirs == ours


def test_jsonata_gives_the_whole_item() -> None:
    whole = evaluated(expression(template_of("{json}")), {"index": 0, "item": ITEMS[0]})

    assert json.loads(whole) == ITEMS[0]


@pytest.mark.parametrize("value", ["s3://a", 7, True])
def test_jsonata_gives_an_item_that_is_no_object(value: Any) -> None:
    found = evaluated(expression(template_of("{item} {index}")), {"index": 3, "item": value})

    assert found == f"{value if isinstance(value, str) else json.dumps(value)} 3"


def _machine(**policy: Any) -> dict[str, Any]:
    overrides = with_item(Overrides("app", ("run", "{id}"), {"A": "b"}, cpu=512, memory=1024))
    request = replace(
        REQUEST, overrides=overrides, network={"awsvpcConfiguration": {"subnets": ["s"]}}
    )
    limits = MapPolicy(**{"launch_seconds": 600, **policy})
    return json.loads(json.dumps(state_machine(request, Templates.over(overrides), limits, 40)))  # type: ignore[no-any-return] # JSON


def test_the_machine_is_a_distributed_map_of_items_in_s3() -> None:
    machine = _machine()

    assert set(machine) == {"Comment", "StartAt", "States"}
    each = machine["States"][machine["StartAt"]]
    assert set(each) == {
        "Type",
        "Label",
        "MaxConcurrency",
        "ToleratedFailurePercentage",
        "ItemReader",
        "ItemSelector",
        "ItemProcessor",
        "ResultWriter",
        "End",
    }
    assert (each["Type"], each["End"], each["MaxConcurrency"]) == ("Map", True, 40)
    assert each["ItemReader"] == {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "JSONL"},
        "Parameters": {"Bucket.$": "$.bucket", "Key.$": "$.key"},
    }
    assert each["ResultWriter"]["Parameters"] == {"Bucket.$": "$.bucket", "Prefix.$": "$.prefix"}
    processor = each["ItemProcessor"]
    assert processor["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    assert list(processor["States"]) == [processor["StartAt"]]


def test_its_task_is_run_to_the_end_with_the_items_overrides() -> None:
    machine = _machine(seconds=90.4)
    each = machine["States"][machine["StartAt"]]
    [task] = each["ItemProcessor"]["States"].values()

    assert task["Resource"] == "arn:aws:states:::ecs:runTask.sync"
    assert (task["QueryLanguage"], task["End"], task["TimeoutSeconds"]) == ("JSONata", True, 90)
    assert task["Arguments"] == {
        "Cluster": "jobs",
        "TaskDefinition": DEFINITION.arn,
        "LaunchType": "FARGATE",
        "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": ["s"]}},
        "Overrides": {
            "Cpu": "512",
            "Memory": "1024",
            "ContainerOverrides": [
                {
                    "Name": "app",
                    "Command": ["run", '{% $string($lookup($states.input.item, "id")) %}'],
                    "Environment": [{"Name": "A", "Value": "b"}],
                }
            ],
        },
    }
    assert [one["ErrorEquals"][0] for one in task["Retry"]] == ["AmazonECS.Unknown"]


def test_retries_of_items_are_the_machines_own() -> None:
    machine = _machine(retries=2)
    [task] = machine["States"]["Each item"]["ItemProcessor"]["States"].values()

    assert task["Retry"][1]["ErrorEquals"] == ["States.TaskFailed", "States.Timeout"]
    assert task["Retry"][1]["MaxAttempts"] == 2
    assert "TimeoutSeconds" not in task


def test_a_request_on_spot_keeps_its_strategy_and_may_have_no_overrides() -> None:
    machine: Any = state_machine(ON_SPOT, Templates.over(Overrides("app")), MapPolicy(60), 99_999)
    each = machine["States"]["Each item"]
    [task] = each["ItemProcessor"]["States"].values()

    assert each["MaxConcurrency"] == 10_000
    assert task["Arguments"]["CapacityProviderStrategy"] == [
        {"CapacityProvider": "FARGATE_SPOT", "Weight": 1}
    ]
    assert "Overrides" not in task["Arguments"]


def test_the_role_may_do_what_the_machine_does_and_no_more() -> None:
    machine = "arn:aws:states:eu-west-1:123456789012:stateMachine:edactl-map-1"
    policy: Any = role_policy("b", "p/", DEFINITION.arn, machine, ["arn:role"])

    allowed = {action: one["Resource"] for one in policy["Statement"] for action in one["Action"]}
    assert allowed["ecs:RunTask"] == [DEFINITION.arn.replace(":7", ":*")]
    assert allowed["iam:PassRole"] == ["arn:role"]
    assert allowed["s3:GetObject"] == ["arn:aws:s3:::b/p/*"]
    assert allowed["states:StartExecution"] == [machine]
    assert allowed["states:StopExecution"] == [
        "arn:aws:states:eu-west-1:123456789012:execution:edactl-map-1:*",
        "arn:aws:states:eu-west-1:123456789012:execution:edactl-map-1/*",
    ]
    assert allowed["events:PutRule"] == [
        "arn:aws:events:eu-west-1:123456789012:rule/StepFunctionsGetEventsForECSTaskRule"
    ]
    unknown: Any = role_policy("b", "p/", DEFINITION.arn, machine, [])
    [passing] = [one for one in unknown["Statement"] if one["Action"] == ["iam:PassRole"]]
    assert passing["Resource"] == ["*"]
    assert passing["Condition"]["StringEquals"] == {
        "iam:PassedToService": "ecs-tasks.amazonaws.com"
    }


# -- results ---------------------------------------------------------------------------------------


def _found(record: Any) -> Any:
    return item_execution(record, DEFINITION, "app", lambda _told: None, "s3://b/k:1")


INPUT = '{"index":3,"item":{"id":7}}'


@pytest.mark.parametrize(
    ("record", "outcome", "words"),
    [
        ({"Status": "TIMED_OUT"}, "timed_out", "--timeout passed"),
        ({"Status": "FAILED", "Error": "States.Timeout"}, "timed_out", "--timeout passed"),
        ({"Status": "ABORTED"}, "cancelled", "with the whole execution"),
        (
            {
                "Status": "FAILED",
                "Error": "AmazonECS.Unknown",
                "Cause": "Capacity is unavailable at this time",
            },
            "never_started",
            "AWS has no capacity for it now: Capacity is unavailable",
        ),
        (
            {"Status": "FAILED", "Error": "ECS.AccessDeniedException", "Cause": "iam:PassRole"},
            "never_started",
            "the caller may not pass the task's roles",
        ),
        ({"Status": "FAILED"}, "never_started", "no reason given (no error)"),
    ],
)
def test_an_item_whose_task_is_not_known_ends_by_its_executions_words(
    record: dict[str, Any], outcome: str, words: str
) -> None:
    found = _found({"Input": INPUT, **record})

    assert (found.index, found.value, found.task) == (3, {"id": 7}, None)
    assert found.judgement.outcome == outcome
    assert words in found.judgement.explanation


def test_an_item_that_was_not_begun_has_no_end() -> None:
    assert _found({"Input": INPUT, "Status": "PENDING"}).judgement is None


@pytest.mark.parametrize(
    "record", [7, {}, {"Input": "{"}, {"Input": "[1]"}, {"Input": '{"index":"a","item":1}'}]
)
def test_a_record_of_something_else_is_refused_with_its_place(record: Any) -> None:
    with pytest.raises(InputError) as failure:
        _found(record)

    assert failure.value.where == "s3://b/k:1"


def test_a_manifest_names_the_result_files() -> None:
    files: Any = {
        "FAILED": [{"Key": "a", "Size": 1}],
        "SUCCEEDED": [{"Key": "b"}, 7],
        "PENDING": None,
    }

    assert result_keys({"ResultFiles": files}, "m") == ["a", "b"]
    with pytest.raises(InputError, match="not the manifest of a map run"):
        result_keys({"ResultFiles": []}, "m")


def test_an_execution_says_where_its_results_are() -> None:
    written: Any = {"ResultWriterDetails": {"Bucket": "b", "Key": "k"}}

    assert Execution("arn", "SUCCEEDED", output=written).manifest_key == ("b", "k")
    assert Execution("arn", "SUCCEEDED", output=[]).manifest_key is None


# -- following -------------------------------------------------------------------------------------


class Machines:
    """An execution that goes through these statuses."""

    def __init__(self, *statuses: str | Exception) -> None:
        self.statuses = list(statuses)
        self.stopped: list[str] = []
        self.seconds = 0.0
        self.counts: list[MapRunCounts] = []

    def execution(self, arn: str) -> Execution:
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        if isinstance(status, Exception):
            raise status
        return Execution(arn, "ABORTED" if self.stopped else status)

    def map_run_counts(self, execution: str) -> MapRunCounts:
        assert execution == "arn"
        return MapRunCounts(total=3, succeeded=1, failed=1)

    def stop(self, execution: str) -> None:
        self.stopped.append(execution)

    def wait(self, seconds: float) -> None:
        self.seconds += seconds

    def followed(self, *, stop_at: float = 1e9, keep: bool = False) -> Execution:
        timing = Timing(lambda: self.seconds, self.wait, lambda: 0.5)
        stop = lambda: self.seconds >= stop_at  # noqa: E731 -- a condition
        return MachineFollow(self, timing, stop, keep, self.counts.append).to_its_end("arn")


def test_an_execution_is_followed_to_its_end() -> None:
    machines = Machines("RUNNING", "RUNNING", "SUCCEEDED")

    assert machines.followed().status == "SUCCEEDED"
    assert [one.ended for one in machines.counts] == [2, 2, 2]
    assert machines.stopped == []


def test_ctrl_c_stops_the_execution_once_and_waits_for_its_end() -> None:
    machines = Machines("RUNNING")

    assert machines.followed(stop_at=10).status == "ABORTED"
    assert machines.stopped == ["arn"]


def test_with_keep_ctrl_c_leaves_it_to_run() -> None:
    machines = Machines("RUNNING")

    assert machines.followed(stop_at=10, keep=True).running
    assert machines.stopped == []


def test_throttles_are_waited_out_but_not_for_ever() -> None:
    throttle = Throttled("slow", code="ThrottlingException", operation="states:DescribeExecution")

    assert Machines(throttle, throttle, "SUCCEEDED").followed().status == "SUCCEEDED"
    machines = Machines(throttle)
    with pytest.raises(Throttled):
        machines.followed()
    assert machines.seconds > 300
