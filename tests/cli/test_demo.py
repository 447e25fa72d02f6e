from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.running import Run


def test_the_demo_shows_only_australia_and_leaves_nothing(
    edactl: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREAL")

    run = edactl("demo")

    assert run.status == 0, run.err
    assert "$ edactl put-event --bus flix" in run.out
    assert '"region": "AU"' in run.out
    assert "Desert Drama" not in run.out.split("Look into the queue")[1]
    assert '"origin": "sqs-redrive"' in run.out
    assert '"region": "NZ"' in run.out.split("The queue has it again")[1]
    assert '"outcome": "timed_out"' in run.out
    assert '"verdict": "reachable' in run.out
    assert list(tmp_path.glob("edactl-demo*")) == []
