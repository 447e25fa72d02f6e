from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from edactl.cli.put_event_input import read_ahead
from edactl.sandbox.state import SandboxState
from tests.running import Run

EVENT = {"source": "com.flix", "detail-type": "T", "detail": {"n": 1}}
FLAGS = ("--source", "com.flix", "--detail-type", "T", "--detail", '{"n":1}')
DEAD = ("--endpoint-url", "http://127.0.0.1:9", "--region", "eu-west-1")


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials for a dead endpoint: whatever is sent there fails with 254, not 252."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "k")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")


def test_an_event_of_flags_is_sent(edactl: Callable[..., Run], sandbox: SandboxState) -> None:
    run = edactl("put-event", *FLAGS, "-o", "json")

    result = json.loads(run.out)
    assert run.status == 0
    assert list(result) == ["bus", "sent", "failed", "duration_seconds", "failures"]
    assert (result["bus"], result["sent"], result["failed"]) == ("default", 1, 0)
    assert result["failures"] == []


def test_three_spellings_give_a_record_each_in_order(
    edactl: Callable[..., Run], sandbox: SandboxState
) -> None:
    lines = [
        EVENT,
        {"Source": "a", "DetailType": "b", "Detail": '{"n": 1.50}', "Time": 0, "Resources": ["r"]},
        {"specversion": "1.0", "id": "1", "source": "/s", "type": "t", "subject": "x", "data": {}},
    ]

    run = edactl("put-event", "-", "-o", "ndjson", stdin="\n".join(map(json.dumps, lines)))

    records = [json.loads(line) for line in run.out.splitlines()]
    assert run.status == 0
    assert [record["index"] for record in records] == [0, 1, 2]
    assert all(record["event_id"] and record["error_code"] is None for record in records)


@pytest.mark.parametrize(
    ("options", "out"), [((), "default\t1\t0\t"), (("--query", "[sent, failures]"), "1\t[]\n")]
)
def test_what_was_sent_is_told_as_text_and_never_refused_afterwards(
    edactl: Callable[..., Run], sandbox: SandboxState, options: tuple[str, ...], out: str
) -> None:
    run = edactl("put-event", *FLAGS, "-o", "text", *options)

    assert run.status == 0
    assert run.out.startswith(out)


def test_files_of_each_kind_are_read(
    edactl: Callable[..., Run], sandbox: SandboxState, tmp_path: Path
) -> None:
    array, pretty, packed = (tmp_path / name for name in ("a.json", "b.json", "c.ndjson.gz"))
    array.write_text(json.dumps([EVENT, EVENT]), "utf-8")
    pretty.write_text(json.dumps(EVENT, indent=2), "utf-8")
    packed.write_bytes(gzip.compress(json.dumps(EVENT).encode() + b"\n"))

    run = edactl("put-event", str(array), str(pretty), str(packed), "--query", "sent")

    assert (run.status, run.out.strip()) == (0, "4")


def test_a_dry_run_checks_the_bus_and_sends_nothing(
    edactl: Callable[..., Run], sandbox: SandboxState
) -> None:
    run = edactl("put-event", *FLAGS, "--dry-run", "-v", "-o", "json")

    assert run.status == 0
    assert json.loads(run.out)["dry_run"] is True
    assert json.loads(run.out)["sent"] == 1
    assert "describe_event_bus" in run.err
    assert "put_events" not in run.err


def test_a_missing_bus_is_refused_before_anything_is_sent(
    edactl: Callable[..., Run], sandbox: SandboxState
) -> None:
    run = edactl("put-event", *FLAGS, "--bus", "nope", "-v")

    assert (run.status, run.out) == (254, "")
    assert 'bus "nope" does not exist in us-east-1 (ResourceNotFoundException)' in run.err
    assert "try: edactl bus list" in run.err
    assert "put_events" not in run.err


def test_an_unchecked_bus_is_sent_to(edactl: Callable[..., Run], sandbox: SandboxState) -> None:
    run = edactl("put-event", *FLAGS, "--bus", "nope", "--no-check", "-v")

    assert run.status == 0
    assert "describe_event_bus" not in run.err


