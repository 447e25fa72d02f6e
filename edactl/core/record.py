"""Frozen dataclasses as plain JSON values: the keys are the field names."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from edactl.core.times import rfc3339

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"


def to_json_value(value: object) -> JsonValue:
    """`value` as JSON can carry it: dataclass to object, time to RFC 3339, bytes to base64.

    Raises TypeError for anything that JSON has no word for.
    """
    match value:
        case None | bool() | int() | float():
            return value
        case Enum():
            return to_json_value(value.value)
        case str():
            return value
        case datetime():
            return rfc3339(value)
        case bytes():
            return base64.b64encode(value).decode("ascii")
        case Mapping():
            return {str(key): to_json_value(item) for key, item in value.items()}
        case list() | tuple():
            return [to_json_value(item) for item in value]
    if is_dataclass(value):
        return {field.name: to_json_value(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"{type(value).__name__} is no JSON value")


def record_of(value: DataclassInstance) -> dict[str, JsonValue]:
    """The dataclass as one JSON object: the field names are the keys."""
    return {field.name: to_json_value(getattr(value, field.name)) for field in fields(value)}
