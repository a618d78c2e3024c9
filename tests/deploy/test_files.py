"""docker-compose.yml, the Dockerfile and what they mount agree with one another and with the server."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from deploy.plain_compose import COMPOSE, DOCKERFILE, ROOT, filled_in, instructions, read_services
from prometheus_client import Counter, Histogram
from prometheus_client.metrics import MetricWrapperBase
from shelfcast import metrics
from shelfcast.settings import ENVIRONMENT_PREFIX, Settings

DEPLOY = ROOT / "server" / "deploy"
SECRETS = {"SHELFCAST_TOKEN_SECRET", "VALKEY_PASSWORD", "GRAFANA_PASSWORD"}
VARIABLES = {name: f"the-{name.lower()}-of-a-test-of-32-bytes" for name in SECRETS}


def compose(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """`docker compose`, or the older `docker-compose`; the test is skipped where there is neither."""
    for command in (["docker", "compose"], ["docker-compose"]):
        found = shutil.which(command[0])
        if (
            found
            and subprocess.run([*command, "version"], capture_output=True, check=False, timeout=100).returncode == 0
        ):
            environment = {name: value for name, value in os.environ.items() if name not in SECRETS} | variables
            return subprocess.run(
                [*command, "--file", str(COMPOSE), *arguments],
                capture_output=True, text=True, check=False, timeout=100, cwd=ROOT, env=environment,
            )  # fmt: skip
    pytest.skip("neither docker compose nor docker-compose here (Debian: apt-get install docker-compose)")


def test_compose_accepts_the_file() -> None:
    done = compose("config", "--quiet", **VARIABLES)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("missing", sorted(SECRETS))
def test_nothing_starts_without_its_secret(missing: str) -> None:
    done = compose("config", "--quiet", **{name: value for name, value in VARIABLES.items() if name != missing})
    assert done.returncode != 0
    # Both generations of the command name what is missing, or at least the reason that the file gives.
    assert missing in done.stderr


def test_every_secret_comes_from_the_environment() -> None:
    text = COMPOSE.read_text(encoding="utf-8")
    assert set(re.findall(r"\$\{(\w+):\?", text)) == SECRETS
    for service in read_services().values():
        for name, value in service.get("environment", {}).items():
            if re.search(r"SECRET|PASSWORD|AUTH|ENGINE", name):
                assert "${" in str(value), name
                assert re.search("|".join(SECRETS), str(value)), name
    for path in (DOCKERFILE, *(path for path in DEPLOY.rglob("*") if path.is_file())):
        given = re.findall(r"(?i)(?:secret|password|requirepass|masterauth)[\"']?\s*[:= ]\s*(\S+)", _code(path))
        assert not [value for value in given if "$" not in value], path


def _code(path: Path) -> str:
    lines = path.read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("#"))


def test_what_is_mounted_and_copied_is_there() -> None:
    for name, service in read_services().items():
        for mount in service.get("volumes", ()):
            source = mount.split(":")[0]
            assert not source.startswith(".") or (ROOT / source).is_file(), (name, source)
    kept = (ROOT / "server" / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    for line in instructions("COPY"):
        if not line.startswith("--from"):
            for source in line.split()[:-1]:
                assert (ROOT / source).exists(), source
                assert f"!{source}" in kept, f"{source} does not reach the builder"


def test_settings_that_are_named_exist() -> None:
    named = set(re.findall(ENVIRONMENT_PREFIX + r"(\w+)[=:]", DOCKERFILE.read_text(encoding="utf-8")))
    for node in ("node-a", "node-b"):
        named |= {key.removeprefix(ENVIRONMENT_PREFIX) for key in read_services()[node]["environment"]
                  if key.startswith(ENVIRONMENT_PREFIX)}  # fmt: skip
    assert named
    assert {name.lower() for name in named} <= set(Settings.__struct_fields__)


def test_a_nodes_settings_are_accepted() -> None:
    environment = read_services()["node-a"]["environment"]
    settings = Settings.load({}, {name: filled_in(str(value), VARIABLES) for name, value in environment.items()})
    assert settings.engine.endswith("@valkey:6379")
    grace_s = int(read_services()["node-a"]["stop_grace_period"].removesuffix("s"))
    longest_ms = settings.drain_notice_ms + 2 * settings.drain_timeout_ms + 2 * settings.engine_call_timeout_ms
    longest_ms += settings.close_timeout_ms
    assert grace_s * 1000 > longest_ms, "a node is killed before it has drained"


def our_metrics() -> set[str]:
    """The names that Prometheus knows our metrics by."""
    names: set[str] = set()
    for metric in vars(metrics).values():
        if isinstance(metric, Counter):
            names.add(metric._name + "_total")
        elif isinstance(metric, Histogram):
            names |= {metric._name + suffix for suffix in ("_bucket", "_sum", "_count")}
        elif isinstance(metric, MetricWrapperBase):
            names.add(metric._name)
    return names


def test_the_dashboard_and_the_alerts_ask_for_metrics_that_exist() -> None:
    asked = "".join((DEPLOY / name).read_text(encoding="utf-8") for name in ("grafana/dashboard.json", "alerts.yml"))
    assert set(re.findall(r"shelfcast_[a-z_]+", asked)) <= our_metrics()


def test_the_dashboard_is_provisioned_from_where_it_is_mounted() -> None:
    mounts = dict(mount.split(":")[:2] for mount in read_services()["grafana"]["volumes"])
    dashboard = json.loads((DEPLOY / "grafana" / "dashboard.json").read_text(encoding="utf-8"))
    folder = re.search(r"path: (\S+)", (DEPLOY / "grafana" / "dashboards.yml").read_text(encoding="utf-8"))
    assert folder
    assert mounts["./server/deploy/grafana/dashboard.json"].startswith(folder[1] + "/")
    source = re.search(r"uid: (\S+)", (DEPLOY / "grafana" / "datasources.yml").read_text(encoding="utf-8"))
    assert source
    panels = [panel for panel in dashboard["panels"] if panel["type"] != "row"]
    assert {panel["datasource"]["uid"] for panel in panels} == {source[1]}
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
