"""Prometheus with the configuration of docker-compose.yml, on the running services: it finds them, and every query
of the dashboard and of the alerts can be answered."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from deploy.conftest import NODES, Stack
from deploy.plain_compose import ROOT, PlainService
from deploy.shop import UNITS, Shop
from engine_process import free_ports, wait_until
from shelfcast_client import Refused, Reserved

DEPLOY = ROOT / "server" / "deploy"
TWO_SCRAPES_S = 30.0
NO_SAMPLE_ON_A_GOOD_DAY = "shelfcast_closes_total"
"""Counted by close code; no server has closed a socket yet."""


def promtool(*arguments: str | Path) -> None:
    if shutil.which("promtool") is None:
        pytest.skip("no promtool on this machine (Debian: apt-get install prometheus)")
    command = ["promtool", *(str(argument) for argument in arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr


def test_promtool_accepts_the_configuration() -> None:
    promtool("check", "config", DEPLOY / "prometheus.yml")


def test_alerts_fire_for_their_reason_and_not_without() -> None:
    promtool("test", "rules", Path(__file__).with_name("alerts_test.yml"))


class Prometheus:
    """A running Prometheus."""

    def __init__(self, url: str) -> None:
        self._url = url

    def get(self, path: str, **parameters: str) -> Any:
        answer = json.loads(Stack.read(f"{self._url}/api/v1/{path}?{urlencode(parameters)}"))
        assert answer["status"] == "success", answer
        return answer["data"]

    def query(self, expression: str) -> list[Any]:
        found: list[Any] = self.get("query", query=expression)["result"]
        return found

    def is_ready(self) -> bool:
        return Stack.status(f"{self._url}/-/ready") == 200


@pytest.fixture(scope="module")
def prometheus(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """Prometheus of docker-compose.yml; its configuration has other addresses, and nothing else is changed in it."""
    if shutil.which("prometheus") is None:
        pytest.skip("no prometheus on this machine (Debian: apt-get install prometheus)")
    folder = tmp_path_factory.mktemp("prometheus")
    text = (DEPLOY / "prometheus.yml").read_text(encoding="utf-8")
    for there, here in {**stack.moved, "balancer:8405": stack.address("metrics")}.items():
        text = text.replace(f'"{there}"', f'"{here}"')
    (folder / "prometheus.yml").write_text(text, encoding="utf-8")
    shutil.copy(DEPLOY / "alerts.yml", folder)
    moved = {"/etc/prometheus/prometheus.yml": str(folder / "prometheus.yml")}
    service = PlainService("prometheus", folder, stack.variables, moved)
    (port,) = free_ports(1)
    service.start(f"--web.listen-address=127.0.0.1:{port}")
    try:
        running = Prometheus(f"http://127.0.0.1:{port}")
        wait_until(lambda: service.running() and running.is_ready())
        yield running
    finally:
        service.stop()


def test_prometheus_finds_both_nodes_and_the_balancer(stack: Stack, prometheus: Prometheus) -> None:
    wait_until(lambda: len(prometheus.query("up == 1")) == 3)
    up = {sample["metric"]["instance"] for sample in prometheus.query('up{job="shelfcast"}')}
    assert up == {stack.address(node) for node in NODES}


async def test_every_query_of_the_dashboard_is_answered(stack: Stack, prometheus: Prometheus) -> None:
    dashboard = json.loads((DEPLOY / "grafana" / "dashboard.json").read_text(encoding="utf-8"))
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]
    answered: set[str] = {query for query in queries if NO_SAMPLE_ON_A_GOOD_DAY in query}

    def all_answered() -> bool:
        for query in set(queries) - answered:
            if prometheus.query(query.replace("$__rate_interval", "1m")):
                answered.add(query)
        return answered == set(queries)

    with Shop(stack, "watched") as shop:
        async with shop.enter("wang") as room:
            assert isinstance(await room.reserve("mug"), Reserved)
            assert isinstance(await room.reserve("mug", UNITS), Refused)
            try:
                await asyncio.to_thread(wait_until, all_answered, timeout_s=TWO_SCRAPES_S)
            except TimeoutError:
                pytest.fail(f"no answer to {set(queries) - answered}")


def test_every_alert_can_be_evaluated_and_none_fires_at_rest(prometheus: Prometheus) -> None:
    wait_until(lambda: all(rule["health"] != "unknown" for rule in rules(prometheus)))
    assert {rule["health"] for rule in rules(prometheus)} == {"ok"}
    assert not [rule["name"] for rule in rules(prometheus) if rule["state"] == "firing"]


def rules(prometheus: Prometheus) -> list[Any]:
    return [rule for group in prometheus.get("rules")["groups"] for rule in group["rules"]]
