"""Each invariant holds over a failover as it should be, and breaks over one that is not: it can fail."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from failover.adapters.memory.surroundings import NOON
from failover.invariants import (
    INVARIANTS,
    Acknowledged,
    Answered,
    ApiCall,
    Chronicle,
    DnsAnswer,
    Execution,
    Promotion,
    WorkDone,
    check,
)
from failover.records import JournalEntry
from failover.topology import Region, Role
from tests.products import AP, EU, US, quickstart
from tests.unit.invariants.chronicles import (
    EXECUTION,
    SOUND,
    changed,
    line,
    of_database,
    returning,
    vote,
    with_lines,
    with_work,
    with_writes,
    without,
)

ABROAD = replace(
    quickstart(),
    regions=(*quickstart().regions[:1], Region(EU, Role.SECONDARY, "europe", "10.2.0.0/16"), quickstart().regions[2]),
)
ORDERS = quickstart().databases[0]
BOTH = replace(quickstart(), databases=(ORDERS, replace(ORDERS, name="invoices")))
TOGETHER = replace(quickstart(), databases=tuple(replace(each, together="money") for each in BOTH.databases))
SECOND = {"incident": "eu-west-1-9", "subject": EU}
CONSENT = JournalEntry(NOON + timedelta(seconds=38), AP, "CONSENT", "on call consents", database="orders")


def journal_of(chronicle: Chronicle, *extra: JournalEntry) -> Chronicle:
    return replace(chronicle, journal=tuple(sorted((*chronicle.journal, *extra), key=lambda entry: entry.at)))


def said(second: float, kind: str, until: datetime | None = None) -> JournalEntry:
    """A line of the operators'."""
    facts = {} if until is None else {"until": until.isoformat()}
    return JournalEntry(NOON + timedelta(seconds=second), EU, kind, kind.lower(), facts=facts)


