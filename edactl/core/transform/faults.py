"""What PutTargets would refuse about a target's input: every fault, in AWS's words where known.

Source: EventBridge API model (PutTargets, Target, InputTransformer) and errors recorded with AWS,
see tests/cases/input_transformers.json. What is refused and how it is worded for a template that is
no JSON, a path that is none and a placeholder as a key is unverified.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from edactl.core.arn import Arn, parse_arn
from edactl.core.transform.error import Fault
from edactl.core.transform.path import parse_path
from edactl.core.transform.template import (
    MAX_TEMPLATE_CHARACTERS,
    RESERVED,
    Placeholder,
    Template,
    parse_template,
)
from edactl.core.transform.written_json import json_fault
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edactl.core.bus import InputTransformer, Target

MAX_INPUT_CHARACTERS = 8192
MAX_PATH_CHARACTERS = 256
MAX_PATHS = 100
_NAME = re.compile(r"[A-Za-z0-9_-]{1,256}")
_NAMES = (
    "Map keys must satisfy constraint: [Member must have length less than or equal to 256, Member"
    " must have length greater than or equal to 1, Member must satisfy regular expression pattern:"
    r" [A-Za-z0-9\_\-]+]"
)
_PATH_HINT = "$.detail.items[0].id: dots, array indices and * are what AWS follows"
_SHOWN = 40


def faults(target: Target, rule_arn: str) -> Iterator[Fault]:
    """Everything about the target's input that PutTargets would refuse."""
    settings = [
        name
        for name, value in (
            ("Input", target.input),
            ("InputPath", target.input_path),
            ("InputTransformer", target.input_transformer),
        )
        if value is not None
    ]
    if len(settings) > 1:
        yield Fault(
            "exclusive-inputs",
            "Only one of Input, InputPath, or InputTransformer must be provided for target"
            f" {target.target_id}.",
            settings[-1],
            f"keep one of {' and '.join(settings)}",
        )
    if settings and _is_bus_of_another_account(target.arn, rule_arn):
        yield Fault(
            "cross-account-bus",
            "Input, InputPath, and InputTransformer are not available if the target is an event bus"
            " of a different account",
            settings[0],
            "transform it at a rule of the other bus",
        )
    if target.input is not None:
        yield from _input_faults(target.input, target.target_id)
    if target.input_path is not None:
        yield from _path_faults(target.input_path, "InputPath")
    if target.input_transformer is not None:
        yield from _transformer_faults(target.input_transformer, target.target_id)


def _is_bus_of_another_account(target_arn: str, rule_arn: str) -> bool:
    match known_arn(target_arn), known_arn(rule_arn):
        case Arn(service="events", account=account, resource=resource), Arn(account=own):
            return resource.startswith("event-bus/") and account != own
    return False


def known_arn(text: str) -> Arn | None:
    """The ARN in the text, if it is one: a template's target may have none yet."""
    try:
        return parse_arn(text)
    except InputError:
        return None


def _too_long(path: str, text: str, limit: int, code: str) -> Iterator[Fault]:
    if len(text) > limit:
        member = ".".join(part[0].lower() + part[1:] for part in path.split("."))
        yield Fault(
            code,
            f"Value at 'targets.1.member.{member}' failed to satisfy constraint: Member must have"
            f" length less than or equal to {limit}",
            path,
            f"it has {len(text)} characters",
        )


def _input_faults(text: str, target_id: str) -> Iterator[Fault]:
    yield from _too_long("Input", text, MAX_INPUT_CHARACTERS, "input-length")
    found = json_fault(text)
    if found:
        reason, line, column = found
        yield Fault(
            "input-not-json",
            f"JSON syntax error in input for target {target_id}: [Source:"
            f' (String)"{_start(text)}"; line: {line}, column: {column}]',
            "Input",
            f"{reason}; Input is one JSON value, a text has its quotes",
        )


def _path_faults(text: str, where: str) -> Iterator[Fault]:
    yield from _too_long(where, text, MAX_PATH_CHARACTERS, "path-length")
    if parse_path(text) is None:
        yield Fault("not-a-path", f'"{text}" is no JSON path', where, _PATH_HINT)


