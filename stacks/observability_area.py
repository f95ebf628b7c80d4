"""All stacks of observation: of each region, of all regions together, and the way of their logs."""

from collections.abc import Iterable
from typing import Final

from aws_cdk import aws_logs as logs
from constructs import Construct, IConstruct

from failover.topology import Names, Topology
from stacks.budgets_stack import BudgetsStack
from stacks.constructs import observed
from stacks.global_dashboard_stack import GlobalDashboardStack
from stacks.layer import LayerStack
from stacks.log_way_stack import LogWayStack
from stacks.logs_stack import LogsStack
from stacks.observability_stack import ObservabilityStack
from topology_document import Infrastructure
from topology_document.infrastructure.observability import LogsSection, SearchedIn

FUNCTIONS: Final = "/aws/lambda/lifeboat-"
"""How the names of the functions' log groups begin."""


def observability_stacks(scope: Construct, topology: Topology, infrastructure: Infrastructure) -> Iterable[LayerStack]:
    """Build what shows the regions, and where their logs go; it looks for the logs of all stacks that are there."""
    wanted = infrastructure.observability
    if infrastructure.costs is not None:
        yield BudgetsStack(scope, topology, infrastructure.costs)
    if wanted is None:
        return
    regions = {name: ObservabilityStack(scope, topology, name, wanted) for name in topology.aws_regions}
    yield from regions.values()
    if regions:
        yield GlobalDashboardStack(scope, topology, wanted)
    yield from _logs(scope, topology, wanted.logs, regions) if wanted.logs is not None else ()


def _logs(
    scope: Construct, topology: Topology, wanted: LogsSection, regions: dict[str, ObservabilityStack]
) -> Iterable[LayerStack]:
    names = Names(topology)
    for zone in observed.zones(names):
        gathering = observed.gathered_in(names, zone, wanted.gathered_in.get(zone))
        gathered = LogsStack(scope, topology, gathering, wanted, gathers=True)
        yield gathered
        for region in observed.zone_regions(names, zone):
            functions = _functions(scope, region)
            groups = [observed.application_log(names), *functions]
            searched = wanted.searched_in is SearchedIn.EACH_REGION and region != gathering
            way = LogWayStack(scope, topology, region, gathering, groups, searched=searched)
            way.add_stack_dependency(gathered, "its stream takes the logs")
            if searched:
                own = LogsStack(scope, topology, region, wanted, gathers=False)
                way.add_stack_dependency(own, "its stream takes the region's own logs")
                yield own
            way.add_stack_dependency(regions[region], "it has the application's group")
            for owner in dict.fromkeys(functions.values()):
                way.add_stack_dependency(owner, "it has the groups of functions")
            yield way


def _functions(scope: IConstruct, region: str) -> dict[str, LayerStack]:
    """Return the log groups of the functions in a region, each with the stack that it is in."""
    here = [each for each in scope.node.children if isinstance(each, LayerStack) and each.region_name == region]
    return {
        str(node.log_group_name): stack
        for stack in here
        for node in stack.node.find_all()
        if isinstance(node, logs.CfnLogGroup) and (node.log_group_name or "").startswith(FUNCTIONS)
    }
