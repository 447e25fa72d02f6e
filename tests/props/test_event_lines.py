from __future__ import annotations

import json
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from edactl.core.event_lines import EventLines
from edactl.core.first_look import FirstLook
from edactl.core.json_texts import json_texts
from edactl.core.pattern import RuleSet
from edactl.errors import InputError

PATTERNS = {"odd": '{"n":[1,3,5]}', "deep": '{"d":{"x":[{"prefix":"{"}]}}'}
EXACT = RuleSet(PATTERNS, exact=True, alone=True)

texts = st.sampled_from(["", "{", "}{", "x", "\u00e9", "\ud800", '"', "\n"])
events = st.fixed_dictionaries(
    {"n": st.integers(0, 5)},
    optional={"d": st.fixed_dictionaries({"x": texts, "n": st.integers(0, 9)}), "e": st.just([])},
)


def _spelled(items: list[object], layout: str) -> str:
    match layout:
        case "lines":
            return "".join(json.dumps(one) + "\n" for one in items)
        case "joined":
            return "".join(json.dumps(one) for one in items) + "\n"
        case "spaced":
            return " \t".join(json.dumps(one, separators=(" , ", " : ")) for one in items) + " \r\n"
        case "documents":
            return "\n\n".join(json.dumps(one, indent=1) for one in items) + "\n"
        case "array":
            return json.dumps(items) + "\n"
        case "array over lines":
            return json.dumps(items, indent=2) + "\n"
        case _:
            return "[\n" + ",\n".join(json.dumps(one) for one in items) + "\n]\n"


layouts = st.sampled_from(
    ["lines", "joined", "spaced", "documents", "array", "array over lines", "an array of lines"]
)
pieces = st.builds(_spelled, st.lists(events, min_size=1, max_size=4), layouts)
faults = st.sampled_from(
    [
        "\n",
        "oops\n",
        "7\n",
        '{"n":1} x\n',
        '{"n":1}],{}\n',
        '{"n":\n',
        '{"n":01}\n',
        "{}}\n",
        "[1]\n",
    ]
)
files = st.lists(pieces | faults, max_size=6).map("".join)


def _lines(text: str, *, ended: bool) -> list[bytes]:
    lines = [line + b"\n" for line in text.encode().split(b"\n")[:-1]]
    if lines and not ended:
        lines[-1] = lines[-1].removesuffix(b"\n")
    return lines


def _fast(lines: list[bytes], first: int) -> tuple[list[tuple[str, list[str]]], list[str]]:
    """Texts with their names, and what was refused or skipped, by the speed of the rules."""
    told: list[str] = []
    rules = FirstLook(RuleSet(PATTERNS, alone=True), lambda: EXACT, first)
    reader = EventLines(rules, "f", _teller(told), _teller(told))
    found: list[tuple[str, list[str]]] = []
    try:
        for names in reader.names(lines):
            text = reader.text()
            found.append((text.strip().decode() if isinstance(text, bytes) else text, names))
    except InputError as error:
        told.append(f"raised {error}")
    return found, told


def _careful(lines: list[bytes]) -> tuple[list[tuple[str, list[str]]], list[str]]:
    """The same, each line looked at first and each event by itself."""
    told: list[str] = []
    found: list[tuple[str, list[str]]] = []
    try:
        for text, number in json_texts(lines, "f", skip=_teller(told)):
            try:
                names = EXACT.match(text)
            except InputError as error:
                told.append(str(InputError(error.message, where=f"f:{number}")))
            else:
                found.append((text.decode() if isinstance(text, bytes) else text, names))
    except InputError as error:
        told.append(f"raised {error}")
    return found, told


def _teller(told: list[str]) -> Callable[[InputError], None]:
    return lambda error: told.append(str(error))


@given(files, st.booleans(), st.integers(0, 4))
def test_any_mixture_of_layouts_and_faults_reads_the_same_as_with_care(
    text: str, ended: bool, looked_at: int
) -> None:
    lines = _lines(text, ended=ended)

    assert _fast(lines, looked_at) == _careful(lines)


def _batched(lines: list[bytes], first: int, size: int) -> tuple[list[list[str]], list[str]]:
    """The names, and what was refused or skipped, of so many lines at a time."""
    told: list[str] = []
    rules = FirstLook(RuleSet(PATTERNS, alone=True), lambda: EXACT, first)
    reader = EventLines(rules, "f", _teller(told), _teller(told))
    found: list[list[str]] = []
    try:
        for start in range(0, len(lines), size):
            found += reader.names_in(lines[start : start + size])
        found += reader.names_at_end()
    except InputError as error:
        told.append(f"raised {error}")
    return found, told


@given(files, st.booleans(), st.integers(0, 4), st.integers(1, 5))
def test_lines_in_batches_read_the_same_as_one_by_one(
    text: str, ended: bool, looked_at: int, size: int
) -> None:
    lines = _lines(text, ended=ended)
    found, told = _fast(lines, looked_at)
    names, told_of_batches = _batched(lines, looked_at, size)

    assert told_of_batches == told
    # where a text is given up, what came before it in its batch is not told of
    assert names == [one for _, one in found][: len(names)]
    if not any(one.startswith("raised") for one in told):
        assert len(names) == len(found)
