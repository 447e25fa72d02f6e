"""Guesses at a line's first fields: no verdict shows them, whatever the lines turn out to be."""

from __future__ import annotations

import pytest

from edactl.core.pattern import RuleSet
from edactl.core.pattern.guesses import MOST, Guesses

RULES = {
    f"{source} {kind}": f'{{"source":["{source}"],"detail-type":["{kind}"],"detail":'
    f'{{"a":[{{"prefix":"1"}}],"b":["x",{{"exists":false}}],"c":{{"d":[true]}}}}}}'
    for source in ("orders", "users")
    for kind in ("Created", "Failed")
}
RULES["any"] = '{"source":["orders","users"],"detail":{"a":["12"]}}'
MANY = ",".join(f'"f{number}":["x"]' for number in range(20))
RULES["rare"] = f'{{"source":["rare"],"detail":{{{MANY}}}}}'
DETAIL = '{"a":"%d","b":"x","c":{"d":true}}'


def line(number: int, kind: str = "Created", source: str = "orders", more: str = "") -> bytes:
    detail = DETAIL % (number % 30)
    return (
        f'{{"id":"{number:05}","detail-type":"{kind}","source":"{source}"{more},"detail":{detail}}}'
    ).encode()


def usual(count: int) -> list[bytes]:
    kinds = [("Created", "orders"), ("Failed", "orders"), ("Failed", "users"), ("Other", "users")]
    return [line(number, *kinds[number % 4]) for number in range(count)]


def agree(lines: list[bytes | str], rules: dict[str, str] = RULES) -> None:
    unguessed = RuleSet(rules)
    expected = [unguessed.match_line(one) for one in lines]
    assert list(RuleSet(rules).match_lines(lines)) == expected
    assert any(expected)


def guessed(rules: RuleSet) -> Guesses:
    """What the rule set guesses by: no verdict may show it."""
    assert rules._fast is not None
    return rules._fast._guesses


def test_lines_of_one_layout_are_guessed_at_and_judged_the_same() -> None:
    lines = usual(700)
    rules = RuleSet(RULES)

    assert list(rules.match_lines(lines)) == list(RuleSet(RULES, exact=True).match_lines(lines))
    assert len(guessed(rules).known) == 4


@pytest.mark.parametrize(
    "odd",
    [
        line(11, source="orders", more=',"source":"users"'),
        line(12, source="orders", more=',"detail-type":"Failed"'),
        line(13, more=',"source":["users"]'),
        line(14, more=',"source":null'),
        line(15, more=',"source":{"x":1}'),
        line(16).replace(b'"a":"16"', b'"a":["16",7,{"x":1}]'),
        line(17).replace(b'"c":{"d":true}', b'"c":[{"d":true},{"d":1.50}]'),
        line(18).replace(b'"c":{"d":true}', b'"c":7'),
        line(19).replace(b'"id":"00019",', b""),
        b'{"detail":{"a":"12"},"source":"users"}',
        line(20).decode(),
        line(12, more=',"other":"\u00e9"').decode(),
    ],
)
def test_a_line_that_is_not_what_its_bytes_promise_is_judged_as_it_is(odd: bytes | str) -> None:
    agree([*usual(700), odd, *usual(8), odd, odd, *usual(700)])


def test_bad_lines_among_those_guessed_at_are_told_by_number() -> None:
    told: list[int] = []
    lines = [*usual(700), line(1)[:-1], b"", *usual(4)]

    found = list(RuleSet(RULES).match_lines(lines, invalid=lambda number, _: told.append(number)))

    assert len(found) == 704
    assert told == [701]


def test_more_kinds_of_lines_than_are_worth_it_end_the_guessing() -> None:
    rules = {
        str(number): f'{{"source":["s{number:03}"],"detail":{{"a":["1"],"b":["x"],"c":["y"]}}}}'
        for number in range(MOST + 20)
    } | {"rare": RULES["rare"]}
    lines: list[bytes | str] = [
        f'{{"source":"s{number:03}","detail":{{"a":"1","b":"x","c":"{"yz"[at % 2]}"}}}}'.encode()
        for at in range(20)
        for number in range(MOST + 20)
    ]
    together = RuleSet(rules)
    expected = list(RuleSet(rules, exact=True).match_lines(lines))

    assert list(together.match_lines(lines)) == expected
    assert guessed(together).window is None
    assert list(together.match_lines(lines)) == expected


@pytest.mark.parametrize(
    "lines",
    [
        [line(number, more="," * 0 + f',"x":"{"y" * number}"') for number in range(600)],
        [b'{"x":"%s",%s' % (b"y" * number, line(number)[1:]) for number in range(600)],
        [line(number, source="orders" + "-" * 300 * (number % 2)) for number in range(600)],
        [line(number).decode() for number in range(600)],
    ],
    ids=["alike where it counts", "nowhere alike", "long values", "text"],
)
def test_lines_of_any_layout_are_judged_the_same(lines: list[bytes | str]) -> None:
    agree(lines)


