"""The entrances on AWS: an Application Load Balancer with two target groups, whose weights say which one is live."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from cli.rollout.entrances import Colour, EntranceUnreachableError, Figures, Stage, Standing
from failover.errors import LifeboatError
from failover.ports import Ports
from failover.topology import Topology

CALLS: Final = Config(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 2})
VERSION: Final = "lifeboat:version"
HTTPS: Final = 443
MINUTE: Final = 60
METRICS: Final = {
    "requests": ("RequestCount", "Sum"),
    "errors": ("HTTPCode_Target_5XX_Count", "Sum"),
    "p95": ("TargetResponseTime", "p95"),
}


def target_group(product: str, colour: Colour) -> str:
    """Return the name of a colour's target group; blue has the product's own."""
    return product if colour is Colour.BLUE else f"{product}-{colour}"


class AwsEntrances:
    """The load balancers of some stages, each asked in its own region.

    ``session`` gives that of an environment, which may be another account. Which colour is live stands in the
    listener's weights and nowhere else: a template says what they were born as, like a database's role.
    """

    def __init__(
        self,
        products: Mapping[str, Topology],
        session: Callable[[str], boto3.Session] = lambda _: boto3.Session(),
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._products, self._clock = products, clock
        self._client = cache(lambda name, place: session(place[0]).client(name, region_name=place[1], config=CALLS))

    def standing(self, stage: Stage) -> Standing:
        """Return which colour is live; raises ``EntranceUnreachableError``, as all of these do."""
        with _translated(stage):
            groups = self._groups(stage)
            weights = {each["TargetGroupArn"]: each.get("Weight", 1) for each in self._forward(stage)[1]}
            live = max(groups, key=lambda colour: weights.get(groups[colour], 0))
            told = self._elb(stage).describe_tags(ResourceArns=list(groups.values()))["TagDescriptions"]
            tags = {each["ResourceArn"]: {tag["Key"]: tag["Value"] for tag in each["Tags"]} for each in told}
            versions = {colour: tags[arn][VERSION] for colour, arn in groups.items() if VERSION in tags.get(arn, {})}
            return Standing(live, versions)

    def is_ready(self, stage: Stage, colour: Colour) -> bool:
        """Whether a colour has pods, and all of them answer."""
        with _translated(stage):
            told = self._elb(stage).describe_target_health(TargetGroupArn=self._groups(stage)[colour])
            states = [each["TargetHealth"]["State"] for each in told["TargetHealthDescriptions"]]
            # A target group that no traffic reaches checks its targets all the same, but says "unused" of some.
            return bool(states) and set(states) <= {"healthy", "unused"}

    def name(self, stage: Stage, colour: Colour, version: str) -> None:
        """Write down which version a colour has."""
        with _translated(stage):
            tag = {"Key": VERSION, "Value": version}
            self._elb(stage).add_tags(ResourceArns=[self._groups(stage)[colour]], Tags=[tag])

    def turn(self, stage: Stage, colour: Colour) -> None:
        """Lead all users of the entrance to a colour; safe to repeat."""
        with _translated(stage):
            groups = self._groups(stage)
            listener, _ = self._forward(stage)
            weighted = [{"TargetGroupArn": arn, "Weight": 1 if each is colour else 0} for each, arn in groups.items()]
            action = {"Type": "forward", "ForwardConfig": {"TargetGroups": weighted}}
            self._elb(stage).modify_listener(ListenerArn=listener, DefaultActions=[action])

    def figures(self, stage: Stage, colour: Colour) -> Figures:
        """Return what the load balancer saw of a colour in the last whole minute."""
        with _translated(stage):
            group = self._groups(stage)[colour].rsplit(":", maxsplit=1)[-1]
            balancer = self._balancer(stage).split(":loadbalancer/", maxsplit=1)[-1]
            dimensions = [{"Name": "TargetGroup", "Value": group}, {"Name": "LoadBalancer", "Value": balancer}]
            now = self._clock().replace(second=0, microsecond=0)
            told = self._client("cloudwatch", (stage.environment, stage.region)).get_metric_data(
                MetricDataQueries=[_query(key, *METRICS[key], dimensions) for key in METRICS],
                # A minute's points come up to a minute late.
                StartTime=now - timedelta(seconds=3 * MINUTE),
                EndTime=now,
                ScanBy="TimestampDescending",
            )
            newest = {each["Id"]: each["Values"][0] for each in told["MetricDataResults"] if each["Values"]}
            seconds = newest.get("p95")
            latency = None if seconds is None else 1000 * seconds
            return Figures(int(newest.get("requests", 0)), int(newest.get("errors", 0)), latency)

    def _elb(self, stage: Stage) -> Any:
        return self._client("elbv2", (stage.environment, stage.region))

    def _groups(self, stage: Stage) -> dict[Colour, str]:
        product = self._products[stage.environment].name
        wanted = {target_group(product, colour): colour for colour in Colour}
        told = self._elb(stage).describe_target_groups(Names=list(wanted))["TargetGroups"]
        return {wanted[each["TargetGroupName"]]: each["TargetGroupArn"] for each in told}

    def _balancer(self, stage: Stage) -> str:
        product = self._products[stage.environment].name
        told = self._elb(stage).describe_target_groups(Names=[product])["TargetGroups"]
        return str(told[0]["LoadBalancerArns"][0])

    def _forward(self, stage: Stage) -> tuple[str, list[dict[str, Any]]]:
        """Return the listener that users come to, and the groups that it leads to."""
        listeners = self._elb(stage).describe_listeners(LoadBalancerArn=self._balancer(stage))["Listeners"]
        listener = next(each for each in listeners if each["Port"] == HTTPS)
        forward = next(each for each in listener["DefaultActions"] if each["Type"] == "forward")
        alone = [{"TargetGroupArn": forward.get("TargetGroupArn"), "Weight": 1}]
        return listener["ListenerArn"], forward.get("ForwardConfig", {}).get("TargetGroups") or alone


class StoreOthers:
    """An open incident, a pause or a store that does not answer are reasons to turn nothing."""

    def __init__(self, ports: Ports) -> None:
        self._store, self._clock = ports.store, ports.clock

    def reason_to_wait(self) -> str | None:
        """Return why nothing may be turned to a new version now."""
        try:
            control = self._store.control()
        except LifeboatError as exc:
            return f"the quorum store does not answer: {exc}"
        if control.incident is not None:
            return f"the incident {control.incident.id} is open"
        if control.pause is not None and control.pause.until > self._clock.now():
            return f"paused until {control.pause.until:%H:%M:%S} UTC: {control.pause.reason}"
        return None


def _query(key: str, metric: str, statistic: str, dimensions: list[dict[str, str]]) -> dict[str, Any]:
    told = {"Namespace": "AWS/ApplicationELB", "MetricName": metric, "Dimensions": dimensions}
    return {"Id": key, "MetricStat": {"Metric": told, "Period": MINUTE, "Stat": statistic}}


@contextmanager
def _translated(stage: Stage) -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError, LookupError, StopIteration) as exc:
        raise EntranceUnreachableError(f"{stage}: its load balancer does not say what is live: {exc!r}") from exc
