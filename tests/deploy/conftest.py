"""The whole of docker-compose.yml that can run here: Valkey and its replica, two nodes, HAProxy in front of them."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPResponse
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import redis
from deploy.plain_compose import PlainService, search_path
from engine_process import free_ports, wait_until
from redis.backoff import NoBackoff
from redis.retry import Retry
from shelfcast.http.api.auth import Tokens
from shelfcast.protocol.access import Role
from shelfcast.settings import Settings

NODES = ("node-a", "node-b")
HTTP_TIMEOUT_S = 30.0


class Stack:
    """The running services, and where they are reached from here."""

    def __init__(self, folder: Path) -> None:
        self.variables = {
            "SHELFCAST_TOKEN_SECRET": secrets.token_hex(32),
            "VALKEY_PASSWORD": secrets.token_hex(16),
            "GRAFANA_PASSWORD": secrets.token_hex(16),
        }
        self.ports = dict(zip((*NODES, "balancer", "metrics", "valkey", "valkey-replica"), free_ports(6), strict=True))
        self.moved = {f"{node}:8000": self.address(node) for node in NODES}
        self.moved |= {
            "valkey:6379": self.address("valkey"),
            "valkey 6379": f"127.0.0.1 {self.ports['valkey']}",
            ":8000": self.address("balancer"),
            "172.30.98.0/24": "127.0.0.1",
            ":8405": self.address("metrics"),
        }
        names = ("valkey", "valkey-replica", *NODES, "balancer")
        self.services = {name: PlainService(name, folder, self.variables, self.moved) for name in names}
        self.url = f"http://{self.address('balancer')}"
        self._tokens = Tokens(Settings(token_secret=self.variables["SHELFCAST_TOKEN_SECRET"]))

    def address(self, name: str) -> str:
        return f"127.0.0.1:{self.ports[name]}"

    def token(self, role: str, user: str) -> str:
        return self._tokens.mint(role=Role(role), user=user)

    def start(self, running: ExitStack) -> None:
        """Start everything in the order of its dependencies; `running` stops it."""
        running.callback(self.stop)
        self.start_engine("valkey")
        self.start_engine("valkey-replica")
        for node in NODES:
            self.start_node(node)
        self.services["balancer"].start()
        wait_until(lambda: self.services["balancer"].running() and all(map(self.is_up, NODES)))

    def start_without_balancer(self, running: ExitStack, *nodes: str) -> None:
        """Start Valkey, its replica and these nodes, for tests that go to each by its address."""
        running.callback(self.stop)
        self.start_engine("valkey")
        self.start_engine("valkey-replica")
        for node in nodes:
            # There is no balancer to give notice to.
            self.services[node].environment["SHELFCAST_DRAIN_NOTICE_MS"] = "0"
            self.start_node(node)
        self.url = f"http://{self.address(nodes[0])}"

    def stop(self) -> None:
        """Stop what runs: nodes and balancer at once, then the engines, which nobody needs any more."""
        outer = [self.services[name] for name in (*NODES, "balancer")]
        for service in outer:
            service.tell_to_stop()
        for service in (*outer, self.services["valkey-replica"], self.services["valkey"]):
            service.stop()

    def start_engine(self, name: str, **environment: str) -> None:
        """Start Valkey or its replica, and wait until it answers."""
        service = self.services[name].start("--port", str(self.ports[name]), "--bind", "127.0.0.1", **environment)
        wait_until(lambda: service.running() and self.engine_answers(name))

    def start_node(self, name: str, **environment: str) -> None:
        """Start a node, and wait until it says that it is ready."""
        places = {"SHELFCAST_HOST": "127.0.0.1", "SHELFCAST_PORT": str(self.ports[name])}
        node = self.services[name].start(**places, **environment)
        wait_until(lambda: node.running() and self.status(f"http://{self.address(name)}/readyz") == 200)

    # --- what they say ------------------------------------------------------------------------------------------

    def engine(self, name: str) -> redis.Redis:
        password = self.variables["VALKEY_PASSWORD"]
        return redis.Redis(
            port=self.ports[name], password=password, retry=Retry(NoBackoff(), 0), socket_timeout=HTTP_TIMEOUT_S
        )

    def engine_answers(self, name: str) -> bool:
        try:
            with self.engine(name) as engine:
                return bool(engine.ping())
        except redis.RedisError:
            return False

    def is_up(self, node: str) -> bool:
        """Whether the balancer sends viewers to this node."""
        try:
            said = self.read(f"http://{self.address('metrics')}/metrics")
        except OSError:
            return False
        return f'haproxy_server_status{{proxy="nodes",server="{node}",state="UP"}} 1' in said

    def sent_to(self, node: str) -> int:
        """Open connections that the balancer holds to a node."""
        said = self.read(f"http://{self.address('metrics')}/metrics")
        count = re.search(
            rf'^haproxy_server_current_sessions{{proxy="nodes",server="{node}"}} (\d+)', said, re.MULTILINE
        )
        assert count, said
        return int(count[1])

    @staticmethod
    def read(url: str) -> str:
        with urlopen(url, timeout=HTTP_TIMEOUT_S) as response:
            return str(response.read().decode())

    @staticmethod
    def status(url: str) -> int:
        """The status of a GET; 0 where nobody answers."""
        try:
            response: HTTPResponse
            with urlopen(Request(url), timeout=HTTP_TIMEOUT_S) as response:
                return response.status
        except HTTPError as refusal:
            with refusal:
                return refusal.code
        except OSError:
            return 0


def skip_without_haproxy() -> None:
    if shutil.which("haproxy", path=search_path()) is None:
        pytest.skip("no haproxy on this machine (Debian: apt-get install haproxy)")


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The services, started once for all tests of this folder; skipped where HAProxy is absent."""
    skip_without_haproxy()
    with ExitStack() as running:
        made = Stack(tmp_path_factory.mktemp("stack"))
        made.start(running)
        yield made
