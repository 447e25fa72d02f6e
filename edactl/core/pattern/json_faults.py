"""What is wrong with a text that is not JSON, in the words and at the place of AWS's JSON reader.

Source: Jackson 2.18, `ReaderBasedJsonParser`, measured.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

_TOKENS = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
_HEX = frozenset("0123456789abcdefABCDEF")
_ESCAPED = frozenset('"\\/bfnrt')
_ENABLE = "enable `JsonReadFeature.ALLOW_{}` to allow"
_ASTRAL, _LATIN_1 = 0xFFFF, 0xFF


class Fault(NamedTuple):
    """What is wrong, and the offset that the reader stands at."""

    reason: str
    at: int


def unexpected(text: str, at: int, expected: str) -> Fault:
    """The fault of a character that is not the one expected between tokens."""
    found = text[at]
    if found == "/":
        return Fault(
            "Unexpected character ('/' (code 47)): maybe a (non-standard) comment? (not recognized"
            " as one since Feature 'ALLOW_COMMENTS' not enabled for parser)",
            at,
        )
    if found < " ":
        return Fault(
            f"Illegal character ({_described(found)}): only regular white space"
            " (\\r, \\n, \\t) is allowed between tokens",
            at + 1,
        )
    return Fault(f"Unexpected character ({_described(found)}): {expected}", at)


def no_value(text: str, at: int) -> Fault:
    """The fault of what stands where a value has to begin."""
    found = text[at]
    if found == "}":
        return Fault(f"Unexpected character ({_described(found)}): expected a value", at)
    if found == "+":
        plus = "JSON spec does not allow numbers to have plus signs: "
        allow = _ENABLE.format("LEADING_PLUS_SIGN_FOR_NUMBERS")
        return Fault(_in_number(text, at, plus + allow).reason, at + 1)
    if found == "-" or (found.isascii() and found.isdecimal()):
        return _number(text, at)
    word = _word(text, at)
    if word in {"NaN", "Infinity"}:
        allow = _ENABLE.format("NON_NUMERIC_NUMBERS")
        return Fault(f"Non-standard token '{word}': {allow}", at + len(word))
    if word:
        reason = f"Unrecognized token '{word}': was expecting {_TOKENS}"
        return Fault(reason, at + len(word))
    return unexpected(text, at, f"expected a valid value {_TOKENS}")


def _number(text: str, at: int) -> Fault:
    """The fault of a number: which of its parts lacks its digit."""
    start = at + (text[at] == "-")
    if text.startswith("-Infinity", at):
        allow = _ENABLE.format("NON_NUMERIC_NUMBERS")
        return Fault(f"Non-standard token '-Infinity': {allow}", at + len("-Infinity"))
    if text[start : start + 1] == "0" and text[start + 1 : start + 2].isdecimal():
        return Fault("Invalid numeric value: Leading zeroes not allowed", start + 1)
    whole_end = end = _after_digits(text, start)
    if end == start:
        return _no_digit(text, end)
    if text[end] == ".":
        end = _after_digits(text, whole_end + 1)
        if end == whole_end + 1:
            return _not_followed(text, "Decimal point", min(end, len(text) - 1), start, whole_end)
    end += 1 + (text[end + 1 : end + 2] in {"+", "-"})
    if end == len(text):
        return Fault("Unexpected end-of-inputexpected a digit for number exponent", end)
    return _not_followed(text, "Exponent indicator", end, start, whole_end)


def _no_digit(text: str, at: int) -> Fault:
    """The fault of a minus sign that no digit follows."""
    if at == len(text):
        return Fault("Unexpected end-of-inputNo digit following sign", at)
    if text[at] == ".":
        return unexpected(text, at, f"expected a valid value {_TOKENS}")
    expected = "expected digit (0-9) to follow minus sign, for valid numeric value"
    return _in_number(text, at, expected)


def _not_followed(text: str, name: str, at: int, start: int, whole_end: int) -> Fault:
    """The fault at a character that is no digit; the reader stands there only behind a zero."""
    stands_at = at if text[start] == "0" else whole_end
    return Fault(_in_number(text, at, f"{name} not followed by a digit").reason, stands_at)


def _after_digits(text: str, at: int) -> int:
    while "0" <= text[at : at + 1] <= "9":
        at += 1
    return at


def _in_number(text: str, at: int, expected: str) -> Fault:
    return Fault(f"Unexpected character ({_described(text[at])}) in numeric value: {expected}", at)


def in_string(text: str, start: int, what: Literal["name", "string value"]) -> Fault:
    """The fault of a string that begins at `start` and does not end as one."""
    at = start + 1
    while at < len(text):
        one = text[at]
        if one < " ":
            return Fault(
                f"Illegal unquoted character ({_described(one)}): has to be escaped using"
                f" backslash to be included in {what}",
                at,
            )
        at += 1
        if one == "\\":
            fault = _escape(text, at)
            if fault:
                return fault
            at += 5 if text[at] == "u" else 1
    name = "in field name" if what == "name" else "was expecting closing quote for a string value"
    separator = " " if what == "name" else ": "
    return Fault(f"Unexpected end-of-input{separator}{name}", at)


def _escape(text: str, at: int) -> Fault | None:
    """The fault of an escape whose backslash stands before `at`."""
    if text[at : at + 1] == "u":
        for digit in range(at + 1, at + 5):
            if digit >= len(text):
                break
            if text[digit] not in _HEX:
                described = _described(text[digit])
                expected = "expected a hex-digit for character escape sequence"
                return Fault(f"Unexpected character ({described}): {expected}", digit)
        else:
            return None
    elif at < len(text):
        one = text[at]
        if one in _ESCAPED:
            return None
        return Fault(f"Unrecognized character escape {_described(one)}", at)
    return Fault("Unexpected end-of-input in character escape sequence", len(text))


def _word(text: str, at: int) -> str:
    """The run of characters of a name in Java."""
    end = at
    while (
        end < len(text)
        and (text[end].isalnum() or text[end] in "_$")
        and (end > at or not text[end].isdecimal())
    ):
        end += 1
    return text[at:end]


def _described(one: str) -> str:
    code = ord(one)
    if code < ord(" ") or code in range(0x7F, 0xA0):
        return f"(CTRL-CHAR, code {code})"
    if code > _LATIN_1:
        code = ord(one) if code <= _ASTRAL else 0xD800 + (code - 0x10000 >> 10)
        return f"'{one}' (code {code} / 0x{code:x})"
    return f"'{one}' (code {code})"
