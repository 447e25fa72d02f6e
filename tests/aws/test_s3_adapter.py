from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import IncompleteReadError

from edactl.aws.s3 import S3Objects
from edactl.errors import Unreachable


class Broken:
    """An object that breaks off."""

    def iter_chunks(self, size: int) -> Iterator[bytes]:
        assert size > 0
        yield b"some"
        raise IncompleteReadError(actual_bytes=4, expected_bytes=9)


class Session:
    """Gives that object."""

    def call(self, *_: str, **parameters: Any) -> dict[str, Any]:
        assert (parameters["Bucket"], parameters["Key"]) == ("b", "k")
        return {"Body": Broken()}


def test_an_object_that_breaks_off_is_no_end_of_it() -> None:
    session: Any = Session()
    chunks = S3Objects(session).chunks("b", "k")

    assert next(chunks) == b"some"
    with pytest.raises(Unreachable, match="s3://b/k broke off"):
        next(chunks)
