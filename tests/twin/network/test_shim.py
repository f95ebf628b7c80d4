"""The shim as a child process meets it: a real DNS server, a real TLS listener, a fresh interpreter."""

from __future__ import annotations

import importlib
import json
import os
import socket
import ssl
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from twin.dns.answers import Answers, Sources
from twin.dns.aws_names import AwsNames
from twin.dns.records import RecordSet, Zone
from twin.dns.server import DnsServer
from twin.network import AddressPlan, CertificateAuthority, Cut, NetworkState, Ports
from twin.network.surroundings import REPOSITORY, surroundings

ORIGIN = "eu-west-1.origin.quickstart.example"


class Echo(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = json.dumps({"peer": self.client_address[0], "host": self.headers["Host"]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        del format, args


class Child:
    def __init__(self, plan: AddressPlan, network: NetworkState, environment: dict[str, str]) -> None:
        self.plan, self.network, self._environment = plan, network, environment

    def run(self, script: str, **changed: str) -> Any:
        """Run a script that prints JSON in an interpreter of its own, in us-east-1."""
        environment = {**os.environ, **self._environment, **changed}
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(script)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
def child(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    folder = tmp_path_factory.mktemp("twin")
    plan = AddressPlan(("us-east-1", "eu-west-1"), ("orders",), Ports())
    authority = CertificateAuthority(folder)
    files = authority.issue("server", ["*.origin.quickstart.example", "quickstart.example"])
    server = ThreadingHTTPServer((plan.load_balancer("eu-west-1"), 0), Echo)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(files.certificate, files.key)
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    postgres = socket.create_server((plan.database("orders", "eu-west-1"), 0))
    record = RecordSet(f"{ORIGIN}.", "A", 20, (plan.load_balancer("eu-west-1"),))
    zone = Zone.of("Z1", "quickstart.example", [record])
    aws = AwsNames(plan, lambda name, region: plan.database("orders", region) if name == "orders" else None)
    answers = Answers(Sources(lambda: [zone], lambda _: True, aws))
    with DnsServer(("127.0.0.1", 0), answers, plan.place) as dns:
        plan = plan.with_ports(
            replace(Ports(), https=server.server_port, postgres=postgres.getsockname()[1], dns=dns.address[1])
        )
        network = NetworkState(plan, folder / "network.json")
        yield Child(plan, network, surroundings(plan, plan.vantage("us-east-1"), network.path, authority.file))
        network.close()
    postgres.close()
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture(autouse=True)
def healed(child: Child) -> Iterator[None]:
    yield
    child.network.heal_all()


def test_http_client_comes_from_the_region_and_trusts_the_run(child: Child) -> None:
    seen = child.run(f"""
        import http.client
        connection = http.client.HTTPSConnection("{ORIGIN}", timeout=5)
        connection.request("GET", "/")
        print(connection.getresponse().read().decode())
    """)
    assert seen == {"peer": "127.0.1.1", "host": ORIGIN}


def test_urllib3_and_asyncio_do_so_too(child: Child) -> None:
    seen = child.run(f"""
        import asyncio, json, ssl, urllib3
        first = urllib3.PoolManager(retries=False).request("GET", "https://{ORIGIN}/").json()

        async def second():
            reader, writer = await asyncio.open_connection("{ORIGIN}", 443, ssl=ssl.create_default_context())
            peer = writer.get_extra_info("sockname")[0]
            writer.close()
            return peer

        print(json.dumps([first["peer"], asyncio.run(second())]))
    """)
    assert seen == ["127.0.1.1", "127.0.1.1"]


def test_postgres_clients_in_python_reach_the_mapped_port(child: Child) -> None:
    seen = child.run("""
        import json, socket
        with socket.create_connection(("orders.abc123.eu-west-1.rds.amazonaws.com", 5432), timeout=5) as connection:
            print(json.dumps([connection.getpeername(), connection.getsockname()[0]]))
    """)
    assert seen == [["127.0.2.10", child.plan.ports.postgres], "127.0.1.1"]


def test_a_dropped_path_hangs_until_the_callers_timeout(child: Child) -> None:
    child.network.cut("us-east-1", "eu-west-1", Cut.DROPPED)
    name, seconds = child.run(f"""
        import json, socket, time
        began = time.monotonic()
        try:
            socket.create_connection(("{ORIGIN}", 443), timeout=0.3)
        except OSError as exc:
            print(json.dumps([type(exc).__name__, time.monotonic() - began]))
    """)
    assert name == "TimeoutError"
    assert 0.25 < seconds < 2


def test_asyncio_hangs_on_a_dropped_path_too(child: Child) -> None:
    child.network.cut("us-east-1", "*", Cut.DROPPED)
    seen = child.run(f"""
        import asyncio, json

        async def attempt():
            try:
                async with asyncio.timeout(0.3):
                    await asyncio.open_connection("{ORIGIN}", 443)
            except TimeoutError:
                return "timed out"

        print(json.dumps(asyncio.run(attempt())))
    """)
    assert seen == "timed out"


def test_a_refused_path_fails_at_once(child: Child) -> None:
    child.network.cut("us-east-1", "eu-west-1", Cut.REFUSED)
    seen = child.run(f"""
        import json, socket
        try:
            socket.create_connection(("{ORIGIN}", 443), timeout=10)
        except OSError as exc:
            print(json.dumps(type(exc).__name__))
    """)
    assert seen == "ConnectionRefusedError"


def test_a_cut_is_seen_by_a_process_that_runs_already(child: Child) -> None:
    child.network.cut("eu-west-1", "us-east-1")
    seen = child.run(f"""
        import json, os, socket
        def attempt():
            try:
                socket.create_connection(("{ORIGIN}", 443), timeout=5).close()
                return "open"
            except ConnectionRefusedError:
                return "refused"
        path = os.environ["LIFEBOAT_TWIN_NETWORK"]
        before = attempt()
        document = json.load(open(path))
        document["cut"] = document["refused"] = [["us-east-1", "eu-west-1"]]
        json.dump(document, open(path + ".new", "w"))
        os.replace(path + ".new", path)
        print(json.dumps([before, attempt()]))
    """)
    assert seen == ["open", "refused"]


@pytest.mark.parametrize("name", ["nowhere.quickstart.example", "example.org", "x" * 70 + ".example", "näme.example"])
def test_a_name_that_the_twin_does_not_know_is_asked_of_nobody_else(child: Child, name: str) -> None:
    seen = child.run(f"""
        import json, socket
        try:
            socket.getaddrinfo({name!r}, 443)
        except socket.gaierror as exc:
            print(json.dumps(exc.errno == socket.EAI_NONAME))
    """)
    assert seen is True


def test_this_machine_is_found_without_dns_and_other_machines_are_not_reached(child: Child) -> None:
    seen = child.run(
        """
        import json, socket
        local = [socket.getaddrinfo(name, 80, socket.AF_INET)[0][4][0] for name in ("localhost", "s3.localhost")]
        try:
            socket.create_connection(("192.0.2.1", 80), timeout=5)
        except OSError as exc:
            print(json.dumps([local, type(exc).__name__, socket.getfqdn("127.0.1.1")]))
        """,
        LIFEBOAT_TWIN_DNS="127.0.0.1:1",
    )
    assert seen == [["127.0.0.1", "127.0.0.1"], "ConnectionRefusedError", "127.0.1.1"]


def test_without_a_twin_nothing_is_changed(child: Child) -> None:
    seen = child.run("""
        import os, subprocess, sys
        del os.environ["LIFEBOAT_TWIN_DNS"]
        code = "import sitecustomize, socket; print(int(socket.getaddrinfo.__module__ == 'socket'))"
        subprocess.run([sys.executable, "-c", code], check=True)
    """)
    assert seen == 1


def test_what_connects_in_c_is_told_where_to_go(child: Child) -> None:
    script = """
        import json
        from twin.dns.resolve import dial, resolve
        name = "orders.abc123.eu-west-1.rds.amazonaws.com"
        print(json.dumps([resolve(name), dial(name, 5432)]))
    """
    path = os.pathsep.join((str(REPOSITORY / "twin" / "site"), str(REPOSITORY)))
    seen = child.run(script, PYTHONPATH=path)
    assert seen == [["127.0.2.10"], ["127.0.2.10", child.plan.ports.postgres]]
    child.network.cut("us-east-1", "eu-west-1", Cut.REFUSED)
    assert child.run(script, PYTHONPATH=path)[1] == ["127.0.252.1", 1]


def test_the_shim_imports_nothing_but_the_standard_librarys_small_parts() -> None:
    script = """
        import sys
        before = set(sys.modules)
        import sitecustomize
        print(sorted({"typing", "dataclasses", "json", "re", "inspect"} & (set(sys.modules) - before)))
    """
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(REPOSITORY / 'twin' / 'site')!r})"
         + textwrap.dedent(script)],
        capture_output=True, text=True, timeout=20, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "[]"


def test_importing_it_as_a_part_of_the_twin_changes_nothing() -> None:
    before = (socket.getaddrinfo, socket.gethostbyname, socket.socket.connect, socket.socket.connect_ex)
    importlib.reload(importlib.import_module("twin.site.sitecustomize"))
    assert before == (socket.getaddrinfo, socket.gethostbyname, socket.socket.connect, socket.socket.connect_ex)


CLOCKS = """
import time
before = time.time()
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
now, later = datetime.now(UTC), datetime.now(UTC) + timedelta(seconds=1)
parsed = parsedate_to_datetime("Sat, 21 Nov 2026 12:00:00 +0000")
print(__import__("json").dumps({
    "time": time.time(), "nanoseconds": time.time_ns() / 1e9, "now": now.timestamp(), "monotonic": time.monotonic(),
    "instances": [isinstance(each, datetime) for each in (now, later, parsed, 5)],
    "iso": datetime.fromisoformat(now.isoformat()) == now, "sent": later > now > parsed,
}))
"""


@pytest.mark.parametrize("skew", [-120.0, 120.0])
def test_a_wrong_wall_clock_is_wrong_for_all_that_asks_and_monotonic_time_is_right(child: Child, skew: float) -> None:
    child.network.skew("us-east-1", skew)
    told = child.run(CLOCKS, LIFEBOAT_TWIN_CLOCK="us-east-1")
    for name in ("time", "nanoseconds", "now"):
        assert told[name] - time.time() == pytest.approx(skew, abs=5.0)
    assert told["monotonic"] == pytest.approx(time.monotonic(), abs=5.0)
    assert told["instances"] == [True, True, True, False]
    assert told["iso"] and told["sent"]
    child.network.skew("us-east-1", 0.0)
    assert child.run(CLOCKS, LIFEBOAT_TWIN_CLOCK="us-east-1")["time"] == pytest.approx(time.time(), abs=5.0)


def test_only_functions_have_a_clock_that_can_be_wrong(child: Child) -> None:
    child.network.skew("us-east-1", 120.0)
    assert child.run(CLOCKS)["time"] == pytest.approx(time.time(), abs=5.0)
    child.network.skew("us-east-1", 0.0)
