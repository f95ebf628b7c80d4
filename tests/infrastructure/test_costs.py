"""The estimate knows every type of resource that these stacks build."""

from costs import Placed, estimate
from tests.infrastructure.assembly import Assembly
from tests.infrastructure.seen import seen
from topology_document import NOTHING


def test_no_type_of_a_product_without_sections_is_unknown(assembly: Assembly) -> None:
    topology = assembly.names.topology
    placed = [
        Placed("us-east-1", name.removesuffix(".template.json"), each) for name, each in assembly.templates.items()
    ]
    found = estimate(topology, placed, NOTHING.costs)
    assert (found.unknown, found.without_price) == ({}, {})
    assert found.usd() > 500


def test_what_is_built_to_observe_a_product_is_in_the_estimate() -> None:
    product = seen("reviews", "us-east-1")
    placed = [Placed("us-east-1", name, each) for name, each in product.templates.items()]
    found = estimate(product.topology, placed, product.infrastructure.costs)
    assert (found.unknown, found.without_price) == ({}, {})
    assert found.promised == {"us-east-1": 12_000, "eu-west-1": 8_000, "ap-southeast-1": 6_000}
    assert any(line.what == "OpenSearchServerless::Collection" for line in found.lines)
