"""Publications are installed everywhere that answers, publishers first; a region that is lost holds up no other."""

from dataclasses import dataclass, field

import pytest

from failover.adapters.memory import ManualClock, MemoryCopy, MemoryShelf
from failover.errors import DatabaseUnreachableError, RequestInvalidError
from failover.plain import as_plain, from_plain
from failover.procedures.desk import DatabaseDesk
from failover.procedures.publishing import installed, looked_at
from failover.sharing import End, SharedTable, Sharing, SharingState, SharingStep

IE, FR = End("telemetry-ie", "eu-west-1"), End("telemetry-fr", "eu-west-3")
ARCHIVE = End("archive", "eu-central-1")
TABLE = SharedTable("readings", ("id",), ("id", "home"), ("driver",), "home", {"shared": True, "kind": 3})
SHARING = Sharing("telemetry", (IE, FR), (IE, FR, ARCHIVE), (TABLE,))


@dataclass
class Agents:
    """Agents that answer, but in the regions that are lost."""

    lost: tuple[str, ...] = ()
    asked: list[tuple[str, str]] = field(default_factory=list)

    def share(self, end: End, step: SharingStep, sharing: Sharing) -> SharingState:
        self.asked.append((end.database, step.value))
        if end.region in self.lost:
            raise DatabaseUnreachableError(f"the agent in {end.region} cannot be reached")
        return SharingState()


def test_everybody_publishes_before_anybody_subscribes() -> None:
    agents = Agents()
    assert [told.state for told in installed(agents, SHARING)] == [SharingState()] * 5
    assert agents.asked == [
        ("telemetry-ie", "publish"),
        ("telemetry-fr", "publish"),
        ("telemetry-ie", "subscribe"),
        ("telemetry-fr", "subscribe"),
        ("archive", "subscribe"),
    ]


def test_a_lost_region_is_told_and_holds_up_no_other() -> None:
    told = list(installed(Agents(lost=("eu-west-1",)), SHARING))
    assert [(each.end, each.step.value) for each in told if each.state.wrong] == [(IE, "publish"), (IE, "subscribe")]
    assert len(told) == 5


def test_a_look_asks_each_end_once() -> None:
    agents = Agents()
    assert [told.end for told in looked_at(agents, SHARING)] == [IE, FR, ARCHIVE]
    assert {step for _, step in agents.asked} == {"look"}


def test_who_only_receives_receives_from_everybody_and_who_only_publishes_from_nobody() -> None:
    assert SHARING.sources_of("archive") == (IE, FR)
    assert SHARING.sources_of("telemetry-ie") == (FR,)
    assert Sharing("t", (IE,), (FR,), (TABLE,)).sources_of("telemetry-ie") == ()


def test_a_sharing_travels_as_it_is() -> None:
    assert from_plain(Sharing, as_plain(SHARING)) == SHARING


class RecordingEnd:
    """An end that says what it was asked for."""

    def publish(self, sharing: Sharing) -> SharingState:
        return SharingState(noted=("publish", sharing.name))

    def subscribe(self, sharing: Sharing) -> SharingState:
        return SharingState(noted=("subscribe", sharing.name))

    def look(self, sharing: Sharing) -> SharingState:
        return SharingState(noted=("look", sharing.name))


@pytest.fixture
def desk() -> DatabaseDesk:
    copies = {name: MemoryCopy(ManualClock()) for name in ("telemetry-ie", "people-ie")}
    return DatabaseDesk(copies, MemoryShelf("eu-west-1"), {"telemetry-ie": RecordingEnd()})


@pytest.mark.parametrize("step", SharingStep)
def test_the_agents_desk_passes_each_step_on(desk: DatabaseDesk, step: SharingStep) -> None:
    asked = {"do": "share", "database": "telemetry-ie", "step": step.value, "sharing": as_plain(SHARING)}
    assert desk.answer(asked) == SharingState(noted=(step.value, "telemetry"))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"database": "people-ie"}, "people-ie is no server of one's own; those of this region: telemetry-ie"),
        ({"step": "drop"}, "lacks or garbles 'drop' is not a valid SharingStep"),
        ({"sharing": {"name": "telemetry"}}, "lacks or garbles"),
    ],
)
def test_the_desk_refuses_what_is_no_sharing(desk: DatabaseDesk, changed: dict[str, object], said: str) -> None:
    asked = {"do": "share", "database": "telemetry-ie", "step": "look", "sharing": as_plain(SHARING)}
    with pytest.raises(RequestInvalidError, match=said):
        desk.answer(asked | changed)
