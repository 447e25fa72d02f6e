"""The pattern language: what it refuses and where it says so, and the edges of its reading."""

from __future__ import annotations

import json
import sys

import pytest

from edactl.core.pattern import PatternError, RuleSet, compile_pattern
from edactl.core.pattern.addresses import address_hex
from edactl.core.pattern.numbers import comparable
from edactl.core.pattern.tokens import tokens
from edactl.errors import InputError

ABC = '{"a":{"b":["x"]}}'


def refused(pattern: str) -> PatternError:
    with pytest.raises(PatternError) as caught:
        compile_pattern(pattern)
    return caught.value


@pytest.mark.parametrize(
    ("pattern", "path", "line", "column", "reason"),
    [
        ('{"a":"1"}', "a", 1, 7, '"a" must be an object or an array'),
        (
            '{"a":[{"anything-but":[["x"]]}]}',
            "a[0].anything-but",
            1,
            25,
            "Inside anything but list, start|null|boolean is not supported.",
        ),
        (
            '{"detail":{\n "amount":[1,\n {"numeric":["<","5"]}]}}',
            "detail.amount[1].numeric",
            3,
            19,
            "Value of < must be numeric",
        ),
        ('{"a":{}}', "a", 1, 8, "Empty objects are not allowed"),
        ('{"a":[]}', "a", 1, 8, "Empty arrays are not allowed"),
        ('{"a":[{"prefx":"x"}]}', "a[0]", 1, 17, "Unrecognized match type prefx"),
        ('{"a":["1",]}', "a[1]", 1, 11, "Unexpected character (']' (code 93))"),
        ('{"a":[NaN]}', "a[0]", 1, 10, "Non-standard token 'NaN'"),
        ('{"a":["1"]', "", 1, 11, "Unexpected end-of-input"),
        ("[]", "", 1, 2, "Filter is not an object"),
        ("", "", 1, 1, "Filter is not an object"),
        ("\ufeff{}", "", 1, 1, "Unexpected character"),
        ('{"a":["\n"]}', "a[0]", 1, 8, "Illegal unquoted character ((CTRL-CHAR, code 10))"),
        ('{"a":["\\x"]}', "a[0]", 1, 9, "Unrecognized character escape 'x'"),
        ('{"a":["x]}', "a[0]", 1, 11, "Unexpected end-of-input: was expecting closing quote"),
        ('{"a":[01]}', "a[0]", 1, 8, "Invalid numeric value: Leading zeroes not allowed"),
    ],
)
def test_a_wrong_pattern_is_refused_with_path_and_place(
    pattern: str, path: str, line: int, column: int, reason: str
) -> None:
    error = refused(pattern)

    assert error.reason.startswith(reason)
    assert (error.path, error.line, error.column) == (path, line, column)
    assert str(error).endswith(f"(line {line}, column {column})")
    assert "Event pattern is not valid. Reason: " in str(error)


def test_the_first_compilers_better_words_are_the_hint() -> None:
    error = refused('{"$or":[{"a":["1"]}]}')

    assert error.reason == "Unrecognized match type a"
    assert error.hint == "$or[1]: There must have at least 2 Objects in $or relationship."


def test_ten_thousand_levels_are_refused_without_recursion() -> None:
    error = refused('{"a":' * 10_000 + '["1"]' + "}" * 10_000)

    assert error.reason.startswith("Document nesting depth (1001) exceeds the maximum allowed")


def test_a_thousand_levels_are_read() -> None:
    depth = 998
    pattern = compile_pattern('{"a":' * depth + '["1"]' + "}" * depth)

    assert pattern.matches('{"a":' * depth + '"1"' + "}" * depth)
    assert not pattern.matches('{"a":' * depth + '"2"' + "}" * depth)


def test_an_event_of_five_thousand_levels_is_refused_without_recursion() -> None:
    pattern = compile_pattern('{"a":["1"]}')

    with pytest.raises(InputError, match="nesting depth"):
        pattern.matches('{"a":' * 5000 + "1" + "}" * 5000)
    with pytest.raises(InputError, match="nesting depth"):
        pattern.matches('{"b":' + "[" * 1000 + "]" * 1000 + "}")
    assert not pattern.matches('{"b":' + "[" * 999 + "]" * 999 + "}")


def test_a_dict_nested_too_deep_is_refused_without_recursion() -> None:
    deep: dict[str, object] = {"a": ["1"]}
    for _ in range(5000):
        deep = {"a": deep}

    with pytest.raises(PatternError, match="nesting depth"):
        compile_pattern(deep)


def test_a_pattern_of_a_megabyte_is_read() -> None:
    values = [f"value-{number}" for number in range(80_000)]

    pattern = compile_pattern({"a": values})

    assert pattern.matches({"a": "value-79999"})
    assert not pattern.matches({"a": "value-80000"})


