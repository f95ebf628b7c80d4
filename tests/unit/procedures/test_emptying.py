"""What is thrown out of the edge caches follows what has happened, once for each event."""

from collections.abc import Sequence
from typing import Any

import pytest

from failover.errors import PathsRefusedError
from failover.procedures.emptying import empty_caches

SAID = {
    "content_updates": ["/static/*"],
    "configuration_changes": ["/api/*"],
    "security_incidents": ["/*"],
}


class MemoryCaches:
    def __init__(self) -> None:
        self.orders: dict[str, list[str]] = {}

    def empty(self, paths: Sequence[str], reference: str) -> str:
        self.orders.setdefault(reference, list(paths))
        return f"order-{reference}"


def event(called: str, **detail: Any) -> dict[str, Any]:
    return {"id": "e1", "detail-type": called, "detail": detail}


@pytest.mark.parametrize(
    ("called", "paths"),
    [
        ("Content Updated", ["/static/*"]),
        ("Parameter Store Change", ["/api/*"]),
        ("Security Incident", ["/*"]),
        ("GuardDuty Finding", ["/*"]),
    ],
)
def test_each_trigger_throws_out_what_the_document_says(called: str, paths: list[str]) -> None:
    caches = MemoryCaches()
    assert empty_caches(caches, event(called), SAID)["paths"] == paths
    assert caches.orders == {"e1": paths}


def test_a_content_update_may_say_which_paths() -> None:
    caches = MemoryCaches()
    empty_caches(caches, event("Content Updated", paths=["/hotels/7", "/hotels/7/*"]), SAID)
    assert caches.orders == {"e1": ["/hotels/7", "/hotels/7/*"]}


def test_nobody_but_content_may_choose_paths() -> None:
    caches = MemoryCaches()
    empty_caches(caches, event("GuardDuty Finding", paths=["/only-this"]), SAID)
    assert caches.orders == {"e1": ["/*"]}


def test_an_event_that_is_delivered_twice_is_one_order() -> None:
    caches = MemoryCaches()
    told = [empty_caches(caches, event("Content Updated"), SAID) for _ in range(2)]
    assert told[0] == told[1]
    assert len(caches.orders) == 1


def test_a_trigger_without_paths_throws_nothing_out() -> None:
    caches = MemoryCaches()
    assert empty_caches(caches, event("Content Updated"), {**SAID, "content_updates": []})["paths"] == []
    assert caches.orders == {}


@pytest.mark.parametrize(
    "paths", ["/one", ["no-slash"], ["/a*b"], [7], ["/with space"], ["/"] * 3001], ids=lambda paths: str(paths)[:20]
)
def test_paths_that_cloudfront_would_not_take_are_refused(paths: object) -> None:
    with pytest.raises(PathsRefusedError, match="paths: got"):
        empty_caches(MemoryCaches(), event("Content Updated", paths=paths), SAID)
