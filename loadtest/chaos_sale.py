"""The sale that goes on while chaos strikes: customers over real sockets, a till over HTTP, and the book held against
what both were answered.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from collections import Counter
from typing import Any

import httpx
import msgspec
from shelfcast.http.api.auth import Tokens
from shelfcast.protocol.access import Role
from shelfcast.settings import Settings
from shelfcast_client import Cancelled, Refused, Reserved, Room, State, StateChange, Unanswered, connect
from shelfcast_client.merchant import Merchant

POOL, ROOM, CHANNEL = "chaos", "evening", "live"
SKUS = ("mug", "scarf", "lamp", "bowl")
CUSTOMERS = 12
UNITS_A_ROUND = 40
"""Of each SKU, more than one round sells of most and fewer than of the first."""
FAVOURITE_SHARE = 0.6
PAUSE_S = 0.02
ANSWER_S = 30.0
"""A request on an open connection that has no answer after this has none."""
SETTLE_S = 90.0
"""How long the same request is sent again while the answer is that it was not executed."""
AGAIN_S = 0.1
NOT_EXECUTED = frozenset({429, 502, 503, 504})
PAID_SHARE, CANCELLED_SHARE = 0.3, 0.4
HELD, SOLD = f"held:{CHANNEL}", f"sold:{CHANNEL}"
ACTIVE, CONFIRMED, GIVEN_BACK = "active", "confirmed", "cancelled"


class Line:
    """A customer's connection: whether it is there, and when it was not last (`time.monotonic`)."""

    def __init__(self) -> None:
        self.is_up = True
        self.down_at = -1.0

    async def watch(self, room: Room) -> None:
        """Follow it as long as this runs."""
        async for event in room.events():
            if isinstance(event, StateChange):
                self.is_up = event.state is State.CONNECTED
                self.down_at = time.monotonic()


class Account(msgspec.Struct):
    """Units of each SKU as all rounds together were answered."""

    received: dict[str, int]
    held: dict[str, int]
    sold: dict[str, int]


async def account_of(url: str, secret: str) -> Account:
    """As the book has it: where a run that was interrupted goes on."""
    token = Tokens(Settings(token_secret=secret)).mint(role=Role.OPERATOR, user="chaos")
    async with Merchant(url, token, POOL) as merchant:
        buckets = await merchant.buckets()
    received = {sku: -found.get("supplier", 0) for sku, found in buckets.items()}
    held, sold = ({sku: found.get(name, 0) for sku, found in buckets.items()} for name in (HELD, SOLD))
    return Account(received, held, sold)


