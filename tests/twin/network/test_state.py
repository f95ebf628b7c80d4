from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from twin.network import AddressPlan, Cut, NetworkState
from twin.site.sitecustomize import CLOSED, Network

US, EU, AP = "127.0.1.1", "127.0.2.2", "127.0.3.1"
USER, CHECKER, OPERATOR = "127.0.101.1", "127.0.250.1", "127.0.0.1"


@pytest.fixture
def state(plan: AddressPlan, tmp_path: Path) -> Iterator[NetworkState]:
    state = NetworkState(plan, tmp_path / "network.json")
    yield state
    state.close()


def test_a_cut_has_a_direction(state: NetworkState) -> None:
    state.cut("us-east-1", "eu-west-1")
    assert state.between(US, EU) is Cut.DROPPED
    assert state.between(EU, US) is None
    state.heal("us-east-1", "eu-west-1")
    assert state.between(US, EU) is None


def test_an_isolated_region_reaches_itself_and_nobody_else(state: NetworkState) -> None:
    state.isolate("us-east-1", Cut.REFUSED)
    assert state.between(US, "127.0.1.2") is None
    assert {state.between(US, EU), state.between(EU, US)} == {Cut.REFUSED}
    assert {state.between(USER, US), state.between(CHECKER, US)} == {Cut.REFUSED}
    assert state.between(EU, AP) is None
    assert state.between(USER, EU) is None
    state.rejoin("us-east-1")
    assert state.between(EU, US) is None


def test_a_blind_observer_can_still_be_seen(state: NetworkState) -> None:
    state.cut("eu-west-1", "*")
    assert state.between("127.0.2.1", US) is Cut.DROPPED
    assert state.between(US, EU) is None


def test_the_operator_is_never_cut_off(state: NetworkState) -> None:
    state.cut("*", "*")
    assert state.between(OPERATOR, US) is None
    state.heal_all()
    assert state.cuts.pairs == {}


def test_children_read_from_the_file_what_this_process_knows(state: NetworkState) -> None:
    child = Network(str(state.path))
    assert child.detour(US, EU) is None
    state.cut("us-east-1", "eu-west-1", Cut.DROPPED)
    state.cut("*", "ap-southeast-1", Cut.REFUSED)
    assert child.detour(US, EU) == tuple(_tarpit(state))
    assert child.detour(US, AP) == CLOSED
    assert child.detour(EU, US) is None
    state.heal_all()
    assert child.detour(US, EU) is None


def test_the_file_is_replaced_whole_and_leaves_no_draft(state: NetworkState) -> None:
    before = state.path.stat().st_ino
    state.cut("us-east-1", "*")
    assert state.path.stat().st_ino != before
    assert json.loads(state.path.read_text())["cut"] == [["us-east-1", "*"]]
    assert [path.name for path in state.path.parent.iterdir()] == ["network.json"]


def test_a_connection_into_the_tarpit_hangs(state: NetworkState) -> None:
    for _ in range(4):
        with socket.socket() as connecting:
            connecting.settimeout(0.15)
            with pytest.raises(TimeoutError):
                connecting.connect(_tarpit(state))


def test_a_place_that_is_not_there_is_refused_by_name(state: NetworkState) -> None:
    with pytest.raises(KeyError, match="mars-1: no such place in this twin's network; it has"):
        state.isolate("mars-1")


def _tarpit(state: NetworkState) -> tuple[str, int]:
    host, _, port = json.loads(state.path.read_text())["tarpit"].rpartition(":")
    return host, int(port)


def test_users_can_be_cut_off_from_a_region_that_checkers_reach(state: NetworkState) -> None:
    child = Network(str(state.path))
    state.cut("outside/users", "us-east-1", Cut.REFUSED)
    assert state.between(USER, US) is Cut.REFUSED
    assert state.between(CHECKER, US) is None
    assert (child.detour(USER, US), child.detour(CHECKER, US)) == (CLOSED, None)
    state.cut("outside", "us-east-1", Cut.REFUSED)
    assert (state.between(CHECKER, US), child.detour(CHECKER, US)) == (Cut.REFUSED, CLOSED)


def test_children_read_how_late_an_application_is_and_how_wrong_a_clock(state: NetworkState) -> None:
    child = Network(str(state.path))
    assert (child.told("slow", "us-east-1"), child.told("skew", "us-east-1")) == (None, None)
    state.slow("us-east-1", 4.0, grows=10.0)
    seconds, _, grows = child.told("slow", "us-east-1")
    assert (seconds, grows) == (4.0, 10.0)
    state.quick("us-east-1")
    state.skew("eu-west-1", -120.0)
    assert (child.told("slow", "us-east-1"), child.told("skew", "eu-west-1")) == (None, -120.0)
