"""What a store on replicas promises while requests and answers are lost, on DynamoDB and on the simulator's table."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

from failover.adapters.aws import AwsStore
from failover.adapters.aws import store as aws_store
from failover.adapters.aws.clients import client as real
from failover.adapters.memory.surroundings import NOON
from failover.errors import ChangedMeanwhileError, StoreUnreachableError
from failover.ports import QuorumStore
from failover.records import Control, DatabaseRecord, Health, JournalEntry, LeaseRecord, LeaseState, Vote
from tests.contract.conftest import TABLE, make_table, simulated
from tests.contract.services import refusal
from tests.products import EU, QUORUM, US

ORDERS = DatabaseRecord("orders", 1, US, 1, LeaseRecord(LeaseState.GRANTED, 1))
VOTE = Vote(US, EU, Health.UNHEALTHY, "no answer", 7, 1, NOON, 3.5, ("a", "b"))

Lossy = Callable[[list[str]], QuorumStore]


class LossyClient:
    """A DynamoDB client whose first calls fail as told, before or after they took effect."""

    def __init__(self, service: Any, failures: list[str]) -> None:
        self._service, self._failures = service, failures

    def __getattr__(self, name: str) -> Any:
        def call(**asked: Any) -> Any:
            failure = self._failures.pop(0) if self._failures else ""
            if failure == "not sent":
                raise ConnectTimeoutError(endpoint_url="loopback")
            if failure == "throttled":
                raise refusal("ThrottlingException")
            answer = getattr(self._service, name)(**asked)
            if failure == "answer lost":
                raise ReadTimeoutError(endpoint_url="loopback")
            return answer

        return getattr(self._service, name) if name == "get_paginator" else call


@pytest.fixture(params=["aws", "simulated"])
def lossy(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Lossy:
    """A store with two replicas, whose first calls fail as told; moto's one table is asked under both names."""
    if request.param == "simulated":
        return simulated
    request.getfixturevalue("aws")
    make_table(QUORUM[0])

    def made(failures: list[str]) -> QuorumStore:
        monkeypatch.setattr(
            aws_store, "client", lambda service, _region, *rest: LossyClient(real(service, QUORUM[0], *rest), failures)
        )
        return AwsStore(TABLE, QUORUM[:2])

    return made


def test_a_write_whose_answer_was_lost_is_ours_when_it_happened(lossy: Lossy) -> None:
    store = lossy(["answer lost"])
    assert store.change_control(Control(version=0), Control(version=0, term=5)).term == 5
    assert store.control() == Control(version=1, term=5)


@pytest.mark.parametrize("failure", ["not sent", "throttled"])
def test_a_write_that_was_never_done_goes_to_the_next_replica(lossy: Lossy, failure: str) -> None:
    store = lossy([failure])
    assert store.change_control(Control(version=0), Control(version=0, term=5)).version == 1
    assert store.control().term == 5


@pytest.mark.parametrize("failure", ["not sent", "throttled"])
def test_a_lost_answer_does_not_hide_that_somebody_else_won(lossy: Lossy, failure: str) -> None:
    failures: list[str] = []
    store = lossy(failures)
    store.change_control(Control(version=0), Control(version=0, term=1))
    failures.append(failure)
    with pytest.raises(ChangedMeanwhileError):
        store.change_control(Control(version=0), Control(version=0, term=2))
    assert store.control().term == 1


def test_no_replica_is_an_unreachable_store(lossy: Lossy) -> None:
    with pytest.raises(StoreUnreachableError, match=r"eu-central-1.*eu-west-2"):
        lossy(["not sent", "not sent"]).change_control(Control(version=0), Control(version=0, term=5))


def test_a_store_that_did_not_answer_may_have_been_written(lossy: Lossy) -> None:
    store = lossy(["answer lost", "not sent"])
    with pytest.raises(StoreUnreachableError):
        store.change_control(Control(version=0), Control(version=0, term=5))
    assert store.control() == Control(version=1, term=5)


def test_a_read_back_that_fails_leaves_the_doubt(lossy: Lossy) -> None:
    """The write happened, its repetition was refused, and then nobody answers: it is not said to be lost."""
    store = lossy(["answer lost", "", "not sent", "not sent"])
    with pytest.raises(StoreUnreachableError):
        store.change_control(Control(version=0), Control(version=0, term=5))


def test_the_read_back_goes_to_whoever_answers(lossy: Lossy) -> None:
    store = lossy(["answer lost", "", "not sent"])
    assert store.change_control(Control(version=0), Control(version=0, term=5)).version == 1


def test_a_first_day_whose_answers_were_lost_is_a_first_day(lossy: Lossy) -> None:
    store = lossy(["answer lost", "", "", "answer lost"])
    assert store.initialise([ORDERS])
    assert store.database("orders") == ORDERS


def test_a_line_of_the_journal_whose_answer_was_lost_stands_there_once(lossy: Lossy) -> None:
    failures: list[str] = []
    store = lossy(failures)
    entry = JournalEntry(NOON, EU, "STEP", "told once")
    failures.append("answer lost")
    store.append(entry)
    assert store.journal() == (entry,)


def test_a_vote_whose_answer_was_lost_is_cast(lossy: Lossy) -> None:
    failures: list[str] = []
    store = lossy(failures)
    store.cast(VOTE)
    failures.append("answer lost")
    later = replace(VOTE, sequence=2)
    store.cast(later)
    assert store.votes() == (later,)


def test_a_vote_that_is_repeated_too_late_is_none(lossy: Lossy) -> None:
    failures: list[str] = []
    store = lossy(failures)
    store.cast(replace(VOTE, sequence=2))
    failures.append("not sent")
    with pytest.raises(ChangedMeanwhileError):
        store.cast(VOTE)
    assert store.votes() == (replace(VOTE, sequence=2),)
