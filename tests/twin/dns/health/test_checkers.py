"""The checkers' thread against real endpoints; intervals of a second, which Route 53 does not sell."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from twin.dns.health import HealthCheckers, Network


class AtOnce(random.Random):
    def uniform(self, a: float, b: float) -> float:
        del b
        return a


class Lever(ThreadingHTTPServer):
    token = "evacuated-eu-west-1"
    is_pulled = False
    asked = 0

    class Handler(BaseHTTPRequestHandler):
        server: Lever

        def do_GET(self) -> None:
            self.server.asked += 1
            body = (Lever.token if self.server.is_pulled else "serving").encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            del format, args


@pytest.fixture
def lever() -> Iterator[Lever]:
    server = Lever(("127.0.1.3", 0), Lever.Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)


Documents = dict[str, dict[str, Any]]


@pytest.fixture
def documents() -> Documents:
    check = {
        "Type": "HTTP_STR_MATCH",
        "IPAddress": "127.0.1.3",
        "SearchString": Lever.token,
        "RequestInterval": 1,
        "FailureThreshold": 1,
        "Inverted": True,
    }
    return {"lever": check, "region": {"Type": "CALCULATED", "ChildHealthChecks": ["lever"], "HealthThreshold": 1}}


@pytest.fixture
def checkers(lever: Lever, documents: Documents) -> Iterator[HealthCheckers]:
    network = Network(("127.0.0.1", 1), lambda _: lever.server_port, lambda _here, _there: None)
    made = HealthCheckers(lambda: dict(documents), network, lambda _name, _region: "OK", chance=AtOnce())
    with made:
        yield made


def eventually(holds: Callable[[], bool], seconds: float = 4.0) -> bool:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if holds():
            return True
        time.sleep(0.02)
    return False


def test_pulling_a_lever_turns_its_regions_check_and_is_in_the_log(checkers: HealthCheckers, lever: Lever) -> None:
    assert eventually(lambda: checkers.healthy("region"))
    lever.is_pulled = True
    assert eventually(lambda: not checkers.healthy("region"))
    told = [(change.check, change.healthy) for change in checkers.changes()]
    assert told == [
        *(("lever", False), ("region", False)),
        *(("lever", True), ("region", True)),
        *(("lever", False), ("region", False)),
    ]
    assert checkers.changes()[-1].reason == "children: lever=unhealthy"


def test_each_checkers_last_result_can_be_asked(checkers: HealthCheckers) -> None:
    assert eventually(lambda: len(checkers.status("lever")) == 3)
    assert [each["IPAddress"] for each in checkers.status("lever")] == ["127.0.250.1", "127.0.250.2", "127.0.250.3"]
    status = checkers.status("lever")[0]["StatusReport"]["Status"]
    assert status.startswith("Failure: the body does not have the search string")


def test_checks_made_and_deleted_at_run_time_are_taken_up(
    checkers: HealthCheckers, documents: Documents, lever: Lever
) -> None:
    documents["new"] = {"Type": "TCP", "IPAddress": "127.0.1.9", "RequestInterval": 1, "FailureThreshold": 1}
    assert checkers.healthy("new")
    assert eventually(lambda: not checkers.healthy("new"))
    documents["new"] = {**documents["new"], "Disabled": True}
    assert eventually(lambda: checkers.healthy("new"))
    documents.clear()
    assert eventually(lambda: checkers.status("lever") == [])
    asked = lever.asked
    time.sleep(1.2)
    assert lever.asked == asked


def test_a_new_inverted_check_is_unhealthy_from_its_first_moment(
    checkers: HealthCheckers, documents: Documents
) -> None:
    documents["another"] = documents["lever"]
    assert not checkers.healthy("another")


def test_a_check_that_is_not_emulated_is_named_and_healthy(checkers: HealthCheckers, documents: Documents) -> None:
    documents["arc"] = {"Type": "RECOVERY_CONTROL"}
    assert checkers.healthy("arc")
    assert "RECOVERY_CONTROL" in checkers.not_emulated["arc"]


def test_stopping_ends_the_thread_and_keeps_the_statuses(lever: Lever, documents: Documents) -> None:
    network = Network(("127.0.0.1", 1), lambda _: lever.server_port, lambda _here, _there: None)
    made = HealthCheckers(lambda: documents, network, lambda _name, _region: "OK", chance=AtOnce()).start()
    assert eventually(lambda: made.healthy("lever"))
    made.stop()
    assert "twin-health-checkers" not in [thread.name for thread in threading.enumerate()]
    assert made.healthy("lever")
