"""What DNS answers by the records of a synthesised template: the twin's Route 53 over it, with checks set by hand."""

import random
from typing import Any

from tests.infrastructure.templates import Template, of_type
from twin.dns.answers import Answers, Sources
from twin.dns.records import RecordSet, Zone

FAR_TOO_MANY = 400
ELSEWHERE = "made.at.deployment."
"""A value that another resource of the template has."""


class Dns:
    """Answers from the template's records; ``failing`` holds the names and paths that checkers do not like.

    A check of an endpoint fails by its name (``eu-west-1.origin.…``), one of a lever by its path
    (``/levers/eu-west-1``: the region is evacuated), one of an alarm by the alarm's name and region.
    """

    def __init__(self, template: Template, domain: str) -> None:
        self._checks = {
            key: each["Properties"]["HealthCheckConfig"]
            for key, each in of_type(template, "AWS::Route53::HealthCheck").items()
        }
        records = [_parsed(each["Properties"]) for each in of_type(template, "AWS::Route53::RecordSet").values()]
        zone = Zone.of("Z", domain, records)
        self.failing: set[str] = set()
        self._answers = Answers(Sources(lambda: (zone,), self.healthy), random.Random(7))

    def leads_to(self, name: str, client: str) -> str | None:
        """Return the last name that users near a region are told; none where they are told nothing."""
        lines = self._answers.reply(name, "A", client).lines
        return lines[-1].value.rstrip(".") if lines else None

    def shares(self, name: str, client: str) -> dict[str | None, float]:
        """Return how often each name is told."""
        told = [self.leads_to(name, client) for _ in range(FAR_TOO_MANY)]
        return {each: told.count(each) / len(told) for each in set(told)}

    def healthy(self, check: str) -> bool:
        config = self._checks[check]
        if config["Type"] == "CALCULATED":
            children = [self.healthy(_name(child)) for child in config["ChildHealthChecks"]]
            return sum(children) >= int(config["HealthThreshold"])
        if config["Type"] == "CLOUDWATCH_METRIC":
            alarm = config["AlarmIdentifier"]
            return f"{alarm['Name']} {alarm['Region']}" not in self.failing
        if config.get("Inverted"):
            return config["ResourcePath"] not in self.failing
        return config["FullyQualifiedDomainName"] not in self.failing


def _parsed(properties: dict[str, Any]) -> RecordSet:
    check = properties.get("HealthCheckId")
    values = [each if isinstance(each, str) else ELSEWHERE for each in properties.get("ResourceRecords", ())]
    return RecordSet.parse(properties | {"HealthCheckId": _name(check) if check else None, "ResourceRecords": values})


def _name(reference: dict[str, Any]) -> str:
    return str(reference["Fn::GetAtt"][0])
