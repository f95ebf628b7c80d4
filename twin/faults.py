"""Each fault of a scenario, done to the twin: where it is broken, and how it is mended."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from failover.adapters.aws.clients import client
from rehearsal.form import faults as form
from rehearsal.form.entries import EVERYWHERE
from rehearsal.form.faults import Failing, Fault
from rehearsal.stage import StageError
from twin.aws.outages import Failure
from twin.network import Cut

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
        self._reserved: dict[tuple[str, str], int | None] = {}
        self._kinds: dict[type[Fault], tuple[Callable[..., None], Callable[..., None]]] = {
            form.RegionDown: (self._region_down, self._region_up),
            form.DatabaseDown: (self._database_down, self._database_up),
            form.NetworkCut: (self._cut, self._mend),
            form.ReplicaLag: (self._lag, self._catch_up),
            form.ApiDown: (self._api_down, self._api_up),
            form.ApiThrottled: (self._throttle, self._api_up),
            form.ObserverDown: (self._observer_down, self._observer_up),
            form.GuardDead: (self._guard_dead, self._guard_alive),
            form.FunctionsDown: (self._functions_down, self._functions_up),
            form.PromotionRefused: (self._refuse_promotion, self._allow_promotion),
            form.PromotionUnanswered: (self._leave_unanswered, self._allow_promotion),
        }

    def refuse_unknown(self, faults: list[Fault]) -> None:
        """Raise ``StageError`` for the first fault that cannot be played here."""
        for fault in faults:
            if type(fault) not in self._kinds:
                known = ", ".join(sorted(each.kind.value for each in self._kinds))
                raise StageError(f"the twin cannot play {fault.kind.value}; it plays: {known}")

    def apply(self, fault: Fault) -> None:
        """Break what the fault says."""
        self.refuse_unknown([fault])
        self._kinds[type(fault)][0](fault)

    def heal(self, fault: Fault) -> None:
        """Mend what the fault broke."""
        self._kinds[type(fault)][1](fault)

    def _region_down(self, fault: form.RegionDown) -> None:
        """Everything at one blow: nothing of the region can act on the loss of the rest."""
        twin = self._twin
        self.lost.add(fault.region)
        twin.network.isolate(fault.region, PATH[fault.calls])
        twin.services.kill(fault.region)
        twin.rds.region_down(fault.region)
        twin.aws.outages.region_down(fault.region, CALLS[fault.calls])

    def _region_up(self, fault: form.RegionDown) -> None:
        """Power comes back: first what is on disk, then what was deployed."""
        twin = self._twin
        twin.network.rejoin(fault.region)
        twin.rds.region_up(fault.region)
        twin.services.restart(fault.region)
        twin.aws.outages.region_up(fault.region)
        self.lost.discard(fault.region)

    def _database_down(self, fault: form.DatabaseDown) -> None:
        self._twin.rds.instance_down(fault.region, self._instance(fault.database, fault.region))

    def _database_up(self, fault: form.DatabaseDown) -> None:
        self._twin.rds.instance_up(fault.region, self._instance(fault.database, fault.region))

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

    def _lag(self, fault: form.ReplicaLag) -> None:
        for region, instance in self._replicas(fault.database, fault.region):
            self._twin.rds.replica_lags(region, instance)

    def _catch_up(self, fault: form.ReplicaLag) -> None:
        for region, instance in self._replicas(fault.database, fault.region):
            self._twin.rds.replica_catches_up(region, instance)

    def _api_down(self, fault: form.ApiDown) -> None:
        self._twin.aws.outages.service_down(_signing(fault.service), fault.region, API[fault.calls])

    def _throttle(self, fault: form.ApiThrottled) -> None:
        if fault.share < 1:
            raise StageError(f"the twin throttles all calls or none; got a share of {fault.share}")
        self._twin.aws.outages.throttle(_signing(fault.service), fault.region)

    def _api_up(self, fault: form.ApiDown | form.ApiThrottled) -> None:
        self._twin.aws.outages.service_up(_signing(fault.service), fault.region)

    def _observer_down(self, fault: form.ObserverDown) -> None:
        self._stop(fault.region, "probe_regions")

    def _observer_up(self, fault: form.ObserverDown) -> None:
        self._resume(fault.region, "probe_regions")

    def _guard_dead(self, fault: form.GuardDead) -> None:
        self._stop(fault.region, "guard_lease")

    def _guard_alive(self, fault: form.GuardDead) -> None:
        self._resume(fault.region, "guard_lease")

    def _stop(self, region: str, step: str) -> None:
        """Allow the function no invocation, as an operator would, and kill what runs of it."""
        name, functions = self._twin.names.function(step), client("lambda", region)
        told = functions.get_function_concurrency(FunctionName=name)
        self._reserved[region, step] = told.get("ReservedConcurrentExecutions")
        functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
        self._twin.aws.functions.kill_function(region, name)

    def _resume(self, region: str, step: str) -> None:
        name, functions = self._twin.names.function(step), client("lambda", region)
        reserved = self._reserved.pop((region, step), None)
        if reserved is None:
            functions.delete_function_concurrency(FunctionName=name)
        else:
            functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=reserved)

    def _functions_down(self, fault: form.FunctionsDown) -> None:
        self._twin.aws.outages.region_down(fault.region, Failure.RESET)

    def _functions_up(self, fault: form.FunctionsDown) -> None:
        self._twin.aws.outages.region_up(fault.region)

    def _refuse_promotion(self, fault: form.PromotionRefused) -> None:
        for region, instance in self._all_copies(fault.region):
            self._twin.rds.faults.refuse(region, instance, code=fault.error, times=fault.times)

    def _leave_unanswered(self, fault: form.PromotionUnanswered) -> None:
        for region, instance in self._all_copies(fault.region):
            self._twin.rds.faults.leave_unanswered(region, instance, times=fault.times)

    def _allow_promotion(self, fault: form.PromotionRefused | form.PromotionUnanswered) -> None:
        for region, instance in self._all_copies(fault.region):
            self._twin.rds.faults.clear(region, instance)

    def _instance(self, database: str, region: str) -> str:
        return self._twin.names.db_instance(database, region)

    def _regions(self, region: str) -> list[str]:
        return list(self._twin.topology.region_names) if region == EVERYWHERE else [region]

    def _replicas(self, database: str, region: str) -> list[tuple[str, str]]:
        replicas = self._twin.topology.database(database).replicas
        return [(each, self._instance(database, each)) for each in replicas if region in (each, EVERYWHERE)]

    def _all_copies(self, region: str) -> list[tuple[str, str]]:
        return [
            (each, self._instance(database.name, each))
            for database in self._twin.topology.databases
            for each in database.regions
            if region in (each, EVERYWHERE)
        ]


def _signing(service: str) -> str:
    return SIGNING.get(service, service)
