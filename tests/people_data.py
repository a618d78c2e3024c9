"""What an engine has of a pool, in raw bytes: where a person's name may not be."""

from __future__ import annotations

from shelfcast.engine import Engine
from shop import Shop

READ = {
    b"hash": ("HGETALL",),
    b"stream": ("XRANGE", "-", "+"),
    b"list": ("LRANGE", "0", "-1"),
    b"zset": ("ZRANGE", "0", "-1"),
    b"set": ("SMEMBERS",),
    b"string": ("GET",),
}
"""How all of a key of each type is read."""


async def raw(engine: Engine, key: str) -> bytes:
    """All that a key holds."""
    kind = await engine.command("TYPE", key, key=key)
    if kind == b"none":
        return b""
    command, *arguments = READ[kind]
    return repr(await engine.command(command, key, *arguments, key=key)).encode()


async def places_of(shop: Shop, name: str) -> list[str]:
    """The keys of a pool in whose names or values somebody's name is."""
    cursor, keys = b"0", set[str]()
    while True:
        cursor, found = await shop.engine.command("SCAN", cursor, "MATCH", f"{shop.book.base}:*", "COUNT", 1000)
        keys.update(key.decode() for key in found)
        if cursor == b"0":
            break
    shown = repr(name.encode())[2:-1].encode()  # as `raw` has it, also where it is not ASCII
    return sorted([key for key in keys if name in key or shown in await raw(shop.engine, key)])
