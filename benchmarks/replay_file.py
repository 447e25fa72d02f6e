"""replay file against put-event: events a second, plain and gzipped; pace; memory.

Both read the same file and send to the same stub on loopback; they take turns.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.loopback_stub import loopback_stub
from benchmarks.stub_events import STUB

EDACTL = str(Path(sys.executable).parent / "edactl")
PACED_EVENTS, PACE = 5000, 500


def line(number: int) -> str:
    """One captured event, of about 400 bytes."""
    return json.dumps(
        {
            "version": "0",
            "id": f"{number:08}-0000-4000-8000-000000000000",
            "source": "com.flix",
            "account": "000000000000",
            "time": f"2026-11-25T01:{number // PACE % 60:02}:00Z",
            "region": "us-east-1",
            "resources": [],
            "detail-type": "ChannelCreated",
            "detail": {"data": {"region": "AU", "title": "x" * 150}, "n": number},
        }
    )


def cpu_seconds(command: str, environment: dict[str, str]) -> float:
    """CPU time of one run of a shell command and its children; the stub's is not in it."""
    process = subprocess.Popen(
        ["sh", "-c", command],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_utime + usage.ru_stime


def versus(name: str, bar: float, commands: tuple[str, str], setting: Setting) -> None:
    """Print the ratio of the two commands' rates by CPU time, medians of runs that take turns."""
    ours, theirs = [], []
    for _ in range(setting.rounds):
        ours.append(cpu_seconds(commands[0], setting.environment))
        theirs.append(cpu_seconds(commands[1], setting.environment))
    ratio = statistics.median(theirs) / statistics.median(ours)
    rate = setting.events / statistics.median(ours)
    print(f"{name}: {rate:,.0f} events a CPU second, ratio {ratio:.2f}   bar {bar}")


class Setting:
    """What every comparison shares."""

    def __init__(self, environment: dict[str, str], events: int, rounds: int) -> None:
        self.environment = environment
        self.events = events
        self.rounds = rounds


def paced(environment: dict[str, str], directory: Path) -> None:
    """Print how far a pace of 500 events a second is off, start and end of the run left out."""
    took = []
    for count in (PACE, PACED_EVENTS + PACE):
        path = directory / "paced.ndjson"
        path.write_text("".join(line(n) + "\n" for n in range(count)), "utf-8")
        command = [EDACTL, "replay", "file", str(path), "--rate", str(PACE), "-o", "json"]
        done = subprocess.run(command, env=environment, capture_output=True, check=True)
        took.append(json.loads(done.stdout)["duration_seconds"])
    seconds, wanted = took[1] - took[0], PACED_EVENTS / PACE
    print(
        f"--rate {PACE}: {seconds:.3f} s for {wanted:.3f} s, {seconds / wanted - 1:+.2%}   bar 1 %"
    )


def peak_mb(path: Path, environment: dict[str, str]) -> float:
    """Peak resident memory of one replay, in MB."""
    command = [EDACTL, "replay", "file", str(path), "-q"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_maxrss / 1024


def memory(environment: dict[str, str], directory: Path, events: int) -> None:
    """Print the peak memory at many events over that at one."""
    peaks = []
    for count in (1, events):
        path = directory / "many.ndjson"
        with path.open("w", encoding="utf-8") as file:
            file.writelines(line(number) + "\n" for number in range(count))
        peaks.append(peak_mb(path, environment))
    print(f"{events:,} events: {peaks[1] - peaks[0]:.0f} MB over {peaks[0]:.0f} MB   bar 100 MB")


def main() -> None:
    """Run all on one stub."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory-events", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, loopback_stub(STUB) as environment:
        directory = Path(name)
        environment["XDG_STATE_HOME"] = name
        path, packed = directory / "events.ndjson", directory / "events.ndjson.gz"
        path.write_text("".join(line(n) + "\n" for n in range(options.events)), "utf-8")
        packed.write_bytes(gzip.compress(path.read_bytes()))
        replay, put = f"{EDACTL} replay file", f"{EDACTL} put-event"
        setting = Setting(environment, options.events, options.rounds)
        if options.rounds:
            versus("plain", 0.9, (f"{replay} {path} --as-fast", f"{put} {path}"), setting)
            versus("gzip", 0.9, (f"{replay} {packed}", f"zcat {packed} | {put} -"), setting)
            paced(environment, directory)
        if options.memory_events:
            memory(environment, directory, options.memory_events)


if __name__ == "__main__":
    main()
