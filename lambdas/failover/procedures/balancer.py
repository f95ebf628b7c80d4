"""What a region's load balancer is told of its region, so that an accelerator before it follows the lever."""

from failover.ports import Clock, Http
from failover.procedures.traffic import lever_urls
from failover.topology import Names, Topology

FRESH_SECONDS = 2.0
"""A load balancer asks from each of its zones; one round of questions serves them all."""

ASK_SECONDS = 1.5


class BalancerLever:
    """Whether its own region is evacuated, as any living control region says.

    The same sentence that Route 53's checkers hear: found is evacuated; absent, late, refused or unreachable is not, so
    that a dead control region evacuates nobody, and this function, when it sees nobody, neither.
    """

    def __init__(self, topology: Topology, region: str, http: Http, clock: Clock) -> None:
        self._urls = list(lever_urls(topology, region).values())
        self._token = Names(topology).lever_token(region)
        self._http, self._clock = http, clock
        self._evacuated, self._ask_at = False, float("-inf")

    def evacuated(self) -> bool:
        """Ask all the levers, unless they were asked a moment ago."""
        if self._clock.elapsed() >= self._ask_at:
            answers = self._http.get(self._urls, timeout_seconds=ASK_SECONDS).values()
            self._evacuated = any(each.status == 200 and self._token in each.body for each in answers)
            self._ask_at = self._clock.elapsed() + FRESH_SECONDS
        return self._evacuated
