"""The engine: connecting to a Valkey or Redis, and running the embedded one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from shelfcast.engine.address import socket_url
from shelfcast.engine.binary import find_binary
from shelfcast.engine.connection import Engine
from shelfcast.engine.embedded import EmbeddedEngine
from shelfcast.engine.fitness import Fitness
from shelfcast.engine.folder import DataFolder
from shelfcast.engine.library import Library
from shelfcast.engine.owner import running_socket
from shelfcast.engine.subscription import Subscription
from shelfcast.settings import Settings

__all__ = [
    "DataFolder",
    "EmbeddedEngine",
    "Engine",
    "Fitness",
    "Library",
    "Subscription",
    "find_binary",
    "open_engine",
    "running_socket",
    "socket_url",
]


@asynccontextmanager
async def open_engine(settings: Settings, library: Library | None, *, join: bool = False) -> AsyncIterator[Engine]:
    """The engine that the settings name, connected; without a URL the embedded one, started here and stopped last.

    With `join`, a tool uses the engine of a server that already runs on the data folder, where there is one; without,
    such a folder is refused. Raises ConfigError, EngineRefused, EngineUnavailable, LibraryFault.
    """
    if settings.engine:
        url, embedded = settings.engine, None
    elif join and (socket := running_socket(Path(settings.data_dir))) is not None:
        url, embedded = socket_url(socket), None
    else:
        embedded = EmbeddedEngine(Path(settings.data_dir), settings)
        url = await embedded.start()
    try:
        engine = await Engine.connect(url, settings=settings, library=library)
        engine.folder = _folder_of(url, settings)
        try:
            yield engine
        finally:
            await engine.close()
    finally:
        if embedded is not None:
            await embedded.stop()


def _folder_of(url: str, settings: Settings) -> DataFolder | None:
    """The data folder of the engine at `url`, where it is the embedded one: ours, or a supervisor's."""
    path = Path(settings.data_dir).resolve()
    socket = running_socket(path)
    return DataFolder(path) if socket is not None and socket_url(socket) == url else None
