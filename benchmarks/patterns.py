"""Event patterns: events/s of a rule set over those of a bare JSON decode of the same lines.

`patterns.py EVENTS RULES [COUNT...]`: EVENTS is NDJSON, RULES one event pattern a line; the first
COUNT patterns make a rule set. Both sides take turns in one process; the matches are counted, so
that a fast wrong answer shows.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import orjson

from edactl.core.pattern import RuleSet

ROUNDS = 3
DECODED = 60_000
BARS = {1: 2.0, 10: 1.5, 100: 0.75, 1000: 0.42}


def decodes_per_second(lines: list[bytes]) -> float:
    """The floor: building every event as Python objects."""
    some = lines[:DECODED]
    start = time.process_time()
    for line in some:
        orjson.loads(line)
    return len(some) / (time.process_time() - start)


def matches_per_second(rules: RuleSet, lines: list[bytes]) -> tuple[float, int]:
    """Events/s of a rule set, and how many matches it found."""
    start = time.process_time()
    found = sum(len(names) for names in rules.match_lines(lines))
    return len(lines) / (time.process_time() - start), found


def main() -> None:
    """Print a line for each count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("events", type=Path)
    parser.add_argument("rules", type=Path)
    parser.add_argument("counts", type=int, nargs="*", default=list(BARS))
    options = parser.parse_args()
    lines = options.events.read_bytes().splitlines()
    patterns = options.rules.read_text("utf-8").splitlines()
    print(f"{'rules':>6} {'matches':>9} {'events/s':>9} {'x decode':>9} {'bar':>5}")
    for count in options.counts:
        start = time.process_time()
        rules = RuleSet({str(number): one for number, one in enumerate(patterns[:count])})
        compiled = time.process_time() - start
        best = found = ratio = 0.0
        for _ in range(ROUNDS):
            floor = decodes_per_second(lines)
            rate, found = matches_per_second(rules, lines)
            best, ratio = max(best, rate), max(ratio, rate / floor)
        bar = BARS.get(count, 0)
        told = f"{count:6} {found:9} {best:9.0f} {ratio:9.2f} {bar:5.2f}"
        print(f"{told}   compiled in {compiled:.3f} s")


if __name__ == "__main__":
    main()
