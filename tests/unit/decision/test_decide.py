"""The decision table: an example of each row, and what no row may ever say."""

from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from failover.adapters.memory.surroundings import NOON
from failover.decision import RULES, Action, Conditions, Facts, Room, Snapshot, decide
from failover.decision.table import MEANS, as_markdown
from failover.records import Control, Divergence, Health, Pause, WordKind
from failover.topology import Automation, Maintenance
from tests.products import AP, EU, US, quickstart
from tests.unit.decision.snapshots import (
    FIT,
    LOSSY,
    ORDERS,
    UNFIT,
    WRITE,
    both,
    incident,
    policy,
    said,
    silent,
    snapshot,
    vote,
)

DOCUMENT = Path(__file__).parents[3] / "docs" / "decision-table.md"
ACTING = (Action.ASK, Action.FAIL_OVER, Action.FAIL_OVER_DATABASE)
PAUSED = Pause("by hand", NOON + timedelta(days=1))
CONSENT = said(WordKind.CONSENT, "orders")
CRAMPED = {EU: Room(2, 2), AP: Room(2, 2)}

EXAMPLES = {
    "R100": snapshot(control=Control(version=0)),
    "R105": snapshot(control=Control(2, incident=incident(owner=EU, execution=None))),
    "R106": snapshot(control=Control(2, incident=incident(), pause=PAUSED), votes=(silent(30.0), vote(AP))),
    "R110": snapshot(control=Control(2, incident=incident()), votes=(silent(29.9), vote(AP))),
    "R120": snapshot(control=Control(2, pause=PAUSED)),
    "R125": snapshot(words=said(WordKind.ACKNOWLEDGED)),
    "R130": snapshot(topology=policy(maintenance=(Maintenance("thursday", "11:30", 60),))),
    "R140": snapshot(words=said(WordKind.DEPLOYING)),
    "R210": snapshot(votes=(vote(EU), vote(US, Health.HEALTHY, subject=AP))),
    "R215": snapshot(votes=(vote(EU), vote(EU, subject=AP))),
    "R220": snapshot(votes=(vote(EU), vote(AP, Health.HEALTHY))),
    "R225": snapshot(votes=(vote(EU, faults=WRITE), vote(AP, faults=("database_read:invoices",)))),
    "R230": snapshot(votes=both(Health.HEALTHY)),
    "R235": snapshot(votes=both(Health.HEALTHY), words=said(WordKind.ADVISORY)),
    "R240": snapshot(control=Control(2, evacuated={US: "us-east-1-2"}), databases=(replace(ORDERS, writer=EU),)),
    "R242": snapshot(
        votes=both(faults=WRITE),
        databases=(replace(ORDERS, writer=EU, epoch=2, diverged={US: Divergence(1, 4711)}),),
    ),
    "R245": snapshot(votes=both(flaps=3, unhealthy_seconds=59.9)),
    "R250": snapshot(votes=(vote(EU), vote(AP, unhealthy_seconds=11.9))),
    "R260": snapshot(topology=policy(automation=Automation.OBSERVE)),
    "R270": snapshot(topology=policy(automation=Automation.APPROVE)),
    "R280": snapshot(control=Control(2, last_failover_at=NOON - timedelta(minutes=59))),
    "R305": snapshot(votes=both(faults=("database_read:invoices",))),
    "R310": snapshot(candidates=UNFIT),
    "R315": snapshot(capacity=CRAMPED),
    "R318": snapshot(candidates=LOSSY, words=said(WordKind.CONSENT, "orders", refuses=True)),
    "R320": snapshot(candidates=LOSSY),
    "R321": snapshot(candidates=LOSSY, votes=both(faults=WRITE)),
    "R325": snapshot(candidates=LOSSY, words=CONSENT),
    "R326": snapshot(candidates=LOSSY, words=CONSENT, votes=both(faults=WRITE)),
    "R330": snapshot(),
    "R331": snapshot(votes=both(faults=WRITE)),
}
BILLED = quickstart()
BILLED = replace(BILLED, databases=(*BILLED.databases, replace(BILLED.databases[0], name="invoices")))
for _rule in ("R225", "R305"):
    EXAMPLES[_rule] = replace(EXAMPLES[_rule], topology=BILLED)


@pytest.mark.parametrize(("rule", "example"), EXAMPLES.items())
def test_each_row_speaks_for_its_example(rule: str, example: Snapshot) -> None:
    assert decide(example, NOON).rule == rule


def test_every_row_but_the_last_has_an_example() -> None:
    assert [rule.id for rule in RULES[:-1]] == list(EXAMPLES)