def test_an_or_that_explodes_is_refused_before_it_is_made() -> None:
    branches = [{f"k{number}": ["1"]} for number in range(10)]
    text = ",".join(f'"$or":{json.dumps(branches)}' for _ in range(30))

    error = refused(f"{{{text}}}")

    assert error.kind == "size"
    assert "more than 1000 combinations" in error.reason


def test_a_thousand_combinations_are_allowed() -> None:
    branches = [{f"k{number}": ["1"]} for number in range(10)]
    text = ",".join(f'"p{place}":{{"$or":{json.dumps(branches)}}}' for place in range(3))

    assert len(compile_pattern(f"{{{text}}}").sub_rules) == 1000


def test_a_rule_of_over_256_fields_is_refused() -> None:
    compile_pattern({f"k{number}": ["1"] for number in range(256)})
    assert refused(json.dumps({f"k{number}": ["1"] for number in range(257)})).kind == "size"


def test_an_empty_anything_but_list_is_refused_only_as_the_first_member() -> None:
    error = refused('{"a":[{"anything-but":{"prefix":[]}}]}')

    assert error.kind == "null"
    assert not compile_pattern('{"a":["x",{"anything-but":{"prefix":[]}}]}').matches('{"a":"z"}')


@pytest.mark.parametrize(
    ("pattern", "kind"),
    [
        ('{"b":[EDGE],"a":[EMPTY]}', "null"),
        ('{"b":[EMPTY],"a":[EDGE]}', "bounds"),
        ('{"a":[EMPTY,EDGE]}', "bounds"),
        ('{"a":[EDGE,EMPTY]}', "bounds"),
        ('{"$or":[{"b":[EMPTY]},{"a":[EDGE]}]}', "null"),
    ],
)
def test_of_late_refusals_the_first_in_the_engines_order_is_told(pattern: str, kind: str) -> None:
    text = pattern.replace("EDGE", '{"numeric":["<=",-1.7976931348623157e308]}')

    assert refused(text.replace("EMPTY", '{"anything-but":{"wildcard":[]}}')).kind == kind


def test_what_a_later_key_replaces_is_not_refused_late() -> None:
    text = '{"a":[{"numeric":[">",1.7976931348623157e308]}],"a":["x"]}'

    assert compile_pattern(text).matches('{"a":"x"}')


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object()])
def test_a_dict_that_is_no_json_is_refused(value: object) -> None:
    with pytest.raises(PatternError, match="no JSON"):
        compile_pattern({"a": [value]})


def test_bytes_that_are_no_utf8_are_refused() -> None:
    with pytest.raises(PatternError, match="not UTF-8"):
        compile_pattern(b'{"a":["\xff"]}')
    with pytest.raises(InputError, match="not UTF-8"):
        compile_pattern(b'{"a":["x"]}').matches(b'{"a":"\xff"}')


@pytest.mark.parametrize(
    "event",
    ["", "[]", '"a"', "1", '{"a"}', '{"a":1,}', '{"a":NaN}', '{"a":01}', "{", '{"a":"\t"}', "\x00"],
)
def test_an_event_that_is_no_json_object_is_an_error_not_a_no(event: str) -> None:
    with pytest.raises(InputError):
        compile_pattern('{"a":["1"]}').matches(event)


def test_what_stands_behind_an_event_is_not_read() -> None:
    assert compile_pattern('{"a":["1"]}').matches('  {"a":"1"} {"a":')


def test_a_number_of_over_a_thousand_digits_is_refused() -> None:
    long = "1" * 1001

    assert "Number value length (1001)" in refused(f'{{"a":[{long}]}}').reason
    with pytest.raises(InputError, match="Number value length"):
        compile_pattern('{"a":[1]}').matches(f'{{"b":{long}}}')


def test_lone_surrogates_are_question_marks_as_in_utf8() -> None:
    pattern = compile_pattern('{"a":["\\ud800"]}')

    assert pattern.matches('{"a":"?"}')
    assert pattern.matches('{"a":"\\udc00"}')
    assert compile_pattern('{"a":["😀"]}').matches('{"a":"\\ud83d\\ude00"}')


def test_numbers_from_python_have_the_text_that_python_writes() -> None:
    pattern = compile_pattern('{"a":[300],"b":[{"numeric":[">",1.5]}],"c":[true],"d":[null]}')

    assert pattern.matches({"a": 300.0, "b": 2, "c": True, "d": None})
    assert not pattern.matches({"a": 300.0, "b": 2, "c": 1, "d": None})


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("-inf"), object(), b"1", 10**1000, 10**5000],
    ids=["nan", "infinity", "object", "bytes", "1,001 digits", "5,001 digits"],
)
def test_what_json_has_no_value_for_is_an_error_in_an_event(value: object) -> None:
    with pytest.raises(InputError, match="an event holds no"):
        compile_pattern('{"a":["1"]}').matches({"a": value})


