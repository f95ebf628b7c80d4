"""The checks as a table: what each reads, and the function that looks.

A check is left out where a value that it reads is broken in itself: its answer would be about a stand-in.
"""

from collections.abc import Iterable
from typing import Final

from topology_document.checks import (
    at_home,
    data,
    datasets,
    delivery,
    names,
    network,
    neutral,
    observability,
    places,
    policy,
    publications,
    recovery,
    regional,
    security,
    services,
    sites,
    steering,
    timing,
    together,
    traffic,
)
from topology_document.checks.check import Check
from topology_document.checks.kept_table import KEPT
from topology_document.checks.lawful_table import LAWFUL
from topology_document.document import TopologyDocument
from topology_document.findings import Finding, Path

MISTAKES: Final = (
    Check(places.one_primary, ("regions.*.role",)),
    Check(sites.regions_of_aws_or_sites, ("regions.*.site",)),
    Check(
        sites.servers_of_their_own_at_sites,
        ("regions.*", "databases.*.engine", "databases.*.replicas", "databases.*.born_in"),
    ),
    Check(sites.sites_with_their_section, ("regions.*.site", "sites")),
    Check(
        sites.servers_with_ports_of_their_own,
        ("regions.*", "databases.*.port", "databases.*.replicas", "databases.*.born_in"),
    ),
    Check(sites.pairs_of_one_zone, ("regions.*.site", "regions.*.zone")),
    Check(sites.pairs_of_different_providers, ("regions.*.site",)),
    Check(sites.control_regions_of_aws, ("regions.*.site", "control_regions")),
    Check(sites.latencies_apart, ("regions.*", "routes.*.policy", "routes.*.regions")),
    Check(places.networks_apart, ("regions.*.cidr",)),
    Check(places.three_quorum_places, ("quorum_store.replicas", "quorum_store.witness")),
    Check(places.different_quorum_places, ("quorum_store.replicas", "quorum_store.witness")),
    Check(places.one_region_set, ("quorum_store.replicas", "quorum_store.witness")),
    Check(places.control_regions_once, ("control_regions",)),
    Check(places.enough_observers, ("regions.*", "control_regions", "failover.automation", "failover.observers")),
    Check(data.kind_that_the_engine_has, ("databases.*.engine", "databases.*.kind")),
    Check(data.class_that_the_engine_takes, ("databases.*.engine", "databases.*.instance_class")),
    Check(data.born_where_it_may_be, ("regions.*.role", "databases.*.born_in", "databases.*.kind")),
    Check(data.replicas_in_declared_regions, ("regions.*", "databases.*.replicas")),
    Check(data.replicas_once, ("databases.*.replicas",)),
    Check(
        data.replicas_elsewhere, ("regions.*.role", "databases.*.replicas", "databases.*.born_in", "databases.*.kind")
    ),
    Check(
        data.replicas_of_the_writer,
        ("regions.*.role", "databases.*.replicas", "databases.*.born_in", "databases.*.follows"),
    ),
    Check(data.standby_that_can_be_replicated, ("databases.*.engine", "databases.*.replicas", "databases.*.standby")),
    Check(data.home_data_stays, ("databases.*.kind", "databases.*.replicas")),
    Check(data.somewhere_to_fail_over_to, ("databases.*.kind", "databases.*.replicas", "failover.automation")),
    Check(data.known_residency, ("regions.*.zone", "databases.*.residency")),
    Check(
        data.inside_the_residency,
        (
            "regions.*.zone",
            "regions.*.role",
            "databases.*.residency",
            "databases.*.replicas",
            "databases.*.born_in",
            "databases.*.kind",
        ),
    ),
    Check(datasets.datasets_of_known_databases, ("datasets.*", "databases.*")),
    Check(datasets.other_zones_that_there_are, ("regions.*.zone", "databases.*.also_in", "databases.*.born_in")),
    Check(
        datasets.kept_data_stays,
        ("regions.*.zone", "datasets.*", "databases.*.replicas", "databases.*.also_in", "databases.*.born_in"),
    ),
    Check(datasets.what_leaves_is_declared, ("datasets.*", "databases.*.also_in")),
    Check(publications.ends_that_stay, ("databases.*.kind", "publications.*.*")),
    Check(publications.two_ends, ("publications.*.*",)),
    Check(publications.nothing_personal_leaves, ("publications.*.tables.*.*", "databases.*.born_in", "regions.*")),
    Check(publications.identity_is_published, ("publications.*.tables.*.*",)),
    Check(at_home.hosts_of_self_managed_databases, ("databases.*.engine", "hosts")),
    Check(at_home.notices_of_known_routes, ("routes.*", "notices")),
    Check(traffic.free_names, ("routes.*",)),
    Check(traffic.apex_has_a_load_balancers_ttl, ("routes.*.ttl_seconds",)),
    Check(traffic.routes_to_declared_regions, ("regions.*", "routes.*.regions")),
    Check(traffic.policy_that_can_answer, ("regions.*", "routes.*.policy", "routes.*.regions")),
    Check(timing.probe_answers_before_the_next, ("observation.timeout_seconds", "observation.probe_seconds")),
    Check(timing.votes_outlive_two_probes, ("observation.fresh_seconds", "observation.probe_seconds")),
    Check(
        timing.detection_can_be_kept,
        ("targets.detection_seconds", "observation.probe_seconds", "observation.misses"),
    ),
    Check(
        timing.recovery_that_some_engine_reaches,
        (
            "targets.rto_seconds",
            "observation.probe_seconds",
            "observation.misses",
            "failover.dwell_seconds",
            "failover.database_dwell_seconds",
            "databases.*.kind",
        ),
    ),
    Check(timing.lease_outlives_its_margin, ("lease.lease_seconds", "lease.margin_seconds")),
    Check(timing.lease_outlives_two_misses, ("lease.lease_seconds", "lease.renew_seconds")),
    Check(timing.loss_can_be_bounded, ("lease.lease_seconds", "targets.rpo_seconds", "databases.*.rpo_seconds")),
    Check(policy.databases_wait_longest, ("failover.dwell_seconds", "failover.database_dwell_seconds")),
    Check(
        policy.flapping_waits_longer,
        ("failover.dwell_seconds", "failover.database_dwell_seconds", "failover.flapping_dwell_seconds"),
    ),
    Check(
        policy.executor_outlives_its_waits,
        ("failover.incident_lease_seconds", "failover.bake_seconds", "failover.veto"),
    ),
    Check(policy.one_who_may_refuse, ("failover.veto.function_arn", "failover.veto.event_bus")),
    Check(policy.windows_of_declared_regions, ("regions.*", "failover.maintenance")),
    Check(together.groups_that_can_move, ("databases.*.together", "databases.*.kind")),
    Check(together.groups_with_a_region_in_common, ("databases.*.together", "databases.*.replicas")),
    Check(together.workers_of_known_databases, ("workers.*.database", "databases.*.kind")),
    Check(regional.room_to_take_over, ("regions.*.nodes", "regions.*.most_nodes")),
    Check(regional.needed_nodes_that_run, ("regions.*.nodes", "regions.*.needed_nodes")),
    Check(regional.caches_in_declared_regions, ("regions.*", "caches.*.born_in", "caches.*.replicas")),
    Check(regional.cache_regions_once, ("regions.*.role", "caches.*.born_in", "caches.*.replicas")),
    Check(
        regional.global_caches_as_the_service_has_them,
        ("regions.*", "caches.*.tier", "caches.*.born_in", "caches.*.replicas"),
    ),
    Check(regional.datastores_of_nodes_that_take_them, ("caches.*.tier", "caches.*.node_type")),
    Check(regional.neighbours_of_one_zone, ("regions.*", "caches.*.tier", "caches.*.neighbours")),
    Check(security.trails_in_control_regions, ("regions.*", "control_regions", "security.audit.trails")),
    Check(security.laws_of_known_zones, ("regions.*.zone", "security.compliance.laws")),
    Check(security.gateway_of_a_route, ("routes.*", "security.gateway")),
    Check(security.secured_places, ("regions.*", "control_regions", "security")),
    *KEPT,
    Check(neutral.some_neutral_place, ("observation.neutral", "quorum_store", "regions.*")),
    Check(neutral.neutral_places_once, ("observation.neutral",)),
    Check(neutral.outside_the_product, ("observation.neutral", "regions.*", "domain")),
    Check(
        names.names_fit,
        (
            "name",
            "account",
            "domain",
            "regions.*.role",
            "control_regions",
            "databases.*.born_in",
            "databases.*.replicas",
        ),
    ),
    Check(names.names_are_ours, ("name",)),
    Check(names.route_names_fit, ("domain", "routes.*")),
    Check(network.gateways_of_the_regions, ("regions.*", "network.transit")),
    Check(network.services_have_addresses_of_their_own, ("regions.*.cidr", "compute.service_cidr")),
    Check(network.cities_of_declared_regions, ("regions.*", "routes.*", "edge")),
    Check(services.critical_on_nodes_that_stay, ("services.*.critical", "services.*.capacity")),
    Check(services.spot_nodes_to_stand_on, ("services.*.capacity", "compute.spot")),
    Check(services.nodes_of_one_architecture, ("compute.instance_types", "compute.spot")),
    Check(services.replicas_in_every_zone, ("services.*",)),
    Check(
        services.calls_of_known_services,
        ("services.*", "databases.*", "caches.*", "tables.*", "buckets.*", "models.*", "regions.*"),
    ),
    Check(services.somebody_to_answer_every_call, ("regions.*", "services.*")),
    Check(services.reached_where_it_runs, ("regions.*", "routes.*", "services.*")),
    Check(services.paths_of_one_service, ("services.*.paths",)),
    Check(services.somebody_answers_the_observers, ("regions.*", "services.*.paths", "services.*.regions")),
    Check(observability.measured_in_declared_regions, ("regions.*", "observability", "costs")),
    Check(observability.logs_stay_in_their_zone, ("regions.*.zone", "observability.logs")),
    Check(observability.logs_grow_cold_before_they_go, ("observability.logs",)),
    Check(observability.search_that_has_a_place, ("observability.logs",)),
    Check(observability.two_variants_to_compare, ("observability.metrics",)),
    Check(steering.steering_of_declared_routes, ("routes.*", "steering")),
    Check(
        steering.steering_that_the_policy_knows,
        ("routes.*.policy", "steering.*.places.*.*", "steering.*.elsewhere", "steering.*.biases", "steering.*.weights"),
    ),
    Check(
        steering.places_of_one_route_each,
        ("regions.*.zone", "routes.*", "steering.*.places.*.*", "steering.*.elsewhere"),
    ),
    Check(
        steering.regions_of_the_route,
        (
            "regions.*",
            "routes.*.regions",
            "steering.*.biases",
            "steering.*.all_unhealthy",
            "steering.*.weights.capacity_per_minute",
        ),
    ),
    Check(steering.weights_within_a_zone, ("regions.*.zone", "routes.*.regions", "steering.*.weights")),
    Check(steering.weights_that_can_move, ("steering.*.weights",)),
    Check(
        steering.endpoints_move_readers_alone,
        ("routes.*.writes", "steering.*.checks", "steering.*.all_unhealthy", "notices.*"),
    ),
    Check(recovery.recovery_of_declared_routes, ("routes.*", "recovery")),
    Check(recovery.recovery_of_a_first_region, ("routes.*.policy", "recovery", "notices", "steering.*")),
    Check(delivery.delivery_names_are_free, ("routes.*", "delivery.accelerator.name", "delivery.cdn.names")),
    Check(
        delivery.origins_that_are_there,
        ("routes.*", "delivery.accelerator.name", "delivery.cdn.origin", "delivery.cdn.fallback"),
    ),
    Check(delivery.dials_of_declared_regions, ("regions.*", "delivery.accelerator.dials")),
    Check(delivery.nothing_of_two_laws_at_once, ("regions.*.zone", "delivery.accelerator", "delivery.cdn.behaviors")),
    Check(delivery.paths_of_one_behavior_each, ("delivery.cdn.behaviors",)),
    Check(delivery.writers_are_known_to_the_origin, ("delivery.cdn.behaviors.*",)),
    Check(delivery.invalidations_that_cloudfront_takes, ("delivery.cdn.invalidation",)),
    *LAWFUL,
)

WARNINGS: Final = (
    Check(timing.recovery_can_be_kept, ()),
    Check(neutral.more_than_one_neutral_place, ()),
    Check(places.networks_are_private, ()),
    Check(regional.room_for_a_lost_region, ()),
    Check(together.groups_of_several, ()),
    Check(network.way_out_that_one_zone_takes_away, ()),
    Check(observability.alarms_of_a_primary_with_copies, ()),
)


def found_by(checks: Iterable[Check], document: TopologyDocument, broken: Iterable[Path] = ()) -> list[Finding]:
    """Return what the checks find that rely on no broken path."""
    unreliable = tuple(broken)
    found: list[Finding] = []
    for check in checks:
        if not any(check.relies_on(path) for path in unreliable):
            told = {finding.path[:2] for finding in found} if check.beneath else set[Path]()
            found += [finding for finding in check.find(document) if finding.path[:2] not in told]
    return found
