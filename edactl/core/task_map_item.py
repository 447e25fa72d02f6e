"""The items of a task map, and how each one fills in the command and the environment of its task.

`{field}` is the item's field, `{a.b}` one inside it, `{json}` the whole item as JSON, `{index}` its
place from 0. `{item}` is an item that is no object. `${NAME}` is the shell's and stays; `{{name}}`
is `{name}` itself. Any other brace is text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
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


def with_item(overrides: Overrides) -> Overrides:
    """The same; when nothing in it names the item, each task gets that as ITEM."""
    texts = (*overrides.command, *overrides.environment.values())
    named = any(isinstance(part, Field) for text in texts for part in template_of(text))
    if named or ITEM_VARIABLE in overrides.environment:
        return overrides
    return replace(overrides, environment={**overrides.environment, ITEM_VARIABLE: "{json}"})


@dataclass(frozen=True)
class Templates:
    """The overrides of a map: those of `base`, its command and environment filled by each item."""

    base: Overrides
    command: tuple[Template, ...]
    environment: Mapping[str, Template]

    @classmethod
    def over(cls, base: Overrides) -> Templates:
        """The templates in these overrides: taken apart once, each item only fills them."""
        variables = {name: template_of(text) for name, text in base.environment.items()}
        return cls(base, tuple(template_of(text) for text in base.command), variables)

    @property
    def differ(self) -> bool:
        """Whether items may have different overrides: each then takes a RunTask of its own."""
        templates = (*self.command, *self.environment.values())
        return any(isinstance(part, Field) for one in templates for part in one)

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
