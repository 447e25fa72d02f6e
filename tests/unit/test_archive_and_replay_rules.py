from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from edactl.cli.replay_progress import described
from edactl.core.archive import Archive, Window, check_window, checked_name, whole_minutes
from edactl.core.replay import Replay, new_name, progress, seconds_left
from edactl.errors import InputError, UsageError

NOW = datetime(2026, 11, 25, 12, 0, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
ARCHIVE = Archive(
    "all",
    "flix",
    "arn:aws:events:eu-west-1:1:event-bus/flix",
    "ENABLED",
    created_at=NOW - timedelta(days=20),
    retention_days=7,
)


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-25T{clock}").replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end", "first", "last"),
    [
        ("10:00:00", "11:00:00", "10:00:00", "11:00:00"),
        ("10:00:59", "11:00:01", "10:00:00", "11:01:00"),
        ("10:00:01", "10:00:02", "10:00:00", "10:01:00"),
    ],
)
def test_a_window_is_widened_to_whole_minutes(start: str, end: str, first: str, last: str) -> None:
    assert whole_minutes(at(start), at(end)) == Window(at(first), at(last))


@pytest.mark.parametrize("end", ["10:00:00", "09:00:00"])
def test_a_window_that_does_not_end_after_it_starts_is_refused(end: str) -> None:
    with pytest.raises(UsageError, match="the window is empty: it starts at 2026-11-25T10:00:00Z"):
        whole_minutes(at("10:00:00"), at(end))


def _notes(archive: Archive, start: datetime, end: datetime) -> list[str]:
    return list(check_window(archive, Window(start, end), NOW))


def test_a_window_that_the_archive_holds_needs_no_words() -> None:
    assert _notes(ARCHIVE, NOW - 3 * HOUR, NOW - HOUR) == []


def test_an_archive_without_dates_is_taken_at_its_word() -> None:
    archive = replace(ARCHIVE, created_at=None, retention_days=0)

    assert _notes(archive, NOW - timedelta(days=999), NOW - HOUR) == []


def test_fresh_events_may_be_missing() -> None:
    assert _notes(ARCHIVE, NOW - HOUR, NOW) == [
        "events of the last ten minutes may not be in the archive yet"
    ]


def test_a_window_older_than_what_is_kept_is_refused() -> None:
    with pytest.raises(InputError, match="it keeps 7 days"):
        _notes(ARCHIVE, NOW - timedelta(days=9), NOW - timedelta(days=8))


def test_a_window_before_the_archive_was_made_is_refused() -> None:
    archive = replace(ARCHIVE, retention_days=0)

    with pytest.raises(InputError, match="it is younger"):
        _notes(archive, NOW - timedelta(days=30), NOW - timedelta(days=21))


def test_a_window_that_begins_before_what_is_kept_is_said_to() -> None:
    notes = _notes(ARCHIVE, NOW - timedelta(days=9), NOW - HOUR)

    assert notes == ['archive "all" holds nothing before 2026-11-18T12:00:30Z']


def test_a_window_in_the_future_is_refused() -> None:
    with pytest.raises(InputError, match="starts in the future"):
        _notes(ARCHIVE, NOW + HOUR, NOW + 2 * HOUR)


def test_an_archive_that_is_not_enabled_is_said_to_be() -> None:
    archive = replace(ARCHIVE, state="DISABLED")

    assert _notes(archive, NOW - 2 * HOUR, NOW - HOUR) == ['archive "all" is DISABLED']


def test_the_arn_of_an_archive_has_no_bus_in_it() -> None:
    assert ARCHIVE.resource == "arn:aws:events:eu-west-1:1:archive/all"
    assert replace(ARCHIVE, arn="arn:x").resource == "arn:x"


@pytest.mark.parametrize("name", ["", "a b", "x" * 49, "ä", "a/b"])
def test_a_name_that_aws_would_refuse_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="is no name of an archive"):
        checked_name(name, "an archive", 48)


def test_a_good_name_is_kept() -> None:
    assert checked_name("Flix.all-1_2", "an archive", 48) == "Flix.all-1_2"


@pytest.mark.parametrize(
    ("state", "last", "expected"),
    [
        ("RUNNING", at("10:30:00"), 0.5),
        ("RUNNING", at("09:00:00"), 0.0),
        ("RUNNING", at("12:00:00"), 1.0),
        ("STARTING", None, None),
        ("COMPLETED", None, 1.0),
    ],
)
def test_progress_is_the_share_of_the_window_that_was_replayed(
    state: str, last: datetime | None, expected: float | None
) -> None:
    assert progress(state, at("10:00:00"), at("11:00:00"), last) == expected


def test_without_a_window_there_is_no_progress() -> None:
    assert progress("RUNNING", None, None, at("10:00:00")) is None
    assert progress("RUNNING", at("10:00:00"), at("10:00:00"), at("10:00:00")) is None


REPLAY = Replay(
    "r", "RUNNING", None, "all", "flix", (), NOW - HOUR, None, None, None, None, progress=0.25
)


def test_the_rest_takes_as_long_as_it_went_so_far() -> None:
    assert seconds_left(REPLAY, NOW) == pytest.approx(3 * 3600)


@pytest.mark.parametrize("replay", [replace(REPLAY, progress=None), replace(REPLAY, progress=0.0)])
def test_before_the_first_minute_nobody_knows_how_long_it_takes(replay: Replay) -> None:
    assert seconds_left(replay, NOW) is None
    assert seconds_left(replace(REPLAY, started_at=None), NOW) is None


def test_a_new_name_fits_whatever_the_archive_is_called() -> None:
    assert new_name("all", NOW, "1a2b3c") == "all-20261125T120030-1a2b3c"
    assert len(new_name("x" * 48, NOW, "1a2b3c")) <= 64


@pytest.mark.parametrize(
    ("state", "ended"),
    [("STARTING", False), ("RUNNING", False), ("CANCELLING", False)]
    + [(one, True) for one in ("COMPLETED", "CANCELLED", "FAILED")],
)
def test_a_replay_has_ended_in_three_states(state: str, ended: bool) -> None:
    assert replace(REPLAY, state=state).ended is ended


def test_how_far_a_replay_is_fits_on_a_line() -> None:
    assert described(replace(REPLAY, progress=None), NOW) == 'replay "r" is RUNNING'
    assert described(replace(REPLAY, last_replayed_at=at("10:30:00")), NOW) == (
        'replay "r" is RUNNING, 25%, at 2026-11-25T10:30:00Z, about 10800 s left'
    )
