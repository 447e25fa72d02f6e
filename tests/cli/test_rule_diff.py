"""`edactl rule diff`: which verdicts change between two versions of the rules."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edactl.sandbox.state import SandboxState
from tests.running import Run
from tests.sandbox_queues import SandboxQueues

Edactl = Callable[..., Run]
EVENTS = [
    {"id": f"e{n}", "source": "com.flix", "detail": {"region": region}}
    for n, region in enumerate(("AU", "US", "NZ"))
]
OLD = {"au": {"detail": {"region": ["AU", "NZ"]}}, "gone": {"detail": {"region": ["US"]}}}
NEW = {"au": {"detail": {"region": ["AU", "US"]}}, "fresh": {"detail": {"region": ["NZ"]}}}


def records(run: Run) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run.out.splitlines()]


def change(
    index: int, rule: str, *, before: bool | None, after: bool | None, only_in: str | None = None
) -> dict[str, Any]:
    return {
        "event_index": index,
        "event_id": f"e{index}",
        "rule": rule,
        "before": before,
        "after": after,
        "only_in": only_in,
    }


def only(rule: str, side: str) -> dict[str, Any]:
    empty = dict.fromkeys(("event_index", "event_id", "before", "after"))
    return {**empty, "rule": rule, "only_in": side}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: both versions and the events."""
    (tmp_path / "old.json").write_text(json.dumps(OLD))
    (tmp_path / "new.json").write_text(json.dumps(NEW))
    (tmp_path / "events.ndjson").write_text("".join(json.dumps(one) + "\n" for one in EVENTS))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_each_changed_verdict_is_a_record_and_status_1(edactl: Edactl, folder: Path) -> None:
    run = edactl("rule", "diff", "old.json", "new.json", "--events", "events.ndjson")

    assert run.status == 1
    assert records(run) == [
        only("gone", "old"),
        only("fresh", "new"),
        change(1, "au", before=False, after=True),
        change(1, "gone", before=True, after=None, only_in="old"),
        change(2, "au", before=True, after=False),
        change(2, "fresh", before=None, after=True, only_in="new"),
    ]
    assert "2 of 3 events change verdict; 2 rules only on one side" in run.err


def test_the_same_verdicts_are_status_0(edactl: Edactl, folder: Path) -> None:
    (folder / "same.json").write_text(
        json.dumps({"au": {"detail": {"region": ["NZ", {"prefix": "A"}]}}, "gone": OLD["gone"]})
    )

    run = edactl("rule", "diff", "old.json", "same.json", "--events", "events.ndjson")

    assert (run.status, run.out) == (0, "")
    assert "0 of 3 events change verdict" in run.err


def test_count_gives_a_record_a_rule(edactl: Edactl, folder: Path) -> None:
    run = edactl("rule", "diff", "old.json", "new.json", "--events", "events.ndjson", "--count")

    rows = [tuple(one.values()) for one in records(run)]
    assert run.status == 1
    assert list(records(run)[0]) == ["rule", "before", "after", "gained", "lost", "only_in"]
    assert rows == [
        ("au", 2, 2, 1, 1, None),
        ("gone", 1, None, 0, 1, "old"),
        ("fresh", None, 1, 1, 0, "new"),
    ]


def test_a_glob_after_events_gives_more_files(edactl: Edactl, folder: Path) -> None:
    (folder / "more.json").write_text(json.dumps(EVENTS[1]))

    run = edactl("rule", "diff", "old.json", "new.json", "--events", "events.ndjson", "more.json")

    assert "3 of 4 events change verdict" in run.err


def test_a_table_says_it_in_words(edactl: Edactl, folder: Path) -> None:
    arguments = ("old.json", "new.json", "--events", "events.ndjson", "-o", "table")

    lines = edactl("rule", "diff", *arguments).out.splitlines()
    queried = edactl("rule", "diff", *arguments, "--query", "rule").out.splitlines()

    assert lines[0] == "rule gone is only in old"
    assert lines[2] == "event 1 (e1) matches now, and did not: au"
    assert lines[3] == "event 1 (e1) matched, and does not now: gone (only in old)"
    assert queried[0] == '"gone"'


