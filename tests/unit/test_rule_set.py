"""Many rules at once: the fast path against each pattern alone, over events of every shape."""

from __future__ import annotations

import gc
import json
import random

import pytest

from edactl.core.pattern import PatternError, RuleSet, compile_pattern
from edactl.core.pattern.bit_names import REMEMBERED, Names, placed
from edactl.errors import InputError

ADDRESSES = [
    *("10.0.0.1", "10.0.0.01", "10.1.2.3", "192.168.7.9", "::ffff:a00:1", "2001:db8::1"),
    *(
        "2001:db8:0:1::5",
        "10.0.0",
        "10.0.0.256",
        "a.b.c.5",
        "1.2.3.4.5",
        "010.000.000.001",
        "x",
        "",
    ),
    *("x", "32.1.2.3", "::1", "0010.0000.0000.0001.5", "1000000000.1.1.5"),
]
NUMBERS = [
    *(
        "0",
        "-0",
        "1",
        "1.0",
        "5e0",
        "300",
        "3.0e2",
        "0.1",
        "0.30000000000000001",
        "9007199254740993",
    ),
    *("1e400", "12345678901234567890", "-7.25", "10000001", "101", "1234567.123456789"),
]
RULES = {
    "source": '{"source":["s1"]}',
    "both": '{"source":["s1","s2"],"detail":{"kind":["a"]}}',
    "net": '{"source":["s1"],"detail":{"ip":[{"cidr":"10.0.0.0/8"}]}}',
    "subnet": '{"source":["s1"],"detail":{"ip":[{"cidr":"10.0.0.0/29"},{"cidr":"192.0.0.0/8"}]}}',
    "host": '{"source":["s1"],"detail":{"ip":["10.0.0.1","x"]}}',
    "net6": '{"source":["s2"],"detail":{"ip":[{"cidr":"2001:db8::/64"},"::1"]}}',
    "both nets": '{"source":["s2"],"detail":{"ip":[{"cidr":"2000::/3"},{"cidr":"32.0.0.0/8"},7]}}',
    "digits": '{"source":["s3"],"detail":{"ip":[{"cidr":"16.0.0.0/8"},{"cidr":"1.0.0.0/8"}]}}',
    "text digits": '{"source":["s3"],"detail":{"ip":[{"cidr":"1.0.0.0/8"},10000001]}}',
    "span": '{"source":["s1"],"detail":{"n":[{"numeric":[">",0,"<=",300]}]}}',
    "above": '{"source":["s1"],"detail":{"n":[{"numeric":[">=",0.1]}]}}',
    "equal": '{"source":["s1"],"detail":{"n":[300,{"numeric":["=",-7.25]},9007199254740993]}}',
    "but": '{"source":["s1"],"detail":{"n":[{"anything-but":[1,300]}]}}',
    "not s": '{"source":["s1"],"detail":{"kind":[{"anything-but":["a","b"]}]}}',
    "not a or b": '{"detail":{"kind":[{"anything-but":["a"]},{"anything-but":["b"]}]}}',
    "edges": '{"detail":{"kind":[{"prefix":"b"},{"suffix":"c"},{"prefix":""}]}}',
    "starts": '{"detail":{"kind":[{"prefix":"b"},{"suffix":"cc"},"a"]}}',
    "wild": '{"detail":{"kind":[{"wildcard":"b*c"},{"wildcard":"*d"},{"wildcard":"*"}]}}',
    "case": '{"detail":{"kind":[{"equals-ignore-case":"A"}]}}',
    "absent": '{"source":["s1"],"detail":{"kind":[{"exists":false}]}}',
    "there": '{"detail":{"n":[{"exists":true}]}}',
    "literal": '{"detail":{"n":[true,null]}}',
    "items": '{"source":["s1"],"detail":{"items":{"x":["1"],"y":[{"numeric":["<",5]}]}}}',
    "no y": '{"source":["s1"],"detail":{"items":{"x":["1"],"y":[{"exists":false}]}}}',
    "items itself": '{"detail":{"items":["plain"]}}',
    "items number": '{"detail":{"items":[5]}}',
    "deep": '{"detail":{"a":{"b":{"c":{"d":["1"]}}}}}',
    "or": '{"$or":[{"source":["s2"]},{"detail":{"kind":["a"]}},{"detail":{"n":[1]}}]}',
    "odd": '{"detail":{"":{"x":["1"]}},"source":["s1"]}',
}
ITEMS = [
    *(
        "[]",
        '"plain"',
        "5",
        "null",
        '{"x":"1","y":1}',
        '[{"x":"1"},{"y":1}]',
        '["plain",{"x":"1","y":9}]',
    ),
    *(
        '[{"x":"1","y":4.5},{"x":"2"}]',
        '[[{"x":"1","y":0}],[["plain"]]]',
        '[[[[{"x":"1","y":0}]]]]',
        "[5]",
    ),
    *('[{"x":"1"}]', "[[]]", '{"x":["2","1"],"y":[[7],[3]]}', "1.5"),
]


