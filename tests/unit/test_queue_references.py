from __future__ import annotations

import pytest

from edactl.core.arn import QueueReference, parse_queue
from edactl.errors import InputError


@pytest.mark.parametrize(
    ("text", "name", "region", "account"),
    [
        ("orders", "orders", "", ""),
        ("Orders_2-x.fifo", "Orders_2-x.fifo", "", ""),
        ("arn:aws:sqs:eu-west-1:123456789012:orders", "orders", "eu-west-1", "123456789012"),
        (
            "https://sqs.eu-west-1.amazonaws.com/123456789012/orders",
            "orders",
            "eu-west-1",
            "123456789012",
        ),
        ("https://sqs.cn-north-1.amazonaws.com.cn/1/orders/", "orders", "cn-north-1", "1"),
        ("https://eu-west-1.queue.amazonaws.com/1/orders", "orders", "eu-west-1", "1"),
        ("https://vpce-0a.sqs.eu-west-1.vpce.amazonaws.com/1/orders", "orders", "eu-west-1", "1"),
        ("https://queue.amazonaws.com/1/orders", "orders", "", "1"),
        ("http://127.0.0.1:4566/000000000000/orders", "orders", "", "000000000000"),
        ("http://sqs.us-east-1.localhost.localstack.cloud:4566/1/orders", "orders", "", "1"),
    ],
)
def test_a_queue_is_meant_by_name_url_or_arn(
    text: str, name: str, region: str, account: str
) -> None:
    url = text if text.startswith("http") else ""

    assert parse_queue(text) == QueueReference(name, region, account, url)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "with space",
        "a/b",
        "x" * 81,
        "x" * 76 + ".fifo",
        "x.fifa",
        ".fifo",
        "https://",
        "https://host",
        "https://host/",
        "https://host//",
        "arn:aws:sqs:r:1:",
        "arn:aws:sns:r:1:topic",
        "arn:broken",
    ],
)
def test_what_can_be_no_queue_is_refused_with_a_hint(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_queue(text)

    assert caught.value.hint is not None
