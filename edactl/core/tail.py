"""What a tail of a bus listens to, and the probe that proves that it listens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edactl.core.json_text import json_text, parse_json
from edactl.core.pattern import PatternError, compile_pattern
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edactl.core.record import JsonValue

PROBE_SOURCE = "edactl.probe"
# AWS refuses {}; every event has a source, so any prefix of one matches everything
MATCH_ALL: dict[str, JsonValue] = {"source": [{"prefix": ""}]}


def wanted_pattern(
    pattern: str | None, sources: Sequence[str], detail_types: Sequence[str]
) -> dict[str, JsonValue]:
    """The event pattern that options ask for; everything when they ask for nothing.

    Raises InputError, with line and column, when `pattern` is no JSON object.
    """
    wanted: dict[str, JsonValue] = {}
    if pattern is not None:
        wanted.update(parse_pattern_object(pattern))
    if sources:
        wanted["source"] = list(sources)
    if detail_types:
        wanted["detail-type"] = list(detail_types)
    return wanted or dict(MATCH_ALL)


def parse_pattern_object(text: str) -> dict[str, JsonValue]:
    """The JSON object that an event pattern is, as EventBridge takes it.

    Raises InputError for what EventBridge would refuse, in its words, with line and column.
    """
    try:
        compile_pattern(text)
        value = parse_json(text)
    except PatternError as error:
        raise InputError(
            str(error), where="--pattern", hint="""--pattern '{"source":["com.flix"]}'"""
        ) from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"not JSON: {error}", where="--pattern") from None
    return value if isinstance(value, dict) else {}  # it is: the pattern compiled


def with_probe(pattern: dict[str, JsonValue], token: str) -> str:
    """The pattern of a tail's rule: what is wanted, or this tail's own probe.

    One rule carries both, so a probe that arrives proves that very rule.
    """
    probe: dict[str, JsonValue] = {"source": [PROBE_SOURCE], "detail-type": [token]}
    return json_text({"$or": [pattern, probe]}, ascii_only=True)


def is_probe(event: JsonValue) -> bool:
    """Whether an event is a tail's probe, this one's or another's."""
    return isinstance(event, dict) and event.get("source") == PROBE_SOURCE
