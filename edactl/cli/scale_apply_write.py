"""`scale apply --write`: the requests and templates as files; nothing is applied."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from edactl.cli.scale_apply_report import Report
from edactl.core.scaling_policy.plan import wanted_state
from edactl.errors import ExitStatus, UnwritableFile

if TYPE_CHECKING:
    from edactl.cli.context import CommandContext
    from edactl.cli.scale_apply_input import How
    from edactl.core.scaling_policy.wanted import WantedPolicy


def write_files(context: CommandContext, wanted: WantedPolicy, folder: str, how: How) -> int:
    """Write them, and list them. Asks before files with other contents are overwritten."""
    from edactl.aws.app_autoscaling import refuse_invalid
    from edactl.core.scaling_policy.requests import policy_request, register_request
    from edactl.core.scaling_policy.templates import files

    register = register_request(wanted.place, wanted.minimum_tasks, wanted.maximum_tasks)
    refuse_invalid({"RegisterScalableTarget": register, "PutScalingPolicy": policy_request(wanted)})
    texts = {str(Path(folder) / name): text for name, text in files(wanted).items()}
    if not how.dry_run:
        _confirm_overwriting(context, texts, how)
        _write(Path(folder), texts)
    report = Report(
        action="write",
        dry_run=how.dry_run,
        applied=False,
        service=str(wanted.place),
        policy_name=wanted.policy_name,
        before=None,
        after=wanted_state(wanted),
        warnings=wanted.warnings,
        files=tuple(texts),
    )
    report.emit(context)
    verb = "would write" if how.dry_run else "wrote"
    context.messages.note(f"{verb} {len(texts)} files to {folder}; nothing was applied")
    return ExitStatus.DONE


def _confirm_overwriting(context: CommandContext, texts: dict[str, str], how: How) -> None:
    differing = [name for name, text in texts.items() if _differs(Path(name), text)]
    if differing:
        context.messages.confirm(f"Overwrite {', '.join(differing)}?", yes=how.yes)


def _differs(path: Path, text: str) -> bool:
    return path.exists() and (not path.is_file() or path.read_text("utf-8", "replace") != text)


def _write(folder: Path, texts: dict[str, str]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            Path(name).write_text(text, "utf-8")
    except OSError as error:
        raise UnwritableFile(error, error.filename or str(folder)) from None