BROKEN: dict[str, tuple[str, Chronicle, str]] = {
    "an-old-epoch-after-a-new-one": (
        "I1",
        with_writes(Acknowledged(47.5, "orders", US, 1)),
        "us-east-1 committed under epoch 1 at 47.50 s, after epoch 2 had begun",
    ),
    "two-regions-in-one-epoch": (
        "I1",
        with_writes(Acknowledged(47.5, "orders", AP, 2)),
        "epoch 2 written in eu-west-1 and in ap-southeast-1",
    ),
    "promoting-without-revocation": ("I2", without("LEASE_REVOKED"), "the lease was not revoked"),
    "promoting-what-may-still-write": ("I2", without("LEASE_WAITED_OUT"), "neither FENCED nor waited out"),
    "a-revocation-that-came-after": (
        "I2",
        journal_of(without("LEASE_REVOKED"), of_database(44, "LEASE_REVOKED")),
        "the lease was not revoked",
    ),
    "a-revocation-of-another-incident": (
        "I2",
        changed("LEASE_REVOKED", incident="us-east-1-1"),
        "the lease was not revoked",
    ),
    "only-unreachable": ("I2", changed("LEASE_WAITED_OUT", kind="FENCE_UNREACHABLE"), "neither FENCED nor waited out"),
    "an-unknown-loss": ("I3", changed("PROMOTING", facts={"loss_bound": "unknown"}), "nobody consented"),
    "a-loss-over-the-objective": (
        "I3",
        changed("PROMOTING", facts={"loss_bound": "60.1 s"}),
        "loss bound 60.1 s, allowed 60 s",
    ),
    "a-consent-that-came-after": (
        "I3",
        journal_of(
            changed("PROMOTING", facts={"loss_bound": "unknown"}), replace(CONSENT, at=NOON + timedelta(seconds=42))
        ),
        "nobody consented",
    ),
    "a-consent-for-another-database": (
        "I3",
        journal_of(changed("PROMOTING", facts={"loss_bound": "unknown"}), replace(CONSENT, database="invoices")),
        "nobody consented",
    ),
    "a-promotion-abroad": ("I4", replace(SOUND, topology=ABROAD), "promoted in eu-west-1, outside zone global"),
    "an-empty-answer": (
        "I5",
        replace(SOUND, dns=(*SOUND.dns, DnsAnswer(50.0, "app.quickstart.example", AP, ()))),
        "app.quickstart.example answered nothing to users in ap-southeast-1",
    ),
    "an-answer-abroad": (
        "I4",
        replace(SOUND, topology=ABROAD, promotions=()),
        "app.quickstart.example led users in us-east-1 to eu-west-1, outside global",
    ),
    "a-refusal-without-a-reason": (
        "I5",
        replace(SOUND, answered=(Answered(50.0, US, AP, acknowledged=False),)),
        "ap-southeast-1 refused a write of us-east-1 without saying why",
    ),
    "the-last-region-drained": (
        "I5",
        with_lines(vote(22, US, "UNHEALTHY", AP), vote(23, EU, "UNHEALTHY", AP), line(35, "EVACUATED", **SECOND)),
        "eu-west-1 was evacuated, and no region was left",
    ),
    "one-vote-only": (
        "I6",
        replace(SOUND, journal=tuple(e for e in SOUND.journal if not (e.kind == "VOTE" and e.region == AP))),
        "opened on the votes of",
    ),
    "a-vote-that-was-taken-back": ("I6", with_lines(vote(25, AP, "UNKNOWN")), "opened on the votes of"),
    "the-subjects-own-vote": (
        "I6",
        replace(
            SOUND,
            journal=tuple(replace(e, region=US) if e.kind == "VOTE" and e.region == AP else e for e in SOUND.journal),
        ),
        "opened on the votes of",
    ),
    "a-vote-that-came-after": (
        "I6",
        replace(
            SOUND,
            journal=tuple(
                replace(e, at=NOON + timedelta(seconds=35)) if e.kind == "VOTE" and e.region == AP else e
                for e in SOUND.journal
            ),
        ),
        "opened on the votes of",
    ),
    "votes-on-another-region": (
        "I6",
        replace(SOUND, journal=tuple(replace(e, subject=AP) if e.kind == "VOTE" else e for e in SOUND.journal)),
        "opened on the votes of nobody",
    ),
    "two-incidents-at-once": (
        "I7",
        with_lines(line(40, "INCIDENT_OPENED", rule="MANUAL", digest="d1", **SECOND)),
        "eu-west-1-9 was opened while us-east-1-2 was open",
    ),
    "two-executions-of-a-term": (
        "I7",
        with_lines(line(35, "JOINED", facts={"execution": "a-copy-of-it"})),
        "joined us-east-1-2, term 1",
    ),
    "two-targets": (
        "I7",
        with_lines(of_database(44, "PROMOTION_ASKED", facts={"target": AP})),
        "orders was promoted in ['ap-southeast-1', 'eu-west-1']",
    ),
    "a-call-of-route-53": (
        "I8",
        replace(
            SOUND, calls=(*SOUND.calls, ApiCall(40.0, "shift", "us-east-1", "route53", "ChangeResourceRecordSets"))
        ),
        "shift called route53:ChangeResourceRecordSets in us-east-1",
    ),
    "succeeded-and-nothing-was-done": (
        "I9",
        changed("OUTCOME", facts={"outcome": "COMPENSATED"}),
        "SUCCEEDED and nothing was failed over",
    ),
    "an-execution-that-joined-nothing": (
        "I9",
        replace(SOUND, executions=(*SOUND.executions, Execution("another", EU, "SUCCEEDED"))),
        "another in eu-west-1 SUCCEEDED",
    ),
    "an-execution-without-end": (
        "I9",
        replace(SOUND, executions=(Execution(EXECUTION, EU, "RUNNING"),)),
        "never ended",
    ),
    "undone-after-the-point-of-no-return": (
        "I10",
        with_lines(of_database(47, "LEASE_REGRANTED")),
        "granted again after its point of no return",
    ),
    "a-write-that-nobody-admitted": (
        "I11",
        with_writes(Acknowledged(70.0, "orders", AP, 3)),
        "ap-southeast-1 wrote under epoch 3, never admitted",
    ),
    "an-admission-that-is-missing": ("I11", without("ADMITTED"), "eu-west-1 wrote under epoch 2, never admitted"),
    "again-within-the-cool-down": (
        "I12",
        with_lines(line(600, "INCIDENT_OPENED", rule="R330", digest="d1", **SECOND)),
        "eu-west-1-9 was opened 0:09:12 after us-east-1-2 ended",
    ),
    "again-in-the-same-moment": (
        "I12",
        with_lines(line(48, "INCIDENT_OPENED", rule="R330", digest="d1", **SECOND)),
        "eu-west-1-9 was opened 0:00:00 after us-east-1-2 ended",
    ),
    "a-promotion-in-a-pause": (
        "I12",
        with_lines(said(20, "PAUSED", until=NOON + timedelta(seconds=200))),
        "orders: PROMOTING 0:00:21 after paused",
    ),
    "a-tail-that-nobody-archived": ("I14", without("TAIL_ARCHIVED"), "REJOINING in us-east-1, and what it had written"),
    "a-tail-archived-after-rebuilding": (
        "I14",
        journal_of(without("TAIL_ARCHIVED"), returning(95, "TAIL_ARCHIVED")),
        "orders: REJOINING in us-east-1",
    ),
    "another-copys-tail": ("I14", changed("TAIL_ARCHIVED", facts={"region": AP}), "orders: REJOINED in us-east-1"),
    "a-tail-that-went-on-growing": (
        "I14",
        with_writes(Acknowledged(90.5, "orders", US, 1)),
        "was not archived before",
    ),
    "two-regions-at-work": (
        "I15",
        with_work(WorkDone(50.0, "nightly", "orders", AP, 2)),
        "nightly worked in ap-southeast-1 under epoch 2, which is eu-west-1's",
    ),
    "another-worker-of-the-same-database": (
        "I15",
        with_work(WorkDone(50.0, "mailer", "orders", AP, 2)),
        "mailer worked in ap-southeast-1 under epoch 2",
    ),
    "an-old-epochs-work": (
        "I15",
        with_work(WorkDone(47.0, "nightly", "orders", US, 1)),
        "worked in us-east-1 under epoch 1 at 47.00 s, after epoch 2 had begun",
    ),
    "two-of-those-that-belong-together-in-two-regions": (
        "I16",
        replace(
            with_lines(
                of_database(41, "PROMOTING", database="invoices", epoch=2, facts={"loss_bound": "0.0 s", "target": AP}),
                of_database(46, "ADMITTED", database="invoices", epoch=2),
            ),
            topology=TOGETHER,
        ),
        "invoices and those that belong to it moved to ['ap-southeast-1', 'eu-west-1']",
    ),
    "one-without-those-that-belong-to-it": (
        "I16",
        replace(SOUND, topology=TOGETHER),
        "['orders'] moved without ['invoices'], which belong to them",
    ),
    "a-blind-observers-vote": (
        "I6",
        replace(
            SOUND,
            journal=tuple(
                replace(e, facts={**e.facts, "seen": "0"}) if e.kind == "VOTE" and e.region == AP else e
                for e in SOUND.journal
            ),
        ),
        "opened on the votes of ['eu-west-1']",
    ),
    "revoked-given-back-and-promoted-all-the-same": (
        "I2",
        with_lines(of_database(40.5, "LEASE_REGRANTED", epoch=1)),
        "the lease was not revoked",
    ),
    "revoked-again-and-not-waited-for": (
        "I2",
        with_lines(of_database(40.4, "LEASE_REGRANTED", epoch=1), of_database(40.6, "LEASE_REVOKED")),
        "neither FENCED nor waited out",
    ),
    "a-pause-that-is-ordered-again": (
        "I12",
        with_lines(said(20, "PAUSED"), said(40, "PAUSED")),
        "orders: PROMOTING 0:00:21 after paused",
    ),
    "a-line-without-term": ("I13", changed("EVACUATED", term=None), "EVACUATED of us-east-1-2 has no term"),
    "an-opening-without-rule": ("I13", changed("INCIDENT_OPENED", rule=None), "opened without rule or digest"),
    "an-opening-without-digest": ("I13", changed("INCIDENT_OPENED", digest=None), "opened without rule or digest"),
    "an-admission-without-epoch": ("I13", changed("ADMITTED", epoch=None), "admitted without epoch"),
    "promoted-and-left": (
        "I16",
        replace(
            with_lines(
                of_database(41, "PROMOTING", database="invoices", facts={"loss_bound": "0.0 s"}),
                of_database(33, "LEASE_REVOKED", database="invoices"),
                of_database(40, "FENCED", database="invoices"),
            ),
            topology=BOTH,
        ),
        "['invoices'] were promoted and not admitted",
    ),
}

