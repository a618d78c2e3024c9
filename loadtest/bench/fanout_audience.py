"""The receiving side of the fan-out bench: many connections in a process of their own, read as they come.

Started by `fanout.py` and `compare.py`. Reads one JSON command a line on standard input, answers one JSON line each:

    {"do": "connect", "port": P, "requests": [...]}    connect and shake hands, one connection a request; with a
                                                       "greeting", say it then, and with "until" read up to that
    {"do": "count"}                                    bytes received since the last time
    {"do": "listen", "seconds": S, "changes": N}       for each connection, when it had which sequence number
    {"do": "hear", "frames": N, "seconds": S}          answers at once, and again when N stamped frames have come:
                                                       microseconds from each frame's stamp to its reading
    {"do": "close"}                                    close all
"""

from __future__ import annotations

import json
import os
import re
import select
import socket
import sys
import time
from typing import Any

HEAD_END = b"\r\n\r\n"
AT_ONCE = 64
"""Handshakes under way at a time."""
_SEQ = re.compile(rb'"seq":(\d+)')
_STAMP = re.compile(rb'"at":"(\d{20})"')
"""Nanoseconds of the monotonic clock, which all processes of a machine share."""


class Crowd:
    """All connections of this process."""

    def __init__(self) -> None:
        self._sockets: dict[int, socket.socket] = {}
        self._epoll = select.epoll()
        self._received = 0

    def connect(self, port: int, requests: list[str], greeting: str = "", until: str = "") -> dict[str, Any]:
        for begin in range(0, len(requests), AT_ONCE):
            some = requests[begin : begin + AT_ONCE]
            self._connect_some(port, some, greeting.encode("latin-1"), until.encode())
        return {"connected": len(self._sockets)}

    def _connect_some(self, port: int, requests: list[str], greeting: bytes, until: bytes) -> None:
        opened = []
        for request in requests:
            made = socket.create_connection(("127.0.0.1", port))
            made.sendall(request.encode())
            opened.append(made)
        for made in opened:
            head, _, rest = _read_until(made, b"", HEAD_END).partition(HEAD_END)
            if b" 101 " not in head.partition(b"\r\n")[0]:
                raise ConnectionError(f"refused: {head!r}")
            if greeting:
                made.sendall(greeting)
            _read_until(made, rest, until)
            made.setblocking(False)
            self._sockets[made.fileno()] = made
            self._epoll.register(made.fileno(), select.EPOLLIN)

    def fileno(self) -> int:
        """Readable when something can be read."""
        return self._epoll.fileno()

    def read(self) -> None:
        """Read what is there."""
        for fd, _ in self._epoll.poll(0, 4096):
            self._received += len(self._read(fd))

    def _read(self, fd: int) -> bytes:
        try:
            data = self._sockets[fd].recv(65536)
        except BlockingIOError:
            return b""
        if not data:
            raise ConnectionError("the server closed a connection")
        return data

    def count(self) -> dict[str, Any]:
        received, self._received = self._received, 0
        return {"bytes": received}

    def listen(self, seconds: float) -> dict[str, Any]:
        """Per connection, [time, highest sequence] of every read."""
        heard: dict[int, list[tuple[float, int]]] = {fd: [] for fd in self._sockets}
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            for fd, _ in self._epoll.poll(left, 4096):
                data = self._read(fd)
                now = time.monotonic()
                numbers = _SEQ.findall(data)
                if numbers:
                    heard[fd].append((now, int(numbers[-1])))
        return {"heard": list(heard.values())}

    def hear(self, frames: int, seconds: float) -> dict[str, Any]:
        """How long each of so many stamped frames was under way, or of those that came in time."""
        latencies_us: list[int] = []
        received = 0
        until = time.monotonic() + seconds
        while len(latencies_us) < frames and (left := until - time.monotonic()) > 0:
            for fd, _ in self._epoll.poll(left, 4096):
                data = self._read(fd)
                now = time.monotonic_ns()
                received += len(data)
                latencies_us += [(now - int(stamp)) // 1000 for stamp in _STAMP.findall(data)]
        return {"bytes": received, "latencies_us": latencies_us}

    def close(self) -> dict[str, Any]:
        for made in self._sockets.values():
            made.close()
        self._sockets.clear()
        return {}


def _read_until(made: socket.socket, data: bytes, end: bytes) -> bytes:
    """What comes up to and behind `end`."""
    while end not in data:
        part = made.recv(65536)
        if not part:
            raise ConnectionError(f"closed after {data!r}")
        data += part
    return data


def main() -> None:
    crowd = Crowd()
    commands = select.poll()
    commands.register(sys.stdin.fileno(), select.POLLIN)
    whatever = select.poll()
    whatever.register(sys.stdin.fileno(), select.POLLIN)
    whatever.register(crowd.fileno(), select.POLLIN)
    while True:
        while not commands.poll(0):
            whatever.poll()
            crowd.read()
        line = _line()
        if not line:
            return
        command = json.loads(line)
        match command["do"]:
            case "connect":
                del command["do"]
                answer = crowd.connect(**command)
            case "listen":
                answer = crowd.listen(command["seconds"])
            case "hear":
                _say({"hearing": True})
                answer = crowd.hear(command["frames"], command["seconds"])
            case "close":
                answer = crowd.close()
            case _:
                answer = crowd.count()
        _say(answer)


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _line() -> bytes:
    """One command. The bench waits for each answer, so nothing comes behind the end of a line."""
    line = b""
    while not line.endswith(b"\n"):
        part = os.read(sys.stdin.fileno(), 1 << 20)
        if not part:
            return b""
        line += part
    return line


if __name__ == "__main__":
    main()
