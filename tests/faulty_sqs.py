"""A proxy before the sandbox's SQS that fails as a network and a service can, by seeded dice.

It can refuse single entries of a batch that the server then never sees, and lose the answer to
what the server did: what a proxy that knows only whole requests cannot.
"""

from __future__ import annotations

import http.client
import json
import random
import socket
import struct
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

REFUSALS = {"throttle": (400, "RequestThrottled"), "500 before": (500, "InternalError")}


@dataclass
class Dice:
    """How likely each fault is, by operation and fault; `fired` counts what happened.

    `certain` are the faults of the first calls of an operation, empty for none.
    """

    chances: Mapping[str, Mapping[str, float]]
    seed: int
    certain: Mapping[str, Sequence[str]] = field(default_factory=dict)
    fired: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)  # noqa: S311 -- faults, not secrets
        self._certain = {name: list(faults) for name, faults in self.certain.items()}
        self._lock = threading.Lock()

    def throw(self, operation: str) -> str | None:
        """The fault of this call, if it is to have one."""
        with self._lock:
            if faults := self._certain.get(operation):
                fault = faults.pop(0)
                self.fired[f"{operation} {fault}"] += 1
                return fault or None
            left = self.random.random()
            for fault, chance in self.chances.get(operation, {}).items():
                left -= chance
                if left < 0:
                    self.fired[f"{operation} {fault}"] += 1
                    return fault
        return None

    def half(self, entries: list[Any]) -> tuple[list[Any], list[Any]]:
        """The entries in two parts, each entry in one of them by chance."""
        with self._lock:
            heads = [self.random.random() < 0.5 for _ in entries]
        return (
            [one for one, head in zip(entries, heads, strict=True) if head],
            [one for one, head in zip(entries, heads, strict=True) if not head],
        )


class Server(ThreadingHTTPServer):
    """Listens on a free port of 127.0.0.1, and fails as its dice say."""

    daemon_threads = True

    def __init__(self, upstream_port: int, dice: Dice) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.upstream_port, self.dice, self.pause = upstream_port, dice, threading.Event()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that was killed is no error here."""


class Handler(BaseHTTPRequestHandler):
    """One call: it is passed on, or not, and answered, or not."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        operation = (self.headers.get("X-Amz-Target") or "").rpartition(".")[2]
        match self.server.dice.throw(operation):
            case "throttle" | "500 before" as refusal:
                self._error(*REFUSALS[refusal])
            case "500 after":
                self._forward(content)
                self._error(500, "InternalError")
            case "reset before":
                self._reset()
            case "reset after":
                self._forward(content)
                self._reset()
            case "partial":
                self._partial(content, "InternalError", sender_fault=False)
            case "expired":
                self._partial(content, "ReceiptHandleIsInvalid", sender_fault=True)
            case "empty":
                self._answer(200, b"{}")
            case "late":
                self.server.pause.wait(0.05)
                self._answer(*self._forward(content))
            case None:
                self._answer(*self._forward(content))

    def _partial(self, content: bytes, code: str, *, sender_fault: bool) -> None:
        """Some entries reach the server; of the others the answer says that they failed."""
        request = json.loads(content)
        passed, failed = self.server.dice.half(request["Entries"])
        body: dict[str, Any] = {"Successful": [], "Failed": []}
        if passed:
            _, answer = self._forward(json.dumps(request | {"Entries": passed}).encode())
            body |= json.loads(answer)
        told = {"Code": code, "Message": "made to fail", "SenderFault": sender_fault}
        body.setdefault("Failed", []).extend({"Id": one["Id"], **told} for one in failed)
        self._answer(200, json.dumps(body).encode())

    def _forward(self, content: bytes) -> tuple[int, bytes]:
        port = self.server.upstream_port
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        kept = {"content-length", "connection", "host"}
        headers = {name: one for name, one in self.headers.items() if name.lower() not in kept}
        connection.request("POST", self.path, content, headers)
        response = connection.getresponse()
        answer = response.status, response.read()
        connection.close()
        return answer

    def _error(self, status: int, code: str) -> None:
        body = {"__type": f"com.amazonaws.sqs#{code}", "message": "made to fail"}
        self._answer(status, json.dumps(body).encode())

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _reset(self) -> None:
        at_once = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        self.close_connection = True
        self.connection.close()
        self.rfile.close()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base's name
        return


@contextmanager
def faulty_sqs(upstream_port: int, dice: Dice) -> Iterator[str]:
    """The URL of a proxy to 127.0.0.1 that fails as the dice say."""
    server = Server(upstream_port, dice)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.pause.set()
        server.shutdown()
        thread.join()
        server.server_close()
