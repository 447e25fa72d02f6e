"""`--edit`: a new body for a letter, by a JMESPath expression or a JSON Patch (RFC 6902)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from edactl.core.message import parsed_body, record_with_json_body
from edactl.core.redrive_route import Skip
from edactl.errors import EdactlError, InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from edactl.core.letter import Letter
    from edactl.core.record import JsonValue

    Edit = Callable[[Letter, str], str | Skip]


def compile_edit(text: str) -> Edit:
    """A function that makes a letter's new body; a letter that it does not fit stays.

    A text that is a JSON array is a patch, any other a JMESPath expression over the message record
    with `json_body`. Raises UsageError or InputError where it is neither.
    """
    return _patch(text) if is_array(text) else _expression(text)


def is_array(text: str) -> bool:
    """Whether the text is a JSON array."""
    try:
        return isinstance(json.loads(text), list)
    except (ValueError, RecursionError):
        return False


def _expression(text: str) -> Edit:
    from edactl.out.query import compile_query

    select = compile_query(text, option="--edit")

    def edit(letter: Letter, _payload: str) -> str | Skip:
        try:
            made = select(record_with_json_body(letter.message))
        except EdactlError as error:
            return Skip(error.message)
        if made is None:
            return Skip("--edit gives nothing for it")
        return made if isinstance(made, str) else _json(made)

    return edit


def _patch(text: str) -> Edit:
    try:
        import jsonpatch
    except ModuleNotFoundError:
        raise UsageError(
            "a JSON Patch needs a package that is not installed",
            hint="pip install 'edactl[edit]', or a JMESPath expression",
        ) from None
    try:
        patch = jsonpatch.JsonPatch.from_string(text)
    except (ValueError, TypeError, jsonpatch.JsonPatchException) as error:
        raise InputError(f"no JSON Patch: {error}", where="--edit") from None

    def edit(_letter: Letter, payload: str) -> str | Skip:
        body = parsed_body(payload)
        if body is None:
            return Skip("its body is no JSON, which --edit would change")
        try:
            return _json(patch.apply(body))
        except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException) as error:
            return Skip(f"--edit does not fit it: {error}")

    return edit


def _json(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
