"""Ignoring case with the mappings of Unicode 13, whatever Unicode this Python has."""

from __future__ import annotations

import hashlib

import pytest

from edactl.core.pattern import compile_pattern
from edactl.core.pattern.text_forms import case_forms

# made on Java 17: of each UTF-16 unit, toLowerCase and toUpperCase in the root locale, sorted,
# without duplicates, in UTF-8, a line each
JAVA_17 = "52c87c0431aca27650ec7f8b24a012ef2a21efaa522117f15f5df5c9bbe1c7ec"


def test_the_forms_of_every_unit_are_javas() -> None:
    digest = hashlib.sha256()
    for code in range(0x10000):
        [forms] = case_forms(chr(code)).forms
        digest.update(f"{' '.join(sorted(forms))}\n".encode())

    assert digest.hexdigest() == JAVA_17


@pytest.mark.parametrize(
    ("wanted", "value", "match"),
    [
        ("ß", "SS", True),
        ("ß", "ss", False),
        ("ss", "ß", False),
        ("\u212a", "k", True),
        ("\u212a", "K", False),
        ("k", "\u212a", False),
        ("ǅ", "ǆ", True),
        ("ǅ", "ǅ", False),
        ("Σ", "ς", False),
        ("İ", "i\u0307", True),
        ("😀", "😀", False),
        ("😀", "??", True),
        ("ŉ", "\u02bcN", True),
        ("ﬃ", "FFI", True),
        ("\u2c2f", "\u2c5f", False),
    ],
)
def test_forms_are_full_and_made_unit_by_unit(wanted: str, value: str, match: bool) -> None:
    for operand, held in (
        ({"equals-ignore-case": wanted}, match),
        ({"prefix": {"equals-ignore-case": wanted}}, match),
        ({"suffix": {"equals-ignore-case": wanted}}, match),
        ({"anything-but": {"equals-ignore-case": [wanted]}}, not match),
    ):
        assert compile_pattern({"a": [operand]}).matches({"a": value}) is held