def test_invalid_events_are_252_or_skipped(edactl: Edactl, folder: Path) -> None:
    stdin = f'{json.dumps(EVENTS[0])}\n{{"a":tru}}\n{json.dumps(EVENTS[1])}\n'
    arguments = ("rule", "diff", "old.json", "new.json", "--events", "-")

    refused = edactl(*arguments, stdin=stdin)
    skipped = edactl(*arguments, "--skip-invalid", stdin=stdin)

    assert refused.status == 252
    assert "<stdin>:2" in refused.err
    assert "<stdin>:2" in skipped.err
    assert "1 of 2 events change verdict" in skipped.err
    assert records(skipped)[-1]["event_index"] == 1


def git(*arguments: str) -> None:
    identity = ("-c", "user.name=n", "-c", "user.email=e@example.com")
    subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(folder: Path) -> Path:
    """A repository whose last commit has the old rules; the files have the new ones."""
    (folder / "rules" / "in").mkdir(parents=True)
    (folder / "rules" / "a.json").write_text(json.dumps({"au": OLD["au"]}))
    (folder / "rules" / "in" / "b.json").write_text(json.dumps({"gone": OLD["gone"]}))
    git("init", "-q")
    git("add", "rules", "old.json")
    git("commit", "-qm", "old")
    (folder / "rules" / "a.json").write_text(json.dumps({"au": NEW["au"]}))
    return folder


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("HEAD:rules", "rules"),
        ("HEAD:rules/a.json", "rules/a.json"),
        ("HEAD:./rules", "rules"),
        ("HEAD:", "rules"),
    ],
)
def test_a_git_revision_is_a_version(edactl: Edactl, repository: Path, old: str, new: str) -> None:
    git("rm", "-q", "--cached", "old.json")
    git("commit", "-qm", "only rules")

    run = edactl("rule", "diff", old, new, "--events", "events.ndjson")

    assert run.status == 1
    assert records(run) == [
        change(1, "au", before=False, after=True),
        change(2, "au", before=True, after=False),
    ]


def test_rules_of_one_name_are_told_apart_alike_in_a_revision(
    edactl: Edactl, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one.json", "two.json"):
        (repository / "twice").mkdir(exist_ok=True)
        (repository / "twice" / name).write_text('{"au": {"source": ["a"]}}')
    git("add", "twice")
    git("commit", "-qm", "twice")

    run = edactl("rule", "diff", "HEAD:twice", "twice", "--events", "events.ndjson")

    assert (run.status, run.out) == (0, "")


def test_a_revision_is_read_from_a_folder_inside(
    edactl: Edactl, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository / "rules" / "in")
    where = ("--events", "../../events.ndjson")

    assert edactl("rule", "diff", "HEAD:../a.json", "../a.json", *where).status == 1
    assert edactl("rule", "diff", "HEAD:./b.json", "b.json", *where).status == 0
    assert edactl("rule", "diff", "HEAD:rules/in/b.json", "b.json", *where).status == 0


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nope:rules", "no such revision"),
        ("HEAD:nope.json", "nope.json"),
        ("--help:rules", "is no git revision"),
        ("nowhere.json", "cannot be read"),
        ("HEAD:broken", "HEAD:broken/x.json:1:2: not JSON"),
    ],
)
def test_a_version_that_is_not_there_is_252(
    edactl: Edactl, repository: Path, name: str, words: str
) -> None:
    (repository / "broken").mkdir()
    (repository / "broken" / "x.json").write_text("{")
    git("add", "broken")
    git("commit", "-qm", "broken")

    run = edactl("rule", "diff", "--events", "events.ndjson", "--", name, "new.json")

    assert run.status == 252
    assert words in run.err
    assert len(run.err.splitlines()) == 2


def test_outside_a_repository_a_revision_is_252(
    edactl: Edactl, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(folder.parent))

    run = edactl("rule", "diff", "HEAD:rules", "new.json", "--events", "events.ndjson")

    assert run.status == 252
    assert "not a git repository" in run.err


