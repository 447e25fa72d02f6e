from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from edactl.cli.redrive_progress import RunProgress
from edactl.core.queue import Queue
from edactl.core.redrive import RedriveCounts
from edactl.ops.redrive_guards import Backlog

if TYPE_CHECKING:
    from collections.abc import Callable

    from edactl.cli.context import CommandContext

ORDERS = Queue("orders", "http://orders", "arn:aws:sqs:eu-west-1:1:orders", "1", "eu-west-1")


@dataclass
class Screen:
    """Stands for the context of a command, its terminal, its progress line and its messages."""

    tty: bool
    stderr: None = None
    now: float = 0.0
    shown: list[str] = field(default_factory=list)
    noted: list[str] = field(default_factory=list)

    @property
    def terminal(self) -> Screen:
        return self

    progress = messages = terminal

    def is_tty(self, _stream: object) -> bool:
        return self.tty

    def show(self, text: Callable[[], str]) -> None:
        self.shown.append(text())

    def note(self, text: str) -> None:
        self.noted.append(text)

    def run(self, *, limit: int | None = None, backlog: Backlog | None = None) -> RunProgress:
        context = cast("CommandContext", self)
        return RunProgress(
            context, "orders-dlq", 1000, limit, lambda: backlog, clock=lambda: self.now
        )


def test_a_terminal_shows_counts_rate_time_left_and_the_backlog() -> None:
    screen = Screen(tty=True)
    progress = screen.run(backlog=Backlog(ORDERS, 120, 95.0))

    progress.show(RedriveCounts())
    screen.now = 10.0
    progress.show(RedriveCounts(received=200, sent=150, ambiguous=3, skipped=40, failed=7))

    waiting = "; orders has 120 waiting, the oldest 1m35s"
    later = f", 40s left{waiting}"
    assert screen.shown == [
        f"orders-dlq: 0 of about 1000 received, 0 sent, 0 skipped, 0 failed; 0.0/s{waiting}",
        f"orders-dlq: 200 of about 1000 received, 153 sent, 40 skipped, 7 failed; 15/s{later}",
    ]
    assert screen.noted == []


def test_a_limit_ends_a_run_earlier() -> None:
    screen = Screen(tty=True)
    progress = screen.run(limit=30, backlog=Backlog(ORDERS, 0, None))

    progress.show(RedriveCounts())
    screen.now = 10.0
    progress.show(RedriveCounts(received=100, sent=10, skipped=90))

    assert screen.shown[-1].endswith("1.0/s, 20s left; orders has 0 waiting")


def test_without_a_terminal_there_is_a_line_every_thirty_seconds() -> None:
    screen = Screen(tty=False)
    progress = screen.run()

    for second in range(0, 65, 5):
        screen.now = float(second)
        progress.show(RedriveCounts(received=second * 10, sent=second * 10))

    assert screen.shown == []
    assert screen.noted == [
        "orders-dlq: 300 of about 1000 received, 300 sent, 0 skipped, 0 failed; 10/s, 1m10s left",
        "orders-dlq: 600 of about 1000 received, 600 sent, 0 skipped, 0 failed; 10/s, 40s left",
    ]