@pytest.mark.parametrize(
    ("arn", "words"),
    [
        ("arn:aws:events:us-east-1:111111111111:event-bus/default", "is in another account"),
        ("arn:aws:events:us-east-1:111111111111:event-bus/nope", "is in another account"),
        ("arn:aws:events:eu-west-1:000000000000:event-bus/default", "is in eu-west-1"),
        ("arn:aws:sqs:us-east-1:000000000000:q", "is not the ARN of an event bus"),
    ],
)
def test_a_bus_that_cannot_be_checked_is_refused(
    edactl: Callable[..., Run], sandbox: SandboxState, arn: str, words: str
) -> None:
    run = edactl("put-event", *FLAGS, "--bus", arn, "-v")

    assert (run.status, run.out) == (252, "")
    assert words in run.err
    assert "put_events" not in run.err


BAD_LINES = [
    ('{"source":', "<stdin>:2: the JSON ends in the middle of a value"),
    ("nonsense", "<stdin>:2: not JSON"),
    (json.dumps(EVENT) + " trailing", "<stdin>:2: not JSON"),
    ("5", "<stdin>:2: not an event"),
    ('{"detail-type":"b","detail":{}}', "<stdin>:2: source is missing"),
    ('{"source":"a","detail":{}}', "<stdin>:2: detail-type is missing"),
    ('{"source":"a","detail-type":"b"}', "<stdin>:2: detail is missing"),
    ('{"source":"a","detail-type":"b","detail":[1]}', "<stdin>:2: detail is not a JSON object"),
    ('{"source":"a","detail-type":"b","detail":"{"}', "<stdin>:2: detail is a string that is not"),
    ('{"source":"aws.x","detail-type":"b","detail":{}}', '<stdin>:2: source "aws.x" is reserved'),
    ('{"source":"a","detail-type":"b","detail":{},"time":"x"}', '<stdin>:2: time "x" is not a'),
    ('{"source":"a","detail-type":"b","detail":{},"resources":[1]}', "<stdin>:2: resources is not"),
    ('{"source":"a","detail-type":"b","detail":{"n":NaN}}', "<stdin>:2: not JSON"),
    ('{"source":"a","detail-type":"b","detail":{"x":"%s"}}' % ("x" * 1048576), "AWS takes less"),
    ('{"source":"a","detail-type":"%s","detail":{}}' % ("x" * 129), "AWS takes 128"),
    ('{"source":1,"detail-type":"b","detail":{}}', "<stdin>:2: source is not a string"),
]


@pytest.mark.parametrize(("line", "words"), BAD_LINES, ids=[words for _, words in BAD_LINES])
def test_a_wrong_line_is_named_and_nothing_is_sent(
    edactl: Callable[..., Run], keys: None, line: str, words: str
) -> None:
    run = edactl("put-event", "-", *DEAD, stdin=f"{json.dumps(EVENT)}\n{line}\n")

    assert (run.status, run.out) == (252, "")
    assert words in run.err
    assert len(run.err.splitlines()) <= 2


@pytest.mark.parametrize(
    ("arguments", "stdin", "words"),
    [
        (("-",), "", "<stdin>: there is no event in it"),
        (("-",), " \n\n", "<stdin>: there is no event in it"),
        (("nope.json",), "", "nope.json: cannot be read: No such file"),
        (("/",), "", "/: cannot be read: Is a directory"),
        (("-", "--set", "nope"), "{}", '--set "nope" is not PATH=VALUE'),
        (("-", "--set", "detail.n.x=1"), json.dumps(EVENT), "--set detail.n.x: there is nothing"),
        (("-", "--time", "yesterdayish"), "{}", '"yesterdayish" is not a time'),
        (("-", "--query", "["), "{}", "--query '[' is not JMESPath"),
        (("-", "--rate", "0"), "{}", "--rate must be above 0"),
        (("--source", "a", "--detail-type", "b", "--detail", "@nope"), "", "nope: cannot be read"),
        (("-", "--failed-to", "-"), "{}", "is also an input"),
        (("--bogus",), "", "No such option: --bogus"),
    ],
)
def test_a_wrong_command_line_is_refused(
    edactl: Callable[..., Run], keys: None, arguments: tuple[str, ...], stdin: str, words: str
) -> None:
    run = edactl("put-event", *arguments, *DEAD, stdin=stdin)

    assert (run.status, run.out) == (252, "")
    assert words in run.err
    assert len(run.err.splitlines()) <= 2


def test_bytes_that_are_no_utf8_are_named(
    edactl: Callable[..., Run], keys: None, tmp_path: Path
) -> None:
    path = tmp_path / "x.ndjson"
    path.write_bytes(b'{"source":"\xff"}\n')

    run = edactl("put-event", str(path), *DEAD)

    assert run.status == 252
    assert "not UTF-8 at byte 12" in run.err


