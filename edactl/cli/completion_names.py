"""Names for completion, from a 5-minute cache that a child process fills.

The completing process itself never calls AWS: it waits for the child for a moment, then takes what
the cache has. A child that fails writes an empty cache: a broken login is not tried on each TAB.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

KINDS = {
    "BUS": "bus",
    "CLUSTER": "cluster",
    "CLUSTER/SERVICE": "cluster-service",
    "DLQ": "queue",
    "FAMILY": "family",
    "QUEUE": "queue",
    "RULE": "rule",
    "SERVICE": "service",
    "TASK": "task",
    "TOPIC": "topic",
}
IN_A_CLUSTER = {"service", "task"}
"""Kinds whose names are those of the cluster that the line names, if it does."""
FRESH_SECONDS = 300
_FRESH_SECONDS = {"task": 20}  # tasks come and go
_WAIT_SECONDS = 0.8
_CONNECTION = ("--profile", "--region", "--endpoint-url", "--role-arn")
_VARIABLES = (
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "EDACTL_SANDBOX",
    "EDACTL_SANDBOX_DIR",
)


def names_of(kind: str, words: list[str]) -> list[str]:
    """The names of this kind in the account and region that the line so far talks to."""
    options = _options_of(
        words, (*_CONNECTION, "--cluster") if kind in IN_A_CLUSTER else _CONNECTION
    )
    path = _cache_path(kind, options)
    if not _is_fresh(path, kind):
        _refresh(kind, options, path)
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return []
    return [str(name) for name in found] if isinstance(found, list) else []


def write_names(kind: str, options: list[str], names: list[str]) -> None:
    """Put names into the cache, whole or not at all."""
    path = _cache_path(kind, options)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(names), "utf-8")
    draft.replace(path)


def _refresh(kind: str, options: list[str], path: Path) -> None:
    child = subprocess.Popen(  # noqa: S603 -- ourselves
        [sys.executable, "-m", "edactl", "__refresh-names", kind, *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + _WAIT_SECONDS
    while child.poll() is None and time.monotonic() < deadline and not _is_fresh(path, kind):
        time.sleep(0.02)
    child.returncode = child.returncode or 0  # it may go on; its answer serves the next TAB


def _is_fresh(path: Path, kind: str) -> bool:
    try:
        return time.time() - path.stat().st_mtime < _FRESH_SECONDS.get(kind, FRESH_SECONDS)
    except OSError:
        return False


def _options_of(words: list[str], wanted: tuple[str, ...]) -> list[str]:
    found = ["--sandbox"] if "--sandbox" in words else []
    for word, following in pairwise(words):
        if word in wanted:
            found += [word, following]
    return found


def _cache_path(kind: str, options: list[str]) -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    folder = (Path(base) if base else Path.home() / ".cache") / "edactl" / "names"
    place = json.dumps([options, [os.environ.get(name) for name in _VARIABLES]])
    return folder / f"{kind}-{hashlib.sha256(place.encode()).hexdigest()[:16]}.json"
