"""What `scale apply` did, or would do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edactl.core.record import record_of

if TYPE_CHECKING:
    from edactl.cli.context import CommandContext
    from edactl.core.scaling_policy.evidence import Evidence
    from edactl.core.scaling_policy.state import Change, State
    from edactl.ops.scale_apply import Step

_SHORT = (
    "action",
    "dry_run",
    "applied",
    "service",
    "policy_name",
    "run_id",
    "backup",
    "files",
    "other_policies",
)


@dataclass(frozen=True)
class Report:
    """One run. `action` is apply, rollback or write; `applied` says that something was changed.

    `before` and `after` hold the range and PutScalingPolicy's input, null where there is none;
    `before` itself is null where nobody looked. `backup` is the run's log, null when nothing was
    sent. `of` is the run that a rollback takes back.
    """

    action: str
    dry_run: bool
    applied: bool
    service: str
    policy_name: str
    before: State | None
    after: State
    changes: tuple[Change, ...] = ()
    steps: tuple[Step, ...] = ()
    metric: Evidence | None = None
    other_policies: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    run_id: str | None = None
    of: str | None = None
    backup: str | None = None
    files: tuple[str, ...] = ()

    def emit(self, context: CommandContext) -> None:
        """The report as data; as a table without the documents."""
        emitter = context.emitter
        if emitter.resolve("json") == "table" and emitter.query is None:
            emitter.result({name: getattr(self, name) for name in _SHORT if getattr(self, name)})
            if self.steps:
                context.terminal.stdout.write("\n")
                columns = ("operation", "status", "error")
                emitter.records([record_of(one) for one in self.steps], columns=columns)
        else:
            emitter.result(self)
