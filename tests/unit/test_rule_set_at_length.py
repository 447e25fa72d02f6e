"""Many events through one rule set: code that is made anew as they show what they are like."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from edactl.core.pattern import RuleSet
from edactl.core.pattern.habits import Unforeseen
from edactl.core.pattern.memo import CHEAP, REMEMBERED, REMEMBERED_TOGETHER, Budget, Memo
from edactl.errors import InputError
from tests.pattern_events import event, spoiled, text

FILE = Path(__file__).parents[1] / "cases" / "event_patterns.ndjson"
CASES = [json.loads(line) for line in FILE.read_text("utf-8").splitlines()]
WANTS = [
    *('"region":["eu-west-1"]', '"region":[{"prefix":"us-"}]', '"private":[true]'),
    *('"price":[{"numeric":[">",20,"<=",99.95]}]', '"price":[1]', '"price":[{"exists":true}]'),
    *('"tags":["vip"]', '"tags":[{"anything-but":["gift"]}]', '"tags":[{"exists":false}]'),
    '"customer":{"ip":[{"cidr":"10.1.0.0/16"}]}',
    '"items":{"sku":[{"wildcard":"SKU-1*-C"}],"qty":[{"numeric":[">",0]}]}',
    '"items":{"sku":["SKU-07-A"],"qty":[{"exists":false}]}',
    '"channel":{"kind":["slack"]}',
    '"$or":[{"tags":["b2b"]},{"channel":{"kind":["sms"]}},{"items":{"qty":[2]}}]',
]
RULES = {
    f"{want} {source} {kind}": (
        f'{{"source":["{source}"],"detail-type":["{kind}"],"detail":{{"data":{{{want}}}}}}}'
    )
    for want in WANTS
    for source in ("orders", "payments")
    for kind in ("Created", "Failed")
} | {"key": '{"detail":{"metadata":{"key":[{"prefix":"a"}]}}}', "odd": '{"detail":{"":["x"]}}'}


def lines_of(seed: int, count: int, likely: float) -> list[bytes]:
    choose = random.Random(seed)  # noqa: S311 -- test data
    return [text(spoiled(event(choose), choose, likely)).encode() for _ in range(count)]


def _length(value: object) -> int:
    return len(str(value)) if isinstance(value, str) else 0


def verdicts(rules: RuleSet, lines: list[bytes]) -> list[list[str] | str]:
    """The names for each line, or what is wrong with it, by its number."""
    wrong: dict[int, str] = {}
    found = iter(
        list(rules.match_lines(lines, invalid=lambda n, error: wrong.update({n: error.message})))
    )
    return [
        wrong[number] if number in wrong else next(found) for number in range(1, 1 + len(lines))
    ]


@pytest.mark.parametrize("likely", [0, 0.03, 0.15])
def test_the_fast_path_agrees_with_the_exact_one_on_every_event(likely: float) -> None:
    lines = lines_of(5, 600, likely)

    expected = verdicts(RuleSet(RULES, exact=True), lines)

    assert verdicts(RuleSet(RULES), lines) == expected


def test_it_agrees_when_most_events_are_ruled_out_at_first_sight() -> None:
    rules = {name: text for name, text in RULES.items() if '"orders"],"detail-type":["F' in text}
    lines = [*lines_of(6, 300, 0), *lines_of(7, 300, 0.1)]

    assert verdicts(RuleSet(rules), lines) == verdicts(RuleSet(rules, exact=True), lines)


def test_it_agrees_when_there_are_objects_beside_the_one_that_is_decoded_late() -> None:
    rules = {
        str(number): f'{{"source":["s{number}"],"other":{{"x":["1"],"y":{{"z":["2"]}}}},'
        f'"detail":{{"a":["1"],"b":["2"],"c":["3"],"d":["4"]}}}}'
        for number in range(3)
    }
    rules["other"] = '{"source":["s1"],"other":{"y":{"z":["2"]}}}'
    lines = [
        f'{{"source":"s{number % 9}","detail":{{"d":"4","c":"3","b":"2","a":"1"}},'
        f'"other":{other}}}'.encode()
        for number in range(600)
        for other in ('{"y":{"z":"2"},"x":"1"}', '[{"x":"1"},{"y":{"z":"2"}}]')
    ]

    assert verdicts(RuleSet(rules), lines) == verdicts(RuleSet(rules, exact=True), lines)


@pytest.mark.parametrize("seed", range(4))
def test_it_agrees_on_the_recorded_patterns_and_events(seed: int) -> None:
    choose = random.Random(seed)  # noqa: S311 -- test data
    valid = [case for case in CASES if case["valid"] and "event_error" not in case]
    patterns = {case["id"]: case["pattern"] for case in choose.sample(valid, 60)}
    plain = [
        case["event"].encode()
        for case in choose.sample(valid, 120)
        if "\n" not in case["event"] and _is_plain(case["event"])
    ]

    expected = verdicts(RuleSet(patterns, exact=True), plain)

    assert verdicts(RuleSet(patterns), plain * 2) == expected * 2


def _is_plain(event: str) -> bool:
    """Whether no key comes twice or has a dot in it: what the fast path cannot see."""
    plain = True

    def look(pairs: list[tuple[str, object]]) -> None:
        nonlocal plain
        keys = [key for key, _ in pairs]
        plain = plain and len(keys) == len(set(keys)) and not any("." in key for key in keys)

    json.JSONDecoder(object_pairs_hook=look).raw_decode(event.lstrip())
    return plain


def test_fields_of_many_values_are_judged_without_keeping_them_all() -> None:
    rules = {
        "start": '{"a":[{"prefix":"v1"}],"b":[{"exists":true}]}',
        "end": '{"a":["v7",{"suffix":"99"}]}',
        "but": '{"a":[{"anything-but":["v77"]}]}',
        "net": '{"ip":[{"cidr":"10.1.0.0/16"}]}',
        "nets": '{"host":[{"cidr":"10.1.0.0/16"},"name"]}',
        "number": '{"n":[{"numeric":["<",500.5]}]}',
        "long": '{"long":[{"numeric":["<",500.5]}],"whole":[{"numeric":[">",7]}]}',
        "digits": '{"hex":[{"cidr":"16.0.0.0/8"}]}',
        "wild": '{"wild":[{"wildcard":"*1*"}]}',
    }
    lines = [
        f'{{"a":"v{number}","b":"x","n":{number}.5,"long":{number}.123456789012345,'
        f'"hex":{number}.25,"whole":{number},"wild":"{number}",'
        f'"ip":"10.{number % 9}.{number // 250}.{number % 300}",'
        f'"host":"10.{number % 9}.{number // 250}.{number % 256}"}}'.encode()
        for number in range(CHEAP + 300)
    ]
    lines += [
        b'{"a":1,"b":"x","n":"x","long":1e2,"whole":1.5,"ip":7,"host":null}',
        b'{"a":1.5,"b":"x","n":1e5,"long":true,"whole":"x","ip":1.5,"host":[1]}',
        b'{"a":null,"b":"x","n":[1.5],"long":[[1]],"whole":9007199254740993,"ip":{"a":1},"host":2}',
    ]

    expected = verdicts(RuleSet(rules, exact=True), lines)

    assert verdicts(RuleSet(rules), lines) == expected


def test_so_are_those_of_which_only_the_ends_are_asked_for() -> None:
    rules = {
        "one": '{"mail":[{"suffix":"@example.com"}],"key":[{"prefix":"1"}]}',
        "other": '{"mail":[{"suffix":"@acme.test"},"7@b.test",{"prefix":"12"}],"b":["x"]}',
        "file": '{"file":[{"suffix":".png"},{"suffix":".gz"}]}',
        "files": '{"files":[{"suffix":".png"},{"suffix":".tar.gz"}]}',
    }
    lines = [
        f'{{"mail":"{number}@{("example.com", "acme.test", "b.test")[number % 3]}","b":"x",'
        f'"key":"{number}","file":"{number}.{("png", "gz", "tar.gz")[number % 3]}",'
        f'"files":"{number}.{("png", "gz", "tar.gz")[number % 3]}"}}'.encode()
        for number in range(CHEAP + 100)
    ]
    odd: tuple[str, ...] = (
        "7",
        "7.5",
        "1e5",
        "null",
        "true",
        "[]",
        "{}",
        '{"x":1}',
        '["7@acme.test",1.5]',
        '""',
    )
    odd += ('"@acme.test"', '"acme.test"', '"a@b@acme.test"', '"@acme.test@"', '"@"', '".png"')
    lines += [f'{{"mail":{x},"b":"x","key":{x},"file":{x},"files":{x}}}'.encode() for x in odd]
    lines.append(b'{"b":"x"}')

    expected = verdicts(RuleSet(rules, exact=True), lines)

    assert verdicts(RuleSet(rules), lines) == expected


def test_so_are_those_whose_look_ups_are_dear() -> None:
    rules = {
        "wild": '{"a":[{"wildcard":"1*7"},{"wildcard":"*99"},{"wildcard":"12*"}]}',
        "but": '{"a":[{"anything-but":{"wildcard":["1*7","*5"]}},{"anything-but":["3"]}]}',
        "but case": '{"b":[{"anything-but":{"equals-ignore-case":"v7"}}]}',
        "but ends": '{"b":[{"anything-but":{"prefix":["v1"]}},{"anything-but":{"suffix":"9"}}]}',
    }
    lines = [f'{{"a":"{number}","b":"v{number}"}}'.encode() for number in range(REMEMBERED + 100)]

    expected = verdicts(RuleSet(rules, exact=True), lines)

    assert verdicts(RuleSet(rules), lines) == expected


def test_a_memo_that_is_full_forgets_everything_and_says_so() -> None:
    budget = Budget()
    memo = Memo(_length, 2, budget)

    assert [memo.look("a"), memo.look("bc"), memo.look("a")] == [1, 2, 1]
    assert memo.known == {"a": 1, "bc": 2}
    with pytest.raises(Unforeseen):
        memo.look("def")
    assert memo.crowded
    assert not memo.known
    assert budget.left == REMEMBERED_TOGETHER


def test_all_memos_together_stay_within_a_budget() -> None:
    budget = Budget()
    budget.left = 1
    one, two = Memo(_length, 5, budget), Memo(_length, 5, budget)

    assert one.look("a") == 1
    with pytest.raises(Unforeseen):
        two.look("b")


@pytest.mark.parametrize("exact", [False, True])
def test_bad_lines_are_told_by_number_and_the_others_go_on(exact: bool) -> None:
    told: list[tuple[int, str]] = []
    rules = RuleSet({"a": '{"a":["x"]}'}, exact=exact)
    lines = [b'{"a":"x"}', b"no", b'{"a":"y"}', b"[1]", b'{"a":["x"]}']

    found = list(rules.match_lines(lines, invalid=lambda n, error: told.append((n, error.message))))

    assert found == [["a"], [], ["a"]]
    assert [number for number, _ in told] == [2, 4]
    with pytest.raises(InputError, match="line 2"):
        list(rules.match_lines(lines))


def test_a_line_is_read_only_when_its_names_are_asked_for() -> None:
    read: list[int] = []

    def lines() -> Iterator[bytes]:
        for number in range(200):
            read.append(number)
            yield b'{"a":"x"}'

    found = RuleSet({"a": '{"a":["x"]}'}).match_lines(lines())

    for number in range(150):
        assert next(found) == ["a"]
        assert len(read) == number + 1


def test_names_may_be_changed_by_whoever_gets_them() -> None:
    rules = RuleSet({"a": '{"a":["x"]}'})

    rules.match_line('{"a":"x"}').append("mine")

    assert rules.match_line('{"a":"x"}') == ["a"]


DOTTED = {
    "dotted": '{"a.b":[1]}',
    "nested": '{"source":["s"],"a":{"b":[1]},"c":[1]}',
    "dotted absent": '{"source":["s"],"a.b":[{"exists":false}]}',
    "dotted above": '{"source":["s"],"d.e":{"f":["x"]}}',
    "dotted below": '{"d":{"e.f":["x"]},"source":["s"]}',
    "escaped": '{"d":{"e\\u002ef":["x"]}}',
    "either": '{"$or":[{"a.b":[1]},{"source":["t"]}]}',
    "value with a dot": '{"source":["s.t"]}',
}


@pytest.mark.parametrize("name", DOTTED)
@pytest.mark.parametrize(
    "key", ['"a.b":1', '"a":{"b":1}', '"a.b":2', '"a":{"b":2},"a.b":1', '"c":1']
)
@pytest.mark.parametrize("other", ['"d.e":{"f":"x"}', '"d":{"e.f":"x"}', '"d":{"e":{"f":"x"}}'])
@pytest.mark.parametrize("source", ["s", "t", "s.t"])
def test_a_pattern_with_a_dotted_key_finds_it_however_the_event_spells_it(
    name: str, key: str, other: str, source: str
) -> None:
    event = f'{{"source":"{source}",{key},{other}}}'
    if name == "nested":  # without a dotted key of its own a pattern is read by its steps
        event = event.replace('"a.b":', '"z":')
    rules = {"other": '{"source":["s","t","s.t"]}', name: DOTTED[name]}
    expected = list(RuleSet(rules, exact=True).match_lines([event]))
    assert list(RuleSet(rules).match_lines([event])) == expected


@pytest.mark.parametrize(
    "event",
    [
        b'{"other":%s,"a":1}' % (b"1" * 1001),
        b'{"other":[0.%s],"a":1}' % (b"1" * 1001),
        b'{"%s":1,"a":1}' % (b"n" * 50_001),
        b'{"other":"\xff","a":1}',
        b'{"other":"\xed\xa0\x80","a":1}',
    ],
    ids=["whole number", "fraction", "name", "no UTF-8", "half a pair"],
)
def test_what_spoils_an_event_outside_the_wanted_fields_is_seen_in_one_event(event: bytes) -> None:
    with pytest.raises(InputError, match="the event is not"):
        RuleSet({"one": '{"a":[1]}'}).match(event)


def test_the_longest_number_and_name_spoil_nothing() -> None:
    event = b'{"%s":%s,"a":1}' % (b"n" * 50_000, b"1" * 1000)

    assert RuleSet({"one": '{"a":[1]}'}).match(event) == ["one"]
