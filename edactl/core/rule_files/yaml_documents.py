"""YAML into documents: with lines, short intrinsics as objects, and bounds on what aliases unfold.

Read event by event, without recursion. What YAML 1.1 takes for a date, an octal number or base 60
is a string here: AWS's templates know no dates, and a pattern has JSON's numbers alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edactl.core.pattern.fields import NumberText
from edactl.core.rule_files.documents import MAX_VALUES, Members
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import yaml

MAX_DEPTH = 200
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")
_TEMPLATE = re.compile(r"^(AWSTemplateFormatVersion|Resources|Transform)\s*:", re.MULTILINE)
_WORDS: dict[str, object] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
# YAML 1.1, which CloudFormation reads, has more words for true and false than 1.2
_OLD_WORDS: dict[str, object] = {
    **_WORDS,
    **{form(word): True for word in ("yes", "on") for form in (str, str.title, str.upper)},
    **{form(word): False for word in ("no", "off") for form in (str, str.title, str.upper)},
}
_STANDARD = "tag:yaml.org,2002:"


def read_yaml(text: str, source: str) -> list[object]:
    """The documents of a YAML stream.

    `!Ref x` comes as `{"Ref": "x"}`, `!GetAtt a.b` as `{"Fn::GetAtt": "a.b"}`, and so every other
    short form. Raises InputError with line and column, also for a key that stands twice, for what
    unfolds to over 200,000 values, and when the YAML package is not installed.
    """
    try:
        import yaml
    except ModuleNotFoundError:
        raise InputError(
            "YAML needs a package that is not installed",
            where=source,
            hint="pip install 'edactl[rules]'",
        ) from None
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C scanner, where there is one
    builder = _Builder(source, _OLD_WORDS if _TEMPLATE.search(text) else _WORDS)
    try:
        return list(builder.documents(yaml.parse(text, Loader=loader)))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{source}:{mark.line + 1}:{mark.column + 1}" if mark else source
        raise InputError(f"not YAML: {error.problem or error.context}", where=where) from None
    except yaml.YAMLError as error:
        raise InputError(f"not YAML: {' '.join(str(error).split())}", where=source) from None


@dataclass
class _Open:
    """A collection that is being read."""

    value: Members | list[object]
    tag: str | None
    anchor: str | None
    line: int
    size: int = 1
    key: str | None = None
    merged: list[Members] = field(default_factory=list)


class _Builder:
    """Values out of parser events, with a stack of its own."""

    def __init__(self, source: str, words: dict[str, object]) -> None:
        self.source = source
        self.words = words
        self.anchors: dict[str, tuple[object, int]] = {}
        self.stack: list[_Open] = []

    def documents(self, events: Iterator[yaml.Event]) -> Iterator[object]:
        """Each document's value."""
        from yaml import events as kinds

        for event in events:
            line = event.start_mark.line + 1 if event.start_mark else 1
            done: tuple[object, int] | None = None
            match event:
                case kinds.DocumentStartEvent():
                    self.anchors.clear()
                case kinds.AliasEvent():
                    done = self._alias(str(event.anchor), line)
                case kinds.ScalarEvent():
                    done = self._scalar(event, line), 1
                    self._keep(event.anchor, done)
                case kinds.MappingStartEvent():
                    self._enter(_Open(Members(), event.tag, event.anchor, line))
                case kinds.SequenceStartEvent():
                    self._enter(_Open([], event.tag, event.anchor, line))
                case kinds.CollectionEndEvent():
                    done = self._leave()
            if done is None:
                continue
            if not self.stack:
                yield done[0]
            else:
                self._add(*done, line)

    def _error(self, message: str, line: int) -> InputError:
        return InputError(f"not YAML that can be read: {message}", where=f"{self.source}:{line}")

    def _enter(self, opened: _Open) -> None:
        if len(self.stack) >= MAX_DEPTH:
            raise self._error("nested too deep", opened.line)
        if self.stack and isinstance(self.stack[-1].value, dict) and self.stack[-1].key is None:
            raise self._error("a key that is a list or an object", opened.line)
        if opened.anchor:
            self.anchors.pop(opened.anchor, None)
        self.stack.append(opened)

    def _leave(self) -> tuple[object, int]:
        one = self.stack.pop()
        if isinstance(one.value, Members):
            for merged in one.merged:
                for key, value in merged.items():
                    one.value.setdefault(key, value)
                    one.value.lines.setdefault(key, merged.lines.get(key, one.line))
        done = self._tagged(one.tag, one.value, one.line), one.size
        self._keep(one.anchor, done)
        return done

    def _keep(self, anchor: str | None, done: tuple[object, int]) -> None:
        if anchor:
            self.anchors[anchor] = done

    def _alias(self, anchor: str, line: int) -> tuple[object, int]:
        if anchor not in self.anchors:
            raise self._error(f"*{anchor} refers to nothing before it", line)
        return self.anchors[anchor]

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> object:
        is_key = (
            bool(self.stack)
            and isinstance(self.stack[-1].value, dict)
            and self.stack[-1].key is None
        )
        text: str = event.value
        if event.tag is None and event.implicit[0] and not is_key:
            return self._plain(text)
        return self._tagged(event.tag, text, line)

    def _plain(self, text: str) -> object:
        if text in self.words:
            return self.words[text]
        return NumberText(text) if _NUMBER.fullmatch(text) else text

    def _tagged(self, tag: str | None, value: object, line: int) -> object:
        if tag is None or tag in {"!", _STANDARD + "str", _STANDARD + "map", _STANDARD + "seq"}:
            return value
        if tag.startswith(_STANDARD):
            if isinstance(value, str) and tag.removeprefix(_STANDARD) in _SCALARS:
                return self._plain(value)
            raise self._error(f"the tag !!{tag.removeprefix(_STANDARD)} is not read", line)
        name = tag.removeprefix("!")
        key = name if name in {"Ref", "Condition"} else f"Fn::{name}"
        return Members([(key, value)])

    def _add(self, value: object, size: int, line: int) -> None:
        into = self.stack[-1]
        into.size += size
        if into.size > MAX_VALUES:
            raise self._error(f"its aliases unfold to over {MAX_VALUES:,} values", line)
        if isinstance(into.value, list):
            into.value.append(value)
        elif into.key is None:
            into.key = str(value)
            if into.key in into.value:
                before = into.value.lines[into.key]
                raise self._error(f'the key "{into.key}" stands on line {before} already', line)
            into.value.lines[into.key] = line
        else:
            self._add_member(into, into.value, value, line)

    def _add_member(self, into: _Open, members: Members, value: object, line: int) -> None:
        key, into.key = into.key or "", None
        if key != "<<":
            members[key] = value
            return
        del members.lines[key]
        for one in value if isinstance(value, list) else [value]:
            if not isinstance(one, Members):
                raise self._error("<< merges objects alone", line)
            into.merged.append(one)


_SCALARS = {"int", "float", "bool", "null"}
