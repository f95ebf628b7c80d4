"""What a topology cannot keep is said with its reason and with what would keep it."""

import json
from dataclasses import replace

import pytest

from failover.topology import Capacity, Engine, Topology
from simulator.estimates import Estimate, Kind, Run, Spread, Target, Verdict, changes, verdicts
from simulator.estimates.runs import UNENDED
from tests.products import quickstart
from tests.unit.simulator.estimates.reckoned import estimating, run


def promising(rto: int = 600, rpo: int = 60, detection: int = 60, **changed: object) -> Topology:
    topology = quickstart(**changed)
    return replace(
        topology, targets=replace(topology.targets, rto_seconds=rto, rpo_seconds=rpo, detection_seconds=detection)
    )


def on(engine: Engine, topology: Topology) -> Topology:
    return replace(topology, databases=tuple(replace(each, engine=engine) for each in topology.databases))


def verdict(target: Target, topology: Topology) -> Verdict:
    found = {each.target: each for each in verdicts(estimating(topology), estimating)}
    assert list(found) == list(Target)
    return found[target]


class TestSpread:
    def test_each_figure_is_of_a_play_that_there_was(self) -> None:
        assert Spread.of(float(each) for each in range(1, 101)) == Spread(50, 95, 100)
        assert Spread.of([3.0]) == Spread(3, 3, 3)

    def test_plays_that_did_not_end_are_the_longest(self) -> None:
        spread = Spread.of([1.0] * 94 + [UNENDED] * 6)
        assert spread == Spread(1, UNENDED, UNENDED)
        assert json.dumps(spread.as_json()) == '{"p50": 1.0, "p95": null, "most": null}'


class TestVerdicts:
    def test_what_is_kept_needs_no_change(self) -> None:
        kept = verdict(Target.RECOVERY, promising())
        assert kept.in_reach
        assert (kept.alone, kept.together) == ((), None)

    def test_the_longest_part_is_the_reason(self) -> None:
        assert "the longest part is promote: 180.0 s" in verdict(Target.RECOVERY, promising(rto=120)).why

    def test_each_change_that_does_it_alone_is_told_and_no_other(self) -> None:
        topology = on(Engine.AURORA_POSTGRES, promising(rto=87))
        missed = verdict(Target.RECOVERY, topology)
        assert not missed.in_reach
        assert missed.together is None
        told = {attempt.changes[-1].kind: attempt for attempt in missed.alone}
        assert all(attempt.reaches and attempt.seconds <= 87 for attempt in missed.alone)
        assert told[Kind.TTL].keys == {"routes.app.ttl_seconds": "10"}
        assert set(told) == {Kind.MISSES, Kind.PROBES, Kind.LEASE, Kind.TTL}

    def test_no_more_is_changed_than_is_needed(self) -> None:
        topology = on(Engine.AURORA_POSTGRES, promising(rto=85))
        ttl = next(each for each in verdict(Target.RECOVERY, topology).alone if each.changes[-1].kind is Kind.TTL)
        assert ttl.keys == {"routes.app.ttl_seconds": "5"}
        assert len(ttl.prices) == 1

    def test_where_no_single_change_does_it_the_longest_parts_are_changed_together(self) -> None:
        missed = verdict(Target.RECOVERY, promising(rto=75))
        assert missed.alone == ()
        assert missed.together is not None
        assert missed.together.reaches
        assert missed.together.changes[0].kind is Kind.ENGINE
        assert missed.together.keys["databases.orders.engine"] == "aurora-postgres"
        assert len(missed.together.prices) == len({each.kind for each in missed.together.changes}) > 1
        assert missed.together.seconds <= 75

    def test_what_nothing_reaches_is_said_with_the_least_that_can_be_had(self) -> None:
        missed = verdict(Target.RECOVERY, promising(rto=5))
        assert missed.together is not None
        assert not missed.together.reaches
        assert 50 < missed.together.seconds < 75

    def test_detection_is_shortened_by_probes_alone(self) -> None:
        missed = verdict(Target.DETECTION, promising(detection=10))
        assert not missed.in_reach
        assert missed.why == "3 misses of a probe every 5 s, seen by 2 observers"
        assert {each.changes[-1].kind for each in missed.alone} == {Kind.MISSES, Kind.PROBES}
        assert all(each.seconds <= 10 for each in missed.alone)

    def test_a_change_that_gains_nothing_is_not_proposed(self) -> None:
        def deaf(topology: Topology) -> Estimate:
            return estimating(replace(topology, observation=quickstart().observation))

        topology = on(Engine.SELF_MANAGED_POSTGRES, promising(rto=20))
        found = next(each for each in verdicts(deaf(topology), deaf) if each.target is Target.RECOVERY)
        assert found.together is not None
        assert not {Kind.MISSES, Kind.PROBES, Kind.NODES} & {each.kind for each in found.together.changes}

    def test_plays_that_wait_for_a_person_keep_nothing_and_the_rule_is_told(self) -> None:
        topology = promising()

        def waiting(changed: Topology) -> Estimate:
            runs = [run(changed, seed) for seed in range(1, 11)]
            if changed.lease.lease_seconds <= 10:
                return Estimate.of(changed, runs)
            held = [replace(each, recovery_seconds=UNENDED, rule="R320", lost_seconds=0.0) for each in runs[:3]]
            return Estimate.of(changed, [*held, *runs[3:]])

        found = {each.target: each for each in verdicts(waiting(topology), waiting)}
        loss = found[Target.LOSS]
        assert not loss.in_reach
        assert loss.why == "3 of 10 plays did not end by themselves: 3 opened under R320"
        assert [each.keys for each in loss.alone] == [
            {"lease.lease_seconds": "10", "lease.margin_seconds": "2", "lease.renew_seconds": "2.5"}
        ]
        assert not found[Target.RECOVERY].in_reach
        assert [each.keys["lease.lease_seconds"] for each in found[Target.RECOVERY].alone] == ["10"]

    def test_a_product_that_nothing_takes_over_reaches_nothing(self) -> None:
        def never(topology: Topology) -> Estimate:
            return Estimate.of(topology, [Run(seed, UNENDED, {}) for seed in range(5)])

        found = verdicts(never(promising()), never)
        assert [each.in_reach for each in found] == [False, False, False]
        assert all("5 without an incident" in each.why for each in found)
        assert all(each.together is not None and not each.together.changes for each in found)
        assert json.dumps([each.as_json() for each in found])


