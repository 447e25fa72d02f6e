"""JSON paths as EventBridge takes them: dots, array indices and `*`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from edactl.core.pattern.fields import Members, NumberText

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edactl.core.transform.written_json import Json

# a key, an array index, or None for `*`
Step: TypeAlias = "str | int | None"

_STEP = re.compile(
    r"""\.(?P<every>\*)|\.(?P<name>[^.\[\]*()\s]+)
    |\[(?P<index>\d{1,9})\]|\[(?P<each>\*)\]|\[(['"])(?P<key>[^'"]+)\5\]""",
    re.VERBOSE,
)
_DOCUMENTED = re.compile(r"\$(?:\.(?:[A-Za-z0-9_/-]+|\*)|\[(?:\d+|\*)\])*")


@dataclass(frozen=True, slots=True)
class Found:
    """A value that a path leads to."""

    value: Json


@dataclass(frozen=True)
class JsonPath:
    """A path into an event."""

    text: str
    steps: tuple[Step, ...]

    @property
    def is_documented(self) -> bool:
        """Whether it holds only what AWS says it takes: dots, `-`, `_`, `/`, indices and `*`.

        Source: EventBridge user guide, "Amazon EventBridge input transformation". Other keys, and
        keys in brackets, are looked up all the same: unverified.
        """
        return _DOCUMENTED.fullmatch(self.text) is not None

    def find(self, event: Members) -> Found | None:
        """The value in the event; None where it has none.

        A path with `*` finds the list of what it leads to (unverified), or nothing.
        """
        nodes: list[Json] = [event]
        for step in self.steps:
            nodes = [found for node in nodes for found in _below(node, step)]
        if not nodes:
            return None
        return Found(nodes) if None in self.steps else Found(nodes[0])


def _below(node: Json, step: Step) -> Iterator[Json]:
    match node:
        case NumberText() | str():
            return
        case Members() as members:
            if step is None:
                yield from (value for _, value in members)
            else:
                yield from [value for key, value in members if key == step][-1:]
        case list() as elements if step is None:
            yield from elements
        case list() as elements if isinstance(step, int):
            yield from elements[step : step + 1]


def parse_path(text: str) -> JsonPath | None:
    """The path in the text; None when it is none that EventBridge would follow."""
    if not text.startswith("$"):
        return None
    steps: list[Step] = []
    at = 1
    while at < len(text):
        match = _STEP.match(text, at)
        if match is None:
            return None
        at = match.end()
        name, index, key = match["name"], match["index"], match["key"]
        steps.append(int(index) if index else name or key)
    return JsonPath(text, tuple(steps))
