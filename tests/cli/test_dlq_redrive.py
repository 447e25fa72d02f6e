"""`dlq redrive` from the command line: what goes, what stays, what is refused, and what is said."""

from __future__ import annotations

import io
import json
import stat
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edactl.aws.session import AwsSession
from edactl.aws.sqs import SqsQueues
from edactl.cli import main
from edactl.core.message import MessageAttribute, Outgoing
from edactl.core.queue import Queue
from edactl.core.settings import ConnectionOptions, SandboxEndpoint, Setting
from edactl.sandbox.state import SandboxState
from tests.running import Run
from tests.sandbox_queues import SandboxQueues
from tests.scripted_sqs import error, scripted_sqs

Edactl = Callable[..., Run]
FIELDS = [
    *("run_id", "journal", "received", "sent", "deleted", "skipped", "failed", "ambiguous"),
    *("bounced", "remaining", "engine", "duration_seconds", "failures"),
]


@pytest.fixture
def queues(sandbox: SandboxState) -> SandboxQueues:
    return SandboxQueues(sandbox)


def _dead(queues: SandboxQueues, *bodies: str, name: str = "orders") -> tuple[Queue, Queue]:
    """A queue and its DLQ, to which SQS has moved a message of each body."""
    source = queues.make_with_dlq(name, 1, *bodies)
    sqs = queues.sqs
    policy = sqs.attributes(source).redrive_policy
    assert policy is not None
    dlq = next(one for one in sqs.list(name) if one.arn == policy.dead_letter_queue_arn)
    while queues.depth(dlq)[0] < len(bodies):
        if taken := sqs.receive(source, count=10, wait_seconds=0, visibility_seconds=60):
            sqs.release(source, [one.receipt_handle for one in taken])
    return source, dlq


def _orders(count: int) -> list[str]:
    return [json.dumps({"n": number, "customer": number % 3}) for number in range(count)]


def _report(run: Run) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(run.out)
    parts = ("sent", "skipped", "failed", "ambiguous")
    assert report["received"] == sum(report[one] for one in parts)
    return report


# -- what goes and what stays ----------------------------------------------------------------------


