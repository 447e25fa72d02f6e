"""What a redrive says: before it starts, while it runs, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edactl.cli.queue_parameters import counted
from edactl.core.queue_explain import coarse_span
from edactl.core.record import record_of, to_json_value
from edactl.core.redrive_route import DROP_DOOR
from edactl.errors import AwsError, ExitStatus, GuardError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edactl.cli.context import CommandContext
    from edactl.cli.redrive_source import Source
    from edactl.core.letter_clusters import WantedCluster
    from edactl.core.record import JsonValue
    from edactl.core.redrive import RedriveReport
    from edactl.core.redrive_plan import PlannedEdit, RedrivePlan
    from edactl.ops.redrive import Outcome

NAME_ABOVE = 1000
"""So many letters need the queue's name typed."""
_SHOWN_FAILURES = 5
_SHOWN_CLUSTERS = 5


def confirm_run(
    context: CommandContext, what: str, queue: str, count: int, *, yes: bool, confirm: str | None
) -> None:
    """Return when the operator agrees; over 1,000 letters by the queue's name.

    Raises Declined when not, and UsageError when nobody can be asked.
    """
    if count > NAME_ABOVE or confirm is not None:
        question = f"{what} That is more than {NAME_ABOVE:,}." if count > NAME_ABOVE else what
        context.messages.confirm_by_name(question, queue, given=confirm, flag="--confirm")
    else:
        context.messages.confirm(what, yes=yes)


def emit(
    context: CommandContext,
    report: RedriveReport,
    plan: RedrivePlan | None = None,
    *,
    dry_run: bool = False,
) -> None:
    """Write the report; that of a dry run says so, and has the plan if there is one."""
    record = record_of(report)
    if dry_run:
        record |= {"dry_run": True}
    if plan is not None:
        record |= {"plan": to_json_value(plan)}
    if context.emitter.resolve("json") == "table" and context.emitter.query is None:
        # a person has the plan in words
        record = {name: one for name, one in record.items() if not isinstance(one, dict)}
    context.emitter.outcome(record)


def say_plan(context: CommandContext, queue: str, report: RedriveReport, plan: RedrivePlan) -> None:
    """The plan for people: where letters would go, what would stay and why."""
    note = context.messages.note
    note(f"looked at {counted(report.received, 'letter')} of {queue} and gave all back")
    for one in plan.destinations:
        letters = counted(one.letters, "letter")
        what = f"drop {letters}" if one.door == DROP_DOOR else f"send {letters} to {one.way}"
        note(f"would {what}: {one.body_bytes} bytes")
    for alike in plan.clusters:
        note(f"  {counted(alike.letters, 'letter')} of cluster {alike.cluster}: {alike.origin}")
    for left in plan.skipped:
        note(f"would leave {counted(left.letters, 'letter')}: {left.reason}")
    for edit in plan.edits:
        say_edit(context, "would edit", edit)
    if any(one.door != DROP_DOOR for one in plan.destinations):
        reason = f": {plan.engine_reason}" if plan.engine_reason else ", SQS's own move task"
        span = coarse_span(max(1.0, plan.eta_seconds))
        note(f"in about {span}, by the {plan.engine} engine{reason}")


def say_edit(context: CommandContext, verb: str, edit: PlannedEdit) -> None:
    """How one letter is edited."""
    context.messages.note(f"{verb} {edit.message_id}:\n{edit.diff}")


def say_outcome(context: CommandContext, queue: str, report: RedriveReport, done: Outcome) -> None:
    """What came of the run, and what the operator should look at."""
    messages = context.messages
    parts = [f"{report.sent} sent", f"{report.deleted} deleted", f"{report.skipped} skipped"]
    parts += [f"{report.failed} failed", f"{report.ambiguous} ambiguous"]
    if report.bounced:
        parts.append(f"{report.bounced} came back")
    left = "" if report.remaining is None else f"; about {report.remaining} remain"
    messages.note(f"{queue}: {report.received} received: {', '.join(parts)}{left}")
    for failure in report.failures[:_SHOWN_FAILURES]:
        code = "" if failure.error_code in failure.error_message else f" ({failure.error_code})"
        messages.warn(f"message {failure.message_id}: {failure.error_message}{code}")
    if report.bounced:
        messages.warn(f"{counted(report.bounced, 'letter')} came back: is what failed mended?")
    if late := done.late + done.lapsed:
        messages.warn(f"{counted(late, 'letter')} show again only when their lease ends")


def is_cut_by_groups(context: CommandContext, source: Source, looked_at: int) -> bool:
    """Whether a look at a FIFO queue saw only the first letters of its groups; says so."""
    if not source.queue.is_fifo or looked_at >= source.depth:
        return False
    context.messages.warn(
        f"only {looked_at} of about {source.depth} letters of {source.queue.name} were seen: while"
        " the first of a FIFO group are in hand, SQS holds back the rest"
    )
    return True


def is_missed(context: CommandContext, queue: str, wanted: WantedCluster | None) -> bool:
    """Whether letters were met and none was of the cluster that was chosen; says so."""
    if wanted is None or wanted.met or not wanted.others:
        return False
    say_missed(context, queue, wanted.id, wanted.others)
    return True


def say_missed(
    context: CommandContext, queue: str, cluster: str, others: Sequence[tuple[str, int]]
) -> None:
    """Say that no letter is of a cluster, and of which others so many are."""
    shown = [f"{one} ({counted(letters, 'letter')})" for one, letters in others[:_SHOWN_CLUSTERS]]
    more = ", …" if len(others) > _SHOWN_CLUSTERS else ""
    context.messages.warn(
        f"{queue} shows no letter of cluster {cluster}; it has {', '.join(shown)}{more}:"
        f" edactl dlq inspect {queue} says what they are"
    )


def status_of(done: Outcome, stop_status: ExitStatus) -> ExitStatus:
    """The exit status of a run: a stop, a halt, then what is left to look at."""
    if done.halt is not None:
        own = isinstance(done.halt, AwsError | GuardError)
        return done.halt.status if own else ExitStatus.PARTLY
    if stop_status is not ExitStatus.DONE:
        return stop_status
    left = done.counts.failed or done.undeleted or done.unresolved
    return ExitStatus.PARTLY if left else ExitStatus.DONE


def balance_of(report: RedriveReport) -> dict[str, JsonValue]:
    """The report as the journal's last line has it: without the list."""
    return {name: one for name, one in record_of(report).items() if name != "failures"}
