"""A zone that serves nobody: its name answers a notice, by no other region, and nothing that is lost with it."""

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from failover.topology import Names, Topology
from stacks.constructs.notice_page import MOST_BYTES, program
from stacks.global_stack import GlobalStack
from tests.infrastructure.answering import Dns
from tests.infrastructure.areas import application
from tests.infrastructure.assembly import ROOT
from tests.infrastructure.templates import Template, anywhere, of_type, properties
from tests.products import quickstart
from topology_document import Infrastructure, load_whole
from topology_document.infrastructure.notices import NoticeSection

NODE = Path(sys.executable).parent / "node"
NOTICE = NoticeSection(title='Fermé "ici" & là', text="L'essai", language="fr", retry_after_seconds=90)


def built(topology: Topology, infrastructure: Infrastructure) -> Template:
    app = application()
    stack = GlobalStack(app, topology, infrastructure)
    return dict(app.synth().get_stack_by_name(stack.stack_name).template)


@pytest.fixture(scope="module")
def fleet() -> tuple[Topology, Infrastructure]:
    return load_whole(ROOT / "topologies" / "fleet.yaml")


@pytest.fixture(scope="module")
def template(fleet: tuple[Topology, Infrastructure]) -> Template:
    return built(*fleet)


def records(template: Template, name: str) -> dict[str, dict[str, Any]]:
    return {
        each["SetIdentifier"]: each
        for each in properties(template, "AWS::Route53::RecordSet")
        if each["Name"] == f"{name}."
    }


def check(template: Template, reference: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = template["Resources"][reference["Fn::GetAtt"][0]]["Properties"]["HealthCheckConfig"]
    return told


@pytest.mark.parametrize("route", ["ie", "fr", "in"])
def test_a_zones_name_answers_its_regions_and_else_its_notice(
    template: Template, fleet: tuple[Topology, Infrastructure], route: str
) -> None:
    found = records(template, f"{route}.fleet.example")
    assert {key: each["Failover"] for key, each in found.items()} == {"regions": "PRIMARY", "notice": "SECONDARY"}
    (region,) = next(each.regions for each in fleet[0].routes if each.name == route)
    behind = records(template, f"{route}.serving.origin.fleet.example")
    assert behind[region]["ResourceRecords"] == [f"{Names(fleet[0]).origin(region)}."]
    assert found["regions"]["ResourceRecords"] == [f"{route}.serving.origin.fleet.example."]
    assert {each["TTL"] for each in (*found.values(), *behind.values())} == {"20"}
    assert "HealthCheckId" not in found["notice"], "a notice is there always"


def test_a_notice_comes_when_the_region_does_not_answer_or_is_evacuated(template: Template) -> None:
    serving = check(template, records(template, "fr.fleet.example")["regions"]["HealthCheckId"])
    assert serving["HealthThreshold"] == len(serving["ChildHealthChecks"]), "each of them must be healthy"
    children = [check(template, child) for child in serving["ChildHealthChecks"]]
    looks = [each for each in children if each["Type"] == "HTTPS"]
    assert [
        (each["FullyQualifiedDomainName"], each["RequestInterval"], each["FailureThreshold"]) for each in looks
    ] == [("eu-west-3.origin.fleet.example", 10, 3)]
    assert {each["ResourcePath"] for each in children if each["Type"] == "HTTPS_STR_MATCH"} == {"/levers/eu-west-3"}


def answering(template: Template) -> Dns:
    """DNS by these records; where a distribution's name is, the name ``edges``."""
    told = copy.deepcopy(template)
    for record in properties(told, "AWS::Route53::RecordSet"):
        if not isinstance(record["ResourceRecords"][0], str):
            record["ResourceRecords"] = ["edges."]
    return Dns(told, "fleet.example")


@pytest.mark.parametrize("failing", ["eu-west-3.origin.fleet.example", "/levers/eu-west-3"])
def test_dns_answers_the_notice_and_never_another_country(template: Template, failing: str) -> None:
    dns = answering(template)
    assert dns.leads_to("fr.fleet.example", "eu-west-3") == "eu-west-3.origin.fleet.example"
    dns.failing = {failing}
    assert {dns.leads_to("fr.fleet.example", client) for client in ("eu-west-3", "eu-west-1", "us-east-1")} == {"edges"}
    assert dns.leads_to("ie.fleet.example", "eu-west-1") == "eu-west-1.origin.fleet.example"
    dns.failing = set()
    assert dns.leads_to("fr.fleet.example", "eu-west-3") == "eu-west-3.origin.fleet.example"


def test_of_several_regions_one_that_answers_keeps_the_notice_away() -> None:
    template = built(quickstart(), Infrastructure(notices={"app": NOTICE}))
    serving = check(template, records(template, "app.quickstart.example")["regions"]["HealthCheckId"])
    assert (serving["HealthThreshold"], len(serving["ChildHealthChecks"])) == (1, 3)


def test_a_notice_needs_nothing_of_the_region_and_keeps_nothing_of_its_readers(template: Template) -> None:
    """The edge answers by itself: nobody of the zone is sent to a region of another country, nor written down."""
    distributions = [each["DistributionConfig"] for each in properties(template, "AWS::CloudFront::Distribution")]
    assert sorted(alias for each in distributions for alias in each["Aliases"]) == [
        "fr.fleet.example",
        "ie.fleet.example",
        "in.fleet.example",
    ]
    for each in distributions:
        assert "Logging" not in each
        assert [told["EventType"] for told in each["DefaultCacheBehavior"]["FunctionAssociations"]] == [
            "viewer-request"
        ]
        assert each["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"


def test_each_zone_reads_its_own_language(template: Template) -> None:
    told = {each["Name"]: each["FunctionCode"] for each in properties(template, "AWS::CloudFront::Function")}
    assert "momentan" in told["lifeboat-fleet-fr-notice"]
    assert "India" in told["lifeboat-fleet-in-notice"]
    assert all(len(code.encode()) < MOST_BYTES for code in told.values())


def test_without_notices_nothing_is_built() -> None:
    template = built(quickstart(), Infrastructure())
    assert not of_type(template, "AWS::CloudFront::Distribution")
    assert "serving.origin" not in json.dumps([value for _, value in anywhere(template)])


def answered(accept: str | None) -> dict[str, Any]:
    """What the program answers, run by node as CloudFront runs it."""
    event = {"request": {"method": "GET", "headers": {"accept": {"value": accept}} if accept else {}}}
    script = f"{program(NOTICE)}\nconsole.log(JSON.stringify(handler({json.dumps(event)})));"
    done = subprocess.run([str(NODE), "-e", script], capture_output=True, text=True, timeout=30, check=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_people_get_a_page_that_asks_again_by_itself() -> None:
    told = answered("text/html,*/*")
    assert told["statusCode"] == 503
    assert told["headers"]["retry-after"] == {"value": "90"}
    assert told["headers"]["content-language"] == {"value": "fr"}
    assert '<html lang="fr">' in told["body"]
    assert 'content="90"' in told["body"]
    assert "Fermé &quot;ici&quot; &amp; là" in told["body"]


def test_programs_get_the_reason_and_the_time() -> None:
    told = answered("application/json")
    assert json.loads(told["body"]) == {"notice": 'Fermé "ici" & là', "reason": "L'essai", "retry_after_seconds": 90}
    assert answered(None)["headers"]["content-type"] == {"value": "text/html; charset=utf-8"}
