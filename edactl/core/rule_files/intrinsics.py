"""CloudFormation's intrinsic functions, as far as a template alone tells what they give."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Final

from edactl.core.pattern.fields import NumberText
from edactl.core.rule_files.documents import (
    Members,
    Unresolved,
    items,
    json_text,
    members,
    plain,
    text_of_value,
    unresolved_in,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_NAMED_BY: Final = {"AWS::S3::Bucket": "BucketName", "AWS::Events::EventBus": "Name"}
_PLACE: Final = re.compile(r"\$\{(!?)([^}]*)\}")
_NOTHING: Final = Unresolved("", "AWS::NoValue")
_INDEX: Final = re.compile(r"\d+")


class Intrinsics:
    """Resolves the values of one template.

    `parameters` has values by name, for parameters, pseudo parameters, and what only a deployed
    stack tells, as `Queue` or `Queue.Arn`. A parameter's value is text, as CloudFormation hands it
    on, also where its type is Number. What the template does not tell comes as `Unresolved`.
    """

    def __init__(self, template: Members, parameters: Mapping[str, str]) -> None:
        self.declared = members(template.get("Parameters"))
        self.conditions = members(template.get("Conditions"))
        self.mappings = members(template.get("Mappings"))
        self.resources = members(template.get("Resources"))
        self.given = parameters
        self._asked: set[str] = set()
        self._truths: dict[str, bool | Unresolved] = {}
        self._functions: dict[str, Callable[[object], object]] = {
            "Ref": self._ref,
            "Fn::GetAtt": self._get_att,
            "Fn::Sub": self._sub,
            "Fn::Join": self._join,
            "Fn::Select": self._select,
            "Fn::Split": self._split,
            "Fn::FindInMap": self._find_in_map,
            "Fn::If": self._if,
            "Fn::Equals": self._equals,
            "Fn::And": lambda argument: self._all(argument, found=False),
            "Fn::Or": lambda argument: self._all(argument, found=True),
            "Fn::Not": self._not,
            "Fn::Base64": self._base64,
            "Fn::ToJsonString": self._to_json,
            "Fn::Length": self._length,
        }

    def resolve(self, value: object) -> object:
        """The value with every function replaced by what it gives."""
        match value:
            case dict() if len(value) == 1 and self._is_call(next(iter(value))):
                [(name, argument)] = value.items()
                return self._call(name, argument)
            case dict():
                return self._members(members(value))
            case list():
                found = [self.resolve(one) for one in value]
                return [one for one in found if one is not _NOTHING]
            case str() if "{{resolve:" in value:
                return Unresolved(value, f"the dynamic reference {value}")
        return value

    def _members(self, value: Members) -> Members:
        made = Members(
            (key, found)
            for key, one in value.repeated or value.items()
            if (found := self.resolve(one)) is not _NOTHING
        )
        made.lines = value.lines
        return made

    def _is_call(self, key: str) -> bool:
        return key == "Ref" or key.startswith("Fn::")

    def _call(self, name: str, argument: object) -> object:
        function = self._functions.get(name)
        if function is None:
            short = name.removeprefix("Fn::")
            return Unresolved(f"${{{short} {_shown(argument)}}}", f"!{short} {_shown(argument)}")
        return function(argument)

    def condition(self, name: str) -> bool | Unresolved:
        """Whether a named condition holds."""
        if name not in self._truths:
            # what asks for itself on the way is open
            self._truths[name] = Unresolved(f"${{{name}}}", f'the condition "{name}"')
            if name in self.conditions:
                self._truths[name] = self._truth(self.conditions[name])
        return self._truths[name]

    def _truth(self, value: object) -> bool | Unresolved:
        if isinstance(value, dict) and set(value) == {"Condition"}:
            return self.condition(str(value["Condition"]))
        found = self.resolve(value)
        if isinstance(found, Unresolved):
            return found
        return found is True or found == "true"

    def _ref(self, argument: object) -> object:
        name = str(argument)
        if name == "AWS::NoValue":
            return _NOTHING
        if name in self.given:
            return self._parameter(name, self.given[name])
        if name in self.resources:
            named = None
            if name not in self._asked:
                self._asked.add(name)
                named = self._name_of(members(self.resources[name]))
                self._asked.discard(name)
            return _open(name, f"!Ref {name}", name) if named is None else named
        declared = members(self.declared.get(name))
        stored = str(declared.get("Type", "")).startswith("AWS::SSM::")
        if "Default" in declared and not stored:
            return self._parameter(name, text_of_value(declared["Default"]))
        return _open(name, f"!Ref {name}")

    def _name_of(self, resource: Members) -> str | None:
        """The name that a Ref of such a resource gives, where the template gives it one."""
        key = _NAMED_BY.get(str(resource.get("Type")), "")
        found = self.resolve(members(resource.get("Properties")).get(key))
        return found if isinstance(found, str) else None

    def _parameter(self, name: str, value: str) -> object:
        kind = str(members(self.declared.get(name)).get("Type", ""))
        if kind.startswith(("CommaDelimitedList", "List<")):
            return [one.strip() for one in value.split(",")]
        return value

    def _get_att(self, argument: object) -> object:
        name = argument if isinstance(argument, str) else ".".join(map(str, items(argument)))
        if name in self.given:
            return self.given[name]
        return _open(name, f"!GetAtt {name}", name.partition(".")[0])

    def _sub(self, argument: object) -> object:
        text, *more = items(argument) or [None]
        own = members(self.resolve(more[0]) if more else None)
        if not isinstance(text, str):
            return Unresolved("${Sub}", f"!Sub {_shown(argument)}")
        parts: list[object] = []
        at = 0
        for place in _PLACE.finditer(text):
            parts.append(text[at : place.start()])
            literal, name = place[1], place[2].strip()
            parts.append(f"${{{name}}}" if literal else self._named(name, own))
            at = place.end()
        return _joined("", [*parts, text[at:]], f"!Sub {text}")

    def _named(self, name: str, own: Members) -> object:
        if name in own:
            return own[name]
        return self._get_att(name) if "." in name else self._ref(name)

    def _join(self, argument: object) -> object:
        separator, parts = _two(argument)
        found = self.resolve(parts)
        if isinstance(found, Unresolved):
            return found
        return _joined(text_of_value(separator), items(found), "!Join")

    def _select(self, argument: object) -> object:
        index, values = _two(argument)
        at, found = self.resolve(index), self.resolve(values)
        for one in (at, found):
            if isinstance(one, Unresolved):
                return one
        listed = items(found)
        if _INDEX.fullmatch(text_of_value(at)) and int(text_of_value(at)) < len(listed):
            return listed[int(text_of_value(at))]
        return Unresolved("${Select}", f"!Select {_shown(argument)}")

    def _split(self, argument: object) -> object:
        separator, text = _two(argument)
        found = self.resolve(text)
        if isinstance(found, Unresolved) or not text_of_value(separator):
            return found
        return list(text_of_value(found).split(text_of_value(separator)))

    def _find_in_map(self, argument: object) -> object:
        at: object = self.mappings
        *_, last = items(argument) or [None]
        keys = [
            self.resolve(one)
            for one in items(argument)
            if not isinstance(one, dict) or "DefaultValue" not in one
        ]
        for key in keys:
            if isinstance(key, Unresolved):
                return key
            found = members(at)
            if text_of_value(key) not in found:
                if isinstance(last, dict) and "DefaultValue" in last:
                    return self.resolve(last["DefaultValue"])
                return Unresolved("${FindInMap}", f"!FindInMap {_shown(argument)}")
            at = found[text_of_value(key)]
        return at

    def _if(self, argument: object) -> object:
        name, *branches = items(argument) or [None]
        found = self.condition(str(name))
        if isinstance(found, Unresolved) or len(branches) != 2:  # noqa: PLR2004 -- then and else
            what = found.what if isinstance(found, Unresolved) else _shown(argument)
            return Unresolved(f"${{If {name}}}", f"!If {name}: {what}")
        return self.resolve(branches[0] if found else branches[1])

    def _equals(self, argument: object) -> object:
        left, right = (self.resolve(one) for one in _two(argument))
        for one in (left, right):
            if isinstance(one, Unresolved):
                return one
        return _as_text(left) == _as_text(right)

    def _all(self, argument: object, *, found: bool) -> object:
        """Whether one of them is `found`; an open one leaves it open only if no other decides."""
        truths = [self._truth(one) for one in items(argument)]
        if found in truths:
            return found
        return next((one for one in truths if isinstance(one, Unresolved)), not found)

    def _not(self, argument: object) -> object:
        [first, *_] = items(argument) or [None]
        truth = self._truth(first)
        return truth if isinstance(truth, Unresolved) else not truth

    def _base64(self, argument: object) -> object:
        found = self.resolve(argument)
        if isinstance(found, Unresolved):
            return found
        return base64.b64encode(text_of_value(found).encode()).decode()

    def _to_json(self, argument: object) -> object:
        found = self.resolve(argument)
        return unresolved_in(found) or json_text(found)

    def _length(self, argument: object) -> object:
        found = self.resolve(argument)
        return found if isinstance(found, Unresolved) else NumberText(str(len(items(found))))


def _open(name: str, call: str, resource: str = "") -> Unresolved:
    return Unresolved(f"${{{name}}}", f"{call} (--parameter {name}=VALUE tells it)", resource)


def _joined(separator: str, parts: list[object], what: str) -> object:
    """The parts as one text; open when one of them is."""
    text = separator.join(text_of_value(one) for one in parts)
    for one in parts:
        if isinstance(one, Unresolved):
            return Unresolved(text, one.what, one.resource)
        if isinstance(one, dict | list):
            return Unresolved(text, what)
    return text


def _two(argument: object) -> tuple[object, object]:
    first, second, *_ = [*items(argument), None, None]
    return first, second


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json_text(value).strip('"')


def _shown(argument: object) -> str:
    """A function's argument for people."""
    if isinstance(argument, list):
        return " ".join(_shown(one) for one in argument)
    if isinstance(argument, dict):
        return " ".join(
            f"!{key.removeprefix('Fn::')} {_shown(one)}" for key, one in argument.items()
        )
    return text_of_value(plain(argument))
