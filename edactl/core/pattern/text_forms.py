"""Conditions on strings: ignoring case as the engine does, wildcards, and what UTF-8 makes of them.

Strings are compared in UTF-8, where a lone surrogate becomes a question mark.
"""

from __future__ import annotations

from dataclasses import dataclass

_SURROGATES = range(0xD800, 0xE000)
# letters that Unicode paired after version 13, the engine's: a newer Python folds them
_PAIRED_LATER = frozenset(
    map(
        chr,
        (0x0264, 0x019B, 0x1C89, 0x1C8A, 0x2C2F, 0x2C5F, 0xA7C0, 0xA7C1, *range(0xA7CB, 0xA7DD)),
    )
)


def as_utf8(text: str) -> str:
    """The string that UTF-8 carries: pairs joined, each lone surrogate a question mark."""
    if text.isascii() or not any(ord(one) in _SURROGATES for one in text):
        return text
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return joined.encode("utf-8", "replace").decode("utf-8")


def _units(text: str) -> list[str]:
    """UTF-16 code units, those of a character outside the basic plane as two lone surrogates."""
    data = text.encode("utf-16-le", "surrogatepass")
    return [chr(int.from_bytes(data[at : at + 2], "little")) for at in range(0, len(data), 2)]


@dataclass(frozen=True)
class CaseForms:
    """What a string may look like when case is ignored: per UTF-16 unit its lower and upper forms.

    Mappings are full and made unit by unit, so `ß` takes ß and SS, and an emoji never takes itself.
    They are those of Unicode 13 whatever Python has, as in the engine on Java 17.
    Source: event-ruler, `EqualsIgnoreCaseParser`.
    """

    forms: tuple[frozenset[str], ...]

    def equals(self, value: str) -> bool:
        """Whether value is one of the forms."""
        return len(value) in self._ends(value)

    def starts(self, value: str) -> bool:
        """Whether value begins with one of the forms."""
        return bool(self._ends(value))

    def ends(self, value: str) -> bool:
        """Whether value ends with one of the forms."""
        starts = {len(value)}
        for forms in reversed(self.forms):
            starts = {
                at - len(form) for at in starts for form in forms if value.endswith(form, 0, at)
            }
        return bool(starts)

    def _ends(self, value: str) -> set[int]:
        ends = {0}
        for forms in self.forms:
            ends = {at + len(form) for at in ends for form in forms if value.startswith(form, at)}
        return ends


def case_forms(text: str) -> CaseForms:
    """The forms of a pattern's string."""
    return CaseForms(tuple(_forms(unit) for unit in _units(text)))


def _forms(unit: str) -> frozenset[str]:
    if unit in _PAIRED_LATER:
        return frozenset((unit,))
    return frozenset((as_utf8(unit.lower()), as_utf8(unit.upper())))


@dataclass(frozen=True)
class WildcardParts:
    """The literal pieces between the stars; one piece when there is none."""

    pieces: tuple[str, ...]

    def matches(self, value: str) -> bool:
        """Whether the whole value fits, in time linear in its length for each piece."""
        first, *middle = self.pieces
        if not middle:
            return value == first
        last = middle.pop()
        if not (value.startswith(first) and value.endswith(last)):
            return False
        at, end = len(first), len(value) - len(last)
        for piece in middle:
            found = value.find(piece, at, end)
            if found < 0:
                return False
            at = found + len(piece)
        return at <= end


def wildcard_parts(text: str) -> WildcardParts:
    r"""A wildcard pattern, where `*` is any text and `\*` and `\\` are escapes.

    Raises ValueError with the engine's wording; its positions count bytes after an opening quote.
    """
    pieces, piece = [], ""
    at, end = 0, len(text)
    while at < end:
        one = text[at]
        if one == "\\":
            if text[at + 1 : at + 2] not in {"*", "\\"}:
                raise ValueError(f"Invalid escape character at pos {_position(text, at)}")
            at += 1
            piece += text[at]
        elif one == "*":
            if text[at + 1 : at + 2] == "*":
                raise ValueError(f"Consecutive wildcard characters at pos {_position(text, at)}")
            pieces.append(piece)
            piece = ""
        else:
            piece += one
        at += 1
    return WildcardParts((*pieces, piece))


def _position(text: str, at: int) -> int:
    return 1 + len(text[:at].encode("utf-8", "replace"))