def test_the_longest_number_of_python_is_none_too_long() -> None:
    assert compile_pattern('{"a":[{"exists":true}]}').matches({"a": 10**999})


@pytest.mark.parametrize("event", [{1: "x"}, {"a": {None: "x"}}, {"a": [{("b",): "x"}]}])
def test_a_key_that_is_no_text_is_an_error_in_an_event(event: dict[str, object]) -> None:
    for takes in (compile_pattern(ABC).matches, RuleSet({"one": ABC}).match):
        with pytest.raises(InputError, match="an event's keys are texts, not "):
            takes(event)


@pytest.mark.parametrize("event", [[], None, 5, memoryview(b"{}")])
def test_an_event_that_is_no_mapping_is_an_error(event: object) -> None:
    for takes in (compile_pattern(ABC).matches, RuleSet({"one": ABC}).match):
        with pytest.raises(InputError, match="must be a JSON object"):
            takes(event)  # type: ignore[arg-type]


def test_arrays_that_have_nothing_to_do_with_each_other_do_not_multiply() -> None:
    names = [f"k{number}" for number in range(12)]
    pattern = compile_pattern({name: {"x": ["1"], "y": ["1"]} for name in names})
    event = {name: [{"x": "1", "y": "1"} for _ in range(50)] for name in names}

    assert pattern.matches(event)
    event["k11"] = [{"x": "1"}, {"y": "1"}]
    assert not pattern.matches(event)


def test_a_wildcard_built_to_backtrack_is_read_in_one_pass() -> None:
    pattern = compile_pattern({"a": [{"wildcard": "*a" * 200 + "b"}]})

    assert not pattern.matches({"a": "a" * 100_000})


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("300", 300.0),
        ("3.0e2", 300.0),
        ("-0", 0.0),
        ("0e5", 0.0),
        ("1e-400", None),
        ("1e309", None),
        ("9007199254740993", None),
        ("9007199254740992", 9007199254740992.0),
        ("0.30000000000000001", None),
        ("0.1", 0.1),
        ("-1.5E+3", -1500.0),
        ("1e-99999999999999999999", None),
    ],
)
def test_a_number_is_comparable_when_a_double_holds_it(text: str, number: float | None) -> None:
    assert comparable(text) == number


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("10.0.0.1", "0A000001"),
        ("010.0.0.01", "0A000001"),
        ("::ffff:a00:1", "0A000001"),
        ("256.0.0.1", None),
        ("1.2.3.4444444444", None),
        ("1.2.3", None),
        ("::", "0" * 32),
        ("1:2:3:4:5:6:7:8", "00010002000300040005000600070008"),
        ("1:2:3:4:5:6:7::", "00010002000300040005000600070000"),
        ("::1:2:3:4:5:6:7:8", None),
        ("1:2:3:4:5:6:7:8:9", None),
        ("1:2:3:4:5:6:7", None),
        ("1::2::3", None),
        (":::", None),
        (":1::", None),
        ("1::2:", None),
        ("0000a::", "000A" + "0" * 28),
        ("10000::", None),
        ("fe80::1%eth0", None),
    ],
)
def test_addresses_are_read_as_java_reads_them(text: str, digits: str | None) -> None:
    assert address_hex(text) == digits


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ('{"exactly":1}', "exact match pattern must be a string"),
        ('{"prefix":1}', "prefix match pattern must be a string"),
        ('{"prefix":{}}', "Prefix expression name not found"),
        ('{"suffix":{"x":"a"}}', "Unsupported suffix pattern: x"),
        ('{"prefix":{"equals-ignore-case":"a","b":1}}', "Only one key allowed in match expression"),
        ('{"prefix":"a","suffix":"b"}', "Only one key allowed in match expression"),
        ('{"exists":"true"}', "exists match pattern must be either true or false."),
        ("{}", "Match expression name not found"),
        ('{"wildcard":1}', "wildcard match pattern must be a string"),
        ('{"equals-ignore-case":[]}', "equals-ignore-case match pattern must be a string"),
        ('{"numeric":5}', "Value of numeric must be an array."),
        ('{"numeric":["!=",5]}', "Unrecognized numeric range operator: !="),
        ('{"numeric":[]}', "Invalid member in numeric match: ]"),
        ('{"numeric":["=","5"]}', "Value of equals must be numeric"),
        ('{"numeric":["=",5,6]}', "Too many elements in numeric expression"),
        ('{"numeric":["=",5],"a":1}', "Too many elements in numeric expression"),
        ('{"numeric":[">",5,6]}', "Bad value in numeric range: 6"),
        ('{"numeric":[">",5,">",6]}', "Bad numeric range operator: >"),
        ('{"numeric":[">",5,"<","6"]}', "Value of < must be numeric"),
        ('{"numeric":[">",5,"<",6,7]}', "Too many terms in numeric range expression"),
        ('{"numeric":[">=",5,"<=",5]}', "Bottom must be less than top"),
        ('{"anything-but":true}', "Value of anything-but must be an array or single string"),
        ('{"anything-but":[]}', "Inside anything but list, either all values are number or string"),
        ('{"anything-but":{}}', "Anything-But expression name not found"),
        ('{"anything-but":["a"],"b":1}', "Too many elements in numeric expression"),
        ('{"anything-but":{"equals-ignore-case":[1]}}', "Inside anything-but/ignore-case"),
        ('{"anything-but":{"equals-ignore-case":1}}', "Inside anything-but/ignore-case"),
        ('{"anything-but":{"equals-ignore-case":null}}', "Value of anything-but must be an array"),
        ('{"anything-but":{"prefix":""}}', "Null prefix/suffix not allowed"),
        ('{"anything-but":{"suffix":5}}', "prefix/suffix match pattern must be a string"),
        ('{"cidr":"10.0.0.0/x"}', "Malformed CIDR, mask bits must be an integer"),
        ('{"cidr":"10.0.0.0/99999999999"}', "Malformed CIDR, mask bits must be an integer"),
        ('{"cidr":"10.0.0.0/-1"}', "Malformed CIDR, mask bits must not be negative"),
        ('{"cidr":"10.0.0.256/8"}', "Invalid IP address: 10.0.0.256"),
        ('{"cidr":"/8"}', "Nonstandard IP address: "),
    ],
)
def test_each_refusal_has_the_engines_words(value: str, reason: str) -> None:
    assert refused(f'{{"a":[{value}]}}').reason.startswith(reason)


