"""A loopback endpoint that answers every request with what a test wrote down, and keeps them."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

JSON = "application/x-amz-json-1.0"


@dataclass(frozen=True)
class Request:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: str


@dataclass(frozen=True)
class Answer:
    """One answer to send."""

    status: int
    body: str
    content_type: str = JSON


@dataclass
class Endpoint:
    """The endpoint's URL and what reached it so far."""

    url: str
    requests: list[Request] = field(default_factory=list)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.rpartition(":")[2])


@contextmanager
def scripted_aws(answer: Callable[[Request], Answer]) -> Iterator[Endpoint]:
    """Serve on 127.0.0.1 until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # head and body are two writes: each would wait 40 ms

        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length).decode()
            if len(body.encode()) < length:  # who sent it is gone
                self.close_connection = True
                return
            request = Request(self.command, self.path, dict(self.headers.items()), body)
            endpoint.requests.append(request)
            reply = answer(request)
            content = reply.body.encode()
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("x-amzn-RequestId", "r-1")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = _serve  # noqa: N815 -- the base's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base's name
            return

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            if not isinstance(sys.exception(), ConnectionError):  # a client that was killed
                super().handle_error(request, client_address)

    server = Server(("127.0.0.1", 0), Handler)
    endpoint = Endpoint(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield endpoint
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def silent_endpoint() -> Iterator[str]:
    """The URL of an endpoint that takes every connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def identity_answer(account: str = "123456789012") -> Answer:
    """What sts:GetCallerIdentity answers."""
    return Answer(
        200,
        f"<GetCallerIdentityResponse><GetCallerIdentityResult><Account>{account}</Account>"
        f"<Arn>arn:aws:iam::{account}:user/ops</Arn><UserId>AIDA1</UserId>"
        "</GetCallerIdentityResult><ResponseMetadata><RequestId>r-1</RequestId>"
        "</ResponseMetadata></GetCallerIdentityResponse>",
        "text/xml",
    )


def role_answer(
    *, key: str = "ASIAROLEROLEROLE1111", expires: str = "2099-01-01T00:00:00Z"
) -> Answer:
    """What sts:AssumeRole answers."""
    return Answer(
        200,
        "<AssumeRoleResponse><AssumeRoleResult><AssumedRoleUser>"
        "<Arn>arn:aws:sts::123456789012:assumed-role/ops/edactl</Arn>"
        "<AssumedRoleId>AROA1:edactl</AssumedRoleId></AssumedRoleUser><Credentials>"
        f"<AccessKeyId>{key}</AccessKeyId><SecretAccessKey>role-secret</SecretAccessKey>"
        f"<SessionToken>role-token</SessionToken><Expiration>{expires}</Expiration>"
        "</Credentials></AssumeRoleResult><ResponseMetadata><RequestId>r-1</RequestId>"
        "</ResponseMetadata></AssumeRoleResponse>",
        "text/xml",
    )


def query_error(code: str, message: str, status: int = 403) -> Answer:
    """An error as STS and SNS answer it."""
    return Answer(
        status,
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message>"
        "</Error><RequestId>r-1</RequestId></ErrorResponse>",
        "text/xml",
    )
