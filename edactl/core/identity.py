"""Who a command acts as, and with which settings from where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edactl.core.settings import Setting

ASKED = "sts:GetCallerIdentity"


@dataclass(frozen=True)
class NamedSetting:
    """One setting: `region`, its value, and where it came from. Null is AWS's own default."""

    name: str
    value: str | None
    source: str


@dataclass(frozen=True)
class Identity:
    """What `edactl whoami` shows. `principal` is the ARN that AWS knows the caller by."""

    account: str
    principal: str
    user_id: str
    region: str
    profile: str
    endpoint_url: str | None
    credentials_source: str
    sandbox: bool
    settings: tuple[NamedSetting, ...]

    @property
    def rows(self) -> tuple[NamedSetting, ...]:
        """All of it as one table for people, a setting a line."""
        asked = (
            NamedSetting("account", self.account, ASKED),
            NamedSetting("principal", self.principal, ASKED),
            NamedSetting("user_id", self.user_id, ASKED),
        )
        return asked + self.settings


def named_settings(found: Mapping[str, Setting | None]) -> tuple[NamedSetting, ...]:
    """The settings by name, in their order; what nobody set is AWS's own default."""
    return tuple(
        NamedSetting(name, one.value if one else None, one.source if one else "AWS")
        for name, one in found.items()
    )
