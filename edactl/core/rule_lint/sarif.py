"""Findings as SARIF 2.1.0, the form in which code hosts show them beside the code.

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from urllib.parse import quote

from edactl.core.rule_lint.finding import CODES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edactl.core.record import JsonValue
    from edactl.core.rule_lint.finding import Finding, Severity

COMMAND_LINE = "--pattern"
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "note"}
_INDEXES = {code: index for index, code in enumerate(CODES)}


def sarif_log(findings: Iterable[Finding], *, version: str) -> dict[str, JsonValue]:
    """A SARIF log with one run; `version` is edactl's.

    A finding of a file has its place there, others have the rule's name only. Fingerprints
    are of rule, code and path, so that a finding stays itself when lines move.
    """
    driver: dict[str, JsonValue] = {
        "name": "edactl",
        "version": version,
        "rules": [
            {"id": code, "shortDescription": {"text": f"{text[0].upper()}{text[1:]}."}}
            for code, text in CODES.items()
        ],
    }
    run: dict[str, JsonValue] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(one) for one in findings],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(one: Finding) -> dict[str, JsonValue]:
    where = f"{one.path}: " if one.path else ""
    hint = f" Try: {one.hint}" if one.hint else ""
    fingerprint = hashlib.sha256(f"{one.rule}\0{one.code}\0{one.path}".encode()).hexdigest()
    return {
        "ruleId": one.code,
        "ruleIndex": _INDEXES[one.code],
        "level": _LEVELS[one.severity],
        "message": {"text": f'rule "{one.rule}": {where}{one.message}.{hint}'},
        "locations": [_location(one)],
        "partialFingerprints": {"ruleCodePath/v1": fingerprint[:32]},
    }


def _location(one: Finding) -> dict[str, JsonValue]:
    name = f"{one.rule}/{one.path}" if one.path else one.rule
    found: dict[str, JsonValue] = {
        "logicalLocations": [{"name": one.rule, "fullyQualifiedName": name, "kind": "object"}]
    }
    if one.line is not None and one.source != COMMAND_LINE:
        found["physicalLocation"] = {
            "artifactLocation": {"uri": quote(one.source)},
            "region": {"startLine": one.line},
        }
    return found
