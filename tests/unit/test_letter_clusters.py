from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from edactl.core.letter_clusters import (
    MAXIMUM_CLUSTERS,
    OTHER,
    Clusters,
    WantedCluster,
    cluster_of,
    is_cluster_id,
)
from edactl.core.letter_origins import classify
from edactl.core.letter_shape import masked, shape_of
from edactl.core.message import Message
from tests.dead_letters import LETTERS, message_of

START = datetime(2026, 11, 20, tzinfo=UTC)


def text(body: str, **more: object) -> Message:
    return message_of({"body": body}, **more)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("order 17 failed", "order # failed"),
        ("took 3.00 s, then -5, of 1,024", "took # s, then #, of #"),
        ("orders-2 on 10.0.0.1:8080", "orders-# on #"),
        ("at 2026-11-25T01:02:03.123Z and 2026-11-25 01:02", "at # and #"),
        ("request 8f5d4e2a-abcd-4d5e-8f90-aabbccddeeff ended", "request # ended"),
        ("key deadbeef1 or 0xFF or a1b2c3d4e5f6", "key # or # or #"),
        ("sha256 of s3 v2", "sha# of s# v#"),
        ("arn:aws:sqs:eu-west-1:123456789012:orders", "arn:aws:sqs:eu-west-#:orders"),
        ("two\n  lines\t here", "two lines here"),
        ("no such key 'customer'", "no such key 'customer'"),
        ("x" * 300, "x" * 200),
        ("", ""),
    ],
)
def test_numbers_ids_and_times_are_masked_and_words_stay(given: str, expected: str) -> None:
    assert masked(given) == expected


@pytest.mark.parametrize(
    ("body", "shape"),
    [
        ('{"b": 1, "a": {"c": 2}}', "{a, b}"),
        ('{"detail-type": "Order 7", "source": "shop"}', "{detail-type: Order #, source: shop}"),
        ('{"type": {"deep": 1}}', "{type}"),
        ('[{"id": 1}, 2]', "[{id}]"),
        ("[1, 2]", "[]"),
        ("[cut 1", "[cut #"),
        ("poison 17", "poison #"),
        ("17", "#"),
    ],
)
def test_the_shape_of_a_body_leaves_out_what_it_is_about(body: str, shape: str) -> None:
    assert shape_of(body) == shape


def test_letters_that_differ_in_numbers_and_ids_are_of_one_cluster() -> None:
    assert cluster_of(text("order 1 of 17")) == cluster_of(text("order 23 of 9"))
    assert cluster_of(text('{"id": 1}')) == cluster_of(text('{"id": "x"}'))


def test_letters_that_differ_in_words_or_source_are_of_different_clusters() -> None:
    assert cluster_of(text("order 1")) != cluster_of(text("refund 1"))
    assert cluster_of(text("x", source_queue_arn="a")) != cluster_of(
        text("x", source_queue_arn="b")
    )


def test_letters_that_differ_in_what_their_origin_tells_are_of_different_clusters() -> None:
    told = {str(case["letter"] | {"error_message": None}): case["message"] for case in LETTERS}

    assert len({cluster_of(message_of(message)) for message in told.values()}) == len(told)


def test_the_id_of_a_cluster_is_the_same_in_every_run() -> None:
    assert cluster_of(text("poison 17")) == "c9f7291e"


def test_a_cluster_counts_its_letters_and_keeps_the_first_as_a_sample() -> None:
    clusters = Clusters()
    moments = [START, START - timedelta(days=1), None, START + timedelta(days=1)]

    ids = [
        clusters.add(classify(text("poison 1", message_id=f"m{n}", sent_at=moment)))
        for n, moment in enumerate(moments)
    ]
    clusters.add(classify(text("other words")))

    [largest, _] = clusters.by_count()
    assert set(ids) == {largest.id}
    assert (largest.count, largest.message) == (4, "poison #")
    assert largest.sample.message.message_id == "m0"
    assert largest.first_seen_at == START - timedelta(days=1)
    assert largest.last_seen_at == START + timedelta(days=1)


def test_times_that_nobody_told_stay_unknown() -> None:
    clusters = Clusters()
    for _ in range(2):
        clusters.add(classify(text("x")))

    [only] = clusters.by_count()
    assert (only.first_seen_at, only.last_seen_at) == (None, None)


def test_clusters_beyond_the_limit_are_counted_together() -> None:
    clusters = Clusters(limit=2)
    words = ["a", "b", "c", "d", "a", "c"]

    ids = [clusters.add(classify(text(word))) for word in words]

    counted = {one.id: one.count for one in clusters.by_count()}
    assert counted == {OTHER: 3, ids[0]: 2, ids[1]: 1}
    assert len(set(ids)) == 4
    assert clusters.by_count()[0].message == ""


def test_a_letter_that_is_not_as_promised_is_a_cluster_of_its_own() -> None:
    one, other = (
        next(case["message"] for case in LETTERS if case["name"] == name)
        for name in ("a schedule whose target is gone", "a schedule whose payload was cut")
    )

    assert cluster_of(message_of(one)) != cluster_of(message_of(other))


@pytest.mark.parametrize(
    ("text", "can_be"), [("1f0c9a3e", True), ("1F0C9A3E", False), ("1f0c9a3", False), ("", False)]
)
def test_a_cluster_has_8_hexadecimal_digits(text: str, can_be: bool) -> None:
    assert is_cluster_id(text) is can_be


def test_a_wanted_cluster_takes_its_letters_and_remembers_whose_the_others_are() -> None:
    letters = [classify(text(body)) for body in ("timeout", "refused", "timeout", "lost", "lost")]
    wanted = WantedCluster(cluster_of(text("refused")))

    assert [wanted.takes(one) for one in letters] == [False, True, False, False, False]
    assert wanted.met == 1
    assert dict(wanted.others) == {cluster_of(text("timeout")): 2, cluster_of(text("lost")): 2}


def test_a_wanted_cluster_remembers_a_thousand_others() -> None:
    wanted = WantedCluster("00000000")
    for number in range(MAXIMUM_CLUSTERS + 5):
        wanted.takes(classify(text("x" * (number % 100) + "y" * (number // 100))))

    assert len(wanted.others) == MAXIMUM_CLUSTERS
