"""Values of an event as a template takes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.core.pattern.fields import Members
from edactl.core.times import rfc3339
from edactl.core.transform.template import (
    ENVELOPE,
    INGESTION_TIME,
    RULE_ARN,
    RULE_NAME,
    WHOLE_EVENT,
)
from edactl.core.transform.written_json import compact

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from edactl.core.transform.path import JsonPath
    from edactl.core.transform.template import Placeholder
    from edactl.core.transform.written_json import Json

# the order in which AWS was seen to write them; what else an event has follows (unverified)
_ENVELOPE_KEYS = (
    "id",
    "account",
    "detail-type",
    "time",
    "source",
    "region",
    "resources",
    "version",
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way: the event, when it was received, and the rule that took it."""

    event: Members
    ingestion_time: datetime
    rule_arn: str
    rule_name: str


def value_of(placeholder: str, paths: Mapping[str, JsonPath], delivery: Delivery) -> Json:
    """What a placeholder stands for; an empty string where the event lacks the path.

    Source: recorded with AWS, see tests/cases/input_transformers.json; the user guide says that
    the variable is not created, and is wrong there. Unverified: how finely the ingestion time is
    told, how `time` is written in `aws.events.event`, and that null stays null.
    """
    match placeholder:
        case _ if placeholder == RULE_ARN:
            return delivery.rule_arn
        case _ if placeholder == RULE_NAME:
            return delivery.rule_name
        case _ if placeholder == INGESTION_TIME:
            return rfc3339(delivery.ingestion_time.replace(microsecond=0))
        case _ if placeholder == WHOLE_EVENT:
            return delivery.event
        case _ if placeholder == ENVELOPE:
            return _envelope(delivery.event)
    found = paths[placeholder].find(delivery.event)
    return found.value if found else ""


def _envelope(event: Members) -> Members:
    """The event without `detail`; `detail-type` is written `detailType`."""
    known = dict(event)
    keys = [key for key in _ENVELOPE_KEYS if key in known]
    keys += [key for key in known if key not in {*_ENVELOPE_KEYS, "detail"}]
    return Members(("detailType" if key == "detail-type" else key, known[key]) for key in keys)


def in_json(value: Json, placeholder: Placeholder) -> str:
    """A value in a JSON template.

    Outside quotes it is JSON: a string has its quotes added and is escaped. Inside quotes a
    string's text is inserted with nothing escaped, and anything else as JSON, so that an object or
    a list with strings in it breaks the result: recorded with AWS, see the case file. That a
    string is escaped where EventBridge adds the quotes is unverified.
    """
    if placeholder.in_quotes and isinstance(value, str):
        return value
    return compact(value)


def in_string(value: Json) -> str:
    """A value in a string template: text as it is, objects and lists with their quotes stripped."""
    if isinstance(value, str):
        return value
    return compact(value).replace('\\"', "").replace('"', "")
