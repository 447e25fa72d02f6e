from __future__ import annotations

from datetime import UTC, datetime

import pytest

from edactl.core.log_entry import log_entry

NOW = datetime(2026, 11, 25, tzinfo=UTC)
NOW_MS = 1_795_564_800_000


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ('{"timestamp": "2026-11-24T23:59:59Z", "message": "hi"}', (NOW_MS - 1000, "hi")),
        ('{"timestamp": 17, "message": "hi"}', (17, "hi")),
        ('{"timestamp": "17", "message": "hi"}', (17, "hi")),
        ('{"timestamp": "soon", "message": "hi"}', (NOW_MS, "hi")),
        ('{"detail": {}}', (NOW_MS, '{"detail": {}}')),
        ('{"message": "hi"}', (NOW_MS, '{"message": "hi"}')),
        ("plain", (NOW_MS, "plain")),
        (
            '{"timestamp": "17", "message": "hi", "more": 1}',
            (NOW_MS, '{"timestamp": "17", "message": "hi", "more": 1}'),
        ),
    ],
)
def test_a_template_tells_time_and_message_and_anything_else_is_the_message(
    text: str, entry: tuple[int, str]
) -> None:
    assert log_entry(text, NOW) == entry
