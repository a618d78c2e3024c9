"""The Locust users that reserve nothing: viewers, a host's overlay and an operator."""

from __future__ import annotations

import itertools
import random
import time
from typing import Any

import gevent
import msgspec
from crowd import Crowd
from locust import FastHttpUser, User, task
from shelfcast.protocol.access import Role
from stage import Stage, arrival_times, attend
from tally import Tally
from wire import JSON

FEED_EVERY_S = 0.5
FEED_A_VIEWER_S = 1 / 20_000
"""A change that a hundred thousand are told keeps two cores busy for a second: goods come in more seldom then."""
FREEZE_EVERY_S = 7.0
FREEZE_S = 1.0
_encode_json = msgspec.json.Encoder().encode


class Viewers(User):
    """A cohort of anonymous viewers: real connections, every frame read, all in this greenlet."""

    @task
    def watch(self) -> None:
        plan, place = Stage.plan, Stage.place()
        crowd = Crowd(place, Stage.tally, seed=f"{plan.seed}/{place.source}")
        for at in arrival_times(plan.watch_size):
            crowd.enter(at, Stage.viewer_token)
        Stage.crowds.add(crowd)
        try:
            while True:
                attend(crowd, crowd.tend(time.time()))
        finally:
            Stage.crowds.discard(crowd)
            crowd.close()


class Host(User):
    """The host's overlay: one connection backstage, in JSON, as a browser source has it."""

    @task
    def look(self) -> None:
        token = Stage.tokens.mint(role=Role.HOST, user="host", room=Stage.plan.room)
        crowd = Crowd(Stage.place(JSON), Tally(), seed=str(Stage.plan.seed))
        crowd.enter(time.time(), token)
        try:
            while True:
                attend(crowd, crowd.tend(time.time()))
        finally:
            crowd.close()


class Operator(FastHttpUser):
    """Feeds the pool over HTTP, freezes and unfreezes over the socket, while the phase asks for it."""

    _frozen = ""
    """The SKU that stands frozen now."""

    @task
    def operate(self) -> None:
        plan = Stage.plan
        chance = random.Random(plan.seed)
        token = Stage.tokens.mint(role=Role.OPERATOR, user="operator", pool=plan.pool)
        headers = {"Authorization": f"Bearer {token}"}
        crowd = Crowd(Stage.place(JSON), Tally(), seed=str(plan.seed))
        crowd.enter(time.time(), token)
        feeder = gevent.spawn(self._feed, chance, headers)
        freezer = gevent.spawn(self._freeze, chance, crowd)
        try:
            while True:
                attend(crowd, crowd.tend(time.time()))
        finally:
            gevent.killall([feeder, freezer], block=False)
            crowd.close()
            self._thaw(headers)

    def _thaw(self, headers: dict[str, str]) -> None:
        """Whoever stops the load between the two messages must not leave a SKU that nobody can buy."""
        if self._frozen:
            body = {"id": f"thaw-{Stage.plan.seed}", "kind": "unfreeze", "sku": self._frozen, "reason": "load test"}
            self._move(body, headers, "unfreeze")

    def _move(self, body: dict[str, Any], headers: dict[str, str], name: str) -> None:
        self.client.post(f"/v1/pools/{Stage.plan.pool}/moves", json=body, headers=headers, name=name)

    def _feed(self, chance: random.Random, headers: dict[str, str]) -> None:
        for number in itertools.count():
            gevent.sleep(max(FEED_EVERY_S, Stage.plan.viewers * FEED_A_VIEWER_S))
            if not Stage.feeding:
                continue
            body = {
                "id": f"feed-{Stage.plan.seed}-{number}",
                "kind": "receive",
                "sku": chance.choice(Stage.plan.skus),
                "qty": chance.randint(1, 20),
                "source": "supplier",
                "target": "pool",
                "reason": "load test",
            }
            self._move(body, headers, "receive")

    def _freeze(self, chance: random.Random, crowd: Crowd) -> None:
        for number in itertools.count():
            gevent.sleep(FREEZE_EVERY_S + Stage.plan.viewers * FEED_A_VIEWER_S)
            if not Stage.feeding:
                continue
            sku = chance.choice(Stage.plan.skus)
            for frozen in (True, False):
                request = f"freeze-{Stage.plan.seed}-{number}-{frozen}"
                message = {"type": "freeze", "id": request, "sku": sku, "frozen": frozen}
                self._frozen = sku if frozen else ""
                for fd in crowd.open:
                    crowd.say(fd, _encode_json(message))
                gevent.sleep(FREEZE_S)
