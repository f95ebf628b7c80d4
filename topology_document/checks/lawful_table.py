"""The checks of what is tried on purpose or in other environments, and of everything that flows: these come last."""

from typing import Final

from topology_document.checks import environments, experiments, residency, rollout
from topology_document.checks.check import Check

LAWFUL: Final = (
    Check(experiments.practised_where_it_can_be, ("regions.*", "control_regions", "experiments")),
    Check(experiments.practised_outside_maintenance, ("failover.maintenance", "experiments")),
    Check(experiments.rehearsed_from_elsewhere, ("regions.*", "control_regions", "experiments")),
    Check(experiments.practised_by_who_acts, ("failover.automation", "experiments")),
    Check(rollout.rolled_out_to_every_region, ("regions.*", "rollout.order")),
    Check(rollout.colours_with_names, ("name", "services.*", "rollout")),
    Check(rollout.users_to_turn, ("services.*", "rollout")),
    Check(
        environments.environments_in_the_products_regions,
        ("regions.*", "environments.*.region", "environments.*.regions"),
    ),
    Check(environments.several_regions_without_a_site, ("regions.*", "environments.*.regions")),
    Check(environments.several_regions_of_staging, ("regions.*", "environments.*.region", "environments.*.regions")),
    Check(
        environments.staging_where_data_can_move,
        (
            "regions.*.role",
            "environments.*.regions",
            "failover.automation",
            "databases.*.kind",
            "databases.*.replicas",
            "databases.*.born_in",
        ),
    ),
    Check(residency.zones_that_there_are, ("regions.*.zone", "zones")),
    Check(residency.users_of_one_zone, ("zones.*.users",)),
    Check(residency.flows_that_are_lawful, (), beneath=True),
)
