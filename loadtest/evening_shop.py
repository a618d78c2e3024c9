"""The shop of an evening: its server, and the people who work there, each with a token of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from measured_server import MeasuredServer
from shelfcast.http.api.auth import Tokens
from shelfcast.protocol.access import Role
from shelfcast.settings import Settings
from shelfcast_client.merchant import Merchant

POOL, ROOM = "evening", "evening"
TOKEN_TTL_S = 6 * 3600
CONTINUE_MS = 2_000
"""How long an ended show may go on: the final report waits for that."""
WORKERS = 1


@dataclass
class Shop:
    """Who works in the shop. `ann` and `bo` are operators: what takes two of them is never one's alone. `carl` counts,
    `erp` is a program."""

    server: MeasuredServer
    tokens: Tokens
    ann: Merchant
    bo: Merchant
    carl: Merchant
    erp: Merchant

    @property
    def url(self) -> str:
        return self.server.url

    def viewer(self, customer: str) -> str:
        """A customer's token."""
        return self.tokens.mint(role=Role.VIEWER, user=customer, room=ROOM, ttl_s=TOKEN_TTL_S)


@asynccontextmanager
async def open_shop(folder: Path) -> AsyncIterator[Shop]:
    """A server of its own, in a folder, and everybody at work; closed at the end."""
    flags = ["--show-continue-max-ms", str(CONTINUE_MS)]
    with MeasuredServer(folder, workers=WORKERS, flags=flags, niceness=0) as server:
        tokens = Tokens(Settings(token_secret=server.secret))
        async with AsyncExitStack() as working:

            async def employ(name: str, role: Role) -> Merchant:
                token = tokens.mint(role=role, user=name, ttl_s=TOKEN_TTL_S)
                return await working.enter_async_context(Merchant(server.url, token, POOL, proxy=False))

            yield Shop(
                server=server,
                tokens=tokens,
                ann=await employ("ann", Role.OPERATOR),
                bo=await employ("bo", Role.OPERATOR),
                carl=await employ("carl", Role.COUNTER),
                erp=await employ("erp", Role.SERVICE),
            )
