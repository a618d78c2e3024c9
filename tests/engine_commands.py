"""Which commands the engine has run, those that its functions call too."""

from __future__ import annotations

from collections import Counter

from shelfcast.engine import Engine


async def commands(engine: Engine, key: str) -> Counter[str]:
    """How often the engine has run each command, those that functions call too."""
    said = await engine.command("INFO", "commandstats", key=key)
    rows = (line.partition(":") for line in said.decode().splitlines() if line.startswith("cmdstat_"))
    return Counter({name.removeprefix("cmdstat_"): int(rest.split(",")[0].split("=")[1]) for name, _, rest in rows})