class TestChanges:
    @pytest.mark.parametrize("last", range(7))
    def test_a_changed_topology_keeps_the_rules_of_the_document(self, last: int) -> None:
        topology, steps = promising(), 0
        while found := list(changes(topology).values()):
            topology, steps = found[min(last, len(found) - 1)].topology, steps + 1
            watched, lease, policy = topology.observation, topology.lease, topology.policy
            assert watched.timeout_seconds < watched.probe_seconds
            assert watched.fresh_seconds >= 2 * watched.probe_seconds
            assert lease.renew_seconds * 3 <= lease.lease_seconds > lease.margin_seconds
            assert policy.dwell_seconds <= policy.database_dwell_seconds <= policy.flapping_dwell_seconds
        assert 8 <= steps <= 13

    def test_nodes_are_spared_as_the_step_would_ask_for_them(self) -> None:
        topology = quickstart()
        bare = changes(topology)[Kind.NODES]
        assert bare.keys == {
            "regions.eu-west-1.nodes": "3",
            "regions.ap-southeast-1.nodes": "3",
            "regions.eu-west-1.needed_nodes": "2",
            "regions.ap-southeast-1.needed_nodes": "2",
        }
        assert Kind.NODES not in changes(bare.topology)

    def test_no_nodes_are_spared_where_there_is_no_room_for_them(self) -> None:
        topology = quickstart()
        full = replace(topology, regions=tuple(replace(each, capacity=Capacity(2, 2)) for each in topology.regions))
        assert Kind.NODES not in changes(full)

    def test_aurora_takes_no_burstable_class(self) -> None:
        small = replace(quickstart(), databases=(replace(quickstart().databases[0], instance_class="db.t4g.large"),))
        moved = changes(small)[Kind.ENGINE].topology.databases[0]
        assert (moved.engine, moved.instance_class) == (Engine.AURORA_POSTGRES, "db.r7g.large")

    def test_no_engine_is_proposed_that_no_stack_makes(self) -> None:
        assert Kind.ENGINE not in changes(on(Engine.AURORA_POSTGRES, quickstart()))

    @pytest.mark.parametrize("kind", Kind)
    def test_every_kind_has_its_price(self, kind: Kind) -> None:
        change = changes(quickstart())[kind]
        assert change.kind is kind
        assert change.price
        assert change.topology != quickstart()
