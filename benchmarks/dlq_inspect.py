"""`dlq inspect` of a deep DLQ: memory over that of one letter, and letters a second.

`dlq_inspect.py [LETTERS]`: both runs are the real command against a loopback SQS of this process
that makes each letter up, with receipt handles as long as AWS's; it hands out the next ten at once,
so that the command is what is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any

BAR_MB = 100
HANDLE = "AQEB" + "x" * 440
PADDING = "p" * 800


def letter(number: int) -> dict[str, Any]:
    """A letter of a rule, about 1 KiB, of one of ten causes."""
    attributes = {
        "RULE_ARN": "arn:aws:events:eu-west-1:123456789012:rule/shop/billing",
        "TARGET_ARN": "arn:aws:lambda:eu-west-1:123456789012:function:billing",
        "ERROR_CODE": "NO_PERMISSIONS",
        "ERROR_MESSAGE": f"order {number} of kind {'abcdefghij'[number % 10]} failed",
    }
    body = {"source": "shop", "detail-type": "Order", "id": number, "detail": {"pad": PADDING}}
    return {
        "MessageId": f"{number:08x}-0000-4000-8000-000000000000",
        "ReceiptHandle": f"{HANDLE}{number}",
        "Body": json.dumps(body),
        "Attributes": {"SentTimestamp": "1700000000000", "ApproximateReceiveCount": "1"},
        "MessageAttributes": {
            name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
        },
    }


class Queue(BaseHTTPRequestHandler):
    """As much of SQS as a look needs. `depth` letters are there; none comes twice."""

    protocol_version = "HTTP/1.1"
    depth = 0
    given_back = 0
    numbers = count()
    lock = threading.Lock()

    def do_POST(self) -> None:
        """Answer one call."""
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        operation = self.headers["X-Amz-Target"].rpartition(".")[2]
        content = json.dumps(self.answer(operation, request)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def answer(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """What SQS would say."""
        match operation:
            case "GetQueueUrl":
                return {"QueueUrl": "http://127.0.0.1/123456789012/deep-dlq"}
            case "GetQueueAttributes":
                return {"Attributes": {"ApproximateNumberOfMessages": str(Queue.depth)}}
            case "ReceiveMessage":
                with Queue.lock:
                    numbers = [next(Queue.numbers) for _ in range(request["MaxNumberOfMessages"])]
                return {"Messages": [letter(one) for one in numbers if one < Queue.depth]}
            case "ChangeMessageVisibilityBatch" if request["Entries"][0]["VisibilityTimeout"] == 0:
                with Queue.lock:
                    Queue.given_back += len(request["Entries"])
        return {}

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base's name
        """Say nothing."""


def look(depth: int, url: str) -> tuple[float, float]:
    """Seconds, and the most memory in MB, of one look into that many letters."""
    Queue.depth, Queue.numbers, Queue.given_back = depth, count(), 0
    keys = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_REGION": "eu-west-1"}
    command = [str(Path(sys.executable).parent / "edactl"), "dlq", "inspect", "deep-dlq"]
    start = time.monotonic()
    child = subprocess.Popen(
        [*command, "--endpoint-url", url, "-o", "ndjson"],
        env={**os.environ, **keys},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert child.stdout is not None
    counted = sum(json.loads(line)["count"] for line in child.stdout)
    _, status, usage = os.wait4(child.pid, 0)
    assert (status, counted, Queue.given_back) == (0, depth, depth), "letters were lost"
    return time.monotonic() - start, usage.ru_maxrss / 1024


def main() -> None:
    """Print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("letters", type=int, nargs="?", default=100_000)
    letters = parser.parse_args().letters
    server = ThreadingHTTPServer(("127.0.0.1", 0), Queue)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    _, idle_mb = look(1, url)
    seconds, deep_mb = look(letters, url)
    over = deep_mb - idle_mb
    print(f"{letters} letters: {letters / seconds:.0f}/s, {over:.0f} MB over idle (bar {BAR_MB})")


if __name__ == "__main__":
    main()