def _transformer_faults(transformer: InputTransformer, target_id: str) -> Iterator[Fault]:
    yield from _map_faults(transformer)
    where, text = "InputTransformer.InputTemplate", transformer.template
    if not text:
        yield Fault(
            "template-empty",
            "Value at 'targets.1.member.inputTransformer.inputTemplate' failed to satisfy"
            " constraint: Member must have length greater than or equal to 1",
            where,
            """'{"id": <id>}' or '"text <id>"'""",
        )
        return
    if len(text) > MAX_TEMPLATE_CHARACTERS:
        yield from _too_long(where, text, MAX_TEMPLATE_CHARACTERS, "template-length")
        return
    template = parse_template(text)
    yield from _placeholder_faults(template, transformer, target_id)
    yield from _template_faults(template, target_id)


def _map_faults(transformer: InputTransformer) -> Iterator[Fault]:
    where, at = "InputTransformer.InputPathsMap", "targets.1.member.inputTransformer.inputPathsMap"
    paths = transformer.paths
    if len(paths) > MAX_PATHS:
        yield Fault(
            "too-many-paths",
            f"Value at '{at}' failed to satisfy constraint: Member must have length less than or"
            f" equal to {MAX_PATHS}",
            where,
            f"it has {len(paths)} paths",
        )
    for name, path in paths.items():
        if name.casefold().startswith("aws."):
            hint = "the placeholder works without a path; drop it from the paths"
            reason = f"{name} is reserved: names cannot start with AWS."
            yield Fault("reserved-name", reason, f"{where}.{name}", hint)
        elif not _NAME.fullmatch(name):
            reason = f"Value at '{at}' failed to satisfy constraint: {_NAMES}"
            hint = f'"{_start(name)}" needs another name: letters, digits, - and _'
            yield Fault("variable-name", reason, f"{where}.{_start(name)}", hint)
        yield from _path_faults(path, f"{where}.{_start(name)}")


def _placeholder_faults(
    template: Template, transformer: InputTransformer, target_id: str
) -> Iterator[Fault]:
    where, seen = "InputTransformer.InputTemplate", set()
    for one in template.placeholders:
        known = one.name in transformer.paths or one.name in RESERVED
        if not known and one.name not in seen:
            seen.add(one.name)
            yield Fault(
                "unknown-placeholder",
                f"InputTemplate for target {target_id} contains invalid placeholder {one.name}.",
                where,
                _instead_of(one, transformer),
            )
        if one.is_key:
            reason = f"placeholder {one.name} is used as an object key"
            hint = "a placeholder can only be a value; the user guide says so"
            yield Fault("placeholder-as-key", reason, where, hint)


def _instead_of(placeholder: Placeholder, transformer: InputTransformer) -> str:
    from difflib import get_close_matches

    name = placeholder.name
    if name.startswith(("aws.pipes.", "$")):
        return "that is a placeholder of Pipes; a rule's target declares its paths by name"
    near = get_close_matches(name, [*transformer.paths, *RESERVED], n=1)
    if near:
        return f"<{near[0]}>"
    return f'declare "{name}" in the paths; < and > cannot be escaped'


def _template_faults(template: Template, target_id: str) -> Iterator[Fault]:
    if template.kind == "string":
        if len(template.text.strip()) > 1 and template.text.rstrip().endswith('"'):
            return
        found = ("a text ends with a quote", *_end(template.text))
    else:
        fault = json_fault(template.sample)
        if fault is None:
            return
        found = fault
    reason, line, column = found
    yield Fault(
        "template-not-json",
        f"Invalid InputTemplate for target {target_id} : [Source:"
        f' (String)"{_start(template.text)}"; line: {line}, column: {column}]',
        "InputTransformer.InputTemplate",
        f"{reason}; a template is JSON, or text with a quote at each end of each line",
    )


def _end(text: str) -> tuple[int, int]:
    return text.count("\n") + 1, len(text) - text.rfind("\n")


def _start(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
