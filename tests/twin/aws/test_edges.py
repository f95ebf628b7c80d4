"""CloudFront's edges on the twin: a function answers for its distribution, run as CloudFront runs it."""

import ssl
from collections.abc import Iterator
from http.client import HTTPSConnection
from pathlib import Path

import pytest
from ministack.core.responses import request_scope
from ministack.services import cloudfront

from stacks.constructs.notice_page import program
from topology_document.infrastructure.notices import NoticeSection
from twin.aws.edges import Edges
from twin.network.addresses import HOME
from twin.network.certificates import CertificateAuthority

NOTICE = NoticeSection(title="Closed", text="Come back later", retry_after_seconds=45)
ACCOUNT = "111122223333"
ARN = "arn:aws:cloudfront::111122223333:function/notice"


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[HTTPSConnection]:
    """A connection to the edges by the name of the notice."""
    config = f"<DistributionConfig><Items><CNAME>fr.fleet.example</CNAME></Items>{ARN}</DistributionConfig>"
    with request_scope(ACCOUNT, HOME):  # as a deployment does it: another thread, under the product's account
        cloudfront._distributions["E1"] = {"config_xml": config}
        cloudfront._functions["notice"] = {"arn": ARN, "code": program(NOTICE).encode()}
    authority = CertificateAuthority(tmp_path)
    signed = authority.issue("edges", ("fr.fleet.example", "localhost"))
    with Edges(("127.0.0.1", 0), ACCOUNT, certificate=signed.certificate, key=signed.key) as edges:
        trust = ssl.create_default_context(cafile=str(authority.file))
        trust.check_hostname = False
        connection = HTTPSConnection("127.0.0.1", edges.port, timeout=10, context=trust)
        yield connection
        connection.close()
    with request_scope(ACCOUNT, HOME):
        cloudfront._distributions.clear()
        cloudfront._functions.clear()


def test_a_browser_and_a_program_each_read_the_notice(edge: HTTPSConnection) -> None:
    edge.request("GET", "/", headers={"Host": "fr.fleet.example", "Accept": "text/html"})
    answer = edge.getresponse()
    assert (answer.status, answer.headers["Retry-After"]) == (503, "45")
    assert "Come back later" in answer.read().decode()
    edge.request("POST", "/rows", b"{}", headers={"Host": "fr.fleet.example", "Accept": "application/json"})
    assert '"notice":"Closed"' in edge.getresponse().read().decode().replace(": ", ":")


def test_a_name_of_no_distribution_is_forbidden(edge: HTTPSConnection) -> None:
    edge.request("GET", "/", headers={"Host": "de.fleet.example"})
    assert edge.getresponse().status == 403
