from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from edactl.core.bus import InputTransformer, Target
from edactl.core.pattern.fields import read_event
from edactl.core.transform import (
    Delivered,
    NotDelivered,
    Outcome,
    TransformError,
    compile_target_input,
    parameter_value,
)
from edactl.core.transform.faults import faults
from edactl.core.transform.lint import Sample, lint
from edactl.core.transform.template import RESERVED
from edactl.core.transform.written_json import compact, indented, json_fault, minified
from edactl.errors import InputError

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RULE_ARN = "arn:aws:events:us-east-1:111111111111:rule/au"
PATHS = {"a": "$.a", "b-1": "$.b[0].c", "c_2": "$.c", "gone": "$.gone.x", "every": "$.b[*]"}

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)
events = st.dictionaries(st.sampled_from(["a", "b", "c", "id", "detail", "detail-type"]), values)
names = st.sampled_from([*PATHS, *RESERVED])
pieces = names.map(lambda name: f"<{name}>") | st.text() | st.sampled_from(list('"{}[]:,\\<> \n'))
templates = st.lists(pieces).map("".join)
object_templates = st.dictionaries(
    st.text(alphabet="xyz"), st.lists(names, min_size=1, max_size=3), min_size=1
)


def of(template: str, paths: dict[str, str] | None = None) -> Target:
    given_paths = PATHS if paths is None else paths
    return Target("t", "", input_transformer=InputTransformer(template, given_paths))


def outcome(target: Target, event: dict[str, Any]) -> Outcome:
    compiled = compile_target_input(target, rule_arn=RULE_ARN, rule_name="au")
    return compiled.body(json.dumps(event), ingestion_time=NOW)


@given(templates, events)
def test_no_template_and_no_event_crash_it(template: str, event: dict[str, Any]) -> None:
    with suppress(TransformError):
        match outcome(of(template), event):
            case Delivered(text=text):
                text.encode()
                assert template.lstrip().startswith('"') or json_fault(text) is None
            case NotDelivered(reason=reason):
                assert reason


@given(templates, events)
def test_lint_agrees_with_the_verdict_and_never_crashes(
    template: str, event: dict[str, Any]
) -> None:
    found = {one.code for one in lint(of(template), rule_arn=RULE_ARN, sample=_sample(event))}
    severities = {one.severity for one in lint(of(template), rule_arn=RULE_ARN)}

    refused = {one.code for one in faults(of(template), RULE_ARN)}

    assert refused <= found
    assert ("error" in severities) or not refused
    if not refused:
        is_lost = isinstance(outcome(of(template), event), NotDelivered)
        assert ("nothing-delivered" in found) is is_lost


def _sample(event: dict[str, Any]) -> Sample:
    return Sample(json.dumps(event), NOW)


@given(st.text(), st.text(), events)
def test_no_path_and_no_constant_crash_it(path: str, constant: str, event: dict[str, Any]) -> None:
    for target in (Target("t", "", input_path=path), Target("t", "", input=constant)):
        with suppress(TransformError):
            outcome(target, event)
    assert isinstance(parameter_value(path, json.dumps(event)), str)


@given(st.text() | st.binary())
def test_no_event_text_crashes_it(event: str | bytes) -> None:
    compiled = compile_target_input(Target("t", ""), rule_arn=RULE_ARN, rule_name="au")
    with suppress(InputError):
        compiled.body(event, ingestion_time=NOW)


@given(object_templates, st.dictionaries(st.sampled_from(["a", "c"]), scalars))
def test_values_outside_quotes_are_always_delivered_as_they_are(
    keys: dict[str, list[str]], event: dict[str, Any]
) -> None:
    body = ",".join(
        f'"{key}" : [ {", ".join(f"<{name}>" for name in inner)} ]' for key, inner in keys.items()
    )

    match outcome(of(f"{{{body}}}"), event):
        case Delivered(text=text):
            found = json.loads(text)
        case other:
            raise AssertionError(other)
    assert list(found) == list(keys)
    for key, inner in keys.items():
        for name, value in zip(inner, found[key], strict=True):
            if name in {"a", "c_2"}:
                assert value == event.get(PATHS[name][-1], "")
            if name == "aws.events.event.json":
                assert value == event


@given(scalars, st.text(alphabet="xyz <"))
def test_a_scalar_in_quotes_is_delivered_as_its_text_or_not_at_all(value: Any, text: str) -> None:
    sent = outcome(of(f'{{"k":"{text}<a>"}}'), {"a": value})

    written = value if isinstance(value, str) else json.dumps(value)
    if any(one in '"\\' or one < " " for one in written):
        # a backslash can make an escape by chance: then the text is another
        assert isinstance(sent, NotDelivered) or "\\" in written
    else:
        assert sent == Delivered(
            json.dumps({"k": text + written}, ensure_ascii=False).replace(": ", ":", 1)
        )


@given(st.lists(st.text(alphabet="ab1")) | st.dictionaries(st.text(alphabet="ab"), scalars))
def test_a_string_template_strips_the_quotes_of_objects_and_lists(value: Any) -> None:
    match outcome(of('"is <a>!"'), {"a": value}):
        case Delivered(text=text):
            assert text.count('"') == 2
        case other:
            raise AssertionError(other)


@given(events)
def test_the_whole_event_comes_out_as_it_went_in(event: dict[str, Any]) -> None:
    written = compact(read_event(json.dumps(event)))

    assert json.loads(written) == event
    assert minified(written) == written
    assert minified(indented(written)) == written
    assert minified(json.dumps(event, indent=2, ensure_ascii=False)) == written
