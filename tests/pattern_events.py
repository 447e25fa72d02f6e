"""Events of EventBridge's shape, and ways to spoil them."""

from __future__ import annotations

import json
import random
from typing import Any

ODD = [
    *("0", "-0", "1", "1.0", "-0.0", "300", "3e2", "1e400", "0.30000000000000001", "1.50"),
    *("9007199254740993", "12345678901234567890123", "-122.42916360922355", "true", "false"),
    *("null", '"x"', '""', '"10.0.0.1"', '"010.0.0.1"', '"10.0.0.256"', '"::ffff:a00:1"'),
    *('"\\ud800"', "[]", "{}", "[[]]", "[{}]", "[null]", '["vip",["b2b"]]', '{"kind":"slack"}'),
    *('[{"kind":"sms"}]', '[1,true,"a"]', '{"sku":"SKU-15-C","qty":3}', "1e5", "1E-5"),
    *('[[{"sku":"SKU-01-A","qty":9}]]', '["plain",{"sku":"SKU-00-A"}]'),
]


class Raw(str):
    """JSON text that is written as it is."""

    __slots__ = ()


def event(choose: random.Random) -> dict[str, Any]:
    """An event of one of three types."""
    data: dict[str, Any] = {
        "region": choose.choice(["eu-west-1", "us-east-1"]),
        "price": choose.choice([1, 20.5, 99.95]),
        "private": choose.random() < 0.5,
        "tags": choose.sample(["vip", "gift", "b2b"], choose.randint(0, 3)),
        "customer": {"ip": f"10.{choose.randint(0, 3)}.7.{choose.randint(0, 300)}"},
    }
    if choose.random() < 0.6:
        data["items"] = [
            {"sku": f"SKU-{choose.randint(0, 20):02}-{choose.choice('AC')}", "qty": number}
            for number in range(choose.randint(1, 3))
        ]
    if choose.random() < 0.3:
        data["channel"] = {"kind": choose.choice(["sms", "slack"])}
    return {
        "source": choose.choice(["orders", "payments"]),
        "detail-type": choose.choice(["Created", "Failed"]),
        "detail": {"metadata": {"key": f"{choose.getrandbits(32):08x}"}, "data": data},
    }


def spoiled(value: Any, choose: random.Random, likely: float) -> Any:
    """The same with some values dropped, replaced by odd ones or put into arrays."""
    if choose.random() < likely:
        return Raw(choose.choice(ODD))
    if isinstance(value, dict):
        return {
            key: spoiled(one, choose, likely)
            for key, one in value.items()
            if choose.random() > likely / 2
        }
    if isinstance(value, list):
        return [spoiled(one, choose, likely) for one in value]
    return [value, {"a": 1}] if choose.random() < likely / 2 else value


def text(value: Any) -> str:
    """JSON, with raw text as it is."""
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{text(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(text, value)) + "]"
    return json.dumps(value)
