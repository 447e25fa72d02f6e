"""`scale simulate` and `scale advise`: seconds of CPU, memory, and how time grows with the trace.

Each measurement is a process of its own. Bars: a million messages in 8 s and 200 MB, ten times the
trace in at most 12 times the time, advice on a week of one-minute counts in 2 s.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROUNDS = 3
WORK = ("--service-time", "lognormal:2s,cv=1.5")
BURST = ("--pattern", "burst:40/s,160/s,at=30m,for=10m,every=2h")
_CHILD = (
    "import sys, resource; from edactl.cli import main; status = main(sys.argv[1:]);"
    "used = resource.getrusage(resource.RUSAGE_SELF);"
    "print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, file=sys.stderr); sys.exit(status)"
)


def measured(*arguments: str) -> tuple[float, float, str]:
    """CPU seconds (the least of the rounds), the highest MB, and what was printed."""
    seconds, megabytes, out = [], 0.0, ""
    for _ in range(ROUNDS):
        command = [sys.executable, "-c", _CHILD, "scale", *arguments, "-q"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        used, peak = map(float, done.stderr.splitlines()[-1].split())
        seconds.append(used)
        megabytes = max(megabytes, peak)
        out = done.stdout
    return min(seconds), megabytes, out


def simulated(messages: int, policy: str) -> tuple[float, float]:
    """A simulation of so many messages in bursts."""
    used, peak, out = measured(
        "simulate", *BURST, *WORK, "--messages", str(messages), "--policy", policy
    )
    assert json.loads(out.splitlines()[0])["messages"] == messages
    return used, peak


def main() -> None:
    """Print a line for each bar."""
    for policy in ("fixed:400", "backlog:30", "load:0.75"):
        large, peak = simulated(1_000_000, policy)
        start, _ = simulated(1, policy)
        growth = (simulated(3_000_000, policy)[0] - start) / (simulated(300_000, policy)[0] - start)
        print(
            f"simulate 1 M messages, {policy:<11} {large:5.2f} s (bar 8)  {peak:4.0f} MB (bar 200)"
            f"  10 x the trace: {growth:4.1f} x the time (bar 12)"
        )
    with tempfile.TemporaryDirectory() as folder:
        counts = Path(folder) / "week"
        for rate in (5, 50):
            day = [rate * 60] * 600 + [4 * rate * 60] * 20 + [rate * 60] * 820
            counts.write_text("\n".join(map(str, day * 7)) + "\n")
            used, peak, _ = measured("advise", "--latency", "2m", "--arrivals", str(counts), *WORK)
            print(f"advise on a week at {rate:>2}/s: {used:5.2f} s (bar 2)  {peak:4.0f} MB")


if __name__ == "__main__":
    main()
