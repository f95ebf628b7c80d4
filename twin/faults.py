"""Each fault of a scenario, done to the twin: where it is broken, and how it is mended."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from rehearsal.form import faults as form
from rehearsal.form.entries import EVERYWHERE
from rehearsal.form.faults import Failing, Fault, Slowed
from rehearsal.stage import StageError
from twin.aws.outages import Failure
from twin.control_faults import ControlFaults
from twin.database_faults import DatabaseFaults
from twin.faulting import Doing
from twin.flapping import Flapping
from twin.network import Cut
from twin.network.addresses import USERS

if TYPE_CHECKING:
    from twin.twin import Twin

API = {Failing.REFUSE: Failure.UNAVAILABLE, Failing.HANG: Failure.HANG}
CALLS = {Failing.REFUSE: Failure.RESET, Failing.HANG: Failure.HANG}
PATH = {Failing.REFUSE: Cut.REFUSED, Failing.HANG: Cut.DROPPED}
SIGNING = {"cloudwatch": "monitoring", "stepfunctions": "states", "eventbridge": "events"}
"""Services that sign under another name than people call them by."""


class Faults:
    """Applies and heals faults; a kind that the twin cannot play is refused before the play begins."""

    def __init__(self, twin: "Twin") -> None:
        self._twin = twin
        self.lost: set[str] = set()
        self._databases, self._control = DatabaseFaults(twin), ControlFaults(twin)
        self._flapping: dict[form.Flapping, Flapping] = {}
        self._after: list[form.RegionDownAfter] = []
        self._fallen: dict[form.RegionDownAfter, list[str]] = {}
        self._kinds: dict[type[Fault], Doing] = {
            form.RegionDown: Doing(self._region_down, self._region_up),
            form.RegionDownAfter: Doing(self._lie_in_wait, self._give_up_waiting),
            form.Flapping: Doing(self._flap, self._end_flapping),
            form.NetworkCut: Doing(self._cut, self._mend),
            form.ClientsCut: Doing(self._cut_clients, self._let_clients),
            form.Slow: Doing(self._slow, self._quick),
            form.ApiDown: Doing(self._api_down, self._api_up),
            form.ApiThrottled: Doing(self._throttle, self._api_up),
            form.StoreReplicaDown: Doing(self._store_down, self._store_up),
            **self._databases.kinds,
            **self._control.kinds,
        }
        twin.aws.machines.on_state_left(self._state_left)

    @property
    def skew(self) -> Mapping[str, float]:
        """By how many seconds the clocks of regions' functions are wrong."""
        return self._control.skew

    def close(self) -> None:
        """End what goes on by itself: flapping, servers that stand still."""
        for fault in list(self._flapping):
            self._end_flapping(fault)
        self._after.clear()
        self._databases.close()

    def refuse_unknown(self, faults: list[Fault]) -> None:
        """Raise ``StageError`` for the first fault that cannot be played here."""
        for fault in faults:
            if type(fault) not in self._kinds:
                known = ", ".join(sorted(each.kind.value for each in self._kinds))
                raise StageError(f"the twin cannot play {fault.kind.value}; it plays: {known}")
            if isinstance(fault, form.ExecutorKilled) and fault.write != 1:
                raise StageError(f"the twin kills at a function's first write; got {fault.line()}; leave write out")

    def apply(self, fault: Fault) -> None:
        """Break what the fault says."""
        self.refuse_unknown([fault])
        self._kinds[type(fault)].apply(fault)

    def heal(self, fault: Fault) -> None:
        """Mend what the fault broke."""
        self._kinds[type(fault)].heal(fault)

    def _region_down(self, fault: form.RegionDown) -> None:
        self._lose(fault.region, fault.calls)

    def _lose(self, region: str, calls: Failing) -> None:
        """Everything at one blow: nothing of the region can act on the loss of the rest."""
        twin = self._twin
        self.lost.add(region)
        twin.network.isolate(region, PATH[calls])
        twin.services.kill(region)
        twin.sites.lose(region)
        twin.rds.region_down(region)
        twin.aws.outages.region_down(region, CALLS[calls])

    def _region_up(self, fault: form.RegionDown) -> None:
        self._bring_back(fault.region)

    def _bring_back(self, region: str) -> None:
        """Power comes back: first what is on disk, then what was deployed."""
        twin = self._twin
        twin.network.rejoin(region)
        twin.rds.region_up(region)
        twin.services.restart(region)
        twin.aws.outages.region_up(region)
        twin.sites.bring_back(region)
        self.lost.discard(region)

    def _lie_in_wait(self, fault: form.RegionDownAfter) -> None:
        self._after += [fault] * fault.times

    def _give_up_waiting(self, fault: form.RegionDownAfter) -> None:
        """Mend what it broke: every region that it has lost so far."""
        self._after = [each for each in self._after if each != fault]
        for region in self._fallen.pop(fault, []):
            self._bring_back(region)

    def _state_left(self, region: str, _execution: str, state: str) -> None:
        """Lose the region before its execution enters the next state: it stands still until the region is back."""
        fault = next((each for each in self._after if each.state == state), None)
        if fault is not None and region not in self.lost:
            self._after.remove(fault)
            self._fallen.setdefault(fault, []).append(region)
            self._twin.aws.outages.region_down(region, CALLS[fault.calls])
            self._lose(region, fault.calls)

    def _flap(self, fault: form.Flapping) -> None:
        self._flapping[fault] = Flapping(
            fault.period / 2, lambda: self._lose(fault.region, fault.calls), lambda: self._bring_back(fault.region)
        )

    def _end_flapping(self, fault: form.Flapping) -> None:
        self._flapping.pop(fault).end()
        if fault.region in self.lost:
            self._bring_back(fault.region)

    def _cut(self, fault: form.NetworkCut) -> None:
        twin, path = self._twin, PATH[fault.calls]
        if fault.observer is not None:
            for place in self._seen_by(fault.observer):
                twin.network.cut(f"{fault.observer}/functions", place, path)
        elif fault.isolate is not None:
            twin.network.isolate(fault.isolate, path)
            twin.aws.outages.isolate(fault.isolate, CALLS[fault.calls])
            self._replication(twin.rds.cut, fault.isolate, EVERYWHERE)
        else:
            twin.network.cut(str(fault.source), str(fault.target), path)
            twin.aws.outages.cut(str(fault.source), str(fault.target), CALLS[fault.calls])
            self._replication(twin.rds.cut, str(fault.source), str(fault.target))

    def _mend(self, fault: form.NetworkCut) -> None:
        twin = self._twin
        if fault.observer is not None:
            for place in self._seen_by(fault.observer):
                twin.network.heal(f"{fault.observer}/functions", place)
        elif fault.isolate is not None:
            twin.network.rejoin(fault.isolate)
            twin.aws.outages.rejoin(fault.isolate)
            self._replication(twin.rds.mend, fault.isolate, EVERYWHERE)
        else:
            twin.network.heal(str(fault.source), str(fault.target))
            twin.aws.outages.heal(str(fault.source), str(fault.target))
            self._replication(twin.rds.mend, str(fault.source), str(fault.target))

    def _seen_by(self, observer: str) -> list[str]:
        """Where an observer's probes go: AWS calls are no packets of the network file, and still pass."""
        return [region for region in self._twin.plan.regions if region != observer]

    def _replication(self, change: Callable[[str, str], None], source: str, target: str) -> None:
        """WAL flows over one connection in both directions, so that a cut either way stops it."""
        for one in self._regions(source):
            for other in self._regions(target):
                if one != other:
                    change(one, other)
                    change(other, one)

    def _cut_clients(self, fault: form.ClientsCut) -> None:
        for place in self._clients_of(fault):
            self._twin.network.cut(place, fault.region, PATH[fault.calls])

    def _let_clients(self, fault: form.ClientsCut) -> None:
        for place in self._clients_of(fault):
            self._twin.network.heal(place, fault.region)

    def _clients_of(self, fault: form.ClientsCut) -> list[str]:
        others = [region for region in self._twin.plan.regions if region != fault.region] if fault.observers else []
        return [USERS, *(f"{region}/functions" for region in others)]

    def _slow(self, fault: form.Slow) -> None:
        match fault.what:
            case Slowed.APPLICATION:
                self._twin.network.slow(fault.region, fault.seconds, fault.grows)
            case Slowed.DATABASE:
                self._databases.slow(fault)
            case Slowed.AWS:
                self._twin.aws.outages.slow(fault.region, fault.seconds, fault.grows)

    def _quick(self, fault: form.Slow) -> None:
        match fault.what:
            case Slowed.APPLICATION:
                self._twin.network.quick(fault.region)
            case Slowed.DATABASE:
                self._databases.quick(fault)
            case Slowed.AWS:
                self._twin.aws.outages.quick(fault.region)

    def _store_down(self, fault: form.StoreReplicaDown) -> None:
        self._twin.aws.outages.service_down("dynamodb", fault.region, API[fault.calls])

    def _store_up(self, fault: form.StoreReplicaDown) -> None:
        self._twin.aws.outages.service_up("dynamodb", fault.region)

    def _api_down(self, fault: form.ApiDown) -> None:
        self._twin.aws.outages.service_down(_signing(fault.service), fault.region, API[fault.calls])

    def _throttle(self, fault: form.ApiThrottled) -> None:
        self._twin.aws.outages.throttle(_signing(fault.service), fault.region, fault.share)

    def _api_up(self, fault: form.ApiDown | form.ApiThrottled) -> None:
        self._twin.aws.outages.service_up(_signing(fault.service), fault.region)

    def _regions(self, region: str) -> list[str]:
        return list(self._twin.topology.region_names) if region == EVERYWHERE else [region]


def _signing(service: str) -> str:
    return SIGNING.get(service, service)
