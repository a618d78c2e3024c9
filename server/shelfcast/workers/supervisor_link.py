"""A worker's side of the channel: it hears the supervisor, shows that it is alive, and says its metrics."""

from __future__ import annotations

import asyncio
import itertools
import os

from shelfcast.barrier import barrier
from shelfcast.settings import Settings
from shelfcast.workers.message_pipe import MessagePipe
from shelfcast.workers.messages import Alive, HeavyNews, Leave, Message, Metrics, MetricsWanted, Scrape, ScrapeWanted
from shelfcast.workers.process_metrics import own_metrics

EXIT_CUT_OFF = 1


class SupervisorLink:
    """Answers the supervisor until closed. You must `close` it, as the last thing the process does."""

    def __init__(self, channel: MessagePipe, settings: Settings) -> None:
        loop = asyncio.get_running_loop()
        self.told_to_leave: asyncio.Future[bool] = loop.create_future()
        """Set when this worker is to drain and exit; whether another one takes its socket over."""
        self.cut_off = False
        """Whether the supervisor is gone."""
        self._heavy_complaint = ""
        self._channel = channel
        self._settings = settings
        self._numbers = itertools.count(1)
        self._scrapes: dict[int, asyncio.Future[bytes]] = {}
        self._tasks = [
            loop.create_task(self._hear(), name="hear the supervisor"),
            loop.create_task(self._show_life(), name="show life"),
        ]

    def leave(self) -> None:
        """Leave the place to another: the supervisor will start one."""
        self._settle(handover=True)

    async def heavy_complaint(self) -> str:
        """What is wrong with the server's process for heavy work, by what the supervisor said last."""
        return self._heavy_complaint

    async def exposition(self) -> bytes:
        """The metrics of all workers. Raises TimeoutError."""
        number = next(self._numbers)
        scrape: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._scrapes[number] = scrape
        self._channel.send(ScrapeWanted(number))
        try:
            # The supervisor waits for the others for that long.
            async with asyncio.timeout(2 * self._settings.worker_metrics_timeout_ms / 1000):
                text = await scrape
        finally:
            del self._scrapes[number]
        return text

    async def close(self) -> None:
        """Say the last metrics, and end the channel."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._channel.send(Metrics(own_metrics()))
        await self._channel.flush()
        self._channel.close()

    async def _hear(self) -> None:
        while (message := await self._channel.receive()) is not None:
            with barrier("worker.hears"):
                self._take(message)
        self.cut_off = True
        # The supervisor is gone. Its successor wants the port; and nobody would end a draining that takes too long.
        if self.told_to_leave.done():
            os._exit(EXIT_CUT_OFF)
        self._settle(handover=True)

    def _take(self, message: Message) -> None:
        match message:
            case Leave(handover):
                self._settle(handover=handover)
            case HeavyNews(complaint):
                self._heavy_complaint = complaint
            case MetricsWanted():
                self._channel.send(Metrics(own_metrics()))
            case Scrape(number, text):
                scrape = self._scrapes.get(number)
                if scrape is not None and not scrape.done():
                    scrape.set_result(text)
            case _:
                pass

    async def _show_life(self) -> None:
        while True:
            with barrier("worker.alive"):
                self._channel.send(Alive())
            await asyncio.sleep(self._settings.worker_alive_interval_ms / 1000)

    def _settle(self, *, handover: bool) -> None:
        if not self.told_to_leave.done():
            self.told_to_leave.set_result(handover)
