"""`edactl rule coverage`: rules that never fire, and events that no rule takes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edactl.core.rule_coverage import MAX_KINDS, Coverage
from tests.running import Run

Edactl = Callable[..., Run]


def event(number: int, region: str, kind: str | None = "played") -> dict[str, Any]:
    return {
        "id": f"e{number}",
        "source": "com.flix",
        "detail-type": kind,
        "detail": {"region": region},
    }


EVENTS = [event(0, "AU"), event(1, "US"), event(2, "NZ"), event(3, "US", None), event(4, "US")]
NDJSON = "".join(json.dumps(one) + "\n" for one in EVENTS)
RULES = {"au": {"detail": {"region": ["AU", "NZ"]}}, "never": {"source": ["x"]}}


@pytest.fixture
def rules(tmp_path: Path) -> str:
    file = tmp_path / "rules.json"
    file.write_text(json.dumps(RULES))
    return str(file)


def test_what_never_fires_and_what_is_not_taken(edactl: Edactl, rules: str) -> None:
    run = edactl("rule", "coverage", "-", "--rules", rules, stdin=NDJSON)

    assert run.status == 1
    assert json.loads(run.out) == {
        "events": 5,
        "taken": 2,
        "untaken": 3,
        "never_fired": ["never"],
        "rules": [
            {"rule": "au", "matched": 2, "sample_indexes": [0, 2]},
            {"rule": "never", "matched": 0, "sample_indexes": []},
        ],
        "sources": [
            {
                "source": "com.flix",
                "detail_type": "played",
                "events": 4,
                "taken": 2,
                "untaken": 2,
                "sample_indexes": [1, 4],
            },
            {
                "source": "com.flix",
                "detail_type": None,
                "events": 1,
                "taken": 0,
                "untaken": 1,
                "sample_indexes": [3],
            },
        ],
    }
    assert "1 of 2 rules fired; 2 of 5 events were taken" in run.err


def test_everything_covered_is_status_0(edactl: Edactl) -> None:
    pattern = '{"source":["com.flix"]}'

    run = edactl("rule", "coverage", "-", "--pattern", pattern, "--indexes", "1", stdin=NDJSON)

    assert run.status == 0
    assert json.loads(run.out)["rules"] == [
        {"rule": "pattern", "matched": 5, "sample_indexes": [0]}
    ]


@pytest.mark.parametrize(("pattern", "status"), [('{"source":["x"]}', 1), ('{"a":[1]}', 0)])
def test_each_half_decides(edactl: Edactl, pattern: str, status: int) -> None:
    assert edactl("rule", "coverage", "-", "--pattern", pattern, stdin='{"a":1}').status == status


def test_a_table_is_two_tables(edactl: Edactl, rules: str) -> None:
    run = edactl("rule", "coverage", "-", "--rules", rules, "-o", "table", stdin=NDJSON)

    lines = run.out.splitlines()
    assert lines[0].split() == ["RULE", "MATCHED", "SAMPLE", "INDEXES"]
    assert lines[1].split() == ["au", "2", "0,", "2"]
    assert lines[4].split()[:3] == ["SOURCE", "DETAIL", "TYPE"]


def test_odd_envelopes_are_counted_as_nameless(edactl: Edactl) -> None:
    stdin = '{"source":1,"detail-type":[]}\n{"source":"s"}\n{"a":1} x {"b":{}}\n'

    run = edactl("rule", "coverage", "-", "--pattern", '{"source":[1]}', stdin=stdin)

    kinds = [(one["source"], one["detail_type"]) for one in json.loads(run.out)["sources"]]
    assert kinds == [(None, None), ("s", None)]


def test_invalid_events_are_252_or_skipped(edactl: Edactl) -> None:
    arguments = ("rule", "coverage", "-", "--pattern", '{"a":[1]}')
    stdin = '{"a":tru}\n{"a":1\n{"a":1}\n'

    assert edactl(*arguments, stdin=stdin).status == 252
    run = edactl(*arguments, "--skip-invalid", stdin=stdin)
    assert run.status == 0
    assert [line[:27] for line in run.err.splitlines()[:2]] == [
        "edactl: warning: <stdin>:1:",
        "edactl: warning: <stdin>:2:",
    ]
    assert json.loads(run.out)["rules"][0]["sample_indexes"] == [0]


def test_kinds_of_events_without_end_do_not_fill_the_memory() -> None:
    counted = Coverage(["r"], samples=1)
    for number in range(MAX_KINDS + 5):
        counted.add(number, ["r"], "s", str(number))

    report = counted.report()

    assert len(report.sources) == MAX_KINDS + 1
    assert [one.events for one in report.sources if one.source is None] == [5]
    assert report.complete