def _events(count: int) -> list[str]:
    choose = random.Random(7)  # noqa: S311 -- test data
    events = []
    for number in range(count):
        members = []
        if choose.random() < 0.8:
            ip = choose.choice([json.dumps(choose.choice(ADDRESSES)), choose.choice(NUMBERS), "[]"])
            members.append(f'"ip":{ip}')
        if choose.random() < 0.8:
            n = choose.choice(
                [*NUMBERS, '"300"', "true", "null", '[1,"x",2.5]', "{}", "[[true],[]]"]
            )
            members.append(f'"n":{n}')
        if choose.random() < 0.8:
            kind = choose.choice(["a", "b", "bc", "xcc", "A", "d", ""])
            members.append(f'"kind":{choose.choice([json.dumps(kind), "5", "false"])}')
        if choose.random() < 0.6:
            members.append(f'"items":{choose.choice(ITEMS)}')
        if choose.random() < 0.2:
            members.append(choose.choice(['"":{"x":"1"}', '"a":{"b":[{"c":{"d":"1"}}]}', '"a":1']))
        detail = choose.choice(["{" + ",".join(members) + "}"] * 9 + ["[1]"])
        source = choose.choice(["s1", "s2", "s3", "s4"])
        head = choose.choice([f'"source":"{source}",'] * 5 + ["", '"source":["s1","s2"],'])
        tail = f'"detail":{detail}' if choose.random() < 0.95 else f'"other":{number}'
        events.append("{" + head + tail + "}")
    return events


EVENTS = _events(1500)


def alone(rules: dict[str, str], event: str) -> list[str]:
    return [name for name, text in rules.items() if compile_pattern(text).matches(event)]


def test_the_fast_path_says_what_each_pattern_says_alone() -> None:
    together = RuleSet(RULES)
    patterns = {name: compile_pattern(text) for name, text in RULES.items()}

    for event in EVENTS:
        expected = [name for name, one in patterns.items() if one.matches(event)]
        assert together.match_line(event.encode()) == expected, event
        assert together.match(event) == expected


@pytest.mark.parametrize("name", RULES)
def test_each_rule_alone_on_the_fast_path_says_the_same(name: str) -> None:
    rules = {name: RULES[name]}
    together, pattern = RuleSet(rules), compile_pattern(RULES[name])

    for event in EVENTS[:300]:
        assert together.match_line(event) == ([name] if pattern.matches(event) else []), event


def test_lines_give_a_list_each_in_the_order_of_the_rules() -> None:
    lines = [event.encode() for event in EVENTS[:50]]

    found = list(RuleSet(RULES).match_lines(lines))

    assert found == [RuleSet(RULES, exact=True).match(event) for event in EVENTS[:50]]


def test_a_bad_line_is_named_by_its_number() -> None:
    lines = [b'{"source":"s1"}', b'{"source":"s1"', b'{"source":"s1"}']

    with pytest.raises(InputError, match="line 2: the event is not JSON"):
        list(RuleSet(RULES).match_lines(lines))


def test_what_the_decoder_refuses_and_json_allows_takes_the_exact_path() -> None:
    rules = {"a": '{"a":["?"]}', "b": '{"b":[1]}'}

    assert RuleSet(rules).match_line('{"a":"\\ud800"}') == ["a"]
    assert RuleSet(rules).match_line('{"b":1} trailing') == ["b"]


def test_a_mapping_is_matched_as_it_is() -> None:
    assert RuleSet(RULES).match({"source": "s1", "detail": {"kind": "a"}}) == alone(
        RULES, '{"source":"s1","detail":{"kind":"a"}}'
    )


def test_no_rule_matches_nothing() -> None:
    assert RuleSet({}).match("{}") == []


def test_a_wrong_pattern_is_an_error() -> None:
    with pytest.raises(PatternError):
        RuleSet({"a": "{}"})


def test_a_rule_of_many_alternatives_is_named_once() -> None:
    branches = [{"a": [str(number)]} for number in range(100)]
    many = {"before": '{"a":["1"]}', "many": json.dumps({"$or": branches}), "b": '{"b":["1"]}'}

    assert RuleSet(many).match_line('{"a":["0","40","99"],"b":"1"}') == ["many", "b"]
    assert RuleSet(many).match_line('{"a":"1"}') == ["before", "many"]


def test_alternatives_of_a_rule_share_a_word_where_they_can() -> None:
    names = ["a"] * 28 + ["b"] * 5 + ["c"] * 40

    places = placed(names)

    assert places[:28] == list(range(28))
    assert places[28:33] == [30, 31, 32, 33, 34]
    assert places[33:] == list(range(35, 75))


def test_more_sets_of_rules_than_are_remembered_are_still_named() -> None:
    (word,) = Names({place: f"r{place}" for place in range(20)}).words

    for bits in range(10_000):
        assert len(word.search(bits)) == bits.bit_count()
    assert len(word.known) <= REMEMBERED


def test_hundreds_of_rules_are_named_word_by_word() -> None:
    rules = {f"r{number}": f'{{"a":["v{number % 50}"],"b":["x"]}}' for number in range(300)}

    for _ in range(3):
        found = RuleSet(rules).match_line('{"a":"v7","b":"x"}')
        assert found == [f"r{number}" for number in range(7, 300, 50)]


