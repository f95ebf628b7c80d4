"""What travels as JSON comes back the same, whoever carried it."""

import json

import pytest

from failover.plain import as_plain, from_plain
from failover.records import LeaseRecord, LeaseState
from failover.topology import Topology, compiled, digest, parse
from tests.products import quickstart


def test_a_topology_comes_back_the_same() -> None:
    assert parse(json.loads(json.dumps(compiled(quickstart())))) == quickstart()


def test_a_carrier_that_writes_whole_floats_as_integers_changes_no_digest() -> None:
    carried = json.loads(json.dumps(compiled(quickstart())).replace(".0,", ",").replace(".0}", "}"))
    assert digest(parse(carried)) == digest(quickstart())
    assert from_plain(Topology, as_plain(quickstart())) == quickstart()


def test_a_record_that_was_written_before_it_had_a_field_is_read_with_its_default() -> None:
    written = as_plain(LeaseRecord(LeaseState.GRANTED, 7))
    del written["lasts_seconds"]
    assert from_plain(LeaseRecord, written) == LeaseRecord(LeaseState.GRANTED, 7)


def test_a_record_that_lacks_what_it_must_have_is_none() -> None:
    with pytest.raises(TypeError, match="renewal"):
        from_plain(LeaseRecord, {"state": "GRANTED"})
