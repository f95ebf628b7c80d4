"""HTTP as functions see it: the regions' own addresses, the levers, and the neutral places."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from failover.observation.round import DEEP_HEALTH, OWN_DOOR
from failover.ports import Answer
from failover.topology import Names, Topology
from rehearsal.form.fault_kinds import Amiss, Failing, Source
from simulator.kernel import Kernel
from simulator.world.deep_health import Told
from simulator.world.functions import FunctionFailed, Functions
from simulator.world.gray import Gray
from simulator.world.network import OUTSIDE, REFUSED_SECONDS, Network, NoAnswer, functions_in

LEVER_SECONDS: Final = 2.0
IN_SERVICE: Final = "in service"


class Place(NamedTuple):
    """Where a URL leads: to a region's service, a lever, a gateway without a route, or a neutral place."""

    region: str
    kind: str
    subject: str = ""


@dataclass(slots=True)
class Web:
    """Every address of a product. ``deep_health`` is what a region's service says."""

    kernel: Kernel
    network: Network
    functions: Functions
    topology: Topology
    deep_health: Callable[[str], Told]
    gray: Gray
    places: dict[str, Place] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = Names(self.topology)
        for region in self.topology.region_names:
            self.places[f"https://{names.origin(region)}{DEEP_HEALTH}"] = Place(region, "service")
        for region in self.topology.control_regions:
            self.places[f"https://{names.lever(region)}{OWN_DOOR}"] = Place(region, "door")
            for subject in self.topology.region_names:
                url = f"https://{names.lever(region)}{names.lever_path(subject)}"
                self.places[url] = Place(region, "lever", subject)
        for url in self.topology.observation.neutral:
            self.places[url] = Place(OUTSIDE, "neutral", url)

    def get(self, here: str, urls: Sequence[str], timeout_seconds: float) -> Mapping[str, Answer]:
        """Ask all at once; it takes as long as the slowest, and no longer than the time."""
        self.kernel.pay()
        levers = [url for url in urls if self.places[url].kind == "lever"]
        answers = {url: self._answer(here, self.places[url], timeout_seconds) for url in urls if url not in levers}
        if levers:
            source = functions_in(here)
            told = self.kernel.together(
                [lambda each=each: self._lever(source, self.places[each], timeout_seconds) for each in levers],  # type: ignore[misc]
                "levers",
            )
            answers.update(zip(levers, told, strict=True))
        else:
            slowest = max((each.seconds for each in answers.values()), default=0.0)
            self.kernel.sleep(min(timeout_seconds, slowest))
        return answers

    def _answer(self, here: str, place: Place, timeout: float) -> Answer:
        network, source, target = self.network, functions_in(here), place.region
        broken = network.broken(source, target) or network.broken(target, source)
        if broken is not None:
            lies = place.kind == "neutral" and self.gray.lies(Source.NEUTRAL_PLACES, here, Amiss.WRONG)
            return Answer(200, "healthy", REFUSED_SECONDS) if lies else _silence(broken, timeout)
        seconds = 2 * network.one_way(source, target)
        match place.kind:
            case "service":
                told = self.deep_health(target)
                status, body = self.gray.told(
                    Source.HEALTH, target, "", (told.status, told.body), partial=_broken_off, wrong=_all_is_well
                )
                answer = Answer(status, body, seconds + told.seconds + self.gray.late(Source.HEALTH, target))
            case "door":
                answer = Answer(404, "", seconds)
            case _ if self._missing(here, place):
                return _silence(Failing.HANG, timeout)
            case _:
                answer = Answer(200, "healthy", seconds + self.gray.late(Source.NEUTRAL_PLACES, here))
        return answer if answer.seconds <= timeout else _silence(Failing.HANG, timeout)

    def _missing(self, here: str, place: Place) -> bool:
        """Whether a neutral place does not answer a region that sees only one of them."""
        partial = self.gray.lies(Source.NEUTRAL_PLACES, here, Amiss.PARTIAL)
        return partial and place.subject != self.topology.observation.neutral[0]

    def _lever(self, source: str, place: Place, timeout: float) -> Answer:
        began = self.kernel.now
        try:
            answer = self.ask_lever(source, place.region, place.subject, timeout)
        except (NoAnswer, FunctionFailed) as exc:
            return Answer(0, "", self.kernel.now - began, str(exc))
        return Answer(200, answer, self.kernel.now - began)

    def ask_lever(self, source: str, region: str, subject: str, limit_seconds: float = LEVER_SECONDS) -> str:
        """Ask a control region's lever of a region, as a health checker or a step does; takes its time.

        Raises:
            NoAnswer, FunctionFailed: nothing that could be read came back.
        """
        event = {"pathParameters": {"region": subject}}
        told = self.functions.invoke(source, region, "answer_lever", event, limit_seconds)
        self.kernel.sleep(self.gray.late(Source.LEVER, region))
        return self.gray.told(Source.LEVER, region, subject, str(told["body"]), wrong=lambda _body: IN_SERVICE)


def _broken_off(answer: tuple[int, str]) -> tuple[int, str]:
    status, body = answer
    return status, body[: len(body) // 2]


def _all_is_well(_answer: tuple[int, str]) -> tuple[int, str]:
    return 200, "{}"


def _silence(how: Failing, timeout: float) -> Answer:
    if how is Failing.REFUSE:
        return Answer(0, "", REFUSED_SECONDS, "connection refused")
    return Answer(0, "", timeout, "no answer in time")
