"""A first copy that cannot end is told from one that has failed before and ends now: by whether it fails again."""

from typing import Any, cast

import pytest

from failover.adapters.postgres.session import Session
from failover.adapters.postgres.sharing import looking

SUSPECT = ("lifeboat_telemetry_from_ie", "readings")


class Looks:
    """A session whose catalogue is as scripted, look by look; the last one stays."""

    def __init__(self, *errors: int | None) -> None:
        self._errors = list(errors)
        self.looked = 0

    def rows(self, _statement: str, **_arguments: object) -> list[list[Any]]:
        self.looked += 1
        now = self._errors.pop(0) if len(self._errors) > 1 else self._errors[0]
        return [] if now is None else [[*SUSPECT, now]]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "LOOK_SECONDS", 0.001)
    monkeypatch.setattr(looking, "TRIES_SECONDS", 0.05)


def told(looks: Looks) -> list[tuple[str, str]]:
    return looking.failing_copies(cast(Session, looks))


def test_where_every_copy_has_ended_there_is_one_look() -> None:
    looks = Looks(None)
    assert (told(looks), looks.looked) == ([], 1)


def test_one_that_fails_again_is_told() -> None:
    assert told(Looks(3, 3, 4)) == [SUSPECT]


def test_one_that_failed_before_and_ends_now_is_not() -> None:
    assert told(Looks(3, 3, None)) == []


def test_one_that_is_long_at_it_and_does_not_fail_is_not() -> None:
    assert told(Looks(3)) == []
