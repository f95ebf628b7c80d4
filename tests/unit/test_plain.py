"""What travels as JSON comes back the same, whoever carried it."""

import json

from failover.plain import as_plain, from_plain
from failover.topology import Topology, compiled, digest, parse
from tests.products import quickstart


def test_a_topology_comes_back_the_same() -> None:
    assert parse(json.loads(json.dumps(compiled(quickstart())))) == quickstart()


def test_a_carrier_that_writes_whole_floats_as_integers_changes_no_digest() -> None:
    carried = json.loads(json.dumps(compiled(quickstart())).replace(".0,", ",").replace(".0}", "}"))
    assert digest(parse(carried)) == digest(quickstart())
    assert from_plain(Topology, as_plain(quickstart())) == quickstart()
