"""Many patterns against many events: the names of the rules that match each."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from edactl.core.pattern.bad_line import tell
from edactl.core.pattern.compiled import Pattern, compile_pattern
from edactl.core.pattern.error import PatternError
from edactl.core.pattern.fields import fields_of, read_event, read_line, wanted
from edactl.core.pattern.plain import is_odd, is_plain
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from edactl.core.pattern.bad_line import Invalid
    from edactl.core.pattern.fast_path import FastPath
    from edactl.core.pattern.fields import Event, Members


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep Python's garbage collector from walking what is being built, again and again.

    Thousands of rules are millions of objects that all stay: looking for garbage among them takes
    half the time of building them. The setting is the process's; what it was is restored.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class RuleSet:
    """Patterns by name, matched together.

    Verdicts are those of each pattern alone. Lines of JSON take a fast path that decodes only the
    fields that some rule asks for; what it cannot decide exactly takes the exact path. Three things
    it cannot see: of duplicate keys in an event the last one counts; a key with a dot in it
    (`{"a.b": 1}`) is not the path a.b, unless the pattern has such a key itself: then the exact
    path judges that rule; and a number or a name over the engine's limits, or a string that is
    not UTF-8, does not spoil the event. `match` looks for those first, `match_lines` does not;
    `exact=True` keeps to the exact path. Without msgspec there is only the exact path.

    As the engine they do not read what follows an event; `alone=True` refuses such text.

    Raises PatternError, with the rule's name, for a pattern that AWS would refuse.
    """

    def __init__(
        self,
        patterns: Mapping[str, str | bytes | Mapping[str, Any] | Pattern],
        *,
        dialect: str = "rule",
        exact: bool = False,
        alone: bool = False,
    ) -> None:
        self._read_text = read_line if alone else read_event
        with _no_collection():
            self._build(patterns, dialect, exact=exact)

    def _build(
        self,
        patterns: Mapping[str, str | bytes | Mapping[str, Any] | Pattern],
        dialect: str,
        *,
        exact: bool,
    ) -> None:
        self.patterns = {
            name: one if isinstance(one, Pattern) else _compiled(name, one, dialect)
            for name, one in patterns.items()
        }
        self._rules = [
            (name, rule) for name, one in self.patterns.items() for rule in one.sub_rules
        ]
        self._are_records = any(type(one) is not Pattern for one in self.patterns.values())
        self._odd = [any(is_odd(path) for path, _ in rule.fields) for _, rule in self._rules]
        self._want = wanted({path for _, rule in self._rules for path, _ in rule.fields})
        exact = exact or self._are_records or not self._rules
        self._fast = None if exact else self._fast_path()

    def _fast_path(self) -> FastPath | None:
        try:
            from edactl.core.pattern.fast_path import FastPath
            from edactl.core.pattern.stage import Member
        except ModuleNotFoundError:
            return None
        dotted = {name for name, one in self.patterns.items() if _may_have_dotted_key(one.text)}
        members = [
            Member(name, rule, odd or name in dotted)
            for (name, rule), odd in zip(self._rules, self._odd, strict=True)
        ]
        return FastPath(members, self._exactly)

    def match(self, event: Event) -> list[str]:
        """The names of the rules that match, in the order of the rules.

        Raises InputError for an event that is no JSON object.
        """
        if self._are_records:
            return [name for name, one in self.patterns.items() if one.matches(event)]
        if not isinstance(event, str | bytes):
            return self._names_in(read_event(event), None)
        if self._fast is None or not is_plain(event):
            return self._exactly(event)
        return self._fast.match(event)

    def match_line(self, line: bytes | str) -> list[str]:
        """The names of the rules that match one line of NDJSON, as `match_lines` gives them."""
        return self._fast.match(line) if self._fast else self.match(line)

    def match_lines(
        self, lines: Iterable[bytes | str], *, invalid: Invalid | None = None
    ) -> Iterator[list[str]]:
        """The names of the rules that match each line of NDJSON.

        A line is read only when its list is asked for. A blank line has no list. Raises InputError,
        with the line's number from 1, at a line that is no JSON object; with `invalid`, that is
        called with the number and the error instead, and the line has no list.
        """
        if self._fast:
            return self._fast.match_lines(lines, invalid)
        return self._match_singly(lines, invalid)

    def _match_singly(
        self, lines: Iterable[bytes | str], invalid: Invalid | None
    ) -> Iterator[list[str]]:
        for number, line in enumerate(lines, 1):
            try:
                found = self.match_line(line)
            except InputError as error:
                if line.strip():
                    tell(invalid, number, error)
            else:
                yield found

    def _exactly(self, line: bytes | str, indexes: Iterable[int] | None = None) -> list[str]:
        return self._names_in(self._read_text(line), indexes)

    def _names_in(self, event: Members, indexes: Iterable[int] | None) -> list[str]:
        """The names of those sub-rules, or of all, that match by the exact matcher."""
        shared = fields_of(event, self._want)
        found: dict[str, None] = {}
        for at in range(len(self._rules)) if indexes is None else indexes:
            name, rule = self._rules[at]
            # a pattern with odd steps walks an event by its own steps alone
            own = fields_of(event, self.patterns[name].want) if self._odd[at] else shared
            if name not in found and rule.matches(own):
                found[name] = None
        return list(found)


def _compiled(name: str, pattern: str | bytes | Mapping[str, Any], dialect: str) -> Pattern:
    try:
        return compile_pattern(pattern, dialect)
    except PatternError as error:
        raise error.of_rule(name) from None


def _may_have_dotted_key(pattern: str) -> bool:
    """Whether some key of a pattern has a dot in it; True, too, for one with duplicate keys."""
    return ("." in pattern or "\\" in pattern) and not is_plain(pattern)
