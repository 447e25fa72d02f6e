"""Event patterns: events/s of rule sets over those of a bare JSON decode of the same lines.

`patterns.py --events EVENTS --rules RULES [--lots LOTS] [--whole]`: EVENTS and LOTS are NDJSON,
RULES one event pattern a line. Both sides take turns in one process, CPU time, the median of the
ratios; matches are counted over the whole file, so that a fast wrong answer shows. With --whole,
`rule test --count` is timed too, as a process, from the file to the counts.
"""

from __future__ import annotations

import argparse
import gc
import gzip
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from edactl.core.pattern import RuleSet

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 5
TIMED_LINES = 40_000
SETS = {1: (2.0, 222), 10: (1.5, 16_390), 100: (0.75, 360_074), 1000: (0.42, 3_399_235)}
COMPILED_RULES, COMPILE_SECONDS = 10_000, 3.0
EDACTL = str(Path(sys.executable).parent / "edactl")
BARE = [sys.executable, "-c", "pass"]


Pattern = dict[str, Any]
LOTS = ["1430022", "2607117", "2607218", "3745012", "VACSTWIL"]
WILDCARDS = ["143*", "2*0*1*7", "*218", "3*5*2", "VA*IL"]
EXACT_X, WEST_X = -122.42916360922355, -122.41600944012424
BETWEEN_X = (-122.46471267081272, -122.4063085128395)
EXACT_Y = 37.729900216217324


def _properties(key: str, condition: object) -> Pattern:
    return {"properties": {key: [condition]}}


def _streets(operator: str, texts: list[str]) -> list[Pattern]:
    return [_properties("STREET", {operator: text}) for text in texts]


def _streets_any_case(operator: str, texts: list[str]) -> list[Pattern]:
    return [_properties("STREET", {operator: {"equals-ignore-case": text}}) for text in texts]


def _anything_but(wrap: str, texts: list[str]) -> list[Pattern]:
    conditions = [{"anything-but": {wrap: text} if wrap else text} for text in texts]
    street, other, kind, shape, start = conditions
    return [
        _properties("STREET", street),
        _properties("STREET", other),
        _properties("ST_TYPE", kind),
        {"geometry": {"type": [shape]}},
        _properties("FROM_ST", start),
    ]


def _numeric(points: str, second: Pattern) -> list[Pattern]:
    def x_is(*numeric: object) -> Pattern:
        return {"geometry": {points: {"x": [{"numeric": list(numeric)}]}}}

    first = x_is("=", EXACT_X)
    first["geometry"]["type"] = ["Polygon"]
    return [
        first,
        {"geometry": {"type": ["MultiPolygon"], points: second}},
        x_is("<", WEST_X),
        x_is(">", WEST_X),
        x_is(">", BETWEEN_X[0], "<", BETWEEN_X[1]),
    ]


IGNORED = ["jefferson", "bEaCh", "HyDe", "CHESTNUT"]
_LOT_WILDCARDS = [_properties("MAPBLKLOT", {"wildcard": one}) for one in WILDCARDS]
_NO_WILDCARDS = [_properties("MAPBLKLOT", {"anything-but": {"wildcard": w}}) for w in WILDCARDS]
FAMILIES: dict[str, tuple[float, list[int], list[Pattern]]] = {
    "exact": (2.0, [1, 101, 35, 656, 1], [_properties("MAPBLKLOT", one) for one in LOTS]),
    "wildcard": (1.6, [250, 586, 1021, 1492, 1], _LOT_WILDCARDS),
    "prefix": (2.0, [23, 426, 30, 2243, 318], _streets("prefix", ["AC", "BL", "DR", "FU", "RH"])),
    "prefix, any case": (
        2.0,
        [23, 426, 30, 2243, 318],
        _streets_any_case("prefix", ["Ac", "bL", "dR", "Fu", "rH"]),
    ),
    "suffix": (
        2.0,
        [20941, 797, 10, 3689, 621],
        _streets("suffix", ["ON", "KE", "MM", "ING", "GO"]),
    ),
    "suffix, any case": (
        2.0,
        [20941, 797, 10, 3689, 621],
        _streets_any_case("suffix", ["oN", "ke", "mM", "InG", "gO"]),
    ),
    "ignore case": (
        2.0,
        [104, 199, 1674, 768, 114968],
        [
            *_streets("equals-ignore-case", IGNORED),
            _properties("ST_TYPE", {"equals-ignore-case": "st"}),
        ],
    ),
    "numeric": (
        0.8,
        [2, 120, 149460, 63608, 132314],
        _numeric("firstCoordinates", {"z": [{"numeric": ["=", 0]}]}),
    ),
    "anything-but": (
        1.1,
        [211300, 210628, 98100, 120, 212768],
        _anything_but("", ["FULTON", "MASON", "ST", "Polygon", "441"]),
    ),
    "anything-but, any case": (
        1.1,
        [211300, 210628, 98100, 120, 212768],
        _anything_but("equals-ignore-case", ["Fulton", "Mason", "st", "polygon", "441"]),
    ),
    "anything-but prefix": (
        1.1,
        [211300, 210628, 98100, 120, 212203],
        _anything_but("prefix", ["FULTO", "MASO", "ST", "Poly", "44"]),
    ),
    "anything-but suffix": (
        1.1,
        [211300, 210628, 94216, 0, 210740],
        _anything_but("suffix", ["ULTON", "ASON", "T", "olygon", "41"]),
    ),
    "anything-but wildcard": (1.1, [212818, 212482, 212047, 211576, 213067], _NO_WILDCARDS),
    "complex arrays": (
        0.17,
        [218, 1, 149709, 63779, 132625],
        _numeric("coordinates", {"y": [{"numeric": ["=", EXACT_Y]}]}),
    ),
}