def test_without_git_the_other_forms_are_named(
    edactl: Edactl, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(folder))

    run = edactl("rule", "diff", "HEAD:rules", "new.json", "--events", "events.ndjson")

    assert run.status == 252
    assert "git cannot be started" in run.err
    assert "bus:NAME" in run.err


def test_events_are_asked_for(edactl: Edactl, folder: Path) -> None:
    run = edactl("rule", "diff", "old.json", "new.json")

    assert run.status == 252
    assert "--events" in run.err


def test_a_live_bus_is_a_version(edactl: Edactl, folder: Path, sandbox: SandboxState) -> None:
    queues = SandboxQueues(sandbox)
    queues.feed_by_rule(queues.make("orders"), "flix", "au", OLD["au"])

    run = edactl("rule", "diff", "bus:flix", "new.json", "--events", "events.ndjson", "--count")

    assert [tuple(one.values()) for one in records(run)] == [
        ("au", 2, 2, 1, 1, None),
        ("fresh", None, 1, 1, 0, "new"),
    ]
    arn = "arn:aws:events:us-east-1:000000000000:event-bus/flix"
    assert edactl("rule", "diff", "bus:flix", arn, "--events", "events.ndjson").status == 0


def test_a_file_without_events_is_252(edactl: Edactl, folder: Path) -> None:
    (folder / "empty.ndjson").write_text("\n")

    run = edactl("rule", "diff", "old.json", "new.json", "--events", "empty.ndjson")

    assert run.status == 252
    assert "empty.ndjson: there is no event in it" in run.err


def test_what_follows_an_event_hides_its_id(edactl: Edactl, folder: Path) -> None:
    stdin = '{"id":"e","detail":{"region":"NZ"}} x {"b":{}}\n'

    run = edactl("rule", "diff", "old.json", "new.json", "--events", "-", stdin=stdin)

    assert [one["event_id"] for one in records(run)[2:]] == [None, None]


def test_rules_that_are_alike_still_read_the_events(edactl: Edactl, folder: Path) -> None:
    arguments = ("rule", "diff", "old.json", "old.json", "--events", "-")

    assert edactl(*arguments, stdin='{"a":tru}').status == 252
    run = edactl(*arguments, "--count", stdin=json.dumps(EVENTS[0]))
    assert run.status == 0
    assert [tuple(one.values()) for one in records(run)] == [
        ("au", 1, 1, 0, 0, None),
        ("gone", 0, 0, 0, 0, None),
    ]


def test_one_text_in_two_dialects_is_two_rules(edactl: Edactl, folder: Path) -> None:
    rules = {
        "Resources": {
            "f": {
                "Type": "AWS::Lambda::EventSourceMapping",
                "Properties": {
                    "EventSourceArn": "arn:aws:sqs:eu-west-1:1:q",
                    "FilterCriteria": {"Filters": [{"Pattern": '{"body":{"a":["x"]}}'}]},
                },
            }
        }
    }
    (folder / "esm.json").write_text(json.dumps(rules))
    (folder / "plain.json").write_text('{"f":{"body":{"a":["x"]}}}')
    events = '{"body":"{\\"a\\":\\"x\\"}"}'

    run = edactl("rule", "diff", "plain.json", "esm.json", "--events", "-", stdin=events)

    assert run.status == 1
    assert [(one["before"], one["after"]) for one in records(run)] == [(False, True)]


def test_a_bus_may_have_no_rules_yet(edactl: Edactl, folder: Path, sandbox: SandboxState) -> None:
    SandboxQueues(sandbox).session.call("events", "create_event_bus", Name="fresh")

    run = edactl("rule", "diff", "bus:fresh", "new.json", "--events", "events.ndjson", "--count")

    assert run.status == 1
    assert [tuple(one.values()) for one in records(run)] == [
        ("au", None, 2, 2, 0, "new"),
        ("fresh", None, 1, 1, 0, "new"),
    ]
