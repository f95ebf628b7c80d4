"""AWS as the twin has it: MiniStack in this process, with what it lacks, at one loopback address per region."""

import contextlib
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

from ministack import app as ministack_app

from twin.aws import settings
from twin.aws.calls import CallCounter
from twin.aws.cloudformation import ResourceTypes
from twin.aws.errors import NotStartedError
from twin.aws.events import Event, Events
from twin.aws.functions import Functions
from twin.aws.gate import Gate
from twin.aws.global_caches import GlobalCaches
from twin.aws.http_apis import HttpApis
from twin.aws.listeners import Listeners
from twin.aws.machines import Machines
from twin.aws.node_groups import NodeGroups
from twin.aws.outages import CallFaults, Outages
from twin.aws.patches import Patches
from twin.aws.rights import Rights
from twin.aws.ssm import public_parameters
from twin.aws.tables import Tables
from twin.aws.threads import Threads
from twin.aws.transit_gateways import TransitGateways
from twin.network.addresses import OPERATOR, AddressPlan

ACCOUNT: Final = "111122223333"
Part = TypeVar("Part")
_ONE_AT_A_TIME: Final = threading.Lock()


def _nothing(_region: str) -> Mapping[str, str]:
    return {}


class EmulatedAws:
    """The AWS of one twin, between ``start`` and ``stop``; also a context.

    One at a time in a process, since MiniStack's state is the process's.

    Args:
        plan: the regions, their vantage addresses, and the API's port.
        worker_environment: region → variables for the functions that run there, beside those of Lambda.
        folder: where functions' code and logs and MiniStack's own log go, and stay; without it a temporary
            folder, which goes with the twin.
        account: the account, and the access key id of everybody who calls.
        first_firing_seconds: how long after its creation a ``rate`` rule fires first; AWS lets a whole
            period pass, and so does the twin unless told.
        preload: modules that functions have in common, imported once for a region.
    """

    def __init__(
        self,
        plan: AddressPlan,
        *,
        worker_environment: Callable[[str], Mapping[str, str]] = _nothing,
        folder: Path | None = None,
        account: str = ACCOUNT,
        first_firing_seconds: float | None = None,
        preload: tuple[str, ...] | None = None,
    ) -> None:
        self.plan = plan
        self.account = account
        self.outages = Outages(plan.regions)
        self.faults = CallFaults()
        self.calls = CallCounter()
        self.rights = Rights()
        self.node_groups = NodeGroups()
        self.global_caches = GlobalCaches()
        self._given_folder = folder
        self._worker_environment = worker_environment
        self._first_firing_seconds = first_firing_seconds
        self._preload = preload
        self._closing = contextlib.ExitStack()
        self._functions: Functions | None = None
        self._machines: Machines | None = None
        self._events: Events | None = None
        self._types: ResourceTypes | None = None
        self._apis: HttpApis | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start, with nothing deployed.

        Raises:
            NotStartedError: an address is taken, or another emulated AWS runs in this process; nothing is left.
        """
        if not _ONE_AT_A_TIME.acquire(blocking=False):
            raise NotStartedError("another emulated AWS runs in this process; stop it first")
        self._closing.callback(_ONE_AT_A_TIME.release)
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End every process, thread and listener, and forget everything deployed; safe to repeat."""
        self._closing.close()

    def _start(self) -> None:
        closing, plan = self._closing, self.plan
        folder = self._given_folder or Path(tempfile.mkdtemp(prefix="lifeboat-aws-"))
        if self._given_folder is None:
            closing.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        closing.enter_context(settings.served_at(plan.ports.api, self.account))
        closing.enter_context(settings.log_in(folder / "ministack.log"))
        closing.callback(ministack_app._reset_all_state)
        patches = Patches()
        closing.callback(patches.undo)
        threads = Threads()
        closing.callback(threads.close)

        self.rights.install(patches)
        self._functions = Functions(
            surroundings=self._surroundings,
            folder=folder,
            outages=self.outages,
            threads=threads,
            rights=self.rights,
            **({} if self._preload is None else {"modules": self._preload}),
        )
        closing.callback(self._functions.close)
        self._functions.install(patches)
        self._machines = Machines(self.outages, threads)
        self._machines.install(patches)
        self._events = Events(self.account, self.outages, threads, self._first_firing_seconds)
        self._events.install(patches)
        # Before the types are judged: those of the gateways are among them.
        TransitGateways().install(patches)
        self._types = ResourceTypes(self.endpoint)
        self._types.install(patches)
        self.node_groups.install(patches)
        self.global_caches.install(patches)
        Tables(self.outages).install(patches)
        public_parameters.install(patches)
        self._apis = HttpApis((OPERATOR, plan.ports.api), self.account)

        regions = {plan.vantage(region): region for region in plan.regions}
        gate = Gate(
            *(ministack_app.app, regions, self.outages, self.faults, self.calls),
            deaths=self._functions.deaths,
            rights=self.rights,
        )
        places = [(address, plan.ports.api) for address in (OPERATOR, *regions)]
        listeners = Listeners(gate, places)
        patches.replace(ministack_app, "_MAIN_LOOP", listeners.loop)
        listeners.start()
        closing.callback(listeners.stop)
        # Before the connections that wait for them.
        closing.callback(self._functions.close)
        # First of all at the end, so that nothing starts while the rest ends.
        closing.callback(threads.stop_waiting)
        self._events.start()

    def endpoint(self, region: str | None = None) -> str:
        """The URL of the API for callers in a region, or for the operator.

        Every region's API answers at every URL; the URL says where the caller is.
        """
        address = OPERATOR if region is None else self.plan.vantage(region)
        return f"http://{address}:{self.plan.ports.api}"

    def environment(self, region: str | None = None) -> dict[str, str]:
        """The variables with which ``aws``, ``cdk`` and the SDKs call from a region, or as the operator."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint(region),
            "AWS_ACCESS_KEY_ID": self.account,
            "AWS_SECRET_ACCESS_KEY": "twin",
            "AWS_REGION": region or settings.HOME,
            "AWS_DEFAULT_REGION": region or settings.HOME,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    @property
    def functions(self) -> Functions:
        """Lambda: what functions logged."""
        return _started(self._functions)

    @property
    def machines(self) -> Machines:
        """Step Functions: how executions stand, and when states are left."""
        return _started(self._machines)

    @property
    def events(self) -> Events:
        """EventBridge: what becomes of events on their way."""
        return _started(self._events)

    @property
    def apis(self) -> HttpApis:
        """API Gateway's HTTP APIs."""
        return _started(self._apis)

    def put_aws_event(self, region: str, event: Event) -> None:
        """Deliver an event with an ``aws.*`` source to a region's default bus; nothing happens in a lost region."""
        _started(self._events).put_aws_event(region, event)

    def recorded_only_types(self) -> dict[str, str]:
        """The CloudFormation types used so far that the twin only records, each with what is missing of it."""
        return _started(self._types).recorded_only()

    def _surroundings(self, region: str) -> dict[str, str]:
        """What every function of a region finds in its environment."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TMPDIR") if name in os.environ}
        lambdas = {"AWS_ENDPOINT_URL": self.endpoint(region), "AWS_EC2_METADATA_DISABLED": "true"}
        return kept | lambdas | dict(self._worker_environment(region))


def _started(part: Part | None) -> Part:
    if part is None:
        raise NotStartedError("the emulated AWS is not started; call start() first, or use it as a context")
    return part
