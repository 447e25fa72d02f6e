"""Findings as SARIF 2.1.0: what the schema asks for, by hand."""

from __future__ import annotations

from typing import Any

from edactl.core.rule_lint import CODES, Finding
from edactl.core.rule_lint.sarif import sarif_log

FILE = Finding(
    "au", "no-dlq", "warning", "target t", "it has no DLQ", "add one", "rules/my file.json", 3
)
LIVE = Finding("au", "disabled-rule", "info", "", "it is disabled", None, 'bus "flix"', None)


def run_of(*findings: Finding) -> dict[str, Any]:
    log: Any = sarif_log(findings, version="1.2.3")
    assert set(log) == {"$schema", "version", "runs"}
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-2.1.0.json")
    [run] = log["runs"]
    assert isinstance(run, dict)
    return run


def test_the_tool_describes_every_code() -> None:
    driver = run_of()["tool"]["driver"]

    assert (driver["name"], driver["version"]) == ("edactl", "1.2.3")
    assert [one["id"] for one in driver["rules"]] == list(CODES)
    assert all(one["shortDescription"]["text"].endswith(".") for one in driver["rules"])
    assert run_of()["results"] == []


def test_a_finding_in_a_file_has_its_place() -> None:
    run = run_of(FILE)

    [result] = run["results"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert result["ruleId"] == "no-dlq"
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "no-dlq"
    assert result["level"] == "warning"
    assert result["message"]["text"] == 'rule "au": target t: it has no DLQ. Try: add one'
    [location] = result["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "rules/my%20file.json"},
        "region": {"startLine": 3},
    }
    assert location["logicalLocations"][0]["fullyQualifiedName"] == "au/target t"


def test_a_finding_outside_of_files_has_the_rules_name_alone() -> None:
    typed = Finding("pattern", "no-source", "warning", "", "it asks for none", None, "--pattern", 1)

    result, other = run_of(LIVE, typed)["results"]
    assert list(other["locations"][0]) == ["logicalLocations"]

    assert result["level"] == "note"
    assert result["message"]["text"] == 'rule "au": it is disabled.'
    assert list(result["locations"][0]) == ["logicalLocations"]
    assert result["locations"][0]["logicalLocations"][0]["name"] == "au"


def test_a_fingerprint_survives_a_move_and_tells_findings_apart() -> None:
    moved = Finding(**{**FILE.__dict__, "line": 30, "message": "other words"})
    other = Finding(**{**FILE.__dict__, "path": "target u"})

    prints = [
        one["partialFingerprints"]["ruleCodePath/v1"]
        for one in run_of(FILE, moved, other)["results"]
    ]

    assert prints[0] == prints[1] != prints[2]
    assert all(len(one) == 32 for one in prints)
