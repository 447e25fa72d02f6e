"""A loopback endpoint that answers SQS calls as a test wants: partial failures, denials, delays.

EventBridge speaks as SQS does and is scripted too; SNS and CloudWatch are always denied.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[str, dict[str, Any]], tuple[int, dict[str, Any]]]


def error(code: str, status: int = 400) -> tuple[int, dict[str, Any]]:
    """An error as SQS answers it."""
    return status, {"__type": f"com.amazonaws.sqs#{code}", "message": "scripted"}


def _denied(content_type: str) -> bytes:
    """Access denied, in CloudWatch's CBOR or in SNS's XML."""
    if content_type == "application/cbor":
        return b"\xa1\x66__type\x6cAccessDenied"
    return (
        b"<ErrorResponse><Error><Type>Sender</Type><Code>AuthorizationError</Code>"
        b"<Message>scripted</Message></Error></ErrorResponse>"
    )


@contextmanager
def scripted_sqs(answer: Answer) -> Iterator[tuple[str, list[str]]]:
    """The endpoint's URL and the operations that were called; `answer` gets name and request."""
    calls: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            if "X-Amz-Target" not in self.headers:  # SNS and CloudWatch: other protocols
                self._send(403, self.headers["Content-Type"], _denied(self.headers["Content-Type"]))
                return
            operation = self.headers["X-Amz-Target"].rpartition(".")[2]
            calls.append(operation)
            status, body = answer(operation, json.loads(content or b"{}"))
            self._send(status, "application/x-amz-json-1.0", json.dumps(body).encode())

        def _send(self, status: int, content_type: str, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            if content_type == "application/cbor":
                self.send_header("smithy-protocol", "rpc-v2-cbor")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base's name
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", calls
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