HOLDING: dict[str, tuple[str, Chronicle]] = {
    "a-fenced-source": ("I2", changed("LEASE_WAITED_OUT", kind="FENCED")),
    "a-loss-at-the-objective": ("I3", changed("PROMOTING", facts={"loss_bound": "60.0 s"})),
    "a-loss-with-consent": ("I3", journal_of(changed("PROMOTING", facts={"loss_bound": "unknown"}), CONSENT)),
    "a-manual-opening-needs-no-votes": ("I6", changed("INCIDENT_OPENED", rule="MANUAL")),
    "the-same-execution-joins-again": ("I7", with_lines(line(35, "JOINED", facts={"execution": EXECUTION}))),
    "the-same-target-is-asked-again": ("I7", with_lines(of_database(44, "PROMOTION_ASKED", facts={"target": EU}))),
    "a-second-incident-after-the-first": (
        "I7",
        with_lines(line(50, "INCIDENT_OPENED", rule="MANUAL", digest="d1", **SECOND)),
    ),
    "route-53-before-the-incident": (
        "I8",
        replace(SOUND, calls=(*SOUND.calls, ApiCall(10.0, "deploy", "us-east-1", "route53", "Change"))),
    ),
    "an-execution-that-failed": ("I9", replace(SOUND, executions=(Execution("other", EU, "FAILED"),))),
    "a-dry-run-that-was-told": (
        "I9",
        replace(SOUND, executions=(*SOUND.executions, Execution("what-if", EU, "SUCCEEDED", dry_run=True))),
    ),
    "an-execution-that-the-play-cut-short": (
        "I9",
        replace(SOUND, executions=(Execution(EXECUTION, EU, "RUNNING"),), running=True),
    ),
    "undone-before-the-point-of-no-return": (
        "I10",
        journal_of(without("PROMOTING"), of_database(47, "LEASE_REGRANTED", epoch=2)),
    ),
    "an-admission-by-regranting": (
        "I11",
        journal_of(without("ADMITTED"), of_database(46, "LEASE_REGRANTED", epoch=2)),
    ),
    "a-manual-one-within-the-cool-down": (
        "I12",
        with_lines(line(600, "INCIDENT_OPENED", rule="MANUAL", digest="d1", **SECOND)),
    ),
    "an-automatic-one-after-the-cool-down": (
        "I12",
        with_lines(line(3649, "INCIDENT_OPENED", rule="R330", digest="d1", **SECOND)),
    ),
    "a-promotion-after-the-pause-was-ended": (
        "I12",
        with_lines(said(20, "PAUSED", until=NOON + timedelta(seconds=200)), said(40, "RESUMED")),
    ),
    "a-promotion-after-the-pause-expired": ("I12", with_lines(said(20, "PAUSED", until=NOON + timedelta(seconds=41)))),
    "a-pause-in-the-moment-of-the-promotion": ("I12", with_lines(said(40, "PAUSED"))),
    "a-pause-after-the-promotion": ("I12", with_lines(said(42, "PAUSED"))),
    "work-of-two-databases-in-two-regions": ("I15", with_work(WorkDone(50.0, "biller", "invoices", AP, 2))),
    "the-second-evacuation-with-a-region-left": ("I5", with_lines(line(35, "EVACUATED", **SECOND))),
    "an-evacuation-after-the-first-was-undone": (
        "I5",
        with_lines(
            line(33, "EVACUATED", **SECOND),
            line(34, "COMPENSATED", **SECOND),
            line(35, "EVACUATED", subject=AP, incident="ap-southeast-1-9"),
        ),
    ),
    "the-last-but-one-voted-down-in-this-moment": (
        "I5",
        with_lines(vote(34, US, "UNHEALTHY", AP), vote(34.5, EU, "UNHEALTHY", AP), line(35, "EVACUATED", **SECOND)),
    ),
    "a-failback-that-is-given-up-for-a-failover": (
        "I7",
        with_lines(
            line(10, "INCIDENT_OPENED", rule="MANUAL", digest="d1", facts={"machine": "failback"}, **SECOND),
            line(30.9, "PREEMPTED", **SECOND),
        ),
    ),
    "a-loss-right-after-a-planned-move-was-undone": (
        "I12",
        with_lines(
            line(10, "INCIDENT_OPENED", rule="MANUAL", digest="d1", facts={"machine": "switchover"}, **SECOND),
            line(20, "COMPENSATED", **SECOND),
        ),
    ),
    "a-pause-between-two-databases-of-an-incident": (
        "I12",
        replace(
            with_lines(
                said(42, "PAUSED"),
                of_database(45, "PROMOTING", database="invoices", facts={"loss_bound": "0.0 s"}),
            ),
            topology=BOTH,
        ),
    ),
    "a-replica-that-the-old-writers-archive-covers": (
        "I14",
        with_lines(returning(95, "REJOINING", facts={"region": AP})),
    ),
    "a-vote-that-was-taken-back-in-this-moment": ("I6", with_lines(vote(30, AP, "UNKNOWN"))),
    "users-of-no-region": ("I4", replace(SOUND, dns=(DnsAnswer(3.0, "app.quickstart.example", "a ship", (US,)),))),
    "a-promotion-in-the-same-zone": ("I4", replace(SOUND, promotions=(Promotion(1.0, "orders", AP),))),
}


