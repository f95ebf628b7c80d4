"""MiniStack's CloudWatch with our evaluation, empty before and after each test."""

from collections.abc import Iterator

import pytest
from ministack.services import cloudwatch

from tests.twin.alarms.clouds import Cloud


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    cloudwatch.reset()
    cloud = Cloud()
    cloud.evaluator.attach()
    yield cloud
    cloud.evaluator.detach()
    cloudwatch.reset()
