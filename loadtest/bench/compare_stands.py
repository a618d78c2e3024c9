"""The servers of the comparison: how each is started, greeted and told to publish; what one needs that is missing."""

from __future__ import annotations

import http.client
import importlib.util
import json
import os
import shutil
import socket
import string
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from compare_processes import cpu_s, resident_bytes
from fanout import Child
from fanout_servers import FRAME_HEADER_BYTES, ROOM, SECRET

HERE = Path(__file__).parent
PEERS = HERE / "peers"
NCHAN_MODULE = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")
NPM_TIMEOUT_S = 180
START_TIMEOUT_S = 20
DESCRIPTORS = 20_000
WS_PATH = f"/v1/rooms/{ROOM}/ws"
FLOOR, SHELFCAST = "C floor", "Shelfcast"


class Greeting(NamedTuple):
    """How a client enters the room, and how many bytes of a frame are not the payload."""

    path: str = WS_PATH
    after_upgrade: str = ""
    until: str = ""
    envelope_bytes: int = FRAME_HEADER_BYTES


PLAIN = Greeting()
SOCKETIO = Greeting(
    path="/socket.io/?EIO=4&transport=websocket",
    after_upgrade="\x81\x82\0\0\0\x0040",  # a text frame "40", masked with zeros: enter the main namespace
    until="welcome",
    envelope_bytes=FRAME_HEADER_BYTES + len('42["stock",]'),
)


class Missing(Exception):
    """A peer cannot run here; the text says what would bring it."""


class Stand(ABC):
    """One running server with its audience."""

    def __init__(self, name: str, server: Child, pid: int, port: int, greeting: Greeting = PLAIN) -> None:
        self.name = name
        self.port = port
        self.greeting = greeting
        self._server = server
        self._pid = pid
        self.audience = Child(sys.executable, str(HERE / "fanout_audience.py"))
        self.connections = 0
        self.empty_bytes = self.resident_bytes()

    @abstractmethod
    def publish(self, payload: str) -> None:
        """Have the server send this payload to everybody."""

    def cpu_s(self) -> float:
        """Of all processes of the server so far."""
        return cpu_s(self._pid)

    def resident_bytes(self) -> int:
        """Of all processes of the server now."""
        return resident_bytes(self._pid)

    def crowd(self, **command: Any) -> Any:
        return json.loads(self.audience.ask(json.dumps(command)))

    def connect(self, requests: list[str]) -> None:
        """More viewers."""
        _, after_upgrade, until, _ = self.greeting
        self.crowd(do="connect", port=self.port, requests=requests, greeting=after_upgrade, until=until)
        self.connections += len(requests)

    def end(self) -> None:
        self.audience.end()
        self._server.end()


class Told(Stand):
    """A server of the bench's own, that obeys lines on its standard input."""

    def __init__(self, name: str, *command: str, greeting: Greeting = PLAIN) -> None:
        server = Child(*command)
        super().__init__(name, server, server.pid, int(server.hear()), greeting)

    def publish(self, payload: str) -> None:
        self._server.ask(f"publish {payload}")

    def resident_bytes(self) -> int:
        self._server.ask("usage")  # collects its garbage
        return super().resident_bytes()


class Posted(Stand):
    """A server that publishes what is posted to it over HTTP."""

    def __init__(self, name: str, port: int, *command: str) -> None:
        leash = Child(sys.executable, str(PEERS / "leash.py"), *command)
        pid = int(leash.hear())
        try:
            _wait_for(port)
        except TimeoutError:
            leash.end()
            raise
        super().__init__(name, leash, pid, port)
        self._client = http.client.HTTPConnection("127.0.0.1", port, timeout=START_TIMEOUT_S)

    def publish(self, payload: str) -> None:
        self._client.request("POST", "/publish", payload, {"Content-Type": "application/json"})
        answer = self._client.getresponse()
        answer.read()
        if answer.status not in (200, 201, 202):
            raise RuntimeError(f"{self.name} answered {answer.status} to a publication")


def _wait_for(port: int) -> None:
    until = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on port {port}")


# --- each of them ------------------------------------------------------------------------------------------------


def floor(folder: Path) -> Stand:
    """A loop over send()."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise Missing("needs a C compiler: apt-get install gcc libc6-dev")
    binary = folder / "floor"
    subprocess.run([compiler, "-O2", "-o", str(binary), str(HERE / "floor.c")], check=True)
    return Told(FLOOR, str(binary))


def python_server(name: str, server: str) -> Stand:
    return Told(name, sys.executable, str(HERE / "fanout_servers.py"), server)


def picows(_: Path) -> Stand:
    if importlib.util.find_spec("picows") is None:
        raise Missing("needs picows: pip install 'shelfcast[bench]'")
    return Told("picows", sys.executable, str(PEERS / "picows_server.py"))


def node_server(name: str, script: str, cache: Path, greeting: Greeting = PLAIN) -> Stand:
    """A Node program, with what it needs from npm installed beside a copy of it."""
    node = shutil.which("node")
    if node is None:
        raise Missing("needs Node 20 with npm: https://nodejs.org, or apt-get install nodejs npm")
    _install_packages(cache)
    os.environ["BENCH_SECRET"] = SECRET
    return Told(name, node, "--expose-gc", str(cache / script), greeting=greeting)


def _install_packages(cache: Path) -> None:
    cache.mkdir(parents=True, exist_ok=True)
    wanted = (PEERS / "package.json").read_bytes()
    installed = cache / "node_modules" / ".installed-from"
    for source in (PEERS / "package.json", *PEERS.glob("*.mjs")):
        shutil.copy(source, cache)
    if installed.exists() and installed.read_bytes() == wanted:
        return
    npm = shutil.which("npm")
    if npm is None:
        raise Missing("needs npm: apt-get install npm")
    command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    try:
        subprocess.run(command, cwd=cache, check=True, timeout=NPM_TIMEOUT_S, stdout=subprocess.DEVNULL)
    except (subprocess.SubprocessError, OSError) as error:
        raise Missing(f"npm could not install what it needs ({error}): npm install ws socket.io jsonwebtoken") from None
    installed.write_bytes(wanted)


def nchan(folder: Path) -> Stand:
    """nginx with the module of Debian, one worker."""
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None or not NCHAN_MODULE.exists():
        raise Missing("needs nchan on nginx: apt-get install --no-install-recommends nginx libnginx-mod-nchan")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    home = folder / "nchan"
    home.mkdir()
    # Its worker gives up root's rights and must still reach its folders.
    for made in (folder, home):
        made.chmod(0o755)
    template = string.Template((PEERS / "nchan.conf").read_text(encoding="utf-8"))
    text = template.substitute(
        folder=home, port=port, module=NCHAN_MODULE, connections=DESCRIPTORS - 500, descriptors=DESCRIPTORS
    )
    (home / "nginx.conf").write_text(text, encoding="utf-8")
    return Posted("nchan", port, nginx, "-p", str(home), "-c", str(home / "nginx.conf"))


def centrifugo(_: Path) -> Stand:
    """Named, never started: see docs/comparison.md."""
    raise Missing(
        "not compared: its module could not be had from the Go module proxy; "
        "go install github.com/centrifugal/centrifugo/v6@latest"
    )
