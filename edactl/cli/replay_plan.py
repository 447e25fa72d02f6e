"""What `replay archive --plan` shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edactl.aws.rules import BusRules
from edactl.cli.opened import lines_of, shown
from edactl.core.json_texts import json_texts
from edactl.core.replay_plan import plan, planned_rules
from edactl.errors import ExitStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from edactl.aws.session import AwsSession
    from edactl.cli.context import CommandContext
    from edactl.cli.replay_archive_run import Checked, Wanted
    from edactl.core.bus import Rule


def show_plan(
    context: CommandContext, session: AwsSession, wanted: Wanted, checked: Checked
) -> int:
    """Print which rules would fire and what to mind; the exit status."""
    rules = BusRules(session)
    chosen: Iterable[Rule] = checked.rules or rules.rules_of(checked.archive.bus)
    if wanted.only_to:
        chosen = ()
    sample = _texts(context, wanted.sample) if wanted.sample else None
    planned = planned_rules(((one, rules.targets(one)) for one in chosen), sample, checked.name)
    made = plan(checked.archive, checked.window, planned, checked.notes)
    for warning in made.warnings:
        context.messages.warn(warning)
    if sample is None and not wanted.only_to:
        context.messages.note(
            "without --sample nobody knows how many events match: edactl bus tail"
            f" {made.bus} --limit 100 -o ndjson, or edactl archive export, makes one"
        )
    context.emitter.result(made)
    return ExitStatus.DONE


def _texts(context: CommandContext, name: str) -> Iterator[str]:
    for text, _ in json_texts(lines_of(name, context.terminal.stdin), shown(name)):
        yield text.decode() if isinstance(text, bytes) else text