def rules_of_family(family: str) -> dict[str, str]:
    """The patterns of a family by their number."""
    return {str(at): json.dumps(one) for at, one in enumerate(FAMILIES[family][2])}


def cpu_seconds(work: Callable[[], object]) -> float:
    """CPU time of a call in this process."""
    start = time.process_time()
    work()
    return time.process_time() - start


def child_seconds(command: list[str]) -> float:
    """CPU time of a process and its children; its exit status does not matter."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def matched(rules: RuleSet, lines: list[bytes]) -> int:
    """How many matches there are."""
    return sum(map(len, rules.match_lines(lines)))


def ratio_to_decode(rules: RuleSet, lines: list[bytes]) -> float:
    """Events/s of a rule set over those of decoding the same lines, in turn."""
    some = lines[:TIMED_LINES]
    found = []
    for _ in range(ROUNDS):
        floor = cpu_seconds(lambda: [None for line in some if orjson.loads(line) is None])
        found.append(floor / cpu_seconds(lambda: matched(rules, some)))
    return statistics.median(found)


def report(name: str, found: float, bar: float, note: str = "") -> None:
    """One line: what, the ratio, and the bar."""
    print(f"{name:34} {found:7.2f}   bar {bar:5.2f}   {'ok' if found >= bar else 'MISSED'}  {note}")


def at_most(name: str, found: float, bar: float, note: str = "") -> None:
    """The same for what must not be more."""
    print(f"{name:34} {found:7.2f}   bar {bar:5.2f}   {'ok' if found <= bar else 'MISSED'}  {note}")


def events(lines: list[bytes], patterns: list[str]) -> None:
    """Rule sets of EventBridge's shape."""
    for count, (bar, total) in SETS.items():
        rules = RuleSet({str(number): one for number, one in enumerate(patterns[:count])})
        found = matched(rules, lines)
        note = f"{found} matches" + ("" if found == total else f", NOT {total}")
        report(f"{count} rules", ratio_to_decode(rules, lines), bar, note)


def lots(lines: list[bytes]) -> None:
    """One operator at a time, on land parcels."""
    for family, (bar, totals, _) in FAMILIES.items():
        rules = RuleSet(rules_of_family(family))
        found = dict.fromkeys(rules.patterns, 0)
        for names in rules.match_lines(lines):
            for name in names:
                found[name] += 1
        counts = list(found.values())
        note = "" if counts == totals else f"matches {counts}, NOT {totals}"
        report(family, ratio_to_decode(rules, lines), bar, note)


def compiling(patterns: list[str]) -> None:
    """Many rules, made from those at hand by another account each."""
    many = {
        str(number): f'{{"account":["{number}"],{patterns[number % len(patterns)][1:]}'
        for number in range(COMPILED_RULES)
    }
    at_most(
        f"seconds for {COMPILED_RULES} rules", cpu_seconds(lambda: RuleSet(many)), COMPILE_SECONDS
    )
    gc.collect()  # a second of work that is not the next measure's


def whole(events_file: Path, lines: list[bytes], patterns: list[str]) -> None:
    """`rule test` as a process."""
    with tempfile.TemporaryDirectory() as folder:
        packed = Path(folder) / "events.ndjson.gz"
        with events_file.open("rb") as plain, gzip.open(packed, "wb", compresslevel=6) as out:
            shutil.copyfileobj(plain, out)
        for count in SETS:
            named = {str(number): one for number, one in enumerate(patterns[:count])}
            file = Path(folder) / "rules.json"
            members = ",".join(f'"{name}":{one}' for name, one in named.items())
            file.write_text(f"{{{members}}}", "utf-8")
            test = [EDACTL, "rule", "test", "--count", "-q", "--rules", str(file)]
            rules = RuleSet(named)
            here = cpu_seconds(partial(matched, rules, lines))
            report(
                f"{count} rules, file / match_lines",
                here / child_seconds([*test, str(events_file)]),
                0.7,
            )
            piped = f"zcat {packed} | {' '.join(test)} -"
            through = child_seconds(["sh", "-c", piped])
            report(
                f"{count} rules, .gz / zcat |", through / child_seconds([*test, str(packed)]), 0.8
            )
        one = [EDACTL, "rule", "test", "--event", lines[0].decode(), "--pattern", patterns[0]]
        starts = [(child_seconds(one), child_seconds(BARE)) for _ in range(15)]
        ratio = statistics.median(a for a, _ in starts) / statistics.median(b for _, b in starts)
        at_most("one event / python -c pass", ratio, 7)
        memory(events_file, one, [*test, str(events_file)])


def memory(events_file: Path, idle: list[str], test: list[str]) -> None:
    """Peak memory of a test of the whole file above that of one event."""
    peaks = []
    for command in (idle, test):
        script = "import resource,subprocess,sys;subprocess.run(sys.argv[1:],capture_output=True);"
        script += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
        told = subprocess.run(
            [sys.executable, "-c", script, *command], capture_output=True, check=True
        )
        peaks.append(int(told.stdout) / 1024)
    size = events_file.stat().st_size >> 20
    at_most("MB above one event", peaks[1] - peaks[0], 100, f"{size} MB of events, 1000 rules")


def main() -> None:
    """Print every ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=Path, required=True)
    parser.add_argument("--rules", type=Path, required=True)
    parser.add_argument("--lots", type=Path)
    parser.add_argument("--whole", action="store_true")
    options = parser.parse_args()
    lines = options.events.read_bytes().splitlines()
    patterns = options.rules.read_text("utf-8").splitlines()
    events(lines, patterns)
    compiling(patterns)
    if options.whole:
        whole(options.events, lines, patterns)
    del lines
    if options.lots:
        lots(options.lots.read_bytes().splitlines())


if __name__ == "__main__":
    main()
