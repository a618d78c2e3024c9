"""The receiving side of the fan-out bench: many connections in a process of their own, read as they come.

Started by `fanout.py`. Reads one JSON command a line on standard input, answers one JSON line each:

    {"do": "connect", "port": P, "requests": [...]}   connect and shake hands, one connection a request
    {"do": "count"}                                    bytes received since the last time
    {"do": "listen", "seconds": S, "changes": N}       for each connection, when it had which sequence number
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


class Crowd:
    """All connections of this process."""

    def __init__(self) -> None:
        self._sockets: dict[int, socket.socket] = {}
        self._epoll = select.epoll()
        self._received = 0

    def connect(self, port: int, requests: list[str]) -> dict[str, Any]:
        for begin in range(0, len(requests), AT_ONCE):
            self._connect_some(port, requests[begin : begin + AT_ONCE])
        return {"connected": len(self._sockets)}

    def _connect_some(self, port: int, requests: list[str]) -> None:
        opened = []
        for request in requests:
            made = socket.create_connection(("127.0.0.1", port))
            made.sendall(request.encode())
            opened.append(made)
        for made in opened:
            head = b""
            while HEAD_END not in head:
                part = made.recv(65536)
                if not part:
                    raise ConnectionError(f"refused: {head!r}")
                head += part
            if b" 101 " not in head.partition(b"\r\n")[0]:
                raise ConnectionError(f"refused: {head!r}")
            made.setblocking(False)
            self._sockets[made.fileno()] = made
            self._epoll.register(made.fileno(), select.EPOLLIN)

    def read_for(self, seconds: float) -> None:
        """Read whatever comes."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            for fd, _ in self._epoll.poll(min(left, 0.05), 4096):
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

    def close(self) -> dict[str, Any]:
        for made in self._sockets.values():
            made.close()
        self._sockets.clear()
        return {}


def main() -> None:
    crowd = Crowd()
    commands = select.poll()
    commands.register(sys.stdin.fileno(), select.POLLIN)
    while True:
        while not commands.poll(0):
            crowd.read_for(0.02)
        line = _line()
        if not line:
            return
        command = json.loads(line)
        match command["do"]:
            case "connect":
                answer = crowd.connect(command["port"], command["requests"])
            case "listen":
                answer = crowd.listen(command["seconds"])
            case "close":
                answer = crowd.close()
            case _:
                answer = crowd.count()
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
