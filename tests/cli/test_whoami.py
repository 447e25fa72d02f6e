from __future__ import annotations

import json
from collections.abc import Callable

from tests.running import Run


def test_whoami_on_the_sandbox_shows_its_own_account(
    edactl: Callable[..., Run], sandbox: object
) -> None:
    run = edactl("whoami", "-o", "json")

    assert run.status == 0
    assert json.loads(run.out)["account"] == "000000000000"
