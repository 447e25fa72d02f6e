"""The sub-rules that are left after a first look at an event, and the code for just them."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import indent
from typing import TYPE_CHECKING, Any, TypeAlias

from edactl.core.pattern import templates
from edactl.core.pattern.answers import answers_in, only
from edactl.core.pattern.bit_names import WORD_BITS, Names, placed
from edactl.core.pattern.guesses import Misled
from edactl.core.pattern.matching import SubRule
from edactl.core.pattern.path_tree import Node, tree_of
from edactl.core.pattern.records import records_of
from edactl.core.pattern.walk_code import WalkCode

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from edactl.core.pattern.habits import Habits
    from edactl.core.pattern.memo import Budget
    from edactl.core.pattern.records import Records

    Walk: TypeAlias = Callable[[Any, int], list[str]]


@dataclass(frozen=True, slots=True)
class Member:
    """A sub-rule with its rule's name; `odd` ones only the exact matcher can judge."""

    name: str
    rule: SubRule
    odd: bool = False

    def without(self, paths: Collection[str]) -> Member:
        """The same without the fields at these paths."""
        kept = tuple(one for one in self.rule.fields if one[0] not in paths)
        return Member(self.name, SubRule(kept), self.odd)


class Doubt(Exception):
    """Only the exact matcher can tell whether these members match; they are given by number."""

    def __init__(self, members: list[int]) -> None:
        self.members = members


class Stage:
    """Members of a rule set by their numbers there, each with a bit, and the tree of their fields.

    `full` is the mask of them all, `code` the text of the last walk that was made,
    `guesses` the functions that `guessed` made.
    """

    def __init__(self, members: Mapping[int, Member], budget: Budget) -> None:
        names = [one.name for one in members.values()]
        self._places = dict(zip(placed(names), members, strict=True))
        by_place = {place: members[number] for place, number in self._places.items()}
        self.full = sum(1 << place for place in by_place)
        self._odd = sum(1 << place for place, one in by_place.items() if one.odd)
        self._names = Names({place: one.name for place, one in by_place.items()})
        self.code = ""
        self.guesses: list[Callable[[bytes | str], list[str]]] = []
        self.root = tree_of({place: one.rule for place, one in by_place.items()}, budget)

    def numbers(self, bits: int) -> list[int]:
        """Which members of the rule set these bits are."""
        return [number for place, number in self._places.items() if bits >> place & 1]

    def walk(self, nodes: list[Node], records: Records, habits: Habits, start: int | None) -> Walk:
        """A function from a record to the names of the members that its fields at `nodes` leave.

        It begins with all the bits of `start`, or with those that it is given. Raises Doubt,
        Undecided, what asks for a new habit, and what the decoder raises.
        """
        code = WalkCode(records, habits, self.full)
        self.code = self._body(code, nodes, start)
        return code.made(templates.STAGE.format(code=indent(self.code, "    ")), "stage")

    def guessed(
        self,
        first: Mapping[str, Node],
        values: tuple[Any, ...],
        habits: Habits,
        lines: Iterable[bytes | str],
    ) -> Callable[[bytes | str], list[str]]:
        """A function from a line to the names of the members that it matches.

        The fields `first` must have these values. Raises Misled when they have not, and what a walk
        raises; also, of fields that have few values in these `lines`, msgspec.ValidationError for
        other values.
        """
        records = records_of(Node(below={**first, **self.root.below}))
        sample = list(map(records.decoder(), lines))
        if sample:
            answers = answers_in(self.root, records, sample)
            answers |= {
                one.path: only(value)
                for one, value in zip(first.values(), values, strict=True)
                if isinstance(value, str)
            }
            records = records_of(Node(below={**first, **self.root.below}), answers=answers)
        code = WalkCode(records, habits, self.full)
        code.names |= {"decode": records.decoder(), "Misled": Misled}
        unlike = " or ".join(
            f"v.{records.attributes[one.path]} != {code.named(value)}"
            for one, value in zip(first.values(), values, strict=True)
            if one.path not in records.answers
        )
        body = self._body(code, list(self.root.below.values()), self.full)
        text = templates.GUESSED.format(unlike=unlike or "False", code=indent(body, "    "))
        made = code.made(text, "guessed")
        self.guesses.append(made)
        return made

    def _body(self, code: WalkCode, nodes: list[Node], start: int | None) -> str:
        body = code.fields(nodes, "v", "m", "return []")
        body += templates.FAIL.format(m="m", fail="return []")
        if start is not None:
            body = code.begun(body, start)

        def doubt(bits: int) -> Doubt:
            code.doubtful[0] = 0
            return Doubt(self.numbers(bits))

        if any(one.absent and one.path in code.records.types for one in nodes):
            body += templates.DOUBT_IT.format(doubt=code.named(doubt))
        if self._odd:
            body += templates.ODD.format(odd=code.named(self._odd), doubt=code.named(doubt))
        return body + self._names_of(code)

    def _names_of(self, code: WalkCode) -> str:
        known = searched = ""
        for number, one in enumerate(self._names.words):
            place = {"skipped": number * WORD_BITS, "ones": (1 << WORD_BITS) - 1}
            known += templates.KNOWN_NAMES.format(known=code.named(one.known), **place)
            searched += templates.SEARCHED_NAMES.format(search=code.named(one.search), **place)
        if len(self._names.words) == 1:
            known, searched = (one.replace("m >> 0 & 1073741823", "m") for one in (known, searched))
        names = templates.NAMES_ONCE if self._names.repeats else templates.NAMES
        return names.format(known=known, searched=searched)
