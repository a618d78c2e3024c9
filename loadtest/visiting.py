"""A run as Locust's users know it: against a server that runs already, with Locust's own page, ramp and processes.

A user is one person here: one connection, and one customer's pace. Who comes depends on what there is to show at the
door: nothing, a token, or the server's secret.
"""

from __future__ import annotations

import logging
import random
import sys
import time
from argparse import Namespace
from collections.abc import Iterable
from typing import Any

import gevent
from buyers import Buyers
from entrance import Place
from figures import publish
from flask import Response, jsonify, request
from locust import User, events
from locust.env import Environment
from locust.runners import LocalRunner, WorkerRunner
from locust.web import WebUI
from permission import Destination, Refused, destination
from plan import Phase, Plan
from room_door import Door, knock, trusted
from stage import Stage
from users import Host, Operator, Viewers

PUBLISH_S = 1.0
RATE_MAX = 20.0
"""A second: what a server takes from one connection, unless its settings say otherwise."""
NAME = "open"
OFF_THE_PAGE = ("secret", "token", "i_may_load")
"""Options that are nobody's business on Locust's page, and that nobody may set there."""
EXIT_REFUSED = 2
_log = logging.getLogger(__name__)

# Nine watch where one buys; a room has one host and one operator.
Viewers.weight, Buyers.weight = 9, 1
Host.fixed_count = Operator.fixed_count = 1
# A certificate that nobody has signed is no server of ours. SSL_CERT_FILE names a private authority.
Buyers.insecure = Operator.insecure = False


@events.init_command_line_parser.add_listener
def add_flags(parser: Any) -> None:
    """The flags that Locust has not got."""
    parser.add_argument("--room", env_var="SHELFCAST_ROOM", default="", help="live room to visit")
    parser.add_argument(
        "--secret",
        env_var="SHELFCAST_TOKEN_SECRET",
        default="",
        include_in_web_ui=False,
        help="the server's token secret: everybody comes, each with a token of their own",
    )
    parser.add_argument(
        "--token",
        env_var="SHELFCAST_TOKEN",
        default="",
        include_in_web_ui=False,
        help="where there is no secret: one token for all; its role says who can come",
    )
    parser.add_argument("--buyer-rate", type=float, default=0.2, help="reservations a second of each buyer")
    parser.add_argument("--pay-rate", type=float, default=0.2, help="payments a second for each buyer, at most")
    parser.add_argument(
        "--i-may-load",
        action="append",
        default=[],
        metavar="HOST",
        include_in_web_ui=False,
        help="a host beyond this machine that you may load; it is refused without",
    )


@events.init.add_listener
def prepare(environment: Environment, web_ui: WebUI | None = None, **_: Any) -> None:
    """Every process has a visit. What cannot be is refused at once, where the command line says all of it."""
    visit = Visit(environment)
    events.test_start.add_listener(visit.begin)
    events.test_stop.add_listener(visit.end)
    options = environment.parsed_options
    assert options is not None
    if options.worker:
        return
    try:
        if options.headless or options.autostart:
            visit.arrange(environment.host or "", options.room)
        elif environment.host:
            destination(environment.host, options.i_may_load)
    except Refused as refused:
        sys.stderr.write(f"{refused}\n")
        sys.exit(EXIT_REFUSED)
    if web_ui is not None:
        assert web_ui.app is not None
        web_ui.app.before_request(visit.look_at_form)


def _check_names(form: Iterable[str]) -> None:
    for name in form:
        if name in OFF_THE_PAGE:
            raise Refused(f"{name} is said on the command line alone")


class Visit:
    """The run of one process."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._everybody = list(environment.user_classes)
        self._missed: set[type[User]] = set()
        """Who cannot come, and was named."""
        self._publishing: gevent.Greenlet[[], None] | None = None

    @property
    def _options(self) -> Namespace:
        options: Namespace | None = self._environment.parsed_options
        assert options is not None
        return options

    def arrange(self, host: str, room: str) -> tuple[Destination, Door]:
        """Look at the server and its room, and let those come who can. Raises Refused."""
        options = self._options
        for flag, rate in (("--buyer-rate", options.buyer_rate), ("--pay-rate", options.pay_rate)):
            if not 0 <= rate <= RATE_MAX:
                raise Refused(f"{flag}: expected 0 to {RATE_MAX:g} a second, got {rate:g}")
        where = destination(host, options.i_may_load)
        door = knock(where, room, secret=options.secret, token=options.token)
        coming = [kind for kind in self._everybody if kind.__name__ in door.users]
        if not coming:
            raise Refused(f"expected --secret, or a --token that lets one in of {', '.join(sorted(door.users))}")
        for kind in self._everybody:
            if kind not in coming and kind not in self._missed:
                self._missed.add(kind)
                _log.warning("no %s: that takes --secret, or a --token of another role", kind.__name__)
        self._environment.user_classes = coming
        return where, door

    def look_at_form(self) -> Response | None:
        """Before Locust's page starts a run: the same checks of what the form says, answered on the page."""
        if request.method != "POST" or not request.path.endswith("/swarm"):
            return None
        form, host = request.form, self._environment.host or ""
        try:
            _check_names(form)
            self.arrange(form.get("host", host), form.get("room", self._options.room))
        except Refused as refused:
            return jsonify({"success": False, "message": str(refused), "host": host})
        return None

    def begin(self, environment: Environment, **_: Any) -> None:
        """The stage of this process, as the options say by now: a worker has them of its master."""
        runner = environment.runner
        if not isinstance(runner, LocalRunner | WorkerRunner):
            return  # The master has no users.
        everybody = environment.user_classes
        try:
            where, door = self.arrange(environment.host or "", self._options.room)
        except Refused as refused:
            _log.error("%s", refused)
            environment.process_exit_code = EXIT_REFUSED
            runner.quit()
            return
        # Whom the master sends, it has chosen.
        environment.user_classes = everybody
        environment.host = where.url
        plan = self._plan(where, door)
        place = Place(door.address, where.port, plan.room, name=where.name, tls=trusted() if where.tls else None)
        Stage.prepare(plan, door.tokens, lambda: max(0, runner.worker_index), place)
        Stage.viewer_token = door.viewer_token
        Stage.tally.take()
        phase = plan.phases[0]
        Stage.follow(
            {
                "name": phase.name,
                "selling": plan.rate,
                "feeding": phase.feeding,
                "arrive_at": time.time(),
                "flash_at": 0.0,
            }
        )
        self._publishing = gevent.spawn(self._publish)

    def end(self, environment: Environment, **_: Any) -> None:
        """The users are gone: what is counted and not yet told."""
        if self._publishing is not None:
            self._publishing.kill()
            self._publishing = None
            publish(environment, Stage.tally.take())

    def _publish(self) -> None:
        while True:
            gevent.sleep(PUBLISH_S)
            publish(self._environment, Stage.tally.take())

    def _plan(self, where: Destination, door: Door) -> Plan:
        """One person a user: the rates are each buyer's own. Without an end, and with ids that no run had before."""
        options = self._options
        return Plan(
            shape=NAME,
            phases=[Phase(NAME, 0.0, selling=1.0, feeding=True)],
            host=door.address,
            port=where.port,
            server_pid=0,
            processes=1,
            watch_cohorts=1,
            watch_size=1,
            buy_cohorts=1,
            buy_size=1,
            skus=door.skus,
            rate=options.buyer_rate,
            pay_rate=options.pay_rate if door.pays else 0.0,
            seed=random.SystemRandom().randrange(1 << 40),
            hog=0.0,
            result="",
            room=options.room,
            pool=door.pool,
        )
