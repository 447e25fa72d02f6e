"""Options that the commands on ECS share."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

ClusterOption: TypeAlias = Annotated[
    str, typer.Option("--cluster", metavar="CLUSTER", help="Cluster, by name or ARN [default].")
]
