"""Target parameters that read the event: a queue's message group, a stream's partition key."""

from __future__ import annotations

from edactl.core.pattern.fields import read_event
from edactl.core.transform.path import parse_path
from edactl.core.transform.render import in_string


def parameter_value(parameter: str, event: str | bytes) -> str:
    """A target parameter's value for one event.

    A parameter that is a JSON path as a whole, as `$.detail.id`, reads the event as it was
    received, never what the transformer made of it; anything else stands for itself. An object or
    list loses its quotes; a path that the event lacks gives an empty string (both unverified).
    Raises InputError for an event that is no JSON object.
    Source: EventBridge user guide, "Event bus targets", "Dynamic path parameters".
    """
    path = parse_path(parameter)
    if path is None:
        return parameter
    found = path.find(read_event(event))
    return in_string(found.value) if found else ""
