"""`shelfcast demo`: a server whose one room sells the project's own sample evening, over and over, until stopped."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import signal
import tempfile
from collections.abc import Iterator

import msgspec
import uvloop

from shelfcast.app import App
from shelfcast.commands import terminal
from shelfcast.commands.demo_channels import PROPOSAL_LAPSES_MS, SPLIT_PAUSE_MS
from shelfcast.commands.demo_show import CONTINUE_MS, ROOM, DemoShow
from shelfcast.commands.demo_waiting import OFFER_MS
from shelfcast.commands.logs import configure_logs
from shelfcast.hosts import LOOPBACK
from shelfcast.http.api.auth import Tokens
from shelfcast.settings import Settings
from shelfcast.workers.heavy import HeavyProcess

EVERY_NETWORK = ("", "0.0.0.0", "::")  # noqa: S104 - compared, not bound


def run(settings: Settings, *, speed: float, viewers: int) -> int:
    """Serve and sell until SIGINT or SIGTERM. Raises ShelfcastError where the server cannot start.

    Stock is kept in a temporary folder unless `settings` name a data folder of their own or an engine.
    """
    with _data_folder(settings) as data_dir:
        chosen = msgspec.structs.replace(
            settings,
            data_dir=data_dir,
            token_secret=settings.token_secret or secrets.token_urlsafe(48),
            # The simulated viewers share this machine's address with whoever looks at them.
            connections_an_address_max=settings.connections_an_address_max + viewers,
            # Here anybody may be the host: no page of another name may pretend to be this server's own.
            hosts=settings.hosts or ",".join((*LOOPBACK, *_own_name(settings.host))),
            # The room is what there is to see: of the log only what is wrong, unless more was asked for.
            log_level="warning" if settings.log_level == Settings().log_level else settings.log_level,
            **_shorter(
                settings,
                offer_ms=OFFER_MS,
                proposal_lapses_ms=PROPOSAL_LAPSES_MS,
                split_pause_ms=SPLIT_PAUSE_MS,
                show_continue_max_ms=CONTINUE_MS,
            ),
        )
        configure_logs(chosen)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_demo(chosen, speed=speed, viewers=viewers))
    return 0


def _shorter(settings: Settings, **times: int) -> dict[str, int]:
    """Of these times those that nobody has set otherwise."""
    usual = Settings()
    return {name: ms for name, ms in times.items() if getattr(settings, name) == getattr(usual, name)}


def _own_name(host: str) -> tuple[str, ...]:
    """The address it listens on, as a `Host` header has it; none where that is every network."""
    return () if host in EVERY_NETWORK else (f"[{host}]" if ":" in host else host,)


@contextlib.contextmanager
def _data_folder(settings: Settings) -> Iterator[str]:
    if settings.engine or settings.data_dir != Settings().data_dir:
        yield settings.data_dir
        return
    with tempfile.TemporaryDirectory(prefix="shelfcast-demo-") as folder:
        yield folder


async def _demo(settings: Settings, *, speed: float, viewers: int) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    console = terminal.console()
    heavy = HeavyProcess()
    app = App(
        settings,
        open_house=frozenset({ROOM}),
        exposition=heavy.exposition,
        warnings={"heavy": heavy.complaint},
        beside=heavy.close,
    )
    await app.start()
    heavy.start(msgspec.structs.replace(settings, engine=app.engine.url))
    try:
        show = DemoShow(
            f"http://{_reachable(settings.host)}:{app.port}", Tokens(settings), console, speed=speed, viewers=viewers
        )
        selling = asyncio.create_task(show.run())
        stopping = asyncio.create_task(stopped.wait())
        await asyncio.wait((selling, stopping), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if selling.done():
            selling.result()
        selling.cancel()
        await asyncio.gather(selling, return_exceptions=True)
    finally:
        await app.stop()


def _reachable(host: str) -> str:
    """How this machine reaches a server that listens there: an address that means every network is none to call."""
    called = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"[{called}]" if ":" in called else called
