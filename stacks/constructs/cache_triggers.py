"""The events after which something is thrown out of the edge caches."""

from collections.abc import Iterator
from typing import Any, Final

from aws_cdk import aws_events as events
from constructs import Construct

from failover.topology import Names
from topology_document.infrastructure.delivery import InvalidationSection

SEVERE: Final = 7
"""GuardDuty calls a finding severe from here on ("Severity levels for GuardDuty findings")."""


class CacheTriggers(Construct):
    """A rule for each trigger that the document has paths for.

    The product says ``Content Updated`` and ``Security Incident`` on the region's default bus, under its own name.
    """

    def __init__(
        self, scope: Construct, id: str, *, names: Names, settings: InvalidationSection, target: events.IRuleTarget
    ) -> None:
        super().__init__(scope, id)
        for name, description, pattern in _patterns(names.topology.name, settings):
            events.Rule(
                self,
                name,
                description=description,
                event_pattern=events.EventPattern(**pattern),
                targets=[target],
            )


def _patterns(product: str, settings: InvalidationSection) -> Iterator[tuple[str, str, dict[str, Any]]]:
    told: dict[str, Any]
    detail: dict[str, Any]
    if settings.content_updates:
        told = {"source": [product], "detail_type": ["Content Updated"]}
        yield "ContentUpdated", "The product has changed content.", told
    if settings.configuration_changes:
        detail = {"name": [{"prefix": f"/{product}/"}], "operation": ["Create", "Update", "Delete"]}
        told = {"source": ["aws.ssm"], "detail_type": ["Parameter Store Change"], "detail": detail}
        yield "ConfigurationChanged", "A parameter of the product has changed.", told
    if settings.security_incidents:
        told = {"source": [product], "detail_type": ["Security Incident"]}
        yield "IncidentSaid", "The product says that its security is broken.", told
        detail = {"severity": [{"numeric": [">=", SEVERE]}]}
        told = {"source": ["aws.guardduty"], "detail_type": ["GuardDuty Finding"], "detail": detail}
        yield "IncidentFound", "GuardDuty has found something severe.", told
