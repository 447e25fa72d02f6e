"""Parameters that several queue commands share."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

QueueArgument: TypeAlias = Annotated[
    str, typer.Argument(metavar="QUEUE", help="Queue by name, URL or ARN.", show_default=False)
]
JsonBodyOption: TypeAlias = Annotated[
    bool,
    typer.Option("--json-body", help="Add json_body: the body parsed, null where it is no JSON."),
]


def counted(count: int, noun: str = "message") -> str:
    """`1 message`, `2 messages`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
