"""The Locust users that buy: cohorts of customers who reserve, then pay or abandon."""

from __future__ import annotations

import itertools
import random
import time
from collections import deque
from heapq import heappop, heappush
from typing import Any, NamedTuple

import gevent
import msgspec
from crowd import Crowd
from histogram import UNITS_A_MS, bucket_of
from locust import FastHttpUser, task
from shelfcast.protocol.access import Role
from shelfcast.protocol.codes import RETRY, Code, Retry
from stage import WAIT_MAX_S, Stage, arrival_times, attend

PENDING_AGAIN_S = 5.0
"""A reservation without an answer is sent again after this time, with its id."""
ATTEMPTS_MAX = 8
TILL_MAX = 10_000
"""Reservations of a cohort that wait to be paid; beyond it they are abandoned."""
REFUSED_MAX = 10_000
"""Refused reservations of a cohort of which another copy may be under way."""
CANCEL_SHARE = 0.1
"""The part of the reservations that its buyer gives back at once."""
_encode = msgspec.msgpack.Encoder().encode
_ALREADY = str(Code.ALREADY_CANCELLED)
_RETRIED = frozenset(str(code) for code in Code if RETRY[code] is Retry.SAME_ID)


class Wish(NamedTuple):
    """A reservation that is not answered yet."""

    intended: float
    """When the buyer meant to send it: what keeps the sender from sending counts as waiting."""
    buyer: int
    sku: str
    attempt: int


