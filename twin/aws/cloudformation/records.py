"""AWS::Route53::RecordSet, with what MiniStack's leaves out of it."""

from collections.abc import Callable

from twin.aws.cloudformation.resource import Properties

NEARNESS = "GeoProximityLocation"


def with_nearness(build: Callable[[Properties], Properties]) -> Callable[[Properties], Properties]:
    """Return MiniStack's building of a record set that keeps where a geoproximity record is."""

    def built(properties: Properties) -> Properties:
        record = build(properties)
        return {**record, NEARNESS: properties[NEARNESS]} if properties.get(NEARNESS) else record

    return built