def test_more_values_than_are_remembered_are_still_judged() -> None:
    rules = {"wild": '{"a":[{"wildcard":"v1*"},{"equals-ignore-case":"Q"}]}'}
    together = RuleSet(rules)

    found = sum(bool(together.match_line(f'{{"a":"v{number}"}}')) for number in range(20_000))

    assert found == sum(str(number).startswith("1") for number in range(20_000))


def test_more_networks_than_are_remembered_are_still_judged() -> None:
    together = RuleSet({"net": '{"a":[{"cidr":"10.64.0.0/10"}]}'})

    for number in range(17_000):
        inside = number >> 8 >= 64
        found = together.match_line(f'{{"a":"10.{number >> 8 & 255}.{number & 255}.1"}}')
        assert bool(found) is inside


def test_more_kinds_of_events_than_stages_are_still_judged() -> None:
    rules = {
        f"r{number}": f'{{"k{number}":["x"],"detail":{{"a":["1"],"b":["2"],"c":["3"]}}}}'
        for number in range(10)
    }
    together = RuleSet(rules)
    good = '"detail":{"a":"1","b":"2","c":"3"}'

    for bits in range(1024):
        keys = [f"k{number}" for number in range(10) if bits >> number & 1]
        event = "{" + "".join(f'"{key}":"x",' for key in keys) + good + "}"
        for _ in range(1 + 16 * (bits < 300)):
            assert together.match_line(event) == [f"r{key[1:]}" for key in keys]


def test_without_the_decoder_the_exact_path_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "edactl.core.pattern.fast_path", None)

    assert RuleSet(RULES).match(EVENTS[0]) == alone(RULES, EVENTS[0])


ODD_KEYS = [
    ('{"a":{"b":[1]}}', '{"a.b":1}'),
    ('{"a":{"b":[1]}}', '{"a\\u002eb":1}'),
    ('{"a":[1]}', '{"a":1,"a":2}'),
    ('{"a":{"b":[1],"c":[2]}}', '{"a":[{"b":1}],"a":[{"c":2}]}'),
]


@pytest.mark.parametrize(("pattern", "event"), ODD_KEYS)
def test_one_event_is_judged_exactly_whatever_its_keys(pattern: str, event: str) -> None:
    rules = RuleSet({"r": pattern})

    assert compile_pattern(pattern).matches(event)
    assert rules.match(event) == rules.match(event.encode()) == ["r"]
    assert RuleSet({"r": pattern}, exact=True).match_line(event) == ["r"]


def test_a_set_of_filters_judges_records() -> None:
    message = '{"body":"{\\"a\\":1}"}'
    filters = RuleSet({"one": '{"body":{"a":[1]}}', "two": '{"body":{"a":[2]}}'}, dialect="esm-sqs")

    assert filters.match(message) == ["one"]
    assert list(filters.match_lines([message.encode()])) == [["one"]]


@pytest.mark.parametrize("exact", [False, True])
def test_blank_lines_have_no_list_and_are_counted(exact: bool) -> None:
    rules = RuleSet({"one": '{"a":[1]}'}, exact=exact)
    lines = [b"\n", b'{"a":1}\r\n', b" \r\n", b'{"a":2}']

    assert list(rules.match_lines(lines)) == [["one"], []]
    with pytest.raises(InputError, match="line 5: Event must be a JSON object"):
        list(rules.match_lines([*lines, b"7"]))


@pytest.mark.parametrize("key", ['a"b', "a\\b", "a\nb", "\x00", "\ud83d", '"."'])
def test_keys_that_json_escapes_are_asked_for_like_any_other(key: str) -> None:
    """The decoder of the fast path takes no such names."""
    rules = RuleSet(
        {
            "top": json.dumps({key: ["x"]}),
            "below": json.dumps({"a": {key: ["x"]}}),
            "beside": '{"a":{"c":["x"]}}',
        }
    )
    events = [{key: "x"}, {"a": {key: "x"}}, {"a": {key: "y", "c": "x"}}, {"a": "x"}]
    wanted = [["top"], ["below"], ["beside"], []]

    assert [rules.match(json.dumps(one)) for one in events] == wanted
    assert list(rules.match_lines(json.dumps(one) for one in events)) == wanted


def test_a_pattern_that_is_refused_is_named_with_its_rule() -> None:
    with pytest.raises(PatternError) as caught:
        RuleSet({"fine": '{"a":[1]}', "bad": '{"a":{"b":1}}'})

    error = caught.value
    assert (error.rule, error.path, error.line, error.column) == ("bad", "a.b", 1, 12)
    assert str(error).startswith('rule "bad": a.b: Event pattern is not valid. Reason: "b" must be')


@pytest.mark.parametrize("was_on", [True, False])
def test_building_leaves_the_collector_as_it_was(was_on: bool) -> None:
    before = gc.isenabled()
    try:
        (gc.enable if was_on else gc.disable)()
        with pytest.raises(PatternError):
            RuleSet({"bad": "{"})
        RuleSet({"good": '{"a":[1]}'})

        assert gc.isenabled() is was_on
    finally:
        (gc.enable if before else gc.disable)()
