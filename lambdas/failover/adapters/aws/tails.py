"""Tails of old writers, kept in the bucket of their own region."""

from failover.adapters.aws.clients import client, code_of
from failover.errors import ArchiveNotKeptError


class AwsTailShelf:
    """``tails.TailShelf`` on S3; the bucket is versioned, so that a file that is written again loses nothing."""

    def __init__(self, bucket: str, region: str) -> None:
        self._bucket, self._region = bucket, region

    def keep(self, name: str, lines: bytes) -> str:
        try:
            client("s3", self._region, 15.0).put_object(
                Bucket=self._bucket, Key=name, Body=lines, ContentType="application/jsonl"
            )
        except Exception as exc:
            raise ArchiveNotKeptError(f"s3://{self._bucket}/{name} was not written: {code_of(exc)}") from exc
        return f"s3://{self._bucket}/{name}"
