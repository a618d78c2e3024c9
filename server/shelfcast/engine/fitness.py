"""What an engine process is and how durable it is: the reasons to refuse it, and the reasons to warn."""

from __future__ import annotations

from typing import Any

import msgspec
from redis.exceptions import BusyLoadingError, MasterDownError, OutOfMemoryError, ReadOnlyError, ResponseError

from shelfcast.engine.folder import says_no_room
from shelfcast.engine.link import Link

REDIS_MIN = (7, 0)
VALKEY_MIN = (8, 0)


class Weakness(msgspec.Struct, frozen=True):
    """A way to lose data, and the setting that mends it. `certain` is False where the engine does not let us look."""

    found: str
    mend: str
    certain: bool = True


class Fitness(msgspec.Struct, frozen=True, kw_only=True):
    """What INFO and CONFIG GET say of one engine process. A setting is None where the engine does not tell it."""

    node: str
    product: str
    version: str
    role: str
    cluster: bool
    appendonly: str | None
    appendfsync: str | None
    maxmemory: str | None
    maxmemory_policy: str | None

    def refusal(self, *, cluster: bool) -> str | None:
        """Why this process must not be used as a primary of the given layout, or None."""
        if _numbers(self.version) < (VALKEY_MIN if self.product == "Valkey" else REDIS_MIN):
            return f"{self.node} is {self.product} {self.version}; Shelfcast needs Redis 7.0 or Valkey 8.0 or newer"
        if self.cluster and not cluster:
            return f"{self.node} is a Cluster node; give its URL as redis+cluster://{self.node}"
        if self.role != "master":
            return f"{self.node} is a replica; give its primary's URL, or redis+sentinel://… to follow the primary"
        return None

    def weaknesses(self) -> list[Weakness]:
        """What lets acknowledged reservations be lost."""
        found = []
        if self.appendonly is None:
            found.append(
                Weakness(
                    "does not tell its settings (CONFIG GET is refused)", "make sure of appendonly yes", certain=False
                )
            )
        elif self.appendonly != "yes":
            found.append(
                Weakness(
                    "has no append-only file: a restart loses the stock book", "appendonly yes, appendfsync always"
                )
            )
        elif self.appendfsync != "always":
            found.append(
                Weakness(f"has appendfsync {self.appendfsync}: a crash loses what it answered", "appendfsync always")
            )
        if self.maxmemory not in {None, "0"} and self.maxmemory_policy != "noeviction":
            found.append(
                Weakness(f"drops keys when memory is full ({self.maxmemory_policy})", "maxmemory-policy noeviction")
            )
        return found


async def read_fitness(link: Link) -> Fitness:
    """Ask one engine process. Raises redis-py's errors, but not where CONFIG is forbidden."""
    info = _read_info(await link.ask("INFO"))
    config: dict[str, str] = {}
    try:
        for name in ("appendonly", "appendfsync", "maxmemory", "maxmemory-policy"):
            config.update(_pairs(await link.ask("CONFIG", "GET", name)))
    except ResponseError:
        config = {}
    valkey = info.get("valkey_version")
    return Fitness(
        node=str(link.node),
        product="Valkey" if valkey else "Redis",
        version=valkey or info.get("redis_version", "0"),
        role=info.get("role", "?"),
        cluster=info.get("cluster_enabled") == "1",
        appendonly=config.get("appendonly"),
        appendfsync=config.get("appendfsync"),
        maxmemory=config.get("maxmemory"),
        maxmemory_policy=config.get("maxmemory-policy"),
    )


def _read_info(answer: bytes) -> dict[str, str]:
    lines = (line.partition(":") for line in answer.decode().splitlines() if not line.startswith("#"))
    return {name: value for name, separator, value in lines if separator}


def _pairs(answer: list[Any]) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in zip(answer[::2], answer[1::2], strict=True)}


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())


def said_of_writing(error: BaseException) -> str:
    """Why an engine that answers so takes no writes, in words for whoever has to mend it."""
    text = str(error)
    if says_no_room(text):
        return f"disk full: {text}"
    match error:
        case ReadOnlyError() | MasterDownError():
            return f"it is a replica ({text})"
        case OutOfMemoryError():
            return f"its memory is full ({text})"
        case BusyLoadingError():
            return "it is loading its data"
        case TimeoutError():
            return "no answer"
    return text
