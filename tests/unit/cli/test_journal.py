"""The journal, or what of it is asked for: since when, of which incident, how many lines, and what comes next."""

import json
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import cli.journal
from cli.main import app
from failover.errors import RequestInvalidError, StoreUnreachableError
from failover.records import JournalEntry
from tests.products import EU
from tests.worlds import World

QUICKSTART = str(Path(__file__).parents[3] / "topologies" / "quickstart.yaml")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """With ten entries, one a minute, of two incidents in turn; the newest is a minute old."""
    world = World()
    monkeypatch.setattr(cli.journal, "world", lambda _: world.ports(EU))
    world.clock.sleep(3600)
    for number in range(10):
        write(world, f"text {number}", incident=f"us-east-1-{number % 2}")
        world.clock.sleep(60)
    return world


def write(world: World, text: str, incident: str | None = None, ago: float = 0) -> None:
    at = world.clock.now() - timedelta(seconds=ago)
    world.store.append(JournalEntry(at, EU, "VOTE", text, incident=incident))


def asked(*words: str) -> Result:
    return CliRunner().invoke(app, ["journal", "--topology", QUICKSTART, *words], env={"COLUMNS": "300"})


def texts(*words: str) -> list[str]:
    result = asked(*words)
    assert result.exit_code == 0, result.output
    return [line[line.index("text ") :] for line in result.stdout.splitlines() if "text " in line]


def test_all_of_it_oldest_first(world: World) -> None:
    assert texts() == [f"text {number}" for number in range(10)]


def test_the_newest_lines(world: World) -> None:
    assert texts("--last", "3") == ["text 7", "text 8", "text 9"]


@pytest.mark.parametrize("since", ["2m", "120s", "2"])
def test_what_is_so_long_ago_at_most(world: World, since: str) -> None:
    assert texts("--since", since) == ["text 8", "text 9"]


def test_what_is_from_a_time_on(world: World) -> None:
    told = world.clock.now() - timedelta(minutes=3)
    assert len(texts("--since", f"{told:%Y-%m-%dT%H:%M:%S}")) == 3
    assert len(texts("--since", told.astimezone().isoformat())) == 3


@pytest.mark.parametrize("since", ["yesterday", "2x", "9999999d"])
def test_another_word_is_refused(world: World, since: str) -> None:
    result = asked("--since", since)
    assert isinstance(result.exception, RequestInvalidError)
    assert f"since: got '{since}'; how long ago, as 2h, or a time" in str(result.exception)


def test_one_incident(world: World) -> None:
    assert texts("--incident", "us-east-1-1", "--last", "2") == ["text 7", "text 9"]
    result = asked("--incident", "us-east-1-7")
    assert result.exit_code == 2
    assert "the newest incidents are: us-east-1-0, us-east-1-1" in result.stderr


class Sleeps:
    """Lets one of these happen each time, and in the end somebody press Ctrl-C."""

    def __init__(self, *acts: Callable[[], object]) -> None:
        self._left = list(acts)

    def __call__(self, _seconds: float) -> None:
        if not self._left:
            raise KeyboardInterrupt
        self._left.pop(0)()


def following(world: World, monkeypatch: pytest.MonkeyPatch, *acts: Callable[[], object]) -> list[str]:
    """Follow while these things happen, one at each look; then somebody presses Ctrl-C."""
    monkeypatch.setattr(time, "sleep", Sleeps(*acts))
    result = asked("--follow", "--last", "1", "--json")
    assert result.exit_code == 130
    return [json.loads(line)["text"] for line in result.stdout.splitlines()]


def test_what_comes_next_is_told_once_each(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    told = following(world, monkeypatch, lambda: write(world, "new"), lambda: None, lambda: write(world, "newer"))
    assert told == ["text 9", "new", "newer"]


def test_what_comes_late_from_a_region_behind_is_told_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert following(world, monkeypatch, lambda: write(world, "late", ago=120)) == ["text 9", "late"]


def test_no_more_is_read_again_than_may_come_late(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a journal of weeks each look reads the newest half hour: no clock that AWS listens to is further behind."""
    read, journal = list[int](), world.store.journal

    def noted(since: datetime | None = None) -> Sequence[JournalEntry]:
        found = journal(since)
        read.append(len(found))
        return found

    monkeypatch.setattr(world.store, "journal", noted)
    world.clock.sleep(3600)
    acts = [lambda: write(world, "new"), lambda: write(world, "late", ago=15 * 60), lambda: None]
    assert following(world, monkeypatch, *acts) == ["text 9", "new", "late"]
    assert read == [11, 11, 2, 2]


def test_what_was_not_asked_for_is_not_told_later(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", Sleeps(lambda: write(world, "new"), lambda: None))
    told = asked("--follow", "--since", "2m", "--json")
    assert [json.loads(line)["text"] for line in told.stdout.splitlines()] == ["text 8", "text 9", "new"]


def test_a_store_that_does_not_answer_is_asked_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent() -> None:
        def refuse(_since: datetime | None = None) -> object:
            world.store.journal = answers  # type: ignore[method-assign]
            raise StoreUnreachableError("no answer")

        answers = world.store.journal
        world.store.journal = refuse  # type: ignore[method-assign,assignment]

    told = following(world, monkeypatch, silent, lambda: write(world, "new"))
    assert told == ["text 9", "new"]
