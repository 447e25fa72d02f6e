"""An AWS on loopback, a process of its own: what benchmarks send to."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVER = """
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def setup(self):
        super().setup()
        self.connection.setsockopt(6, 1, 1)
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        data = answer(self.headers["X-Amz-Target"].rsplit(".", 1)[1], body)
        if not isinstance(data, bytes):
            data = json.dumps(data).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
    def log_message(self, *a): pass
server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
print(server.server_address[1], flush=True)
server.serve_forever()
"""


@contextmanager
def loopback_stub(script: str, *arguments: str) -> Iterator[dict[str, str]]:
    """The environment in which edactl and boto3 talk to the stub.

    The script defines `answer(operation, body)`, what to answer: JSON, or its bytes. The arguments
    are its `sys.argv[1:]`.
    """
    command = [sys.executable, "-c", script + SERVER, *arguments]
    stub = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert stub.stdout is not None
    port = stub.stdout.readline().strip()
    try:
        yield dict(os.environ) | {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_ACCESS_KEY_ID": "x",
            "AWS_SECRET_ACCESS_KEY": "x",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "EDACTL_SANDBOX": "0",
        }
    finally:
        stub.kill()
        stub.wait()
