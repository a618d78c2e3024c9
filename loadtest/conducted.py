"""A run by a plan: the users, the plan's shape, and what master and workers say to each other.

Started by `spike.py`, which writes the plan; see README.md.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import plan as plans
import shapes
from buyers import Buyers
from conductor import Conductor
from locust import User, events, runners
from locust.env import Environment
from locust.runners import MasterRunner, WorkerRunner
from shelfcast.http.api.auth import Tokens
from shelfcast.settings import Settings
from stage import Stage
from users import Host, Operator, Viewers

PLAN = plans.load()
runners.HEARTBEAT_LIVENESS = runners.MASTER_HEARTBEAT_TIMEOUT = 300
"""Seconds. All share two cores: a process that misses its heartbeat for three of them is busy, not gone; its users must
not be started again elsewhere."""


def _weigh(counts: Mapping[type[User], int]) -> int:
    """Give the classes weights that add up to the number of users: Locust then makes exactly so many of each."""
    for kind, count in counts.items():
        kind.weight, kind.host, kind.abstract = count, PLAN.url, not count
    return sum(counts.values())


class Shape(shapes.Evening):
    """The plan's shape."""

    abstract = False
    users = _weigh({Viewers: PLAN.watch_cohorts, Buyers: PLAN.buy_cohorts, Host: 1, Operator: 1})


@events.init.add_listener
def prepare(environment: Environment, **_: Any) -> None:
    """A master gets its conductor, a worker its stage."""
    settings = Settings.load({}, os.environ)
    environment.dispatcher_class = shapes.ClassByClass
    if isinstance(environment.runner, MasterRunner):
        conductor = Conductor(environment, PLAN, settings)
        events.worker_report.add_listener(conductor.report)
        events.spawning_complete.add_listener(lambda **_: conductor.begin())
    elif isinstance(environment.runner, WorkerRunner):
        runner = environment.runner
        Stage.prepare(PLAN, Tokens(settings), lambda: runner.worker_index)
        runner.register_message("phase", lambda environment, msg, **_: Stage.follow(msg.data))
        runner.register_message("compare", _compare)
        events.report_to_master.add_listener(lambda client_id, data: data.update(slots=Stage.tally.take()))


def _compare(environment: Environment, msg: Any, **_: Any) -> None:
    """Hold all crowds of this process against the book."""
    book = {sku: tuple(pair) for sku, pair in msg.data["book"].items()}
    parts = [crowd.compare(book) for crowd in Stage.crowds]
    final: dict[int, int] = {}
    for part in parts:
        for bucket, count in part.final.counts.items():
            final[bucket] = final.get(bucket, 0) + count
    answer = {
        "right": sum(part.right for part in parts),
        "wrong": sum(part.wrong for part in parts),
        "slots": Stage.tally.take(),
        "samples": [sample for part in parts for sample in part.samples][:5],
        "final": final,
        "unanswered": sum(cohort.unanswered for cohort in Stage.buyers),
        "granted": sum(cohort.granted for cohort in Stage.buyers),
        "returned": sum(cohort.returned for cohort in Stage.buyers),
    }
    assert isinstance(environment.runner, WorkerRunner)
    environment.runner.send_message("compared", answer)
