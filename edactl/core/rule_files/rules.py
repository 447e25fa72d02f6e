"""What a rule file comes to: rules with their patterns as text, and what had to be left out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from edactl.errors import InputError

if TYPE_CHECKING:
    from edactl.core.bus import Target


@dataclass(frozen=True)
class NamedRule:
    """One rule's pattern as text, and its targets where they are told; `source` says where.

    `file` and `line` are that place as data; the line is None where it is not told. `dialect` is
    the one of `edactl.core.pattern.dialects` that the pattern is written in; `bus`, `arn` and
    `state` (ENABLED, DISABLED …) are empty where the source does not tell.
    """

    name: str
    pattern: str
    source: str
    targets: tuple[Target, ...] = ()
    dialect: str = "rule"
    bus: str = ""
    arn: str = ""
    state: str = ""
    file: str = field(default="", compare=False)
    line: int | None = field(default=None, compare=False)


@dataclass(frozen=True)
class SkippedRule:
    """What was found and cannot be tested, and why."""

    name: str
    reason: str
    source: str


Found: TypeAlias = "NamedRule | SkippedRule"
SCHEDULED = "it has no event pattern: it runs on a schedule"


class NoRules(InputError):
    """A file that is read and holds nothing of a rule: an error where it was given by name."""
