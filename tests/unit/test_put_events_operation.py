from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from edactl.core.event import Entry, Numbered
from edactl.core.put_outcome import EntryOutcome
from edactl.errors import (
    AccessDenied,
    AwsError,
    ConfigError,
    EdactlError,
    InputError,
    Throttled,
)
from edactl.ops.put_events import MAX_TRIES, Put, Sender


class Stop:
    def __init__(self) -> None:
        self.asked = False
        self.waited: list[float] = []

    def __call__(self) -> bool:
        return self.asked

    def wait(self, seconds: float) -> bool:
        self.waited.append(seconds)
        return self.asked


@dataclass
class Buses:
    """Answers from a script: the error codes of each event's tries, by its detail."""

    codes: dict[str, list[str | None]] = field(default_factory=dict)
    refuse: dict[str, AwsError] = field(default_factory=dict)
    requests: list[list[str]] = field(default_factory=list)
    lose_an_answer: bool = False

    def put_events(self, entries: Sequence[Entry]) -> list[EntryOutcome]:
        details = [entry.detail for entry in entries]
        self.requests.append(details)
        for detail in details:
            if detail in self.refuse:
                raise self.refuse[detail]
        answers = [self._answer(detail) for detail in details]
        return answers[1:] if self.lose_an_answer else answers

    def _answer(self, detail: str) -> EntryOutcome:
        codes = self.codes.get(detail)
        code = codes.pop(0) if codes else None
        return EntryOutcome(error_code=code) if code else EntryOutcome(event_id=f"id-{detail}")


def events(count: int) -> Iterator[Numbered]:
    for index in range(count):
        yield Numbered(index, Entry("s", "t", str(index), "default"), 10)


def sender(buses: Buses, stop: Stop | None = None, rate: float | None = None) -> Sender:
    return Sender(
        buses, stop or Stop(), lambda: 0.0, lambda: 0.5, concurrency=2, rate_per_second=rate
    )


def codes(puts: list[Put]) -> list[str | None]:
    return [put.outcome.error_code for put in puts]


def test_every_event_has_its_own_outcome_in_input_order() -> None:
    buses = Buses()

    puts = list(sender(buses).run(events(95)))

    assert [put.event.index for put in puts] == list(range(95))
    assert [put.outcome.event_id for put in puts] == [f"id-{index}" for index in range(95)]
    assert sorted(len(request) for request in buses.requests) == [5, *[10] * 9]


def test_only_what_failed_for_a_while_is_sent_again() -> None:
    buses = Buses(codes={"1": ["ThrottlingException", "InternalFailure"], "2": ["MalformedDetail"]})
    stop = Stop()

    puts = list(sender(buses, stop).run(events(3)))

    assert codes(puts) == [None, None, "MalformedDetail"]
    assert buses.requests == [["0", "1", "2"], ["1"], ["1"]]
    assert stop.waited == [0.05, 0.1]


def test_what_fails_every_time_is_given_up() -> None:
    buses = Buses(codes={"0": ["InternalFailure"] * 9})

    puts = list(sender(buses).run(events(1)))

    assert codes(puts) == ["InternalFailure"]
    assert len(buses.requests) == MAX_TRIES


def test_a_request_that_is_invalid_as_a_whole_is_sent_one_by_one() -> None:
    invalid = AwsError("too long", code="ValidationException")
    buses = Buses(refuse={"1": invalid})

    puts = list(sender(buses).run(events(3)))

    assert codes(puts) == [None, "ValidationException", None]
    assert puts[1].outcome.error_message == "too long"


DENIED = AccessDenied("no", code="AccessDenied", action="events:PutEvents")


def until(error: type[EdactlError], buses: Buses, events: Iterator[Numbered]) -> list[Put]:
    """What came out before the run ended with this error."""
    puts: list[Put] = []
    with pytest.raises(error):
        puts.extend(sender(buses).run(events))
    return puts


def test_a_refusal_ends_the_run_and_what_aws_took_later_comes_out_once() -> None:
    buses = Buses(refuse={"10": DENIED})

    puts = until(AccessDenied, buses, events(1000))

    indexes = [put.event.index for put in puts]
    taken = {int(detail) for request in buses.requests for detail in request} - {*range(10, 20)}
    assert indexes == list(range(max(taken) + 1))
    assert [n for n in indexes if puts[n].outcome.error_code] == list(range(10, 20))
    assert puts[10].outcome.error_message == "no"
    assert len(buses.requests) < 100


def test_refused_events_that_nothing_was_taken_after_do_not_come_out() -> None:
    everything_from_20: dict[str, AwsError] = {str(n): DENIED for n in range(20, 1000)}

    puts = until(AccessDenied, Buses(refuse=everything_from_20), events(1000))

    assert [put.event.index for put in puts] == list(range(20))
    assert codes(puts) == [None] * 20


def test_what_a_batch_got_through_before_it_was_refused_is_counted() -> None:
    @dataclass
    class ExpiresAtTheSecondTry(Buses):
        def put_events(self, entries: Sequence[Entry]) -> list[EntryOutcome]:
            if self.requests:
                raise ConfigError("the credentials have expired")
            return super().put_events(entries)

    buses = ExpiresAtTheSecondTry(codes={"1": ["ThrottlingException"]})

    puts = until(ConfigError, buses, events(3))

    assert codes(puts) == [None, "ConfigError", None]
    assert puts[1].outcome.error_message == "the credentials have expired"


def test_sending_one_by_one_ends_at_a_refusal() -> None:
    invalid = AwsError("too long", code="ValidationException")
    buses = Buses(refuse={"0": invalid, "2": DENIED})

    puts = until(AccessDenied, buses, events(5))

    assert codes(puts) == ["ValidationException", None]
    assert buses.requests[1:] == [["0"], ["1"], ["2"]]


def test_a_throttled_request_is_sent_again() -> None:
    @dataclass
    class ThrottlesTheFirst(Buses):
        def put_events(self, entries: Sequence[Entry]) -> list[EntryOutcome]:
            answers = super().put_events(entries)
            if len(self.requests) == 1:
                raise Throttled("slow down", code="ThrottlingException")
            return answers

    stop = Stop()
    puts = list(sender(ThrottlesTheFirst(), stop).run(events(3)))

    assert codes(puts) == [None, None, None]
    assert stop.waited == [0.05]


def test_an_answer_of_another_length_is_no_success() -> None:
    with pytest.raises(AwsError, match="1 entries of 2"):
        list(sender(Buses(lose_an_answer=True)).run(events(2)))


def test_a_wrong_line_later_on_ends_the_run_after_what_is_in_flight() -> None:
    def with_a_wrong_line() -> Iterator[Numbered]:
        yield from events(20)
        raise InputError("not JSON", where="f:21")

    seen: list[int] = []
    with pytest.raises(InputError):
        seen.extend(put.event.index for put in sender(Buses()).run(with_a_wrong_line()))

    assert seen == list(range(10))  # the ten after them were still being packed


def test_no_new_batch_is_taken_once_asked_to_stop() -> None:
    stop = Stop()
    buses = Buses()

    def until_asked() -> Iterator[Numbered]:
        for event in events(1000):
            stop.asked = event.index >= 25
            yield event

    puts = list(sender(buses, stop).run(until_asked()))

    assert [put.event.index for put in puts] == list(range(20))


def test_a_rate_spaces_the_batches() -> None:
    stop = Stop()

    list(sender(Buses(), stop, rate=10).run(events(30)))

    assert stop.waited == [0.0, 1.0, 2.0]
