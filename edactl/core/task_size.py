"""The CPU and memory sizes that Fargate runs.

Source: ECS developer guide, "Task CPU and memory" of Fargate task definitions. 8 and 16 vCPU need
Linux and platform version 1.4.0.
"""

from __future__ import annotations

from edactl.errors import InputError

_GIB = 1024
# CPU units: memory in MiB, from, to, by
_STEPS = {
    512: (1, 4, 1),
    1024: (2, 8, 1),
    2048: (4, 16, 1),
    4096: (8, 30, 1),
    8192: (16, 60, 4),
    16384: (32, 120, 8),
}
SIZES: dict[int, tuple[int, ...]] = {
    256: (512, 1024, 2048),
    **{
        cpu: tuple(gib * _GIB for gib in range(low, high + 1, step))
        for cpu, (low, high, step) in _STEPS.items()
    },
}
"""Memory in MiB that each number of CPU units may have."""

EPHEMERAL_STORAGE_GIB = (21, 200)
"""Least and most ephemeral storage that can be asked for, in GiB; 20 come with every task."""


def nearest_sizes(cpu: int, memory: int, count: int = 3) -> list[tuple[int, int]]:
    """The valid pairs nearest to a pair, those that are no smaller first."""
    pairs = [(units, mib) for units, memories in SIZES.items() for mib in memories]

    def distance(pair: tuple[int, int]) -> tuple[bool, float]:
        too_small = pair[0] < cpu or pair[1] < memory
        return too_small, abs(pair[0] - cpu) / cpu + abs(pair[1] - memory) / memory

    return sorted(pairs, key=distance)[:count]


def check_size(cpu: int, memory: int) -> None:
    """Nothing for a pair that Fargate runs. Raises InputError with the nearest that it does."""
    if cpu <= 0 or memory <= 0:
        raise InputError(f"--cpu {cpu} --memory {memory}: both are above 0")
    if memory not in SIZES.get(cpu, ()):
        near = ", ".join(
            f"--cpu {units} --memory {mib}" for units, mib in nearest_sizes(cpu, memory)
        )
        raise InputError(
            f"Fargate runs no task of {cpu} CPU units and {memory} MiB", hint=f"the nearest: {near}"
        )


def check_storage(gib: int) -> None:
    """Nothing for a size of ephemeral storage that Fargate gives. Raises InputError."""
    low, high = EPHEMERAL_STORAGE_GIB
    if not low <= gib <= high:
        raise InputError(
            f"--ephemeral-storage {gib}: Fargate gives {low} to {high} GiB",
            hint="leave it out for the 20 GiB that every task has",
        )