def test_the_last_row_matches_whatever_no_other_row_did() -> None:
    assert RULES[-1].action is Action.HOLD
    assert RULES[-1].when == type(RULES[-1].when)()


def test_ids_are_never_used_twice_and_rise() -> None:
    ids = [rule.id for rule in RULES]
    assert ids == sorted(set(ids))


def test_the_document_is_what_the_code_decides() -> None:
    assert DOCUMENT.read_text("utf-8") == as_markdown(), (
        "run: python -m failover.decision.table > docs/decision-table.md"
    )


def test_the_document_says_what_each_fact_means() -> None:
    assert [fact.replace(" ", "_") for fact in MEANS] == [each.name for each in fields(Conditions)]
    assert [each.name for each in fields(Conditions)] == [each.name for each in fields(Facts)]


class TestDwell:
    def test_a_database_waits_longer_than_traffic(self) -> None:
        patient = policy(dwell_seconds=8.0, database_dwell_seconds=20.0)
        writes = snapshot(topology=patient)
        reads = snapshot(topology=patient, databases=(replace(ORDERS, writer=EU),), candidates={})
        assert (decide(writes, NOON).rule, decide(reads, NOON).rule) == ("R250", "R330")

    def test_a_flapping_region_that_stays_down_is_failed_over(self) -> None:
        down = both(flaps=9, unhealthy_seconds=60.0)
        assert decide(snapshot(votes=down), NOON).rule == "R330"

    def test_one_observer_alone_calls_nobody_flapping(self) -> None:
        assert decide(snapshot(votes=(vote(EU, flaps=9), vote(AP, flaps=2))), NOON).rule == "R330"


class TestAutomation:
    def test_a_database_may_allow_less_than_the_product(self) -> None:
        topology = quickstart()
        careful = replace(topology.databases[0], automation=Automation.OBSERVE)
        drawn = snapshot(topology=replace(topology, databases=(careful,)))
        assert decide(drawn, NOON).rule == "R260"
        assert decide(replace(drawn, databases=(replace(ORDERS, writer=EU),)), NOON).rule == "R330", "it stays"

    def test_a_database_does_not_allow_more_than_the_product(self) -> None:
        assert decide(EXAMPLES["R260"], NOON).rule == "R260"

    def test_an_incident_that_a_person_must_approve_says_so(self) -> None:
        decision = decide(EXAMPLES["R270"], NOON)
        assert (decision.action, decision.approval, decision.machine) == (Action.ASK, "REQUIRED", "failover")
        partial = decide(replace(EXAMPLES["R270"], votes=both(faults=WRITE)), NOON)
        assert (partial.rule, partial.machine, partial.databases) == ("R270", "database_failover", ("orders",))

    @pytest.mark.parametrize(
        ("changes", "rule"),
        [
            ({"candidates": UNFIT}, "R310"),
            ({"capacity": CRAMPED}, "R315"),
            ({"candidates": LOSSY, "words": said(WordKind.CONSENT, "orders", refuses=True)}, "R318"),
            ({"control": Control(2, last_failover_at=NOON)}, "R280"),
        ],
    )
    def test_nobody_is_asked_to_approve_what_cannot_be_or_what_was_just_refused(
        self, changes: dict[str, Any], rule: str
    ) -> None:
        assert decide(replace(EXAMPLES["R270"], **changes), NOON).rule == rule


class TestCoolDown:
    @pytest.mark.parametrize("ahead", [-5.0, 0.0, 5.0])
    def test_a_clock_that_is_still_believed_ends_it_no_earlier(self, ahead: float) -> None:
        """It would be over in two seconds, and both observers voted a second ago by clocks that are right."""
        hour = timedelta(seconds=quickstart().policy.cool_down_seconds)
        control = Control(2, last_failover_at=NOON - hour + timedelta(seconds=2))
        seen = snapshot(control=control, votes=both(observed_at=NOON - timedelta(seconds=1)))
        assert decide(seen, NOON + timedelta(seconds=ahead)).rule == "R280"

    def test_it_ends_when_the_observers_clocks_have_passed_its_end(self) -> None:
        hour = timedelta(seconds=quickstart().policy.cool_down_seconds)
        seen = snapshot(control=Control(2, last_failover_at=NOON - hour))
        assert decide(seen, NOON + timedelta(seconds=1)).rule == "R330"

    def test_a_pause_ends_though_all_observers_are_silent(self) -> None:
        """Which is paged then, and must not wait for a resume that nobody knows of."""
        seen = snapshot(control=Control(2, pause=Pause("by hand", NOON + timedelta(minutes=10))))
        assert decide(seen, NOON + timedelta(minutes=9)).rule == "R120"
        assert decide(seen, NOON + timedelta(minutes=11)).rule == "R215"

    def test_a_clock_that_is_ahead_ends_no_pause(self) -> None:
        seen = snapshot(control=Control(2, pause=Pause("by hand", NOON + timedelta(seconds=5))))
        assert decide(seen, NOON + timedelta(seconds=9)).rule == "R120"

    def test_one_observers_wrong_clock_ends_it_no_earlier(self) -> None:
        hour = timedelta(seconds=quickstart().policy.cool_down_seconds)
        votes = (vote(EU, observed_at=NOON + timedelta(seconds=5)), vote(AP, observed_at=NOON - timedelta(seconds=1)))
        seen = snapshot(control=Control(2, last_failover_at=NOON - hour + timedelta(seconds=2)), votes=votes)
        assert decide(seen, NOON + timedelta(seconds=5)).rule == "R280"


