from __future__ import annotations

import pytest

from failover.topology import Topology
from twin.dns.aws_names import AwsNames
from twin.dns.data_plane import by_names
from twin.network import AddressPlan


@pytest.mark.parametrize(
    ("name", "addresses", "ttl"),
    [
        ("lb-1.eu-west-1.elb.amazonaws.com.", ("127.0.2.2",), 60),
        ("dualstack.lb-1.eu-west-1.elb.amazonaws.com.", ("127.0.2.2",), 60),
        ("nlb-1.elb.ap-southeast-1.amazonaws.com.", ("127.0.3.2",), 60),
        ("d-abc.execute-api.us-east-1.amazonaws.com.", ("127.0.1.3",), 5),
        ("dynamodb.eu-west-3.amazonaws.com.", ("127.0.6.4",), 5),
        ("quickstart-orders-eu-west-1.c9.eu-west-1.rds.amazonaws.com.", ("127.0.2.10",), 5),
        ("quickstart-orders-eu-west-1.eu-west-1.rds.amazonaws.com.", ("127.0.2.10",), 5),
        ("quickstart-orders-eu-west-1.c9.us-east-1.rds.amazonaws.com.", (), 5),
        ("gone.c9.eu-west-1.rds.amazonaws.com.", (), 5),
        ("lb-1.sa-east-1.elb.amazonaws.com.", (), 5),
        ("s3.amazonaws.com.", (), 5),
    ],
)
def test_names_of_aws_lead_to_their_regions(
    topology: Topology, plan: AddressPlan, name: str, addresses: tuple[str, ...], ttl: int
) -> None:
    owned = AwsNames(plan, by_names(topology, plan))(name)
    assert owned is not None
    assert (owned.addresses, owned.ttl_seconds) == (addresses, ttl)


def test_other_names_are_not_awss(plan: AddressPlan) -> None:
    assert AwsNames(plan)("app.quickstart.example.") is None
    assert AwsNames(plan)("amazonaws.com.example.") is None
