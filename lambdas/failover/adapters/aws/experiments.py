"""Experiments of AWS Fault Injection Service, in the region that this runs in."""

from collections.abc import Sequence
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from failover.adapters.aws.clients import client
from failover.errors import PracticeNotBegunError

UNDER_WAY: Final = {"pending", "initiating", "running", "stopping"}


class AwsExperiments:
    """``only`` are the templates of the product: other experiments of the account are not its own to wait for."""

    def __init__(self, region: str, topology: str) -> None:
        self._region, self._topology = region, topology

    def running(self) -> Sequence[str]:
        """Return the ids of those that are under way, of this product."""
        try:
            pages = self._fis.get_paginator("list_experiments").paginate()
            told = [each for page in pages for each in page["experiments"]]
        except (BotoCoreError, ClientError) as exc:
            raise PracticeNotBegunError(f"FIS in {self._region} does not say what is under way: {exc}") from exc
        ours = [each for each in told if each.get("tags", {}).get("lifeboat:topology") == self._topology]
        return [each["id"] for each in ours if each["state"]["status"] in UNDER_WAY]

    def start(self, template: str, reference: str) -> str:
        """Start one and return its id; the same reference is one experiment."""
        tags = {"lifeboat:topology": self._topology}
        try:
            started = self._fis.start_experiment(clientToken=reference, experimentTemplateId=template, tags=tags)
        except (BotoCoreError, ClientError) as exc:
            raise PracticeNotBegunError(f"FIS in {self._region} did not start {template}: {exc}") from exc
        return str(started["experiment"]["id"])

    @property
    def _fis(self) -> Any:
        return client("fis", self._region)