@pytest.mark.parametrize(
    ("values", "event", "match"),
    [
        ('[{"cidr":"16.0.0.0/8"}]', "101", True),
        ('[{"cidr":"16.0.0.0/8"}]', "100", False),
        ('[{"cidr":"16.0.0.0/8"},{"numeric":["=",7]}]', "101", False),
        ('[{"cidr":"16.0.0.0/8"},{"numeric":["=",7]}]', "101.00000000000000000001", True),
        ('[10000001,{"cidr":"1.0.0.0/8"}]', '"16.0.0.1"', True),
        ('[10000001,{"cidr":"1.0.0.0/8"}]', '"16.0.0.2"', False),
        ('[10000001,{"cidr":"1.0.0.0/8"}]', "10000001", True),
        ('[true,{"cidr":"1.0.0.0/8"}]', "true", True),
        ('["10.0.0.15"]', '"10.0.0.15"', True),
        ('["10.0.0.15"]', '"10.0.0.14"', False),
        ('["10.0.0.9"]', '"::ffff:a00:9"', True),
        ('["10.0.0.9"]', '"10.0.0.10"', False),
        ('["x",{"cidr":"1.0.0.0/8"}]', '"x"', True),
    ],
)
def test_addresses_meet_what_the_engines_digits_meet(values: str, event: str, match: bool) -> None:
    assert compile_pattern(f'{{"a":{values}}}').matches(f'{{"a":{event}}}') is match


def test_an_event_beyond_python_s_recursion_is_read_by_our_own_reader() -> None:
    inside = '[1,-2.5e3,"x",true,false,null,{"k":"v"}]'
    event = '{"a":' + "[" * 995 + inside + "]" * 995 + "}"

    for value in ("1", "-2500", '"x"', "true", "false", "null"):
        assert compile_pattern(f'{{"a":[{value}]}}').matches(event)
    assert compile_pattern('{"a":{"k":["v"]}}').matches(event)


def test_digits_that_end_before_the_range_decides_are_outside() -> None:
    assert not compile_pattern('{"a":[{"cidr":"16.0.0.0/8"}]}').matches('{"a":10}')
    assert not compile_pattern('{"a":[{"cidr":"16.0.0.0/8"}]}').matches('{"a":1.5}')


def test_depth_is_limited_where_python_reads_deeper() -> None:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    try:
        with pytest.raises(InputError, match="nesting depth"):
            compile_pattern('{"a":["1"]}').matches('{"b":' + "[" * 1500 + "]" * 1500 + "}")
    finally:
        sys.setrecursionlimit(limit)


def test_tokens_end_with_the_value() -> None:
    assert [token.kind for token in tokens("[1] x")] == ["[", "number", "]"]


@pytest.mark.parametrize("text", ["", " \n"])
def test_a_text_without_a_value_ends_before_it_begins(text: str) -> None:
    with pytest.raises(PatternError) as raised:
        list(tokens(text))

    assert raised.value.reason == "Unexpected end-of-input"
