"""Documents that are right, as the plain values that YAML gives."""

import math
import random
from typing import Any

import yaml
from hypothesis import strategies as st

from topology_document.regions import AWS_REGIONS, REGION_SETS

Document = dict[str, Any]

LABELS = st.from_regex(r"[a-z][a-z0-9]{0,6}(-[a-z0-9]{1,5})?", fullmatch=True)
ZONES = st.sampled_from(["WORLD", "EU", "US", "NO", "on", "1e3"])


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """A whole document without mistakes; what has a default is sometimes left out."""
    regions = draw(st.lists(st.sampled_from(AWS_REGIONS), min_size=3, max_size=5, unique=True))
    zones = [draw(ZONES.filter(str.isalpha)) for _ in regions]
    zones[1] = zones[0]
    quorum, places = _quorum(draw)
    document: Document = {
        "name": draw(LABELS),
        "account": draw(st.from_regex(r"[0-9]{12}", fullmatch=True)),
        "domain": f"{draw(LABELS)}.example",
        "regions": {
            name: {
                "role": "primary" if at == 0 else draw(st.sampled_from(["secondary", "active"])),
                "zone": zones[at],
                "cidr": f"10.{at}.0.0/{draw(st.integers(16, 20))}",
            }
            for at, name in enumerate(regions)
        },
        "quorum_store": quorum,
        "databases": _databases(draw, regions, zones),
        "routes": _routes(draw, regions),
        **_times(draw),
    }
    outside = [region for region in AWS_REGIONS if region not in regions]
    if not set(places) - set(regions) or draw(st.booleans()):
        chosen = draw(st.lists(st.sampled_from(outside), min_size=1, max_size=3, unique=True))
        document["observation"]["neutral"] = [f"https://dynamodb.{each}.amazonaws.com/ping" for each in chosen]
    if draw(st.booleans()):
        document["control_regions"] = draw(st.permutations([*regions, outside[0]]))
    return document


def _quorum(draw: st.DrawFn) -> tuple[Document, list[str]]:
    places = draw(st.permutations(draw(st.sampled_from(list(REGION_SETS.values())))))[:3]
    if draw(st.booleans()):
        return {"replicas": places}, places
    return {"replicas": places[:2], "witness": places[2]}, places


def _databases(draw: st.DrawFn, regions: list[str], zones: list[str]) -> Document:
    mates = [name for name, zone in zip(regions[1:], zones[1:], strict=True) if zone == zones[0]]
    single = st.fixed_dictionaries(
        {
            "engine": st.just("rds-postgres"),
            "replicas": st.lists(st.sampled_from(mates), min_size=1, unique=True),
        },
        optional={
            "kind": st.just("single"),
            "born_in": st.just(regions[0]),
            "residency": st.just(zones[0]),
            "rpo_seconds": st.integers(600, 86400),
            "storage_gib": st.integers(20, 1000),
            "instance_class": st.sampled_from(["db.t4g.medium", "db.r7g.large"]),
            "automation": st.sampled_from(["observe", "approve", "automatic"]),
            "together": st.just("shop"),
        },
    )
    home = st.fixed_dictionaries(
        {
            "engine": st.just("rds-postgres"),
            "kind": st.just("home-region"),
            "born_in": st.sampled_from(regions),
        }
    )
    built: Document = draw(st.dictionaries(LABELS, st.one_of(single, home), min_size=1, max_size=3))
    for database in built.values():
        if "together" in database:  # there must be a region that holds a replica of each
            database["replicas"] = sorted({mates[0], *database["replicas"]})
    return built


def _routes(draw: st.DrawFn, regions: list[str]) -> Document:
    route = st.fixed_dictionaries(
        {},
        optional={
            "policy": st.sampled_from(["latency", "weighted"]),
            "ttl_seconds": st.integers(1, 3600),
            "writes": st.booleans(),
            "regions": st.lists(st.sampled_from(regions), min_size=1, unique=True),
        },
    )
    built: Document = draw(st.dictionaries(LABELS, route, min_size=1, max_size=3))
    return built | draw(st.sampled_from([{}, {"@": {"ttl_seconds": 60}}]))


def _times(draw: st.DrawFn) -> Document:
    """Times that leave each other room, whole and broken."""
    probe = draw(st.one_of(st.integers(1, 20), st.floats(0.5, 20)))
    renew = draw(st.one_of(st.integers(1, 20), st.floats(0.5, 20)))
    misses = draw(st.integers(1, 10))
    lease = 3 * renew + draw(st.integers(1, 60))
    return {
        "observation": {"probe_seconds": probe, "timeout_seconds": probe / 2, "misses": misses}
        | draw(st.sampled_from([{}, {"fresh_seconds": probe * 4}])),
        "lease": {"lease_seconds": lease, "margin_seconds": lease / 10, "renew_seconds": renew},
        "failover": draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "automation": st.sampled_from(["observe", "approve", "automatic"]),
                    "dwell_seconds": st.integers(1, 600),
                    "cool_down_seconds": st.integers(1, 86400),
                    "database_dwell_seconds": st.integers(600, 900),
                    "flapping_dwell_seconds": st.integers(900, 3600),
                    "incident_lease_seconds": st.integers(30, 600),
                    "bake_seconds": st.integers(1, 15),
                    "veto": st.fixed_dictionaries({"event_bus": LABELS}, optional={"seconds": st.integers(1, 15)}),
                    "maintenance": st.lists(
                        st.fixed_dictionaries(
                            {
                                "weekday": st.sampled_from(["monday", "sunday"]),
                                "begins": st.sampled_from(["00:00", "12:30", "23:59"]),
                                "minutes": st.integers(1, 1440),
                            }
                        ),
                        max_size=2,
                    ),
                    "observers": st.just(2),
                },
            )
        ),
        "targets": {
            "rto_seconds": math.ceil(probe * misses) + 905 + draw(st.integers(0, 80000)),
            "rpo_seconds": draw(st.integers(math.ceil(lease), 600)),
            "detection_seconds": math.ceil(probe * misses) + draw(st.integers(0, 60)),
        },
    }


def as_yaml(document: Any) -> str:
    """Return the YAML of plain values, keys in their order."""
    text: str = yaml.safe_dump(document, sort_keys=False)
    return text


def shuffled(value: Any, chance: random.Random) -> Any:
    """Return equal values with the keys of every mapping in another order."""
    if isinstance(value, dict):
        keys = list(value)
        chance.shuffle(keys)
        return {key: shuffled(value[key], chance) for key in keys}
    return value
