from __future__ import annotations

import pytest

from twin.dns.health.configuration import CheckType, HealthCheck, InsufficientData


def test_a_levers_check_is_read_whole() -> None:
    check = HealthCheck.parse(
        {
            "Type": "HTTPS_STR_MATCH",
            "FullyQualifiedDomainName": "us-east-1.lever.q.example",
            "ResourcePath": "levers/eu-west-1",
            "SearchString": "evacuated",
            "RequestInterval": 10,
            "FailureThreshold": 1,
            "Inverted": True,
        }
    )
    assert (check.type, check.port, check.path) == (CheckType.HTTPS_STR_MATCH, 443, "/levers/eu-west-1")
    assert (check.interval_seconds, check.failure_threshold) == (10, 1)
    assert (check.inverted, check.disabled, check.sni, check.is_probed) == (True, False, True, True)
    assert check.host_header == "us-east-1.lever.q.example"


def test_templates_may_write_numbers_and_booleans_as_text() -> None:
    check = HealthCheck.parse({"Type": "TCP", "Port": "5432", "Inverted": "true", "Disabled": "False"})
    assert (check.port, check.inverted, check.disabled) == (5432, True, False)


def test_what_is_left_out_is_as_route_53_has_it() -> None:
    check = HealthCheck.parse({"Type": "HTTP", "IPAddress": "127.0.1.2"})
    assert (check.interval_seconds, check.failure_threshold, check.port, check.path) == (30, 3, 80, "/")
    alarm = HealthCheck.parse({"Type": "CLOUDWATCH_METRIC", "AlarmIdentifier": {"Name": "a", "Region": "r"}})
    assert (alarm.alarm, alarm.insufficient_data) == (("a", "r"), InsufficientData.LAST_KNOWN)


@pytest.mark.parametrize(
    ("kind", "port", "host", "header"),
    [
        ("HTTP", 80, "app.example", "app.example"),
        ("HTTP", 8080, "app.example", "app.example:8080"),
        ("HTTPS", 443, "app.example", "app.example"),
        ("HTTPS", 80, "app.example", "app.example:80"),
        ("HTTP", 80, "", "127.0.1.2"),
    ],
)
def test_the_host_header_has_the_port_unless_it_is_the_usual_one(kind: str, port: int, host: str, header: str) -> None:
    document = {"Type": kind, "Port": port, "FullyQualifiedDomainName": host, "IPAddress": "127.0.1.2"}
    assert HealthCheck.parse(document).host_header == header


@pytest.mark.parametrize("document", [{"Type": "RECOVERY_CONTROL"}, {}])
def test_a_type_that_is_not_emulated_is_refused_with_those_that_are(document: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="is not emulated; allowed: HTTP, HTTPS, HTTP_STR_MATCH"):
        HealthCheck.parse(document)
