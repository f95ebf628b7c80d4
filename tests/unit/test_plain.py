"""What travels as JSON comes back the same, whoever carried it."""

import json
from dataclasses import replace

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


def test_a_digest_is_of_what_a_topology_says_and_not_of_which_object_says_it() -> None:
    """Topologies come and go, and what is remembered of one must not be told of the next in its place."""
    for seconds in range(1, 60):
        changed = replace(quickstart(), targets=replace(quickstart().targets, rto_seconds=seconds))
        assert digest(changed) == digest(parse(json.loads(json.dumps(compiled(changed)))))
    assert digest(changed) != digest(quickstart())


def test_a_document_that_changes_after_it_was_read_is_another_one() -> None:
    document = compiled(quickstart())
    before = parse(document)
    document["name"] = "another"
    assert (before.name, parse(document).name) == (quickstart().name, "another")
    assert compiled(before) == compiled(quickstart())


def test_what_is_no_topology_is_refused_each_time() -> None:
    for garbled in ({}, {"name": "x"}, {**compiled(quickstart()), "regions": 5}, None, "text", object()):
        for _ in range(2):
            with pytest.raises((KeyError, ValueError, TypeError)):
                parse(garbled)  # type: ignore[arg-type]
