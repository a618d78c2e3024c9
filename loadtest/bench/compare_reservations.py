"""Reservations over sockets: Shelfcast and the obvious server, one after the other, from the same clients.

The clients are connections of this process. Each keeps some reservations under way and sends the next as one is
answered, so a server decides how fast it goes. A reservation's time runs from its sending to the reading of its answer.
"""

from __future__ import annotations

import re
import select
import socket
import statistics
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from compare_processes import cpu_s
from fanout import Child, request
from fanout_servers import SECRET, SKUS
from shelfcast.http.api.auth import Tokens
from shelfcast.protocol.access import Role
from shelfcast.settings import Settings

HERE = Path(__file__).parent
CLIENTS = 200
UNDER_WAY_EACH = 8
WARM_S = 1.0
ANSWER_TIMEOUT_S = 10
ROUNDS = 3
SERVERS = {
    "Shelfcast": (str(HERE / "fanout_servers.py"), "shelfcast"),
    "obvious server": (str(HERE / "peers" / "obvious_server.py"),),
}
_ANSWER = re.compile(rb'"type": ?"(reserved|refused)", ?"id": ?"r(\d+)"')


class Clients:
    """Connections that reserve as fast as they are answered."""

    def __init__(self, port: int) -> None:
        self._sockets: dict[int, socket.socket] = {}
        self._rests: dict[int, bytes] = {}
        self._epoll = select.epoll()
        self._sent_at: dict[int, float] = {}
        self._number = 0
        self.latencies_s: list[float] = []
        self.kinds: Counter[str] = Counter()
        tokens = Tokens(Settings(token_secret=SECRET))
        for number in range(CLIENTS):
            made = socket.create_connection(("127.0.0.1", port))
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            made.sendall(request(tokens.mint(role=Role.VIEWER, user=f"user-{number}")).encode())
            made.settimeout(ANSWER_TIMEOUT_S)
            if b" 101 " not in made.recv(65536):
                raise ConnectionError("refused")
            self._sockets[made.fileno()] = made
            self._rests[made.fileno()] = b""
            self._epoll.register(made.fileno(), select.EPOLLIN)

    def begin(self) -> None:
        for made in self._sockets.values():
            made.sendall(b"".join(self._next() for _ in range(UNDER_WAY_EACH)))

    def run(self, seconds: float) -> float:
        """Go on for so long. Returns how long it was."""
        self.latencies_s.clear()
        self.kinds.clear()
        begun = time.perf_counter()
        while (now := time.perf_counter()) - begun < seconds:
            ready = self._epoll.poll(ANSWER_TIMEOUT_S, CLIENTS)
            if not ready:
                raise TimeoutError(f"no answer within {ANSWER_TIMEOUT_S} s")
            for fd, _ in ready:
                self._answer(fd)
        return now - begun

    def _answer(self, fd: int) -> None:
        made = self._sockets[fd]
        data = self._rests[fd] + made.recv(262_144)
        now = time.perf_counter()
        answered = end = 0
        for found in _ANSWER.finditer(data):
            self.latencies_s.append(now - self._sent_at.pop(int(found[2])))
            self.kinds[found[1].decode()] += 1
            answered += 1
            end = found.end()
        # An answer may be cut anywhere: what is behind the last whole one is read again with what follows.
        self._rests[fd] = data[max(end, len(data) - 64) :]
        if answered:
            made.sendall(b"".join(self._next() for _ in range(answered)))

    def _next(self) -> bytes:
        """A frame of a client, masked with zeros, which leaves the payload as it is."""
        number, self._number = self._number, self._number + 1
        payload = b'{"type":"reserve","id":"r%09d","sku":"sku-%d","qty":1}' % (number, number % SKUS)
        self._sent_at[number] = time.perf_counter()
        return bytes((0x81, 0x80 | len(payload))) + bytes(4) + payload

    def close(self) -> None:
        for made in self._sockets.values():
            made.close()


def compare_reservations(seconds: float) -> dict[str, Any]:
    """Both in turns, in fresh processes each round; medians."""
    rounds: dict[str, list[dict[str, float]]] = {name: [] for name in SERVERS}
    for _ in range(ROUNDS):
        for name, command in SERVERS.items():
            rounds[name].append(_measure(command, seconds / ROUNDS))
    figures = {
        name: {key: statistics.median(one[key] for one in values) for key in values[0]}
        for name, values in rounds.items()
    }
    ours, theirs = (figures[name]["decided_a_second"] for name in SERVERS)
    return {"clients": CLIENTS, "under_way": CLIENTS * UNDER_WAY_EACH, "servers": figures, "ratio": ours / theirs}


def _measure(command: tuple[str, ...], seconds: float) -> dict[str, float]:
    server = Child(sys.executable, *command)
    try:
        clients = Clients(int(server.hear()))
        clients.begin()
        clients.run(WARM_S)
        cpu_before_s, own_before_s = cpu_s(server.pid), time.process_time()
        took_s = clients.run(seconds)
        used_s, own_s = cpu_s(server.pid) - cpu_before_s, time.process_time() - own_before_s
        clients.close()
    finally:
        server.end()
    if clients.kinds["refused"]:
        raise RuntimeError(f"{clients.kinds['refused']} reservations were refused")
    decided = clients.kinds["reserved"]
    latencies_s = sorted(clients.latencies_s)
    return {
        "decided_a_second": decided / took_s,
        "latency_p50_ms": latencies_s[decided // 2] * 1000,
        "latency_p99_ms": latencies_s[int(decided * 0.99)] * 1000,
        "server_and_engine_cpu_us": used_s / decided * 1e6,
        "clients_cpu_us": own_s / decided * 1e6,
    }
