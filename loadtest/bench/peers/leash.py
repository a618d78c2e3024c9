"""Runs a server that reads no commands for as long as its own standard input is open: `leash.py COMMAND ...`.

Prints the server's process id. However the bench ends, its end of the pipe closes, and the server's whole process
group is stopped.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress

STOP_S = 5


def main() -> None:
    server = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=sys.stderr, start_new_session=True)
    print(server.pid, flush=True)
    try:
        sys.stdin.read()
    finally:
        _stop(server)


def _stop(server: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        server.wait(STOP_S)
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    main()