class Buyers(FastHttpUser):
    """A cohort of customers with a token each: they watch, reserve, and pay or abandon.

    Sends on a schedule of its own, whatever the answers do (an open loop). Payments go over HTTP, from the payment
    service, as fast as the plan lets it.
    """

    @task
    def buy(self) -> None:
        plan = Stage.plan
        self._cohort = f"{Stage.process()}-{random.randrange(1 << 40):x}"
        self._random = random.Random(f"{plan.seed}/{self._cohort}")
        self._crowd = Crowd(Stage.place(), Stage.tally, seed=self._cohort, on_own=self._told, on_open=self._opened)
        self._tokens = [self._token(number) for number in range(plan.buy_size)]
        self._number_of = {token: number for number, token in enumerate(self._tokens)}
        self._fd_of: dict[int, int] = {}
        """By buyer: the connection it came with last."""
        self._came: list[int] = []
        self._pending: dict[str, Wish] = {}
        self._again: list[tuple[float, str]] = []
        self._returning: dict[str, tuple[float, int]] = {}
        """Reservations that are being given back: since when, and by whom."""
        self._flash: deque[tuple[float, int]] = deque()
        self._flash_at = 0.0
        self._refused: dict[str, Wish] = {}
        """Refused reservations that had been sent more than once: another copy may be granted yet."""
        self._till: deque[str] = deque()
        self._ids = itertools.count()
        self._next = self._checked = time.time()
        self.granted = self.returned = 0
        """Units reserved and given back, as answered."""
        for at, token in zip(arrival_times(plan.buy_size), self._tokens, strict=True):
            self._crowd.enter(at, token)
        Stage.crowds.add(self._crowd)
        Stage.buyers.add(self)
        till = gevent.spawn(self._pay_in_turn) if plan.pay_rate else None
        try:
            while True:
                now = time.time()
                attend(self._crowd, min(self._crowd.tend(now), self._sell(now)))
        finally:
            if till is not None:
                till.kill(block=False)
            Stage.crowds.discard(self._crowd)
            Stage.buyers.discard(self)
            self._crowd.close()

    @property
    def unanswered(self) -> int:
        """Reservations and cancellations under way, and payments that wait."""
        return len(self._pending) + len(self._returning) + len(self._till)

    def _token(self, number: int) -> str:
        return Stage.tokens.mint(role=Role.VIEWER, user=f"buyer-{self._cohort}-{number}", room=Stage.plan.room)

    # --- reserving ----------------------------------------------------------------------------------------------

    def _sell(self, now: float) -> float:
        """Send what is due; the seconds until there is more."""
        self._send_again(now)
        if Stage.flash_at != self._flash_at:
            self._flash_at = Stage.flash_at
            everybody = self._random.sample(self._came, len(self._came)) if self._flash_at else []
            times = sorted(self._flash_at + self._random.random() for _ in everybody)
            self._flash = deque(zip(times, everybody, strict=True))
        while self._flash and self._flash[0][0] <= now:
            self._reserve(*self._flash.popleft())
        pause = self._flash[0][0] - now if self._flash else WAIT_MAX_S
        rate = Stage.selling / max(1, Stage.plan.buy_cohorts)
        if rate <= 0 or not self._came:
            self._next = now
            return pause
        while self._next <= now:
            self._reserve(self._next, self._random.choice(self._came))
            self._next += self._random.expovariate(rate)
        return min(pause, self._next - now)

    def _reserve(self, intended: float, buyer: int) -> None:
        request = f"{self._cohort}-{next(self._ids)}"
        self._pending[request] = Wish(intended, buyer, self._random.choice(Stage.plan.skus), 0)
        Stage.tally.slot(time.time()).sent += 1
        self._send(request)

    def _send(self, request: str) -> None:
        wish = self._pending[request]
        message = {"type": "reserve", "id": request, "sku": wish.sku, "qty": 1, "again": wish.attempt > 0}
        self._say(wish.buyer, message)

    def _say(self, buyer: int, message: dict[str, Any]) -> None:
        """Over the buyer's connection, if it has one now; what is not answered is said again."""
        fd = self._fd_of[buyer]
        if self._crowd.holds(fd, self._tokens[buyer]):
            self._crowd.say(fd, _encode(message))

    def _send_again(self, now: float) -> None:
        """Repeat what was not executed when its time has come, and what nobody answered."""
        while self._again and self._again[0][0] <= now:
            self._repeat(heappop(self._again)[1])
        if now - self._checked >= 1.0:
            self._checked = now
            for request, wish in list(self._pending.items()):
                if now - wish.intended > PENDING_AGAIN_S * (wish.attempt + 1):
                    self._repeat(request)
            for request, (since, buyer) in list(self._returning.items()):
                if now - since > PENDING_AGAIN_S:
                    self._give_back(request, buyer, now)

    def _repeat(self, request: str) -> None:
        wish = self._pending.get(request)
        if wish is not None:
            self._pending[request] = wish._replace(attempt=wish.attempt + 1)
            self._send(request)

    # --- being answered -------------------------------------------------------------------------------------------

    def _opened(self, fd: int, token: str) -> None:
        buyer = self._number_of[token]
        if buyer not in self._fd_of:
            self._came.append(buyer)
        self._fd_of[buyer] = fd

    def _told(self, _: int, message: dict[str, Any]) -> None:
        kind = message["type"]
        if kind in ("reserved", "refused", "confirmed") and message["id"] in self._pending:
            self._decided(message, str(message.get("code", "OK")))
        elif kind == "reserved" and message["id"] in self._refused:
            Stage.tally.slot(time.time()).kinds["granted after a refusal"] += 1
            self._have(message["id"], self._refused.pop(message["id"]), time.time())
        elif message.get("id") in self._returning and (kind == "cancelled" or message.get("code") == _ALREADY):
            del self._returning[message["id"]]
            self.returned += 1
            Stage.tally.slot(time.time()).paid["given back"] += 1
        elif kind == "cancelled":
            Stage.tally.slot(time.time()).kinds["cancelled, told again"] += 1

    def _decided(self, message: dict[str, Any], code: str) -> None:
        request, now = message["id"], time.time()
        wish = self._pending[request]
        slot = Stage.tally.slot(now)
        if code in _RETRIED and wish.attempt < ATTEMPTS_MAX:
            slot.kinds[f"try again: {code}"] += 1
            heappush(self._again, (now + message.get("retry_after_ms", 1_000) / 1000, request))
            return
        del self._pending[request]
        waited_ms = (now - wish.intended) * 1000
        counts = slot.verdicts.setdefault(code, {})
        bucket = bucket_of(int(waited_ms * UNITS_A_MS))
        counts[bucket] = counts.get(bucket, 0) + 1
        self.environment.stats.log_request("WS", f"reserve: {code}", waited_ms, 0)
        if code == "OK":
            self._have(request, wish, now)
        elif wish.attempt and len(self._refused) < REFUSED_MAX:
            self._refused[request] = wish

    def _have(self, request: str, wish: Wish, now: float) -> None:
        """The units are the buyer's: it gives them back, or means to pay."""
        self.granted += 1
        if self._random.random() < CANCEL_SHARE:
            self._give_back(request, wish.buyer, now)
        elif Stage.plan.pay_rate and len(self._till) < TILL_MAX:
            self._till.append(request)

    def _give_back(self, request: str, buyer: int, now: float) -> None:
        self._returning[request] = (now, buyer)
        self._say(buyer, {"type": "cancel", "id": request})

    # --- paying ---------------------------------------------------------------------------------------------------

    def _pay_in_turn(self) -> None:
        """The payment service's greenlet for this cohort: it pays one after the other while there is selling."""
        token = Stage.tokens.mint(role=Role.SERVICE, user="payments", pool=Stage.plan.pool)
        headers = {"Authorization": f"Bearer {token}"}
        pause = Stage.plan.buy_cohorts / Stage.plan.pay_rate
        while True:
            gevent.sleep(pause * self._random.uniform(0.5, 1.5))
            if self._till and (Stage.selling or Stage.flash_at):
                self._pay(self._till.popleft(), headers)
            elif self._till:
                Stage.tally.slot(time.time()).paid["abandoned"] += len(self._till)
                self._till.clear()

    def _pay(self, reservation: str, headers: dict[str, str]) -> None:
        path = f"/v1/pools/{Stage.plan.pool}/reservations/{reservation}/confirm"
        with self.client.post(path, json={}, headers=headers, name="confirm", catch_response=True) as response:
            paid = "confirmed" if response.status_code == 200 else f"status {response.status_code}"
        Stage.tally.slot(time.time()).paid[paid] += 1
