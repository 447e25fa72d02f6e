"""The items of a task map, and how each one fills in the command and the environment of its task.

`{field}` is the item's field, `{a.b}` one inside it, `{json}` the whole item as JSON, `{index}` its
place from 0. `{item}` is an item that is no object. `${NAME}` is the shell's and stays; `{{name}}`
is `{name}` itself. Any other brace is text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from edactl.core.json_text import json_text
from edactl.core.message import parsed_body
from edactl.core.message_input import RECORD_FIELDS
from edactl.core.task_request import check_length
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edactl.core.record import JsonValue
    from edactl.core.task_request import Overrides

ITEM_VARIABLE = "ITEM"
_PLACE = re.compile(r"(?<!\$)(?:\{\{([A-Za-z_][\w.-]*)\}\}|\{([A-Za-z_][\w.-]*)\})")
_RESULT_KEYS = {"index", "item", "outcome", "explanation"}
_MISSING = object()


@dataclass(frozen=True)
class MapItem:
    """One item: its place from 0, the line it starts on, and its value."""

    index: int
    line: int
    value: JsonValue


@dataclass(frozen=True)
class Field:
    """A place in a template that an item fills."""

    path: str

    def of(self, item: MapItem) -> str:
        """The item's text for it. Raises InputError naming the field when the item lacks it."""
        found = self._found(item)
        if found is _MISSING:
            raise InputError(f"the item has no field {{{self.path}}}", hint=_hint(item.value))
        return found if isinstance(found, str) else json_text(found)  # type: ignore[arg-type] # JSON

    def _found(self, item: MapItem) -> object:
        value: object = item.value
        if self.path == "json":
            return json_text(item.value)
        if isinstance(value, dict):
            for name in (self.path,) if self.path in value else self.path.split("."):
                value = value.get(name, _MISSING) if isinstance(value, dict) else _MISSING
        elif self.path == "item":
            return value
        else:
            value = _MISSING
        return item.index if value is _MISSING and self.path == "index" else value


def _hint(value: JsonValue) -> str:
    if not isinstance(value, dict):
        return "{item} is an item that is no object; {json} is any item as JSON"
    names = ", ".join(f"{{{name}}}" for name in list(value)[:8])
    return f"it has {names or 'no fields'}; {{json}} is the whole item"


Template = tuple[str | Field, ...]


def template_of(text: str) -> Template:
    """The text as its parts: what stays, and what an item fills in."""
    parts: list[str | Field] = []
    at = 0
    for found in _PLACE.finditer(text):
        kept, path = found.groups()
        parts += [text[at : found.start()], f"{{{kept}}}" if kept else Field(path)]
        at = found.end()
    return tuple(part for part in (*parts, text[at:]) if part)


def _filled(template: Template, item: MapItem) -> str:
    return "".join(part if isinstance(part, str) else part.of(item) for part in template)


@dataclass(frozen=True)
class Templates:
    """The overrides of a map: those of `base`, its command and environment filled by each item."""

    base: Overrides
    command: tuple[Template, ...] = field(init=False)
    environment: Mapping[str, Template] = field(init=False)

    def __post_init__(self) -> None:
        """Take the texts apart once; each item only fills them."""
        set_ = object.__setattr__
        set_(self, "command", tuple(template_of(text) for text in self.base.command))
        variables = {name: template_of(text) for name, text in self.base.environment.items()}
        if not self._fields(variables) and ITEM_VARIABLE not in variables:
            variables[ITEM_VARIABLE] = (Field("json"),)
        set_(self, "environment", variables)

    def _fields(self, variables: Mapping[str, Template]) -> bool:
        parts = [part for one in (*self.command, *variables.values()) for part in one]
        return any(isinstance(part, Field) for part in parts)

    @property
    def passes_the_item_itself(self) -> bool:
        """Whether nothing names the item, so that each task gets it as ITEM."""
        return ITEM_VARIABLE not in self.base.environment and ITEM_VARIABLE in self.environment

    def of(self, item: MapItem, where: str) -> Overrides:
        """The overrides of one item's task; `where` is the file's name, for errors.

        Raises InputError, with the line, for a field that the item lacks, or when ECS would refuse
        them for their length.
        """
        try:
            filled = replace(
                self.base,
                command=tuple(_filled(one, item) for one in self.command),
                environment={name: _filled(one, item) for name, one in self.environment.items()},
            )
            check_length(filled)
        except InputError as error:
            raise InputError(error.message, where=f"{where}:{item.line}", hint=error.hint) from None
        return filled


def item_value(value: JsonValue) -> JsonValue:
    """The item that a line means: itself, or what a record of an earlier run or a message carries.

    A record of `task map` gives its `item`; a message as `dlq export` and `queue peek` print it
    gives its body, as JSON where it is some.
    """
    if not isinstance(value, dict):
        return value
    if value.keys() >= _RESULT_KEYS:
        return value["item"]
    body = value.get("body")
    if isinstance(body, str) and "message_id" in value and value.keys() <= RECORD_FIELDS:
        parsed = parsed_body(body)
        return body if parsed is None else parsed
    return value
