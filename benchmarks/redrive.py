"""dlq redrive against a bare boto3 loop: letters a second, and memory at a deep DLQ.

Both take letters of 1 KiB with 8 threads and move each by three calls to a stub on loopback, a
process of its own that gives every letter once. The loop keeps no journal, checks nothing and
retries nothing; edactl has each letter on disk before it is sent.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from benchmarks.loopback_stub import loopback_stub

EDACTL = str(Path(sys.executable).parent / "edactl")
THREADS = 8

STUB = """
import hashlib, itertools, json, sys, uuid
LETTERS = int(sys.argv[1])
BODY = json.dumps({"customer": 7, "text": "x" * 980})
MD5 = hashlib.md5(BODY.encode()).hexdigest()
count = itertools.count()
def letter(number):
    return {"MessageId": str(uuid.UUID(int=number)), "ReceiptHandle": "h" * 300 + str(number),
            "MD5OfBody": MD5, "Body": BODY,
            "Attributes": {"SentTimestamp": "1767225600000", "ApproximateReceiveCount": "4",
                           "ApproximateFirstReceiveTimestamp": "1767225600000",
                           "SenderId": "AIDAEXAMPLE"},
            "MessageAttributes": {"tenant": {"DataType": "String", "StringValue": "acme"}}}
def answer(name, body):
    entries = [{"Id": one["Id"]} for one in body.get("Entries", ())]
    if name == "ReceiveMessage":
        numbers = [next(count) for _ in range(body["MaxNumberOfMessages"])]
        return {"Messages": [letter(one) for one in numbers if one < LETTERS]}
    if name == "SendMessageBatch":
        for one, sent in zip(entries, body["Entries"]):
            one["MessageId"] = str(uuid.uuid4())
            one["MD5OfMessageBody"] = hashlib.md5(sent["MessageBody"].encode()).hexdigest()
    if name == "GetQueueUrl":
        return {"QueueUrl": "http://127.0.0.1/000000000000/" + body["QueueName"]}
    if name == "GetQueueAttributes":
        return {"Attributes": {"ApproximateNumberOfMessages": str(LETTERS)}}
    return {"Successful": entries, "Failed": []}
"""

LOOP = """
import sys
from concurrent.futures import ThreadPoolExecutor
import boto3
from botocore.config import Config
threads = int(sys.argv[1])
sqs = boto3.client("sqs", config=Config(max_pool_connections=threads))
source = sqs.get_queue_url(QueueName="orders-dlq")["QueueUrl"]
target = sqs.get_queue_url(QueueName="orders")["QueueUrl"]
def work(_):
    while True:
        batch = sqs.receive_message(
            QueueUrl=source, MaxNumberOfMessages=10, WaitTimeSeconds=2, VisibilityTimeout=120,
            MessageSystemAttributeNames=["All"], MessageAttributeNames=["All"]).get("Messages")
        if not batch:
            return
        sqs.send_message_batch(QueueUrl=target, Entries=[
            {"Id": str(at), "MessageBody": one["Body"],
             "MessageAttributes": one["MessageAttributes"]} for at, one in enumerate(batch)])
        sqs.delete_message_batch(QueueUrl=source, Entries=[
            {"Id": str(at), "ReceiptHandle": one["ReceiptHandle"]}
            for at, one in enumerate(batch)])
with ThreadPoolExecutor(threads) as pool:
    list(pool.map(work, range(threads)))
"""


def redrive_command(folder: str, number: int) -> list[str]:
    """The command that moves every letter, with a journal of its own."""
    return [
        *(EDACTL, "dlq", "redrive", "orders-dlq", "--to", "orders", "-o", "json"),
        *("--confirm", "orders-dlq", "--concurrency", str(THREADS)),
        *("--journal", f"{folder}/{number}.ndjson"),
    ]


def seconds(command: list[str], letters: int) -> float:
    """Wall time of one run against a stub of its own."""
    with loopback_stub(STUB, str(letters)) as environment:
        started = time.monotonic()
        subprocess.run(command, env=environment, capture_output=True, check=True)
        return time.monotonic() - started


def speed(letters: int, rounds: int) -> None:
    """Print letters a second of both, and the ratio of the medians."""
    ours, bare = [], []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds):
            ours.append(seconds(redrive_command(folder, number), letters))
            bare.append(seconds([sys.executable, "-c", LOOP, str(THREADS)], letters))
    own, other = letters / statistics.median(ours), letters / statistics.median(bare)
    print(f"dlq redrive {own:,.0f}/s   boto3 loop {other:,.0f}/s   ratio {own / other:.2f}")
    print("bars: ratio 0.80, and 500/s")


def memory(letters: int) -> None:
    """Print the peak memory of a deep DLQ over that of ten letters."""
    with tempfile.TemporaryDirectory() as folder:
        peaks = [peak_mb(redrive_command(folder, count), count) for count in (10, letters)]
    print(f"{letters:,} letters: {peaks[1] - peaks[0]:.0f} MB over {peaks[0]:.0f} MB   bar 100 MB")


def peak_mb(command: list[str], letters: int) -> float:
    """Peak resident memory of one run, in MB."""
    with loopback_stub(STUB, str(letters)) as environment:
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
        peak = 0.0
        done = threading.Event()
        while not done.wait(0.05) and process.poll() is None:
            status = Path(f"/proc/{process.pid}/status").read_text("utf-8")
            resident = [line for line in status.splitlines() if line.startswith("VmHWM")]
            peak = max(peak, int(resident[0].split()[1]) / 1024) if resident else peak
        assert process.stdout is not None
        assert json.load(process.stdout)["deleted"] == letters
        return peak


def main() -> None:
    """Run both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--letters", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory-letters", type=int, default=100_000)
    options = parser.parse_args()
    speed(options.letters, options.rounds)
    if options.memory_letters:
        memory(options.memory_letters)


if __name__ == "__main__":
    main()