class Sale:
    """One round's sale. `over` ends it; every request that is out is answered, or counted, before `run` returns."""

    def __init__(self, url: str, secret: str, number: int, chance: random.Random) -> None:
        self.url = url
        self.number = number
        self.over = asyncio.Event()
        self.said: dict[str, tuple[str, str]] = {}
        """By reservation id: the SKU, and the state that was acknowledged last."""
        self.counts: Counter[str] = Counter()
        self._chance = chance
        # A round that was interrupted is played again: its ids stand in the book already.
        self._name = f"r{number}-{secrets.token_hex(4)}"
        self._tokens = Tokens(Settings(token_secret=secret))
        self._operator = self._tokens.mint(role=Role.OPERATOR, user="chaos")
        self._http = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {self._operator}"},
            timeout=httpx.Timeout(ANSWER_S, connect=5.0),
            trust_env=False,
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def open(self, account: Account) -> None:
        """The shop, in the first round, and goods for this one."""
        async with Merchant(self.url, self._operator, POOL) as merchant:
            if not account.received:
                await merchant.define_pool()
                await merchant.define_channel(CHANNEL)
                await merchant.catalogue([{"sku": sku, "title": sku, "price_minor": 100} for sku in SKUS], key="open")
                await merchant.define_room(ROOM, channel=CHANNEL, status="live")
                await merchant.list_in_room(ROOM, [{"sku": sku} for sku in SKUS])
            for sku in SKUS:
                await merchant.receive(sku, UNITS_A_ROUND, reason=f"round {self.number}")
                account.received[sku] = account.received.get(sku, 0) + UNITS_A_ROUND

    # --- customers ----------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """All customers, until it is over."""
        async with asyncio.TaskGroup() as customers:
            for number in range(CUSTOMERS):
                customers.create_task(self._customer(number))

    async def _customer(self, number: int) -> None:
        user = f"{self._name}-u{number}"
        token = self._tokens.mint(role=Role.VIEWER, user=user, room=ROOM)
        async with (
            connect(self.url, ROOM, token=token, enter_timeout_s=SETTLE_S) as room,
            asyncio.TaskGroup() as beside,
        ):
            line = Line()
            watching = beside.create_task(line.watch(room))
            count = 0
            while not self.over.is_set():
                count += 1
                sku = SKUS[0] if self._chance.random() < FAVOURITE_SHARE else self._chance.choice(SKUS)
                await self._buy(room, line, f"{self._name}-{number}-{count}", sku)
                await asyncio.sleep(self._chance.uniform(0, 2 * PAUSE_S))
            watching.cancel()

    async def _buy(self, room: Room, line: Line, made: str, sku: str) -> None:
        result = await self._settled(line, lambda: room.reserve(sku, reservation_id=made, timeout_s=ANSWER_S))
        if not isinstance(result, Reserved):
            return
        self.said[made] = (sku, ACTIVE)
        what = self._chance.random()
        if what < PAID_SHARE:
            if await self._step(made, "confirm", {"reference": f"paid {made}"}):
                self.said[made] = (sku, CONFIRMED)
        elif what < CANCELLED_SHARE:
            if await self._step(made, "cancel", {}):
                self.said[made] = (sku, GIVEN_BACK)
        elif what < CANCELLED_SHARE + 0.2:
            result = await self._settled(line, lambda: room.cancel(made, timeout_s=ANSWER_S))
            if isinstance(result, Cancelled) or (isinstance(result, Refused) and result.code == "ALREADY_CANCELLED"):
                self.said[made] = (sku, GIVEN_BACK)

    async def _settled(self, line: Line, ask: Any) -> Any:
        """The answer that stands. Whatever was not executed is asked for again with its id; so is what went
        unanswered, which is counted where the connection was there all the time.
        """
        until = time.monotonic() + SETTLE_S
        while True:
            asked_at = time.monotonic()
            result = await ask()
            if isinstance(result, Unanswered):
                self.counts["unanswered"] += line.down_at < asked_at and line.is_up
            elif not (isinstance(result, Refused) and result.retry == "same_id"):
                name = result.code if isinstance(result, Refused) else type(result).__name__
                self.counts[f"socket {name}"] += 1
                return result
            if time.monotonic() > until:
                self.counts["unanswered"] += not isinstance(result, Unanswered)
                return result
            self.counts["again"] += 1
            await asyncio.sleep(AGAIN_S)

    async def _step(self, made: str, step: str, body: dict[str, Any]) -> bool:
        """The till's word on a reservation, sent until it is answered; whether it was done."""
        answer = await self._ask("POST", f"/v1/pools/{POOL}/reservations/{made}/{step}", body)
        if answer is None:
            return False
        done = answer.is_success or answer.json().get("code") in {"ALREADY_CANCELLED", "ALREADY_CONFIRMED"}
        if not done:
            self.counts[f"{step} {answer.status_code} {answer.json().get('code', '')}"] += 1
        return bool(done)

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response | None:
        until = time.monotonic() + SETTLE_S
        while time.monotonic() < until:
            try:
                answer = await self._http.request(method, path, json=body)
            except httpx.ReadTimeout:
                self.counts["unanswered"] += 1
            except httpx.TransportError:
                self.counts["again"] += 1
            else:
                if answer.status_code == httpx.codes.INTERNAL_SERVER_ERROR:
                    self.counts["http_500"] += 1
                elif answer.status_code not in NOT_EXECUTED:
                    return answer
                self.counts["again"] += 1
            await asyncio.sleep(AGAIN_S)
        self.counts["unanswered"] += 1
        return None

    # --- the book -----------------------------------------------------------------------------------------------

    async def check(self, account: Account, *, audited: bool) -> list[str]:
        """What the book does not say as it was acknowledged. Adds the round to the account."""
        faults = []
        for made, (sku, state) in self.said.items():
            stands = await self._ask("GET", f"/v1/pools/{POOL}/reservations/{made}")
            if stands is None or stands.status_code != httpx.codes.OK:
                faults.append(f"lost: {made} was acknowledged as {state}, and is not in the book")
                continue
            found = stands.json()
            if (found["sku"], found["qty"]) != (sku, 1) or found["state"] != state:
                faults.append(f"lost: {made} was acknowledged as {state} of {sku}, and is {found['state']}")
            for units, of in ((account.held, ACTIVE), (account.sold, CONFIRMED)):
                units[sku] = units.get(sku, 0) + (state == of)
        async with Merchant(self.url, self._operator, POOL) as merchant:
            buckets = await merchant.buckets()
            report = await merchant.audit() if audited else None
        for sku in SKUS:
            faults += _unit_faults(sku, buckets[sku], account)
        if report is not None and not report["ok"]:
            faults.append(f"audit: {report['violation_count']} violations: {report['violations'][:3]}")
        return faults


def _unit_faults(sku: str, buckets: dict[str, int], account: Account) -> list[str]:
    faults = []
    for name, units in ((HELD, account.held), (SOLD, account.sold)):
        stands, said = buckets.get(name, 0), units.get(sku, 0)
        if stands != said:
            word = "lost" if stands < said else "doubled"
            faults.append(f"{word}: {name} of {sku} is {stands}, acknowledged were {said}")
    taken = buckets.get(HELD, 0) + buckets.get(SOLD, 0)
    if taken > account.received[sku]:
        faults.append(f"oversold: {taken} of {account.received[sku]} {sku}")
    return faults