def test_a_broken_gzip_file_is_named(
    edactl: Callable[..., Run], keys: None, tmp_path: Path
) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(b"plain")

    run = edactl("put-event", str(path), *DEAD)

    assert run.status == 252
    assert "x.gz: cannot be read" in run.err


def test_a_dead_endpoint_is_254(edactl: Callable[..., Run], keys: None) -> None:
    run = edactl("put-event", *FLAGS, *DEAD)

    assert (run.status, run.out) == (254, "")
    assert "could not be reached" in run.err


def test_no_credentials_and_no_region_are_253(edactl: Callable[..., Run]) -> None:
    assert edactl("put-event", *FLAGS, "--region", "eu-west-1").status == 253
    assert edactl("put-event", *FLAGS).status == 253


def test_a_global_endpoint_needs_the_crt_extra(edactl: Callable[..., Run], keys: None) -> None:
    run = edactl("put-event", *FLAGS, "--endpoint-id", "abc.veo", *DEAD)

    assert run.status == 253
    assert "pip install 'edactl[crt]'" in run.err


def _shaped(edactl: Callable[..., Run], *arguments: str, stdin: str) -> dict[str, object]:
    """What an event became: a run to a missing bus would not show, so it goes to --failed-to."""
    run = edactl("put-event", "-", *arguments, stdin=stdin)
    assert run.status == 0, run.err
    [message] = json.loads(edactl("queue", "peek", "all", "--json-body", "-o", "json").out)
    body: dict[str, object] = message["json_body"]
    return body


@pytest.fixture
def everything(sandbox: SandboxState) -> None:
    """A queue that gets every event of the default bus."""
    from edactl.aws.event_targets import RulesByTarget
    from edactl.aws.session import AwsSession
    from edactl.aws.sqs import SqsQueues
    from edactl.core.feed import RuleDelivery, RuleFeed, TargetInput
    from edactl.core.settings import ConnectionOptions, SandboxEndpoint

    session = AwsSession(ConnectionOptions(sandbox=SandboxEndpoint(sandbox.url, "000000000000")))
    queue = SqsQueues(session).create("all", attributes={}, tags={})
    pattern = '{"source":[{"prefix":""}]}'
    rule = RuleDelivery(RuleFeed("default", "all"), "", pattern, True, (TargetInput(),))
    RulesByTarget(session).put_copy("all", rule, queue.arn, {})


def test_flags_fill_what_an_event_lacks(edactl: Callable[..., Run], everything: None) -> None:
    event = _shaped(
        edactl,
        *(
            "--source",
            "filled",
            "--detail-type",
            "filled",
            "--resource",
            "r1",
        ),
        stdin='{"source":"own","detail":{}}',
    )

    assert (event["source"], event["detail-type"]) == ("own", "filled")
    assert event["resources"] == ["r1"]


def test_flags_win_with_override(edactl: Callable[..., Run], everything: None) -> None:
    event = _shaped(edactl, "--source", "mine", "--override", stdin=json.dumps(EVENT))

    assert event["source"] == "mine"


def test_set_edits_by_path(edactl: Callable[..., Run], everything: None) -> None:
    event = _shaped(
        edactl,
        *(
            "--set",
            "detail.data.city=Melbourne",
            "--set",
            "detail.n=2",
            "--set",
            "detail.l[0].x=true",
        ),
        stdin=json.dumps(EVENT),
    )

    assert event["detail"] == {"n": 2, "data": {"city": "Melbourne"}, "l": [{"x": True}]}


def test_an_idempotency_key_fills_where_absent(
    edactl: Callable[..., Run], everything: None
) -> None:
    event = _shaped(edactl, "--idempotency-key", "k1", stdin=json.dumps(EVENT))

    assert event["detail"] == {"n": 1, "metadata": {"idempotency-key": "k1"}}


@pytest.mark.parametrize(
    ("read", "checked"),
    [
        ([None, None, 1, None, 2, 3], 3),
        ([1, None, None, 2, 3], 1),
        ([1, None, 2, None, None, 3], 2),
    ],
    ids=["a late start and a short pause", "a long pause", "a short and a long pause"],
)
def test_only_a_long_pause_of_a_pipe_that_has_begun_ends_the_checking_ahead(
    read: list[int | None], checked: int
) -> None:
    source = iter(read)

    ahead = read_ahead(source, lambda _event: 1)

    assert [one for one in read if one][checked:] == [one for one in source if one]
    assert [one for one in ahead if one] == [one for one in read if one][:checked]
