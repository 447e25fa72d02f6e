"""How long messages wait for one of m slots: Erlang C and its relatives, as closed forms.

`load` is offered load in busy slots (Little: arrivals a second times seconds of work); `slots` is
tasks times what a task works on at once. Waits are of messages before their work starts, in
seconds. Sources: A. K. Erlang 1917 (M/M/m), Pollaczek and Khinchine (M/G/1), Allen and Cunneen
(M/G/m, an approximation: within some 15 %).
"""

from __future__ import annotations

import math
from statistics import NormalDist

INFINITE = math.inf
MANY_SLOTS = 2000
_NORMAL = NormalDist()
_NEVER = 30.0  # spare slots, in square roots of all, beyond which nothing waits


def erlang_c(slots: int, load: float) -> float:
    """The share of messages that find every slot busy, in M/M/m; 1 when the load fills them.

    By the recursion of Erlang B, which neither overflows nor needs factorials; for many slots by
    Halfin and Whitt's limit, which is within a tenth there and takes no time.
    """
    if load <= 0:
        return 0.0
    if load >= slots:
        return 1.0
    if slots > MANY_SLOTS:
        spare = (1 - load / slots) * math.sqrt(slots)
        return 1 / (1 + spare * _NORMAL.cdf(spare) / _NORMAL.pdf(spare)) if spare < _NEVER else 0.0
    blocked = 1.0
    for number in range(1, slots + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked / (1 - load / slots * (1 - blocked))


def spread(variation: float) -> float:
    """What the variation (cv) of the work does to waits, against exponential work: (1 + cv²) / 2.

    Allen and Cunneen; exact for one slot (Pollaczek and Khinchine).
    """
    return (1 + variation * variation) / 2


def mean_wait_seconds(
    rate: float, work_seconds: float, slots: int, *, variation: float = 1.0
) -> float:
    """The mean wait; infinite when the slots cannot keep up."""
    load = rate * work_seconds
    if load >= slots:
        return INFINITE
    return erlang_c(slots, load) * work_seconds / (slots - load) * spread(variation)


def late_share(
    rate: float, work_seconds: float, slots: int, wait_seconds: float, *, variation: float = 1.0
) -> float:
    """The share of messages that wait longer than `wait_seconds`; exact when cv is 1."""
    load = rate * work_seconds
    if load >= slots:
        return 1.0
    if work_seconds <= 0:
        return 0.0
    fall = (slots - load) / (work_seconds * spread(variation))
    return erlang_c(slots, load) * math.exp(-fall * max(0.0, wait_seconds))


def wait_percentile_seconds(
    rate: float, work_seconds: float, slots: int, percentile: float, *, variation: float = 1.0
) -> float:
    """The wait that `percentile` % of messages do not exceed; infinite without spare slots."""
    load = rate * work_seconds
    if load >= slots:
        return INFINITE
    over = 1 - percentile / 100
    waiting = erlang_c(slots, load)
    if waiting <= over:
        return 0.0
    return math.log(waiting / over) * work_seconds * spread(variation) / (slots - load)


def least_slots(
    rate: float,
    work_seconds: float,
    wait_seconds: float,
    percentile: float,
    *,
    variation: float = 1.0,
) -> int:
    """The fewest slots with which `percentile` % of messages wait at most `wait_seconds`."""
    over = 1 - percentile / 100

    def too_few(slots: int) -> bool:
        late = late_share(rate, work_seconds, slots, wait_seconds, variation=variation)
        return late > over

    low = math.floor(rate * work_seconds)
    step = 1
    while too_few(low + step):
        low, step = low + step, step * 2
    high = low + step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if too_few(middle) else (low, middle)
    return high