def test_a_window_is_where_every_line_has_its_values() -> None:
    guesses = Guesses()
    guesses.sample(b'{"a":"one","b":"two"}', ["one", "two"])
    guesses.sample(b'{"a":"three","b":"four"}', ["three", "four"])
    guesses.settle()

    assert guesses.window == slice(5, 20)


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ('{"a":"one"}', ["one"]),
        (b'{"a":"o\\u006ee"}', ["one"]),
        (b'{"a":1}', [1]),
        (b'{"ab":"one"}', ["one"]),
        (b"%s" % (b'{"a":"one","b":"%s"}' % (b"x" * 300)), ["one", "x" * 300]),
    ],
)
def test_there_is_no_window_where_lines_differ(line: bytes | str, values: list[object]) -> None:
    guesses = Guesses()
    if len(values) == 1:
        guesses.sample(b'{"a":"one"}', ["one"])
    guesses.sample(line, values)
    guesses.settle()

    assert guesses.window is None


LONG = 700  # enough lines for each kind to be guessed at, and the strings of its fields to be known


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"b":"x"', '"b":"y"'),
        ('"b":"x"', '"b":"\\u0078"'),
        ('"b":"x"', '"b":null'),
        ('"b":"x"', '"b":7'),
        ('"b":"x"', '"b":["y","x"]'),
        ('"b":"x"', '"b":{"x":1}'),
        (',"b":"x"', ""),
        ('"b":"x"', '"b":"x","b":"y"'),
        ('"b":"x"', '"b":"\\ud800"'),
        ('"tags":["t1","t2"]', '"tags":["t2"]'),
        ('"tags":["t1","t2"]', '"tags":["t2","t2"]'),
        ('"tags":["t1","t2"]', '"tags":["t3"]'),
        ('"tags":["t1","t2"]', '"tags":["t2",["t1"]]'),
        ('"tags":["t1","t2"]', '"tags":[]'),
        ('"tags":["t1","t2"]', '"tags":"t1"'),
        (',"tags":["t1","t2"]', ""),
        ('"source":"s"', '"source":"other"'),
        ('"source":"s"', '"source":"s","source":"other"'),
        ('"source":"s","detail-type":"t"', '"detail-type":"t","source":"s"'),
    ],
)
def test_a_value_that_no_line_has_had_is_judged_as_what_it_is(before: str, after: str) -> None:
    usually = '{"source":"s","detail-type":"t","detail":{"a":"1","b":"x","tags":["t1","t2"]}}'
    rules = {
        str(number): f'{{"source":["s"],"detail-type":["t"],"detail":{{{conditions}}}}}'
        for number, conditions in enumerate(
            (
                '"a":["1"],"b":["x"]',
                '"a":["1"],"b":[{"exists":false}]',
                '"b":[{"anything-but":["x"]}],"a":[{"exists":true}]',
                '"tags":["t1"],"a":["1"]',
                '"tags":["t3",{"prefix":"t2"}],"a":["1"]',
                '"tags":[{"exists":false}],"b":["x","y"]',
            )
        )
    } | {"elsewhere": RULES["any"]}
    odd = usually.replace(before, after)
    assert odd != usually
    lines = [one.encode() for one in [*[usually] * LONG, *[odd, usually] * 100]]

    together, exact = RuleSet(rules), RuleSet(rules, exact=True)
    found = list(together.match_lines(lines))

    assert guessed(together).known
    assert found[:LONG] == [exact.match(usually)] * LONG
    duplicate = after.count('"b"') == 2 or after.count('"source"') == 2
    last_wins = usually.replace(before, after.rsplit(",", 1)[-1]) if duplicate else odd
    assert found[LONG:] == [exact.match(last_wins), exact.match(usually)] * 100


def test_fields_with_ever_new_values_are_looked_up_the_usual_way_in_the_end() -> None:
    def of(number: int, a: str) -> bytes:
        return (
            line(number)
            .replace(DETAIL.encode() % (number % 30), DETAIL.encode() % 1)
            .replace(b'"a":"1"', f'"a":"{a}"'.encode())
        )

    lines: list[bytes | str] = [*(of(one, "12") for one in range(LONG))]
    lines += [of(one, f"1{one // 2}" if one % 2 else f"{one}") for one in range(LONG)]
    misleading = line(1, more=',"source":"users"')

    agree([*lines, misleading, *lines])


def test_fields_that_are_missing_or_of_other_shapes_from_the_start_are_judged_the_same() -> None:
    shapes = ['{"d":true}', "[7]", '[{"d":true},1]', "null"]
    lines: list[bytes | str] = [
        line(one).replace(b'{"d":true}', shapes[one % 4].encode()) for one in range(LONG)
    ]
    bare = [one.replace(b',"b":"x"', b"").replace(b'"a"', b'"z"') for one in usual(LONG)]

    agree(lines)
    agree([*bare, *usual(8)])


def test_long_lines_are_not_kept_to_learn_from() -> None:
    long = line(1).replace(b'"a"', b'"z":"%s","a"' % (b"z" * 1_000_000))

    agree([*usual(80), *[long] * 200])


def test_two_passes_at_once_do_not_disturb_each_other() -> None:
    rules = {
        str(number): f'{{"source":["s{number:03}"],"detail":{{"a":["1"],"b":["x"],"c":["y"]}}}}'
        for number in range(MOST + 20)
    } | {"rare": RULES["rare"]}
    lines = [
        f'{{"source":"s{number:03}","detail":{{"a":"1","b":"x","c":"{"yz"[at % 2]}"}}}}'.encode()
        for at in range(20)
        for number in range(MOST + 20)
    ]
    together = RuleSet(rules)
    expected = list(map(RuleSet(rules).match_line, lines))
    one, other = together.match_lines(lines), together.match_lines(lines)

    assert list(zip(one, other, strict=True)) == [(a, a) for a in expected]
