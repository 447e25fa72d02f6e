"""put-event against a bare boto3 loop: events a second, and memory at a million events.

Both read the same file, build the same entries, and send batches of 10 with 8 threads to a stub on
loopback that answers every request with ten event ids.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.loopback_stub import loopback_stub
from benchmarks.stub_events import STUB

EDACTL = str(Path(sys.executable).parent / "edactl")
LINE = json.dumps(
    {
        "source": "com.flix",
        "detail-type": "ChannelCreated",
        "detail": {"data": {"region": "AU", "title": "x" * 200}, "n": 1},
    }
)

LOOP = """
import json, sys
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from threading import BoundedSemaphore
import boto3
from botocore.config import Config
client = boto3.client("events", config=Config(max_pool_connections=8))
room = BoundedSemaphore(16)
def send(entries):
    try:
        assert client.put_events(Entries=entries)["FailedEntryCount"] == 0
    finally:
        room.release()
def entry(line):
    event = json.loads(line)
    return {"Source": event["source"], "DetailType": event["detail-type"],
            "Detail": json.dumps(event["detail"])}
with open(sys.argv[1]) as lines, ThreadPoolExecutor(8) as pool:
    while batch := [entry(line) for line in islice(lines, 10)]:
        room.acquire()
        pool.submit(send, batch)
"""


def seconds(command: list[str], environment: dict[str, str]) -> float:
    """Wall time of one run."""
    started = time.monotonic()
    subprocess.run(command, env=environment, capture_output=True, check=True)
    return time.monotonic() - started


def speed(environment: dict[str, str], events: int, rounds: int) -> None:
    """Print events a second of both, and the ratio of the medians."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "events.ndjson"
        path.write_text((LINE + "\n") * events, "utf-8")
        ours, bare = [], []
        for _ in range(rounds):
            ours.append(seconds([EDACTL, "put-event", str(path)], environment))
            bare.append(seconds([sys.executable, "-c", LOOP, str(path)], environment))
    own, other = events / statistics.median(ours), events / statistics.median(bare)
    print(
        f"put-event {own:,.0f}/s   boto3 loop {other:,.0f}/s   ratio {own / other:.2f}   bar 0.85"
    )


def memory(environment: dict[str, str], events: int) -> None:
    """Print the peak memory of put-event at many events over that at one."""
    peaks = [peak_mb(environment, count) for count in (1, events)]
    print(f"{events:,} events: {peaks[1] - peaks[0]:.0f} MB over {peaks[0]:.0f} MB   bar 100 MB")


def peak_mb(environment: dict[str, str], events: int) -> float:
    """Peak resident memory of one put-event that reads a pipe, in MB."""
    process = subprocess.Popen(
        [EDACTL, "put-event", "-"],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdin is not None
    data = (LINE + "\n").encode()
    chunk = data * 1000
    for _ in range(events // 1000):
        process.stdin.write(chunk)
    process.stdin.write(data * (events % 1000))
    process.stdin.close()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_maxrss / 1024


def main() -> None:
    """Run both on one stub."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory-events", type=int, default=0)
    options = parser.parse_args()
    with loopback_stub(STUB) as environment:
        if options.rounds:
            speed(environment, options.events, options.rounds)
        if options.memory_events:
            memory(environment, options.memory_events)


if __name__ == "__main__":
    main()
