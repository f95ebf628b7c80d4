"""CloudFront's invalidations."""

from collections.abc import Sequence
from typing import Final

from failover.adapters.aws.clients import client, code_of
from failover.errors import CachesNotEmptiedError

API_REGION: Final = "us-east-1"


class AwsEdgeCaches:
    """``ports.EdgeCaches`` on one distribution."""

    def __init__(self, distribution: str) -> None:
        self._distribution = distribution

    def empty(self, paths: Sequence[str], reference: str) -> str:
        batch = {"Paths": {"Quantity": len(paths), "Items": list(paths)}, "CallerReference": reference}
        try:
            answer = client("cloudfront", API_REGION).create_invalidation(
                DistributionId=self._distribution, InvalidationBatch=batch
            )
        except Exception as exc:
            raise CachesNotEmptiedError(f"{', '.join(paths)} not taken: {code_of(exc)}: {exc}") from exc
        return str(answer["Invalidation"]["Id"])
