"""Options that the commands which move letters share."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from edactl.core.times import parse_duration_seconds
from edactl.errors import UsageError

ENGINES = ("auto", "server", "client")
_LONGEST_LEASE_SECONDS = 3600

DlqArgument: TypeAlias = Annotated[
    str, typer.Argument(metavar="DLQ", help="DLQ by name, URL or ARN.", show_default=False)
]
WhereOption: TypeAlias = Annotated[
    str, typer.Option("--where", metavar="JMESPATH", help="Only letters for which this holds.")
]
ClusterOption: TypeAlias = Annotated[
    str, typer.Option("--cluster", metavar="ID", help="Only letters of this cluster.")
]
LimitOption: TypeAlias = Annotated[
    int | None, typer.Option("--limit", metavar="N", min=1, help="At most N letters.")
]
OlderOption: TypeAlias = Annotated[
    str, typer.Option("--older-than", metavar="AGE|TIME", help="Only those sent before.")
]
NewerOption: TypeAlias = Annotated[
    str, typer.Option("--newer-than", metavar="AGE|TIME", help="Only those sent since.")
]
RateOption: TypeAlias = Annotated[
    float | None, typer.Option("--rate", metavar="N", help="At most N letters a second.")
]
ConcurrencyOption: TypeAlias = Annotated[
    int, typer.Option("--concurrency", metavar="N", min=1, max=64, help="Batches in work.")
]
LeaseOption: TypeAlias = Annotated[
    str,
    typer.Option(
        "--lease", metavar="DURATION", help="Hide letters so long, and again while needed."
    ),
]
ReorderOption: TypeAlias = Annotated[
    bool, typer.Option("--allow-reorder", help="FIFO: go past letters of a group that stay.")
]
JournalOption: TypeAlias = Annotated[
    str, typer.Option("--journal", metavar="FILE", help="Where to write the journal.")
]
EditOption: TypeAlias = Annotated[
    str,
    typer.Option(
        "--edit", metavar="JMESPATH|@PATCH", help="Send this as the body, or patch its JSON."
    ),
]
CanaryOption: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--canary", metavar="N", min=1, help="Send N first; stop (3) when they come back."
    ),
]
CanaryWaitOption: TypeAlias = Annotated[
    str,
    typer.Option(
        "--canary-wait", metavar="DURATION", help="Wait so long for them [all their tries]."
    ),
]
BounceOption: TypeAlias = Annotated[
    float | None,
    typer.Option("--max-bounce", metavar="PERCENT", help="Stop (3) when more come back."),
]
BacklogOption: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--max-backlog", metavar="N", min=1, help="Wait while more messages wait where they go."
    ),
]
YesOption: TypeAlias = Annotated[bool, typer.Option("-y", "--yes", help="Do not ask.")]
ConfirmOption: TypeAlias = Annotated[
    str | None,
    typer.Option("--confirm", metavar="NAME", help="The queue's name: for more than 1,000."),
]
DryRunOption: TypeAlias = Annotated[
    bool, typer.Option("-n", "--dry-run", help="Look at the letters and plan; change nothing.")
]


def lease_seconds(text: str) -> int:
    """The lease in seconds. Raises InputError or UsageError for one that cannot work."""
    seconds = parse_duration_seconds(text)
    if not 1 <= seconds <= _LONGEST_LEASE_SECONDS or seconds != int(seconds):
        raise UsageError(
            f"--lease {text} is not within 1s and 1h, in whole seconds", hint="--lease 120s"
        )
    return int(seconds)


def checked_percent(percent: float | None) -> float | None:
    """The percentage. Raises UsageError when it is not from 0 to 100."""
    if percent is not None and not 0 <= percent <= 100:  # noqa: PLR2004 -- per cent
        raise UsageError("--max-bounce is a percentage", hint="--max-bounce 5")
    return percent


def seconds(duration: str) -> float | None:
    """The seconds of a duration; None for an empty text. Raises InputError."""
    return parse_duration_seconds(duration) if duration else None


def checked_via(via: str, to: str) -> str:
    """The way of events. Raises UsageError for another than bus, and for one beside --to."""
    if via not in {"", "bus"}:
        raise UsageError(f'--via is "{via}"', hint="--via bus: onto the bus of each event's rule")
    if via and to:
        raise UsageError("--via bus and --to contradict each other", hint="--to a bus's ARN alone")
    return via


def checked_engine(engine: str) -> str:
    """The engine's name. Raises UsageError for another."""
    if engine not in ENGINES:
        raise UsageError(f'--engine is "{engine}"', hint=f"one of {', '.join(ENGINES)}")
    return engine
