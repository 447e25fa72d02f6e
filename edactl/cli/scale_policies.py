"""The policies that a command line names, as words or as the JSON of an existing one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from edactl.cli.opened import chunks_of
from edactl.core.queueing.waits import least_slots
from edactl.core.scaling_sim.policies import parse_policy
from edactl.core.scaling_sim.policy_json import policy_of_json
from edactl.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edactl.core.scaling_sim.policies import Policy
    from edactl.core.scaling_sim.results import Contest


def policies_of(texts: Sequence[str], contest: Contest) -> list[Policy]:
    """The policies named, or where none is the usual ones for this trace. Raises UsageError."""
    found = [_policy(text) for text in texts or _usual(contest)]
    if len({one.text for one in found}) < len(found):
        raise UsageError("a --policy is named twice", hint="name each policy once")
    return found


def _policy(text: str) -> Policy:
    if text.startswith("@") or text.endswith(".json") or "/" in text:
        name = text.removeprefix("@")
        return policy_of_json(b"".join(chunks_of(name)), name=Path(name).name, where=name)
    return parse_policy(text)


def _usual(contest: Contest) -> list[str]:
    """Enough fixed tasks for the busiest minute, and each kind of policy once."""
    setting, latency = contest.setting, contest.latency_seconds
    work = setting.work
    spare = latency - work.percentile_seconds(95)
    peak = max(contest.trace.per_minute) / 60
    slots = least_slots(peak, work.mean_seconds, max(0.0, spare), 95, variation=work.variation)
    textbook = latency / work.mean_seconds
    acceptable = max(1, int(setting.concurrency * spare / work.mean_seconds))
    wanted = [
        f"fixed:{-(-slots // setting.concurrency)}",
        "step",
        "cpu:70",
        "queue-depth:100",
        f"backlog:{textbook:g}",
        f"backlog:{acceptable}",
        "load:0.75",
        f"step1:{acceptable}",
    ]
    return list(dict.fromkeys(wanted))
