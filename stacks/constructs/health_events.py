"""Which of AWS Health's events are about trouble in a region of the topology."""

from collections.abc import Sequence

from aws_cdk import aws_events as events


def trouble_in(regions: Sequence[str]) -> events.EventPattern:
    """Match notices of issues and investigations in these regions; planned changes and bills are no trouble."""
    return events.EventPattern(
        source=["aws.health"],
        detail_type=["AWS Health Event"],
        detail={"eventTypeCategory": ["issue", "investigation"], "eventRegion": list(regions)},
    )
