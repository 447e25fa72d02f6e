"""A pattern's text to its alternatives: which fields have to hold which values.

Iterative, so depth costs no stack. Source: event-ruler 2.0.1, `JsonRuleCompiler` (which knows
`$or`) and `RuleCompiler` (which does not, and is tried when the first fails).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from edactl.core.pattern import operators
from edactl.core.pattern.cursor import Cursor
from edactl.core.pattern.error import PatternError
from edactl.core.pattern.expressions import Expressions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edactl.core.pattern.conditions import Condition

Alternative: TypeAlias = "dict[str, tuple[Condition, ...]]"

OR = "$or"
MIN_MEMBERS = 2
MAX_ALTERNATIVES = 1000
MAX_FIELDS = 256
RESERVED_INSIDE_OR = frozenset(
    (
        *("exactly", "equals-ignore-case", "prefix", "suffix", "anything-but", "exists"),
        *("wildcard", "numeric", "cidr", "=", "<", "<=", ">", ">=", "regex", "not-wildcard"),
        *("not-equals-ignore-case", "date-after", "date-on-or-after", "date-before"),
        *("date-on-or-before", "in-date-range", "ip-address-in-range"),
        "ip-address-not-in-range",
    )
)


def alternatives(text: str) -> list[Alternative]:
    """The alternatives of a pattern, each a map from field path to the conditions on it.

    Where the compiler that knows `$or` finds the pattern wrong, AWS compiles it once more without
    `$or`, for which `$or` is an ordinary field; so is done here. The error then has the second
    compiler's wording, as AWS shows it, and the first one's as the hint.
    """
    try:
        return _Compiler(text, modern=True).run()
    except PatternError as error:
        if error.kind != "json":
            raise
        first = error
    try:
        return _Compiler(text, modern=False).run()
    except PatternError as second:
        if second.reason != first.reason:
            second.hint = first.reason if not first.path else f"{first.path}: {first.reason}"
        raise second from None


@dataclass
class _Object:
    """An object that is open: its path, and the alternatives that its fields are written to."""

    steps: tuple[str, ...]
    rules: list[Alternative]
    inside_or: bool
    branch_of: _Or | None = None
    empty: bool = True


@dataclass
class _Or:
    """A `$or` list that is open: the alternatives before it, and those of its members so far."""

    steps: tuple[str, ...]
    rules: list[Alternative]
    before: list[Alternative]
    members: int = 0
    made: list[Alternative] = field(default_factory=list)


class _Compiler:
    """One pass over the tokens, with a stack of what is open."""

    def __init__(self, text: str, *, modern: bool) -> None:
        self.cursor = Cursor(text)
        self.modern = modern
        self.expressions = Expressions(self.cursor, modern=modern)
        self.open: list[_Object | _Or] = []

    def run(self) -> list[Alternative]:
        if not self.cursor.text.strip(" \t\n\r") or self.cursor.next().kind != "{":
            self.cursor.fail("Filter is not an object")
        rules: list[Alternative] = []
        self.open.append(_Object((), rules, inside_or=False))
        while self.open:
            here = self.open[-1]
            self.cursor.path = ".".join(here.steps)
            if isinstance(here, _Object):
                self._in_object(here)
            else:
                self._in_or(here)
        self._refuse_late(rules)
        return rules

    def _in_object(self, here: _Object) -> None:
        token = self.cursor.next()
        if token.kind == "}":
            self._close_object(here)
            return
        here.empty = False
        name = token.text
        if self.modern and name == OR:
            self._open_or(here)
            return
        self.cursor.path = path = _extended(here.steps, name)
        if here.inside_or and name in RESERVED_INSIDE_OR:
            self.cursor.fail(
                f"{name} is Ruler reserved fieldName which cannot be used inside {OR}."
            )
        value = self.cursor.next()
        if value.kind == "{":
            self.open.append(_Object((*here.steps, name), here.rules, here.inside_or))
        elif value.kind == "[":
            self._write(here.rules, path)
        else:
            self.cursor.fail(f'"{name}" must be an object or an array')

    def _close_object(self, here: _Object) -> None:
        if here.empty:
            self.cursor.fail("Empty objects are not allowed")
        self.open.pop()
        if here.branch_of is not None:
            here.branch_of.made += here.rules
            if len(here.branch_of.made) > MAX_ALTERNATIVES:
                raise self.cursor.error(
                    f"Rule is too complex - {OR} makes more than {MAX_ALTERNATIVES} combinations",
                    kind="size",
                )

    def _open_or(self, here: _Object) -> None:
        before = [dict(rule) for rule in here.rules]
        here.rules.clear()
        self.cursor.path = _extended(here.steps, OR)
        self.cursor.expect("[", f"It must be an Array followed with {OR}.")
        self.open.append(_Or(here.steps, here.rules, before))

    def _in_or(self, here: _Or) -> None:
        self.cursor.path = f"{_extended(here.steps, OR)}[{here.members}]"
        token = self.cursor.next()
        if token.kind == "]":
            if here.members < MIN_MEMBERS:
                self.cursor.fail(f"There must have at least 2 Objects in {OR} relationship.")
            self.open.pop()
            here.rules += here.made
            return
        if token.kind != "{":
            self.cursor.fail(f"Only JSON object is allowed in array of {OR} relationship.")
        here.members += 1
        rules = [dict(rule) for rule in here.before] or [{}]
        self.open.append(_Object(here.steps, rules, inside_or=True, branch_of=here))

    def _write(self, rules: list[Alternative], path: str) -> None:
        values: list[Condition] = []
        while True:
            self.cursor.path = f"{path}[{len(values)}]"
            token = self.cursor.next()
            if token.kind == "]":
                break
            if token.kind == "[":
                self.cursor.fail("Match value must be String, number, true, false, or null")
            values.append(self._condition(token.kind, token.text))
        if not values:
            self.cursor.path = path
            self.cursor.fail("Empty arrays are not allowed")
        if not rules:
            rules.append({})
        conditions = tuple(values)
        for rule in rules:
            rule[path] = conditions

    def _condition(self, kind: str, text: str) -> Condition:
        match kind:
            case "{":
                return self.expressions.read()
            case "string":
                return operators.plain_string(text)
            case "number":
                return operators.plain_number(text)
            case _:
                return operators.literal(text)

    def _refuse_late(self, rules: list[Alternative]) -> None:
        """What the engine finds only when it adds each rule to its automaton, field by field."""
        late = {id(condition): error for condition, error in self.expressions.late}
        for rule in rules:
            if len(rule) > MAX_FIELDS:
                self.cursor.path = ""
                reason = f"RuntimeException: Size of rule exceeds max value of {MAX_FIELDS}"
                raise self.cursor.error(reason, kind="size")
            if late:
                _refuse_first(rule, late)


def _refuse_first(rule: Alternative, late: dict[int, PatternError]) -> None:
    for path in in_engines_order(rule):
        errors = [(place, late.get(id(one))) for place, one in enumerate(rule[path])]
        for place, error in sorted(errors, key=lambda one: one[0] == 0):
            if error is not None and (error.kind != "null" or place == 0):
                raise error


def in_engines_order(paths: Iterable[str]) -> list[str]:
    """Paths by their UTF-16 code units, as Java sorts them."""
    return sorted(paths, key=lambda path: path.encode("utf-16-be", "surrogatepass"))


def _extended(steps: tuple[str, ...], name: str) -> str:
    """The path of a field; the engine drops an empty path before the last step."""
    base = ".".join(steps)
    return f"{base}.{name}" if base else name
