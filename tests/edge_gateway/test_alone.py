"""Promises on a gateway whose region goes away and comes back, in a clock of the test's own."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_gateway.gateway import Gateway
from edge_gateway.messages import KEY, ORIGIN, Answer, OutOfReachError, Write
from edge_gateway.settings import Settings
from edge_gateway.store import Store

TOLD = Settings(
    city="bremen",
    upstream="https://app.metro.example",
    port=8080,
    store=":memory:",
    fresh_seconds=60,
    stale_seconds=3600,
    retry_seconds=15,
    timeout_seconds=5,
    most_queued=5,
    most_cached_bytes=1000,
)


class Place:
    """A region that knows its writers' keys, and may be out of reach before or after it has done what it was asked."""

    def __init__(self) -> None:
        self.at = 1000.0
        self.reached = True
        self.loses_answers = False
        self.serves = True
        self.asked = 0
        self.done: list[str] = []
        self.body = b"now"

    def now(self) -> float:
        return self.at

    def send(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        self.asked += 1
        if not self.reached:
            raise OutOfReachError
        if not self.serves:
            return Answer(503)
        if method == "GET":
            return Answer(200, self.body, {"Cache-Control": "private"} if path == "/mine" else {})
        if path == "/never":
            return Answer(422, b"no")
        if headers[KEY] not in self.done:
            self.done.append(headers[KEY])
        if self.loses_answers:
            raise OutOfReachError
        return Answer(201, b"made")


def write(key: str, path: str = "/telemetry") -> Write:
    return Write(key, "POST", path, b"{}", "application/json")


@pytest.fixture
def region() -> Place:
    return Place()


@pytest.fixture
def gateway(region: Place) -> Iterator[Gateway]:
    store = Store(":memory:")
    yield Gateway(TOLD, store, region.send, region.now)
    store.close()


def test_what_was_read_lately_is_answered_without_the_region(gateway: Gateway, region: Place) -> None:
    gateway.read("/places", {})
    region.at += 60
    assert gateway.read("/places", {}).headers[ORIGIN] == "cache"
    region.at += 1
    assert gateway.read("/places", {}).headers[ORIGIN] == "region"
    assert region.asked == 2


def test_a_node_that_is_cut_off_answers_what_it_knows_as_long_as_the_document_says(
    gateway: Gateway, region: Place
) -> None:
    gateway.read("/places", {})
    region.reached = False
    region.at += 3600
    answer = gateway.read("/places", {})
    assert (answer.body, answer.headers[ORIGIN], answer.headers["Age"]) == (b"now", "stale", "3600")
    region.at += 1
    assert gateway.read("/places", {}).status == 503


def test_a_region_that_does_not_serve_is_as_one_that_is_gone(gateway: Gateway, region: Place) -> None:
    """A region without the lease answers "not serving" to writes; they wait until another one takes them."""
    region.serves = False
    assert gateway.write(write("a")).status == 202
    region.serves = True
    region.at += 15
    assert gateway.drain()
    assert region.done == ["a"]


def test_what_is_a_persons_own_is_never_kept(gateway: Gateway, region: Place) -> None:
    gateway.read("/account", {"Authorization": "Bearer x"})
    gateway.read("/mine", {})
    region.reached = False
    assert gateway.read("/account", {}).status == 503
    assert gateway.read("/account", {"Cookie": "x"}).status == 503
    assert gateway.read("/mine", {}).status == 503


def test_a_write_is_answered_by_the_region_when_it_is_there(gateway: Gateway) -> None:
    answer = gateway.write(write("a"))
    assert (answer.status, answer.body, answer.headers[ORIGIN]) == (201, b"made", "region")


def test_writes_wait_in_their_order_and_nobody_overtakes(gateway: Gateway, region: Place) -> None:
    region.reached = False
    assert [gateway.write(write(key)).status for key in "abc"] == [202] * 3
    region.reached = True
    region.at += 15
    assert gateway.write(write("d")).status == 201
    assert region.done == ["a", "b", "c", "d"]
    assert gateway.told("a").status == 201


def test_a_repeated_key_is_one_write(gateway: Gateway, region: Place) -> None:
    region.reached = False
    for _ in range(3):
        gateway.write(write("a"))
    assert gateway.status()["waiting"] == 1


def test_an_answer_that_was_lost_makes_no_second_write(gateway: Gateway, region: Place) -> None:
    region.loses_answers = True
    gateway.write(write("a"))
    region.loses_answers = False
    region.at += 15
    assert gateway.drain()
    assert region.done == ["a"]


def test_what_the_region_will_never_have_stops_nobody_and_is_told(gateway: Gateway, region: Place) -> None:
    region.reached = False
    gateway.write(write("a", "/never"))
    gateway.write(write("b"))
    region.reached = True
    region.at += 15
    gateway.drain()
    assert region.done == ["b"]
    assert gateway.told("a").status == 422
    assert gateway.status()["refused"] == 1


def test_a_full_queue_says_so_and_keeps_what_it_has(gateway: Gateway, region: Place) -> None:
    region.reached = False
    assert [gateway.write(write(key)).status for key in "abcdef"] == [202] * 5 + [503]
    with pytest.raises(KeyError):
        gateway.told("f")


def test_the_waits_grow_to_the_documents_longest(gateway: Gateway, region: Place) -> None:
    region.reached = False
    gateway.write(write("a"))
    waits = []
    for _ in range(6):
        waits.append(gateway.rest_seconds())
        region.at += gateway.rest_seconds()
        gateway.drain()
    assert waits == [1, 2, 4, 8, 15, 15]


def test_nobody_waits_for_a_region_that_was_just_out_of_reach(gateway: Gateway, region: Place) -> None:
    region.reached = False
    gateway.read("/places", {})
    asked = region.asked
    gateway.read("/places", {})
    gateway.write(write("a"))
    assert region.asked == asked


def test_the_cache_keeps_to_its_room(region: Place) -> None:
    store = Store(":memory:")
    gateway = Gateway(TOLD, store, region.send, region.now)
    region.body = b"x" * 400
    for path in ("/1", "/2", "/3"):
        gateway.read(path, {})
        region.at += 1
    region.reached = False
    assert [gateway.read(path, {}).status for path in ("/1", "/2", "/3")] == [503, 200, 200]
    store.close()


EVENTS = st.lists(st.sampled_from(["write", "cut", "reach", "lose", "die", "wait"]), max_size=40)


@settings(max_examples=60, deadline=None)
@given(EVENTS)
def test_whatever_happens_each_taken_write_is_done_once_and_in_order(
    tmp_path_factory: pytest.TempPathFactory, events: list[str]
) -> None:
    """Cuts, lost answers and deaths of the process in any order: the region's own list is what clients were told."""
    path, region = tmp_path_factory.mktemp("edge") / "edge.sqlite", Place()
    store = Store(str(path))
    gateway = Gateway(TOLD, store, region.send, region.now)
    taken: list[str] = []
    for number, event in enumerate(events):
        if event == "write":
            if gateway.write(write(str(number))).status != 503:
                taken.append(str(number))
        elif event == "die":
            store.close()
            store = Store(str(path))
            gateway = Gateway(TOLD, store, region.send, region.now)
        elif event == "wait":
            region.at += 20
            gateway.drain()
        else:
            region.reached, region.loses_answers = event != "cut", event == "lose"
    region.reached, region.loses_answers = True, False
    region.at += 20
    assert gateway.drain()
    assert region.done == taken
    store.close()


def test_a_file_survives(tmp_path: Path, region: Place) -> None:
    region.reached = False
    first = Store(str(tmp_path / "edge.sqlite"))
    Gateway(TOLD, first, region.send, region.now).write(write("a"))
    first.close()
    second = Store(str(tmp_path / "edge.sqlite"))
    region.reached = True
    assert Gateway(TOLD, second, region.send, region.now).drain()
    assert region.done == ["a"]
    second.close()
