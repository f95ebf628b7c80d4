"""All of it together: MiniStack's tables, checkers, policies, a client with a cache; a lever moves it."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from ministack.core.responses import request_scope
from ministack.services import route53

from failover.topology import Names, Topology
from twin.dns.data_plane import DataPlane
from twin.dns.resolver import ask_server
from twin.network import AddressPlan, Cut, NetworkState, Ports

US, EU = "us-east-1", "eu-west-1"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b"serving"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        del format, args


@pytest.fixture
def stage(topology: Topology, tmp_path: Path, free_port: Callable[[], int]) -> Iterator[tuple[DataPlane, NetworkState]]:
    """Two regions, each with a health check on its origin, and a route over both by latency."""
    random.seed(11)
    plan = AddressPlan.of(topology)
    servers = [ThreadingHTTPServer((plan.load_balancer(region), 0), Handler) for region in (US,)]
    servers.append(ThreadingHTTPServer((plan.load_balancer(EU), servers[0].server_port), Handler))
    threads = [threading.Thread(target=server.serve_forever, args=(0.05,)) for server in servers]
    for thread in threads:
        thread.start()
    plan = plan.with_ports(replace(Ports(), https=servers[0].server_port, dns=free_port()))
    names = Names(topology)
    route53.reset()
    with request_scope(topology.account, US):
        route53._zones["Z1"] = {"id": "Z1", "name": f"{topology.domain}.", "private": False}
        records = route53._default_records(f"{topology.domain}.")
        for region in (US, EU):
            check = {"Type": "HTTP", "Port": 443, "FullyQualifiedDomainName": names.origin(region)}
            check |= {"RequestInterval": 1, "FailureThreshold": 1}
            route53._health_checks[region] = {"id": region, "config": check}
            target = {"DNSName": f"alb-1.{region}.elb.amazonaws.com.", "EvaluateTargetHealth": True}
            records += [
                {"Name": f"{names.origin(region)}.", "Type": "A", "AliasTarget": target},
                {
                    "Name": f"{names.route('app')}.",
                    "Type": "CNAME",
                    "TTL": "20",
                    "SetIdentifier": region,
                    "Region": region,
                    "ResourceRecords": [names.origin(region)],
                    "HealthCheckId": region,
                },
            ]
        route53._records["Z1"] = records
    network = NetworkState(plan, tmp_path / "network.json")
    with DataPlane(topology, plan, network, lambda _name, _region: "OK") as data_plane:
        yield data_plane, network
    network.close()
    for server, thread in zip(servers, threads, strict=True):
        server.shutdown()
        server.server_close()
        thread.join(5)
    route53.reset()


def test_users_of_an_isolated_region_are_sent_elsewhere_and_back(
    stage: tuple[DataPlane, NetworkState], topology: Topology
) -> None:
    data_plane, network = stage
    name = Names(topology).route("app")
    ask = ask_server(data_plane.server.address, "127.0.101.1")

    def sent_to(address: str) -> bool:
        ends = time.monotonic() + 6
        while time.monotonic() < ends:
            if ask(name).addresses == (address,):
                return True
            time.sleep(0.05)
        return False

    assert sent_to("127.0.1.2")
    network.isolate(US, Cut.REFUSED)
    assert sent_to("127.0.2.2")
    assert [(change.check, change.healthy) for change in data_plane.health.changes()][-1] == (US, False)
    network.rejoin(US)
    assert sent_to("127.0.1.2")
    assert {answered.region for answered in data_plane.journal.since(name=name)} == {US}