class TestRefusals:
    def test_each_copy_that_was_not_chosen_has_its_reason(self) -> None:
        decision = decide(snapshot(), NOON)
        assert decision.targets == {"orders": f"{EU}, losing at most 20 s"}
        assert decision.refusals == {
            f"orders in {AP}": f"fit, but not the best: it would lose at most 25 s, {EU} at most 20 s"
        }

    def test_where_nothing_may_take_over_every_reason_is_given(self) -> None:
        dark = Control(2, evacuated={AP: "ap-southeast-1-1"})
        decision = decide(snapshot(candidates=UNFIT, control=dark), NOON)
        assert decision.rule == "R310"
        assert decision.refusals == {
            f"traffic in {AP}": "evacuated by ap-southeast-1-1",
            f"orders in {EU}": "unreachable",
            f"orders in {AP}": "evacuated",
        }


def test_nobodys_traffic_leaves_its_residency_zone() -> None:
    topology = quickstart()
    zones = {EU: "EU", AP: "ASIA"}
    apart = tuple(replace(region, zone=zones.get(region.name, region.zone)) for region in topology.regions)
    alone = snapshot(topology=replace(topology, regions=apart), databases=(replace(ORDERS, writer=EU),), candidates={})
    decision = decide(alone, NOON)
    assert decision.rule == "R310"
    assert decision.refusals[f"traffic in {EU}"] == "outside the residency zone global"


class TestPreemption:
    @pytest.mark.parametrize(("machine", "rule"), [("failback", "R330"), ("switchover", "R110"), ("failover", "R110")])
    def test_only_a_failback_stands_in_no_failovers_way(self, machine: str, rule: str) -> None:
        assert decide(snapshot(control=Control(2, incident=incident(machine=machine))), NOON).rule == rule


class TestPaging:
    def test_an_expired_pause_is_none(self) -> None:
        paused = snapshot(control=Control(2, pause=Pause("yesterday", NOON - timedelta(seconds=1))))
        assert decide(paused, NOON).rule == "R330"

    @pytest.mark.parametrize("kind", [WordKind.ACKNOWLEDGED, WordKind.DEPLOYING, WordKind.CONSENT])
    def test_a_word_that_counts_no_more_or_is_about_another_region_changes_nothing(self, kind: WordKind) -> None:
        (expired,) = said(kind)
        expired = replace(expired, until=NOON)
        assert decide(snapshot(words=(expired, *said(kind, EU))), NOON).rule == "R330"

    def test_what_is_short_or_elsewhere_already_is_not_paged_for_in_a_window(self) -> None:
        window = EXAMPLES["R130"].topology
        assert decide(snapshot(topology=window, votes=both(unhealthy_seconds=1.0)), NOON).rule == "R250"
        assert decide(replace(EXAMPLES["R240"], topology=window), NOON).rule == "R240"
        assert decide(replace(EXAMPLES["R230"], topology=window), NOON).rule == "R230"


def test_a_region_that_writes_nothing_is_failed_over_for_its_traffic() -> None:
    decision = decide(snapshot(subject=AP, votes=both(subject=AP), candidates={}), NOON)
    assert (decision.rule, decision.databases, decision.machine) == ("R330", (), "failover")


def test_a_copy_that_is_fit_is_needed_and_the_writers_word_is_not() -> None:
    assert decide(snapshot(candidates=FIT), NOON).action is Action.FAIL_OVER
    assert decide(snapshot(candidates={}), NOON).rule == "R310"
