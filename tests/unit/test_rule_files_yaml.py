"""YAML as rule files have it: lines, short intrinsics, numbers as written, and bounds."""

from __future__ import annotations

import sys

import pytest

from edactl.core.rule_files import NamedRule, rules_in
from edactl.core.rule_files.documents import Members, json_text
from edactl.core.rule_files.yaml_documents import read_yaml
from edactl.errors import InputError


def read(text: str) -> object:
    [document] = read_yaml(text, "f.yaml")
    return document


def refusal(text: str) -> InputError:
    with pytest.raises(InputError) as caught:
        read_yaml(text, "f.yaml")
    return caught.value


@pytest.mark.parametrize(
    ("text", "json"),
    [
        ("a: 1", '{"a":1}'),
        ("a: [1.50, 3.0e2, -0, 9007199254740993]", '{"a":[1.50,3.0e2,-0,9007199254740993]}'),
        ("a: [\"1\", !!str 1, !!int 1, 'x']", '{"a":["1","1",1,"x"]}'),
        ("a: [true, False, null, ~, ]", '{"a":[true,false,null,null]}'),
        ("a:", '{"a":null}'),
        ("a: [yes, NO, on]", '{"a":["yes","NO","on"]}'),
        ("a: 012345678901", '{"a":"012345678901"}'),
        ("a: [2026-01-01, 0x1F, 1_000, .5, +1]", '{"a":["2026-01-01","0x1F","1_000",".5","+1"]}'),
        ("true: x\n1: y", '{"true":"x","1":"y"}'),
        ("a: &x [1]\nb: *x", '{"a":[1],"b":[1]}'),
        ("a: &x {k: 1, l: 2}\nb: {<<: *x, l: 3}", '{"a":{"k":1,"l":2},"b":{"l":3,"k":1}}'),
        (
            "a: &x {k: 1}\nb: &y {m: 2}\nc: {<<: [*x, *y]}",
            '{"a":{"k":1},"b":{"m":2},"c":{"k":1,"m":2}}',
        ),
        ("a: &x y\nb: *x", '{"a":"y","b":"y"}'),
        ("a: !Ref x", '{"a":{"Ref":"x"}}'),
        ("a: !Condition x", '{"a":{"Condition":"x"}}'),
        ("a: !GetAtt x.y", '{"a":{"Fn::GetAtt":"x.y"}}'),
        ("a: !Join ['-', [a, 1]]", '{"a":{"Fn::Join":["-",["a",1]]}}'),
        ("a: |\n  {}\n  x\nb: >\n  y\n  z", '{"a":"{}\\nx\\n","b":"y z"}'),
        ('"a\\u00e4": x', '{"aä":"x"}'),
    ],
)
def test_values_come_as_json_has_them(text: str, json: str) -> None:
    assert json_text(read(text)) == json


def test_templates_have_the_words_of_yaml_1_1() -> None:
    assert json_text(read("Resources: [yes, NO, On, n]")) == '{"Resources":[true,false,true,"n"]}'


def test_keys_know_their_lines() -> None:
    found = read("a:\n  b: 1\n\n  c: 2\nd: 3")

    assert isinstance(found, Members)
    assert found.lines == {"a": 1, "d": 5}
    assert isinstance(found["a"], Members)
    assert found["a"].lines == {"b": 2, "c": 4}


def test_a_stream_may_have_many_documents() -> None:
    assert [json_text(one) for one in read_yaml("a: &x 1\n---\nb: 2\n", "f")] == [
        '{"a":1}',
        '{"b":2}',
    ]


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ("a: [1", "f.yaml:2:1", "not YAML: did not find expected"),
        ("a: b: c", "f.yaml:1:5", "mapping values are not allowed"),
        ("a: 1\nb: 2\na: 3", "f.yaml:3", 'the key "a" stands on line 1 already'),
        ("a:\n  ? [x]\n  : y", "f.yaml:2", "a key that is a list"),
        ("a: *x", "f.yaml:1", "*x refers to nothing before it"),
        ("a: &x [*x]", "f.yaml:1", "*x refers to nothing before it"),
        ("a: &x 1\n---\nb: *x", "f.yaml:3", "*x refers to nothing before it"),
        ("a: {<<: 1}", "f.yaml:1", "<< merges objects alone"),
        ("a: !!binary aGk=", "f.yaml:1", "the tag !!binary is not read"),
        ("a: !!python/object:os.system {}", "f.yaml:1", "is not read"),
        ("a: " + "[" * 300 + "]" * 300, "f.yaml:1", "nested too deep"),
        ("a: \x00", "f.yaml", "not YAML"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, where: str, words: str) -> None:
    error = refusal(text)

    assert error.where == where
    assert words in error.message


def test_a_bomb_of_aliases_is_refused_before_it_unfolds() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]

    error = refusal("\n".join(lines))

    assert "its aliases unfold to over 200,000 values" in error.message
    assert error.where == "f.yaml:6"


def test_without_the_package_the_hint_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)

    assert refusal("a: 1").hint == "pip install 'edactl[rules]'"


def test_a_map_of_names_to_patterns_tells_the_line_of_each() -> None:
    found = rules_in('# rules\nau:\n  source: [a]\n  n: [1.0]\nnz: \'{"b":["c"]}\'\n', "f.yaml")

    assert found == [
        NamedRule("au", '{"source":["a"],"n":[1.0]}', "f.yaml:2"),
        NamedRule("nz", '{"b":["c"]}', "f.yaml:5"),
    ]