def test_letters_go_back_to_their_queue_and_the_report_says_so(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    source, dlq = _dead(queues, *_orders(12))

    run = edactl("dlq", "redrive", "orders-dlq", "--yes", "-o", "json")

    assert run.status == 0, run.err
    report = _report(run)
    assert list(report) == FIELDS
    assert (report["received"], report["sent"], report["deleted"]) == (12, 12, 12)
    assert (report["remaining"], report["engine"], report["failures"]) == (0, "client", [])
    assert "12 received: 12 sent, 12 deleted" in run.err
    assert sorted(queues.bodies(source)) == sorted(_orders(12))
    assert queues.depth(dlq) == (0, 0)


def test_the_time_that_somebody_thinks_about_it_is_not_the_run_s(
    edactl: Edactl, queues: SandboxQueues, monkeypatch: pytest.MonkeyPatch
) -> None:
    _dead(queues, "a")
    agreed: list[float] = []

    def think(*_: object, **__: object) -> None:
        time.sleep(0.3)
        agreed.append(time.monotonic())

    monkeypatch.setattr("edactl.cli.redrive_run.confirm_run", think)
    run = edactl("dlq", "redrive", "orders-dlq", "-o", "json")

    assert 0 < _report(run)["duration_seconds"] <= time.monotonic() - agreed[0] + 0.001


def test_the_journal_is_private_and_holds_every_letter_in_full(
    edactl: Edactl, queues: SandboxQueues, tmp_path: Path
) -> None:
    _dead(queues, *_orders(2))

    run = edactl("dlq", "redrive", "orders-dlq", "--yes", "--limit", "2", "-o", "json")

    journal = Path(_report(run)["journal"])
    assert journal.is_relative_to(tmp_path / "home" / ".local" / "state" / "edactl" / "redrive")
    assert stat.S_IMODE(journal.stat().st_mode) == 0o600
    header, *lines = [json.loads(line) for line in journal.read_text("utf-8").splitlines()]
    assert header["edactl_journal"] == 1
    assert header["run_id"] == _report(run)["run_id"] == journal.stem
    planned = [line["planned"]["message"]["body"] for line in lines if "planned" in line]
    assert sorted(planned) == _orders(2)
    assert lines[-1]["end"]["sent"] == 2


def test_only_chosen_letters_go_and_the_others_are_given_back_at_once(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    source, dlq = _dead(queues, *_orders(9))
    chosen = ("--where", "json_body.customer == `2` && message_id", "--limit", "3")

    run = edactl("dlq", "redrive", "orders-dlq", *chosen, "--yes", "-o", "json")

    report = _report(run)
    assert report["sent"] == report["deleted"] == 3
    assert queues.depth(dlq) == (6, 0)
    assert {json.loads(body)["customer"] for body in queues.bodies(source)} == {2}


def test_a_letter_that_where_does_not_fit_stays(edactl: Edactl, queues: SandboxQueues) -> None:
    _dead(queues, '{"tags": ["a"]}', '{"tags": 5}')

    run = edactl(
        *("dlq", "redrive", "orders-dlq", "--where", "contains(json_body.tags, 'a')"),
        *("--limit", "1", "--yes", "-o", "json"),
    )

    assert run.status == 0, run.err
    assert _report(run)["sent"] == 1


def test_letters_can_be_chosen_by_cluster_and_by_age(edactl: Edactl, queues: SandboxQueues) -> None:
    source, _ = _dead(queues, '{"kind": "a"}', '{"other": "b"}')
    rows = edactl("dlq", "inspect", "orders-dlq", "-o", "json").out
    cluster = next(row["cluster"] for row in json.loads(rows))
    options = ("--cluster", cluster, "--newer-than", "1h", "--limit", "1", "--yes", "-o", "json")

    run = edactl("dlq", "redrive", "orders-dlq", *options)
    none = edactl("dlq", "redrive", "orders-dlq", "--older-than", "1h", "--yes", "-o", "json")

    assert _report(run)["sent"] == 1
    assert len(queues.bodies(source)) == 1
    assert (_report(none)["sent"], _report(none)["skipped"]) == (0, 1)


@pytest.mark.parametrize(
    "command",
    [("redrive", "--yes"), ("redrive", "-n"), ("drop", "--yes"), ("export",)],
    ids=" ".join,
)
def test_a_cluster_that_is_not_there_is_status_1_and_the_others_are_named(
    edactl: Edactl, queues: SandboxQueues, command: tuple[str, ...]
) -> None:
    _, dlq = _dead(queues, '{"kind": "a"}', '{"kind": "b"}', '{"kind": "b"}')
    rows = json.loads(edactl("dlq", "inspect", "orders-dlq", "-o", "json").out)
    most, least = (row["cluster"] for row in rows)

    run = edactl("dlq", command[0], "orders-dlq", *command[1:], "--cluster", "00000000")

    assert run.status == 1, run.err
    assert "orders-dlq shows no letter of cluster 00000000" in run.err
    assert f"it has {most} (2 letters), {least} (1 letter)" in run.err
    assert queues.depth(dlq) == (3, 0)


def test_of_many_clusters_the_largest_are_named(edactl: Edactl, queues: SandboxQueues) -> None:
    _dead(queues, *[json.dumps({"kind": kind}) for kind in "abcdef"])

    run = edactl("dlq", "redrive", "orders-dlq", "-n", "--cluster", "00000000")

    assert run.err.count("(1 letter)") == 5
    assert "(1 letter), …: edactl dlq inspect orders-dlq" in run.err


def test_a_cluster_of_an_empty_dlq_is_done(edactl: Edactl, queues: SandboxQueues) -> None:
    _dead(queues)

    assert edactl("dlq", "redrive", "orders-dlq", "--cluster", "00000000", "--yes").status == 0


def test_an_export_can_be_of_the_old_or_of_the_new(edactl: Edactl, queues: SandboxQueues) -> None:
    queues.make("orders-dlq", "a")

    new = edactl("dlq", "export", "orders-dlq", "--newer-than", "1h")
    old = edactl("dlq", "export", "orders-dlq", "--older-than", "1h")

    assert (new.status, old.status) == (0, 0)
    assert [json.loads(line)["body"] for line in new.out.splitlines()] == ["a"]
    assert old.out == ""


def test_edit_sends_another_body_and_keeps_the_attributes(
    edactl: Edactl, queues: SandboxQueues, tmp_path: Path
) -> None:
    source, _ = _dead(queues, '{"customer": 1, "price": 1.10}')
    patch = tmp_path / "fix.json"
    patch.write_text('[{"op": "replace", "path": "/customer", "value": 7}]', "utf-8")

    looked = edactl("dlq", "redrive", "orders-dlq", "--edit", f"@{patch}", "-n", "--limit", "1")
    run = edactl("dlq", "redrive", "orders-dlq", "--edit", f"@{patch}", "--limit", "1", "--yes")

    assert '-{"customer": 1, "price": 1.10}\n+{"customer":7,"price":1.1}' in looked.err
    assert json.loads(looked.out)["plan"]["edits"][0]["diff"].startswith("--- body")
    assert run.status == 0, run.err
    assert "edactl [sandbox 000000000000]: edit " in run.err
    assert run.err.count('+{"customer":7,"price":1.1}') == 1
    assert queues.bodies(source) == ['{"customer":7,"price":1.1}']


class Typed(io.StringIO):
    """A terminal's stream."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("answer", "status", "left"), [("y\n", 0, 3), ("n\n", 1, 5)])
def test_somebody_who_is_asked_sees_the_first_edits_before(
    queues: SandboxQueues, monkeypatch: pytest.MonkeyPatch, answer: str, status: int, left: int
) -> None:
    _, dlq = _dead(queues, *_orders(5))
    screen = Typed()
    monkeypatch.setattr(sys, "stdin", Typed(answer))
    monkeypatch.setattr(sys, "stderr", screen)

    ended = main(["dlq", "redrive", "orders-dlq", "--edit", "json_body.n", "--limit", "2"])

    before, _, after = screen.getvalue().partition("[y/N]")
    assert ended == status
    assert before.count("+++ edited") == 3
    assert "+++ edited" not in after
    assert queues.depth(dlq) == (left, 0)


def test_edit_by_an_expression_and_what_it_does_not_fit_stays(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    source, dlq = _dead(queues, '{"inner": {"a": 1}}', "plain text")
    options = ("--edit", "json_body.inner", "--limit", "1", "--yes")

    run = edactl("dlq", "redrive", "orders-dlq", *options)

    assert run.status == 0, run.err
    assert queues.bodies(source) == ['{"a":1}']
    assert queues.bodies(dlq) == ["plain text"]


def test_a_dry_run_plans_and_moves_nothing(edactl: Edactl, queues: SandboxQueues) -> None:
    _, dlq = _dead(queues, *_orders(4))

    run = edactl(
        "dlq", "redrive", "orders-dlq", "--where", "json_body.n != `3`", "-n", "--rate", "2"
    )

    report = _report(run)
    assert run.status == 0, run.err
    assert list(report) == [*FIELDS, "dry_run", "plan"]
    assert (report["dry_run"], report["sent"], report["skipped"]) == (True, 3, 1)
    assert report["journal"] is None
    plan = report["plan"]
    assert plan["destinations"][0]["destination"].endswith(":orders")
    assert plan["destinations"][0]["letters"] == plan["clusters"][0]["letters"] == 3
    assert plan["skipped"] == [{"reason": "not of --where", "letters": 1}]
    assert plan["eta_seconds"] == 1.5
    assert "would send 3 letters to orders" in run.err
    assert "would leave 1 letter: not of --where" in run.err
    assert queues.depth(dlq) == (4, 0)


def test_what_a_plan_says_in_words_is_not_said_again_in_a_cell(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    _dead(queues, "a")
    look = ("dlq", "redrive", "orders-dlq", "-n", "--limit", "1", "-o")

    table, text, chosen = edactl(*look, "table"), edactl(*look, "text"), edactl(*look, "json")

    assert "failures" in table.out
    assert "plan" not in table.out
    assert text.out.rstrip("\n").endswith("\tclient\t" + text.out.split("\t")[-2] + "\ttrue")
    assert "plan" in json.loads(chosen.out)
    assert "would send 1 letter to orders" in table.err


def test_to_sends_every_letter_to_another_queue_with_all_it_carries(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    dlq, other = queues.make("events-dlq"), queues.make("other")
    attributes = {
        "RULE_ARN": MessageAttribute("String", "arn:aws:events:us-east-1:1:rule/r"),
        "n": MessageAttribute("Number", "1.50"),
        "blob": MessageAttribute("Binary", None, b"\x00\xff"),
    }
    queues.sqs.send(dlq, [Outgoing("{}", attributes, group_id="g")])

    run = edactl("dlq", "redrive", "events-dlq", "--to", "other", "--limit", "1", "--yes")

    assert run.status == 0, run.err
    (found,) = queues.sqs.receive(other, count=1, wait_seconds=0, visibility_seconds=5)
    assert found.message.message_attributes == attributes
    assert found.message.group_id == "g"


def test_a_letter_of_no_queue_is_left_with_the_reason(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    dlq = queues.make("mixed-dlq")
    arns = {"RULE_ARN": "arn:aws:events:us-east-1:1:rule/r", "TARGET_ARN": "arn:aws:sns:r:1:t"}
    rule = {name: MessageAttribute("String", arn) for name, arn in arns.items()}
    queues.sqs.send(dlq, [Outgoing('{"source":"a","detail-type":"b","detail":{}}', rule)])
    queues.sqs.send(dlq, [Outgoing("no event at all", rule)])

    run = edactl("dlq", "redrive", "mixed-dlq", "-n")

    reasons = [one["reason"] for one in json.loads(run.out)["plan"]["skipped"]]
    assert "the body is no event: it lacks source and detail-type" in reasons
    assert "rule r is of another account or region; --to QUEUE sends it elsewhere" in reasons


def test_queue_move_moves_between_any_two_queues(edactl: Edactl, queues: SandboxQueues) -> None:
    queues.make("parked", "a", "b", "c")
    target = queues.make("live")

    run = edactl("queue", "move", "parked", "live", "--limit", "3", "--yes", "-o", "json")

    assert run.status == 0, run.err
    assert _report(run)["deleted"] == 3
    assert sorted(queues.bodies(target)) == ["a", "b", "c"]


def test_queue_move_chooses_edits_and_guards_as_a_redrive_does(
    edactl: Edactl, queues: SandboxQueues, tmp_path: Path
) -> None:
    parked = queues.make("parked", '{"kind": "a", "n": 1}', '{"kind": "b", "n": 2}')
    live = queues.make("live")
    rows = json.loads(edactl("dlq", "inspect", "parked", "-o", "json").out)
    cluster = next(row["cluster"] for row in rows if "kind: a" in row["message"])
    patch = tmp_path / "fix.json"
    patch.write_text('[{"op": "replace", "path": "/n", "value": 7}]', "utf-8")

    run = edactl(
        *("queue", "move", "parked", "live", "--cluster", cluster, "--edit", f"@{patch}"),
        *("--canary", "1", "--max-bounce", "5", "--max-backlog", "9", "--yes", "-o", "json"),
    )

    assert run.status == 0, run.err
    assert (_report(run)["sent"], _report(run)["skipped"]) == (1, 1)
    assert "nothing that takes the letters sends them back to parked" in run.err
    assert queues.bodies(live) == ['{"kind":"a","n":7}']
    assert queues.depth(parked) == (1, 0)


def test_what_a_move_cannot_do_is_said_with_the_command_that_tells_why(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    queues.make("parked", "plain text")
    queues.make("live")

    run = edactl("queue", "move", "parked", "live", "--edit", "json_body.n", "--yes")

    assert run.status == 0
    assert "edactl queue move parked live --dry-run says why 1 letter stayed" in run.err


def test_letters_go_to_a_queue_of_another_region_too(
    edactl: Edactl, queues: SandboxQueues, sandbox: SandboxState
) -> None:
    _dead(queues, "a", "b", "c")
    endpoint = SandboxEndpoint(sandbox.url, sandbox.account_id)
    options = ConnectionOptions(region=Setting("eu-west-1", "test"), sandbox=endpoint)
    far = SqsQueues(AwsSession(options))
    queue = far.create("orders", attributes={}, tags={})

    look = edactl("dlq", "redrive", "orders-dlq", "--to", queue.arn, "-n", "-o", "json")
    run = edactl(
        *("dlq", "redrive", "orders-dlq", "--to", queue.arn, "--max-backlog", "9", "--canary", "1"),
        *("--limit", "2", "--yes"),
    )
    journal = _report(run)["journal"]
    restored = edactl("dlq", "restore", journal, "--yes")

    assert run.status == 0, run.err
    assert _report(look)["plan"]["engine_reason"] == "a move task stays in its region"
    assert "nothing that takes the letters sends them back to orders-dlq" in run.err
    assert restored.status == 0, restored.err
    assert far.attributes(queue).visible == 4


# -- bad input -------------------------------------------------------------------------------------


def test_an_empty_dlq_is_done_at_once(edactl: Edactl, queues: SandboxQueues) -> None:
    _dead(queues)

    run = edactl("dlq", "redrive", "orders-dlq", "-o", "json")

    assert run.status == 0, run.err
    assert _report(run)["received"] == 0
    assert "orders-dlq has no letter to take now" in run.err


def test_an_empty_queue_that_no_queue_names_as_its_dlq_is_done_and_says_so(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    queues.make("plain")

    run = edactl("dlq", "redrive", "plain", "--yes")

    assert run.status == 0
    assert "plain has no letter to take now" in run.err
    assert "no queue names plain as its DLQ in a redrive policy" in run.err
    assert "--to QUEUE" in run.err


def test_a_queue_that_is_nobodys_dlq_is_refused_and_to_is_offered(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    live = queues.make("live", "healthy message")
    tight = queues.make_with_dlq("tight", 1, "another")

    run = edactl("dlq", "redrive", "live", "--yes")
    unseen = edactl("dlq", "redrive", "tight", "--yes")

    assert (run.status, unseen.status) == (252, 252)
    assert 'queue "tight" is nobody\'s DLQ' in unseen.err
    assert queues.depth(tight) == (1, 0)
    assert 'queue "live" is nobody\'s DLQ' in run.err
    assert "--to QUEUE" in run.err
    assert queues.depth(live) == (1, 0)


def test_the_destination_may_not_be_the_source(edactl: Edactl, queues: SandboxQueues) -> None:
    queues.make("orders-dlq", "a")

    run = edactl("dlq", "redrive", "orders-dlq", "--to", "orders-dlq", "--yes")

    assert run.status == 252
    assert "they cannot go there" in run.err


@pytest.mark.parametrize(("one", "other"), [("a", "b.fifo"), ("a.fifo", "b")])
def test_letters_go_only_between_queues_of_one_type(
    edactl: Edactl, queues: SandboxQueues, one: str, other: str
) -> None:
    queues.make(one, "letter")
    queues.make(other)

    run = edactl("dlq", "redrive", one, "--to", other, "--yes")

    assert run.status == 252
    assert "only between queues of one type" in run.err


def test_a_letter_too_large_for_its_destination_stays_and_is_listed(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    dlq = queues.make("big-dlq", "x" * 2000, "small")
    small = queues.make("small", MaximumMessageSize="1024")

    run = edactl(
        "dlq", "redrive", "big-dlq", "--to", "small", "--limit", "2", "--yes", "-o", "json"
    )

    report = _report(run)
    assert run.status == 2
    assert (report["sent"], report["failed"]) == (1, 1)
    (failure,) = report["failures"]
    assert failure["error_code"] == "MessageTooLong"
    assert 'the message has 2000 bytes; queue "small" takes 1024' in run.err
    assert queues.bodies(small) == ["small"]
    assert queues.depth(dlq) == (1, 0)


def test_a_dry_run_says_which_letters_their_destination_does_not_take(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    queues.make("long-dlq", "x" * 2000, "small")
    queues.make("short", MaximumMessageSize="1024")

    run = edactl("dlq", "redrive", "long-dlq", "--to", "short", "--dry-run", "-o", "json")

    report = _report(run)
    assert (run.status, report["sent"], report["skipped"]) == (0, 1, 1)
    assert report["plan"]["skipped"] == [
        {"reason": "larger than the 1024 bytes that short takes", "letters": 1}
    ]


def test_a_dry_run_refuses_what_the_server_engine_cannot_do(
    edactl: Edactl, queues: SandboxQueues
) -> None:
    _dead(queues, "a")

    run = edactl("dlq", "redrive", "orders-dlq", "--engine", "server", "--limit", "1", "--dry-run")

    assert run.status == 252
    assert "--engine server: a move task moves a whole DLQ alone" in run.err


def test_somebody_elses_consumer_is_a_warning(edactl: Edactl, queues: SandboxQueues) -> None:
    dlq = queues.make("read-dlq", "a", "b")
    queues.make("other")
    queues.sqs.receive(dlq, count=1, wait_seconds=0, visibility_seconds=60)

    run = edactl("dlq", "redrive", "read-dlq", "--to", "other", "--limit", "1", "--yes")

    assert run.status == 0, run.err
    assert "somebody else reads read-dlq: 1 in flight" in run.err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--where", "json_body.["), "--where 'json_body.[' is not JMESPath"),
        (("--edit", "a b"), "--edit 'a b' is not JMESPath"),
        (("--rate", "0"), "--rate must be above 0"),
        (("--lease", "0s"), "--lease 0s is not within"),
        (("--where", "nofunc(body)"), "there is no function nofunc()"),
        (("--where", "json_body[?!contains(@)]"), "contains() takes 2, not 1"),
        (("--edit", "merge()"), "merge() takes 1 or more, not 0"),
        (("--older-than", "soon"), '"soon" is not a time'),
        (("--cluster", "first"), '--cluster "first" is no cluster\'s id'),
        (("--edit", "@nowhere.json"), "nowhere.json: cannot be read"),
    ],
)
def test_bad_options_are_refused_before_aws_is_asked(
    edactl: Edactl, options: tuple[str, ...], words: str
) -> None:
    run = edactl("dlq", "redrive", "orders-dlq", *options, "--yes")

    assert run.status == 252
    assert words in run.err


@pytest.mark.parametrize(
    ("text", "words"), [('{"op": 1}', "not a JSON array"), ('[{"op": "turn"}]', "no JSON Patch")]
)
def test_a_patch_that_is_none_is_refused(
    edactl: Edactl, tmp_path: Path, text: str, words: str
) -> None:
    (tmp_path / "p.json").write_text(text, "utf-8")

    run = edactl("dlq", "redrive", "orders-dlq", "--edit", f"@{tmp_path}/p.json", "--yes")

    assert run.status == 252
    assert words in run.err


def test_without_a_dlq_or_a_yes_nothing_is_done(edactl: Edactl, queues: SandboxQueues) -> None:
    _, dlq = _dead(queues, "a")

    assert edactl("dlq", "redrive").status == 252
    run = edactl("dlq", "redrive", "orders-dlq")

    assert run.status == 252
    assert "Send about 1 letter of orders-dlq in us-east-1 back to where each came from?" in run.err
    assert "add --yes" in run.err
    assert queues.depth(dlq) == (1, 0)


# -- what AWS refuses ------------------------------------------------------------------------------

QUEUE_URL = "http://127.0.0.1/000000000000/"
LETTER = {"MessageId": "m1", "ReceiptHandle": "r1", "Body": "b", "Attributes": {}}


def _answers(
    changed: dict[str, tuple[int, dict[str, Any]]], depth: str = "1"
) -> Callable[[str, dict[str, Any]], tuple[int, dict[str, Any]]]:
    """A DLQ of one letter; `changed` answers by operation instead."""
    given: list[str] = []

    def answer(operation: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if operation in changed:
            return changed[operation]
        match operation:
            case "GetQueueUrl":
                return 200, {"QueueUrl": QUEUE_URL + request["QueueName"]}
            case "GetQueueAttributes":
                return 200, {"Attributes": {"ApproximateNumberOfMessages": depth}}
            case "ReceiveMessage":
                first = not given
                given.append("m1")
                return 200, {"Messages": [LETTER] if first else []}
            case "SendMessageBatch":
                return 200, {"Successful": [{"Id": "0", "MessageId": "new"}], "Failed": []}
            case "ListDeadLetterSourceQueues":
                return 200, {"queueUrls": [QUEUE_URL + "orders"]}
        entries = [{"Id": one["Id"]} for one in request.get("Entries", ())]
        return 200, {"Successful": entries, "Failed": []}

    return answer


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_REGION", "us-east-1")


@pytest.mark.usefixtures("credentials")
@pytest.mark.parametrize("code", ["AccessDenied", "KMS.AccessDeniedException", "QueueDoesNotExist"])
def test_a_destination_that_refuses_all_stops_the_run_with_nothing_lost(
    edactl: Edactl, code: str
) -> None:
    with scripted_sqs(_answers({"SendMessageBatch": error(code)})) as (url, calls):
        run = edactl(
            *(
                "dlq",
                "redrive",
                "orders-dlq",
                "--to",
                "orders",
                "--yes",
                "--engine",
                "client",
                "--endpoint-url",
                url,
            )
        )

    assert run.status == 254
    assert code.removeprefix("KMS.") in run.err
    assert "DeleteMessageBatch" not in calls
    assert "ChangeMessageVisibilityBatch" in calls


CALLER = "arn:aws:iam::111122223333:user/ops"
TARGET = "arn:aws:sqs:us-east-1:111122223333:orders"
KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd"


@pytest.mark.usefixtures("credentials")
@pytest.mark.parametrize(
    ("operation", "code", "action", "resource", "queue"),
    [
        ("SendMessageBatch", "AccessDenied", "sqs:SendMessage", TARGET, "orders"),
        ("SendMessageBatch", "KMS.AccessDeniedException", "kms:GenerateDataKey", KEY, "orders"),
        ("ReceiveMessage", "KMS.AccessDeniedException", "kms:Decrypt", KEY, "orders-dlq"),
    ],
)
def test_a_denial_names_the_queue_the_action_the_key_and_what_to_allow(  # noqa: PLR0913, PLR0917 -- the columns of the table
    edactl: Edactl, operation: str, code: str, action: str, resource: str, queue: str
) -> None:
    words = f"User: {CALLER} is not authorized to perform: {action} on resource: {resource}"
    text = f"{words} because no identity-based policy allows it (Service: AWSKMS; Proxy: null)"
    denied = 403, {"__type": f"com.amazonaws.sqs#{code}", "message": text}
    options = ("--to", "orders", "--yes", "--engine", "client")
    with scripted_sqs(_answers({operation: denied})) as (url, calls):
        run = edactl("dlq", "redrive", "orders-dlq", *options, "--endpoint-url", url)

    assert run.status == 254
    assert f'queue "{queue}": access denied, the caller lacks {action} ({code})' in run.err
    assert "because no identity-based policy allows it\n" in run.err
    assert f"try: allow {action} on {resource} to the caller" in run.err
    assert "edactl iam-policy dlq redrive prints the least policy" in run.err
    assert "DeleteMessageBatch" not in calls


@pytest.mark.usefixtures("credentials")
def test_without_the_right_to_delete_the_run_stops_and_says_what_is_in_both_places(
    edactl: Edactl,
) -> None:
    with scripted_sqs(_answers({"DeleteMessageBatch": error("AccessDenied")})) as (url, calls):
        run = edactl(
            *(
                "dlq",
                "redrive",
                "orders-dlq",
                "--to",
                "orders",
                "--yes",
                "--engine",
                "client",
                "--endpoint-url",
                url,
            ),
            *("-o", "json"),
        )

    assert run.status == 254
    report = _report(run)
    assert (report["sent"], report["deleted"]) == (1, 0)
    assert report["failures"][0]["new_message_id"] == "new"
    assert "sent, but not deleted from the DLQ" in run.err
    assert "sqs:DeleteMessage" in run.err
    assert "edactl iam-policy dlq redrive prints the least policy" in run.err
    assert "--resume" in run.err
    assert calls.count("SendMessageBatch") == 1


@pytest.mark.usefixtures("credentials")
def test_a_running_move_task_is_not_disturbed(edactl: Edactl) -> None:
    task = {"Status": "RUNNING", "TaskHandle": "h", "ApproximateNumberOfMessagesMoved": 3}
    with scripted_sqs(_answers({"ListMessageMoveTasks": (200, {"Results": [task]})})) as (
        url,
        calls,
    ):
        run = edactl(
            "dlq", "redrive", "orders-dlq", "--yes", "--engine", "client", "--endpoint-url", url
        )

    assert run.status == 3
    assert "a move task of SQS is moving letters" in run.err
    assert "edactl dlq cancel orders-dlq ends it" in run.err
    assert "ReceiveMessage" not in calls


@pytest.mark.usefixtures("credentials")
def test_more_than_a_thousand_letters_need_the_queues_name(edactl: Edactl) -> None:
    with scripted_sqs(_answers({}, depth="1001")) as (url, _):
        arguments = (
            "dlq",
            "redrive",
            "orders-dlq",
            "--to",
            "orders",
            "--engine",
            "client",
            "--endpoint-url",
            url,
        )
        yes = edactl(*arguments, "--yes")
        wrong = edactl(*arguments, "--confirm", "orders")
        few = edactl(*arguments, "--yes", "--limit", "1")

    assert (yes.status, wrong.status, few.status) == (252, 1, 0)
    assert "add --confirm orders-dlq" in yes.err
    assert '"orders" is not "orders-dlq": nothing was done' in wrong.err


@pytest.mark.usefixtures("credentials")
def test_a_source_queue_that_is_gone_fails_its_letters_only(edactl: Edactl) -> None:
    letter = LETTER | {"Attributes": {"DeadLetterQueueSourceArn": "arn:aws:sqs:us-east-1:1:gone"}}
    script = _answers({})

    def answer(operation: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if operation == "GetQueueUrl" and request["QueueName"] == "gone":
            return error("QueueDoesNotExist")
        if operation == "ListQueues":
            return 200, {}
        status, body = script(operation, request)
        return status, {"Messages": [letter]} if body.get("Messages") else body

    with scripted_sqs(answer) as (url, _):
        run = edactl(
            *(
                "dlq",
                "redrive",
                "orders-dlq",
                "--yes",
                "--limit",
                "1",
                "--engine",
                "client",
                "--endpoint-url",
                url,
            ),
            *("-o", "json"),
        )

    assert run.status == 2
    (failure,) = _report(run)["failures"]
    assert failure["error_code"] == "QueueDoesNotExist"
    assert run.err.count("QueueDoesNotExist") == 1
