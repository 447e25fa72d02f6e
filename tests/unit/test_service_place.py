"""CLUSTER/SERVICE as people type it."""

from __future__ import annotations

import pytest

from edactl.core.scaling_policy.service_place import ServicePlace, parse_service_place
from edactl.errors import InputError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("flix/orders", ServicePlace("flix", "orders")),
        ("orders", ServicePlace("default", "orders")),
        ("arn:aws:ecs:eu-west-1:1:service/flix/orders", ServicePlace("flix", "orders")),
        ("arn:aws:ecs:eu-west-1:1:service/orders", ServicePlace("default", "orders")),
    ],
)
def test_a_service_is_named_by_cluster_and_name_or_arn(text: str, expected: ServicePlace) -> None:
    found = parse_service_place(text)

    assert found == expected
    assert found.resource_id == f"service/{found}"


@pytest.mark.parametrize("text", ["", "a/", "a/b/c", "a b/c", "arn:aws:sqs:eu-west-1:1:orders"])
def test_what_names_no_service_is_refused_with_what_to_type(text: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_service_place(text)

    assert "CLUSTER/SERVICE" in str(refused.value.hint)
