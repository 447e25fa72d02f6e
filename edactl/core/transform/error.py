"""What PutTargets would refuse about a target's input, in AWS's words."""

from __future__ import annotations

from dataclasses import dataclass

from edactl.errors import InputError


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a target's input.

    `code` names it for programs, `reason` is AWS's wording where it is known, `path` the setting
    as the API spells it (`InputTransformer.InputTemplate`), `hint` what to change.
    """

    code: str
    reason: str
    path: str
    hint: str


class TransformError(InputError):
    """A target's input that AWS would refuse; `fault` tells code, wording and setting."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.reason, where=fault.path, hint=fault.hint)
        self.fault = fault
        self.reason = fault.reason
        self.path = fault.path
