"""A first copy that cannot end is told from one that ends now: by whether anybody stays at work at it."""

from typing import Any, cast

import pytest

from failover.adapters.postgres.session import Session
from failover.adapters.postgres.sharing import looking

ENDED = "ended"
SUSPECT = ("lifeboat_telemetry_from_ie", "readings")


class Looks:
    """A session whose catalogue is as scripted, look by look; the last one stays.

    A look finds the process that works at the last step of a copy (None for nobody), or that no copy is at that step.
    """

    def __init__(self, *found: int | str | None) -> None:
        self._found = list(found)
        self.looked = 0

    def rows(self, _statement: str, **_arguments: object) -> list[list[Any]]:
        self.looked += 1
        now = self._found.pop(0) if len(self._found) > 1 else self._found[0]
        return [] if now == ENDED else [[*SUSPECT, now]]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "LOOK_SECONDS", 0.001)
    monkeypatch.setattr(looking, "TRIES_SECONDS", 0.05)


def told(looks: Looks) -> list[tuple[str, str]]:
    return looking.failing_copies(cast(Session, looks))


def test_where_every_copy_has_ended_there_is_one_look() -> None:
    looks = Looks(ENDED)
    assert (told(looks), looks.looked) == ([], 1)


def test_one_at_which_nobody_works_is_told() -> None:
    assert told(Looks(None)) == [SUSPECT]


def test_one_that_is_tried_again_and_again_is_told() -> None:
    assert told(Looks(None, 301, None, 302, None)) == [SUSPECT]


def test_one_that_was_not_at_work_and_ends_now_is_not() -> None:
    assert told(Looks(None, None, 301, ENDED)) == []


def test_one_that_is_long_at_it_is_not() -> None:
    looks = Looks(301)
    assert (told(looks), looks.looked) == ([], 2)
