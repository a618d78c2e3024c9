"""The master's part: leads all processes through the phases, gathers what they count, and compares at the end."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import gevent
import msgspec
import psutil
from book import Book
from histogram import Histogram
from hog import Hog
from locust.env import Environment
from locust.runners import MasterRunner
from plan import Phase, Plan
from shapes import Evening
from shelfcast.http.api.auth import Tokens
from shelfcast.protocol.access import Role
from shelfcast.settings import Settings
from tally import Whole, summed

PROGRESS_S = 3.0
LATE_S = 60.0
"""How long the last arrivals are waited for beyond their phase."""
LEAD_S = 1.0
"""What happens at an instant, the first arrival and the flash, is announced to the processes this long before."""
SETTLE_S = 30.0
"""How long viewers may take after the last change until they show what the book says."""
ANSWER_S = 30.0


class Conductor:
    """Runs in the master process, in a greenlet of its own."""

    def __init__(self, environment: Environment, plan: Plan, settings: Settings) -> None:
        runner = environment.runner
        assert isinstance(runner, MasterRunner)
        self._runner = runner
        self._plan = plan
        token = Tokens(settings).mint(role=Role.OPERATOR, user="conductor")
        self._book = Book(plan.url, token)
        self._whole = Whole()
        self._phases: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._seconds: dict[int, Whole] = defaultdict(Whole)
        self._times: list[dict[str, Any]] = []
        self._answers: list[dict[str, Any]] = []
        self._begun = 0.0
        runner.register_message("compared", self._compared)

    # --- what comes from the workers ------------------------------------------------------------------------------

    def report(self, client_id: str, data: dict[str, Any]) -> None:
        """Slots of one process, with Locust's own report or with an answer."""
        for slot in data.pop("slots"):
            self._whole.add(slot)
            self._seconds[slot["second"]].add(slot)
            self._phases[slot["phase"]].append(slot)

    def _compared(self, environment: Environment, msg: Any, **_: Any) -> None:
        self.report(msg.node_id, msg.data)
        self._answers.append(msg.data)

    # --- the run --------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """All users are there: run, once."""
        if not self._begun:
            self._begun = time.time() + LEAD_S
            gevent.spawn(self._run)

    def _run(self) -> None:
        """All phases, the comparison, the result; the shape ends with it, whatever happens."""
        shape = self._runner.environment.shape_class
        assert isinstance(shape, Evening)
        progress = gevent.spawn(self._show_progress)
        most_s = sum(phase.seconds for phase in self._plan.phases) + SETTLE_S + 2 * ANSWER_S
        try:
            with Hog(self._plan.hog, most_s) as hog:
                for phase in self._plan.phases:
                    self._lead(phase)
                    if phase is self._plan.phases[0]:
                        hog.start()
                self._write(self._end())
        finally:
            progress.kill()
            shape.over = True

    def _lead(self, phase: Phase) -> None:
        first, begin = phase is self._plan.phases[0], time.time()
        instant = begin + LEAD_S if phase.flash or first else begin
        message = {
            "name": phase.name,
            "selling": phase.selling * self._plan.rate,
            "feeding": phase.feeding,
            "arrive_at": instant if first else 0.0,
            "flash_at": instant if phase.flash else 0.0,
        }
        self._runner.send_message("phase", message)
        killed = self._kill_worker() if phase.kill else 0
        gevent.sleep(max(0.0, instant + phase.seconds - time.time()))
        if first:
            begin = instant
            self._wait_for_the_late()
        self._times.append({"name": phase.name, "begin": begin, "end": time.time(), "killed": killed})

    def _open(self) -> int:
        return self._whole.counts["opened"] - sum(self._whole.by_name["lost"].values())

    def _wait_for_the_late(self) -> None:
        until = time.time() + LATE_S
        while self._open() < self._plan.viewers and time.time() < until:
            gevent.sleep(0.5)

    def _kill_worker(self) -> int:
        """Kill the server's child that holds the most connections; the pid, 0 where there is none to kill."""
        children = [child for child in psutil.Process(self._plan.server_pid).children() if _is_python(child)]
        if not children:
            return 0
        victim = max(children, key=lambda child: child.num_fds())
        os.kill(victim.pid, signal.SIGKILL)
        return int(victim.pid)

    # --- the end --------------------------------------------------------------------------------------------------

    def _end(self) -> dict[str, Any]:
        """Ask all processes to compare until everybody shows what the book says, or it has taken too long."""
        until = time.time() + SETTLE_S
        while True:
            compared = self._compare()
            settled = not compared["wrong"] and not compared["unanswered"] and compared["right"] >= self._plan.viewers
            if settled or time.time() > until:
                return compared
            gevent.sleep(1.0)

    def _compare(self) -> dict[str, Any]:
        counts = self._book.counts()
        self._answers = []
        self._runner.send_message("compare", {"book": {sku: list(pair) for sku, pair in counts.items()}})
        until = time.time() + ANSWER_S
        while len(self._answers) < self._plan.processes and time.time() < until:
            gevent.sleep(0.05)
        answers = list(self._answers)
        final = Histogram()
        for answer in answers:
            final.add(answer["final"])
        sums = {
            name: sum(answer[name] for answer in answers)
            for name in ("right", "wrong", "unanswered", "granted", "returned")
        }
        samples = [sample for answer in answers for sample in answer["samples"]]
        return {**sums, "samples": samples[:5], "final": final.summary(), "processes": len(answers)}

    def _write(self, compared: dict[str, Any]) -> None:
        result = {
            "viewers": self._plan.viewers,
            "held": self._open(),
            "compared": compared,
            "whole": self._whole.summary(),
            "phases": [
                {**times, **summed(self._phases.get(times["name"], ())).summary()} for times in self._times
            ],
            "seconds": [
                {"second": second, **self._seconds[second].summary()} for second in sorted(self._seconds)
            ],
        }  # fmt: skip
        Path(self._plan.result).write_bytes(msgspec.json.encode(result))

    # --- progress -------------------------------------------------------------------------------------------------

    def _show_progress(self) -> None:
        shown = int(time.time())
        while True:
            gevent.sleep(PROGRESS_S)
            now = int(time.time())
            # The processes report every three seconds: what is older is complete.
            recent = [self._seconds[second] for second in range(shown - 4, now - 4) if second in self._seconds]
            shown = now
            sys.stdout.write(self._line(recent) + "\n")
            sys.stdout.flush()

    def _line(self, recent: list[Whole]) -> str:
        seconds = max(1, len(recent))
        latency = Histogram()
        for whole in recent:
            latency.add(whole.timed["latency"].counts)
        half, most = latency.percentile(50), latency.percentile(99)
        told = f"change → viewer p50 {half:,.0f} ms, p99 {most:,.0f} ms" if half is not None else "no change"
        opened = sum(whole.counts["opened"] for whole in recent) / seconds
        decided = sum(whole.decided for whole in recent) / seconds
        phase = self._plan.phases[min(len(self._times), len(self._plan.phases) - 1)].name
        lost = sum(self._whole.by_name["lost"].values())
        return (
            f"{time.time() - self._begun:5.0f} s  {phase:<14} {self._open():>7,} of {self._plan.viewers:,} open "
            f"(+{opened:,.0f}/s, {lost:,} lost)  {told}  {decided:,.0f} reservations/s"
        )


def _is_python(process: psutil.Process) -> bool:
    """A server's worker, not its engine and not multiprocessing's resource tracker."""
    command = " ".join(process.cmdline())
    return "python" in command and "resource_tracker" not in command
