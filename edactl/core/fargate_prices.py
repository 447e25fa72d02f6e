"""What Fargate costs an hour, by region: a dated table, never a network call.

Source: AWS's price list of Amazon ECS (usage types `Fargate-vCPU-Hours:perCPU`, `Fargate-GB-Hours`,
their ARM forms, and `Fargate-EphemeralStorage-GB-Hours`), as at least two readings of it by others
agree; a price that rests on one reading is marked unverified.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edactl.core.record import JsonValue

PRICES_AS_OF = "2026-09"
PLATFORMS = ("X86_64", "ARM64", "WINDOWS")
_OF_THE_TABLE = f"prices of {PRICES_AS_OF}"
_UNVERIFIED = f"{_OF_THE_TABLE}, unverified"
_STORAGE_GB_HOUR = 0.000111  # us-east-1 and us-west-2


@dataclass(frozen=True)
class Price:
    """US dollars an hour: of a vCPU, of a GB of memory, of a GB of storage above 20.

    `source` says where the price is from. Storage is null where only that of us-east-1 is known.
    """

    vcpu_hour: float
    gb_hour: float
    storage_gb_hour: float | None = None
    source: str = _OF_THE_TABLE

    @property
    def storage(self) -> float:
        """The price of storage, that of us-east-1 where there is none."""
        return _STORAGE_GB_HOUR if self.storage_gb_hour is None else self.storage_gb_hour


Prices = dict[tuple[str, str], Price]
PRICES: Prices = {
    ("us-east-1", "X86_64"): Price(0.04048, 0.004445, _STORAGE_GB_HOUR),
    ("us-east-1", "ARM64"): Price(0.03238, 0.00356, _STORAGE_GB_HOUR),
    ("us-west-2", "X86_64"): Price(0.04048, 0.004445, _STORAGE_GB_HOUR),
    ("eu-west-1", "X86_64"): Price(0.04048, 0.004445),
    ("eu-west-1", "ARM64"): Price(0.03238, 0.00356, source=_UNVERIFIED),
    ("eu-central-1", "X86_64"): Price(0.04656, 0.00511),
    ("ap-southeast-2", "X86_64"): Price(0.04856, 0.00532, source=_UNVERIFIED),
    ("ap-southeast-2", "ARM64"): Price(0.03885, 0.00426, source=_UNVERIFIED),
    ("sa-east-1", "X86_64"): Price(0.0696, 0.0076, source=_UNVERIFIED),
    ("sa-east-1", "ARM64"): Price(0.0557, 0.00612, source=_UNVERIFIED),
}


def prices_from(document: JsonValue, where: str) -> Prices:
    """The package's prices, with those of a --price-file over them.

    `{"eu-west-1": {"X86_64": {"vcpu_hour": 0.04, "gb_hour": 0.004}}}`, and `storage_gb_hour` where
    it is known. Raises InputError.
    """
    found = dict(PRICES)
    if not isinstance(document, dict):
        raise InputError("it is no JSON object of regions", where=where)
    for region, platforms in document.items():
        if not isinstance(platforms, dict) or set(platforms) - set(PLATFORMS):
            names = ", ".join(PLATFORMS)
            raise InputError(f"it is no object of {names}", where=f"{where} {region}")
        for platform, one in platforms.items():
            found[region, platform] = _price(one, f"{where} {region}.{platform}", where)
    return found


def _price(value: JsonValue, place: str, file: str) -> Price:
    fields = value if isinstance(value, dict) else {}
    vcpu, memory = _amount(fields, "vcpu_hour"), _amount(fields, "gb_hour")
    storage = _amount(fields, "storage_gb_hour")
    odd = set(fields) - {"vcpu_hour", "gb_hour", "storage_gb_hour"}
    if vcpu is None or memory is None or odd or (storage is None and "storage_gb_hour" in fields):
        raise InputError(
            "it needs the numbers vcpu_hour and gb_hour, may have storage_gb_hour, and nothing"
            " else",
            where=place,
        )
    return Price(vcpu, memory, storage, f"prices of {file}")


def _amount(fields: Mapping[str, JsonValue], name: str) -> float | None:
    value = fields.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if isfinite(value) and value >= 0 else None