def verdict(number: str, chronicle: Chronicle) -> tuple[bool, int, str]:
    found = check(chronicle)[f"{number} {INVARIANTS[number]}"]
    return found.holds, found.checked, found.why


@pytest.mark.parametrize("number", INVARIANTS)
def test_a_failover_as_it_should_be_holds_and_was_looked_at(number: str) -> None:
    holds, checked, why = verdict(number, SOUND)
    assert (holds, why) == (True, "")
    assert checked > 0


@pytest.mark.parametrize("number", INVARIANTS)
def test_an_invariant_of_nothing_says_that_it_looked_at_nothing(number: str) -> None:
    empty = Chronicle(quickstart(), NOON.timestamp(), ())
    assert verdict(number, empty) == (True, 0, "")


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_wrong_is_found_and_said(case: str) -> None:
    number, chronicle, why = BROKEN[case]
    holds, checked, told = verdict(number, chronicle)
    assert not holds
    assert checked > 0
    assert why in told


@pytest.mark.parametrize("case", HOLDING)
def test_what_is_right_in_another_way_is_not_complained_of(case: str) -> None:
    number, chronicle = HOLDING[case]
    assert verdict(number, chronicle)[::2] == (True, "")


def test_every_invariant_can_fail() -> None:
    assert {number for number, _, _ in BROKEN.values()} == set(INVARIANTS)


def test_one_complaint_does_not_hide_another() -> None:
    both = replace(SOUND, acknowledged=(*SOUND.acknowledged, Acknowledged(70.0, "orders", US, 1)), topology=ABROAD)
    broken = {name.split()[0] for name, each in check(both).items() if not each.holds}
    assert broken == {"I1", "I4"}


def test_independence_without_an_incident_has_nothing_to_look_at() -> None:
    assert verdict("I8", replace(SOUND, journal=())) == (True, 0, "")


def test_a_held_incident_is_an_incident_until_the_end() -> None:
    late = ApiCall(9000.0, "hold", US, "route53", "GetHostedZone")
    assert not verdict("I8", replace(without("INCIDENT_CLOSED"), calls=(late,)))[0]
