"""S3 objects: a file put, an object read in chunks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError

from edactl.errors import Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edactl.aws.session import AwsSession

_CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True)
class S3Objects:
    """The objects of buckets."""

    session: AwsSession

    def put(self, bucket: str, key: str, path: Path) -> None:
        """A file, at most 5 GB, as an object. Source: API reference, PutObject."""
        with path.open("rb") as file:
            self.session.call(
                "s3",
                "put_object",
                resource=f'bucket "{bucket}"',
                Bucket=bucket,
                Key=key,
                Body=file,
                ContentType="application/x-ndjson",
            )

    def chunks(self, bucket: str, key: str) -> Iterator[bytes]:
        """An object's bytes. Raises Unreachable when they break off."""
        answer = self.session.call(
            "s3", "get_object", resource=f"s3://{bucket}/{key}", Bucket=bucket, Key=key
        )
        try:
            yield from answer["Body"].iter_chunks(_CHUNK_BYTES)
        except (BotoCoreError, OSError) as error:
            raise Unreachable(
                f"s3://{bucket}/{key} broke off: {error}",
                code=type(error).__name__,
                operation="s3:GetObject",
                hint="the same command with --resume EXECUTION reads the results again",
            ) from error
