from __future__ import annotations

import pytest

from edactl.core.ecs_names import EcsName, ecs_name
from edactl.errors import InputError, UsageError

HERE = "arn:aws:ecs:eu-west-1:000000000000"
LONG, SHORT = f"{HERE}:service/jobs/orders", f"{HERE}:service/orders"


@pytest.mark.parametrize(
    ("text", "cluster", "expected"),
    [
        ("orders", "", ("default", "orders")),
        ("orders", "jobs", ("jobs", "orders")),
        ("jobs/orders", "", ("jobs", "orders")),
        ("jobs/orders", "jobs", ("jobs", "orders")),
        ("jobs/orders", f"{HERE}:cluster/jobs", (f"{HERE}:cluster/jobs", "orders")),
        (LONG, "", ("jobs", LONG)),
        (LONG, "jobs", ("jobs", LONG)),
        (SHORT, "", ("default", SHORT)),
        (SHORT, "jobs", ("jobs", SHORT)),
        ("", "", ("default", "")),
    ],
)
def test_a_service_is_named_bare_with_its_cluster_or_by_arn(
    text: str, cluster: str, expected: tuple[str, str]
) -> None:
    assert ecs_name(text, "service", cluster) == EcsName(*expected)


@pytest.mark.parametrize("text", ["jobs/orders", LONG])
def test_two_clusters_are_refused(text: str) -> None:
    with pytest.raises(UsageError) as error:
        ecs_name(text, "service", "web")

    assert error.value.message.endswith('is in cluster "jobs", and --cluster says "web"')


@pytest.mark.parametrize(
    "text", [f"{HERE}:task/jobs/1", "arn:aws:sqs:eu-west-1:000000000000:service/x"]
)
def test_the_arn_of_something_else_is_refused(text: str) -> None:
    with pytest.raises(InputError) as error:
        ecs_name(text, "service")

    assert error.value.message == f'"{text}" is not the ARN of a service'


@pytest.mark.parametrize("text", ["a/b/c", "/orders", "jobs/"])
def test_a_name_with_odd_slashes_is_refused(text: str) -> None:
    with pytest.raises(InputError) as error:
        ecs_name(text, "task")

    assert error.value.hint == "TASK, CLUSTER/TASK or its ARN"
