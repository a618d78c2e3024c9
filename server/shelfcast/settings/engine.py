"""Settings of the engine: which one, and how long it may take."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from shelfcast.settings.about import Positive, about
from shelfcast.settings.listening import ListeningSettings


class EngineSettings(ListeningSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The engine that keeps the stock book."""

    engine: Annotated[
        str,
        about(
            "Valkey/Redis to use: redis://, rediss://, unix://, redis+sentinel://, redis+cluster://. "
            "Without one, an embedded Valkey keeps its data in --data-dir.",
            more="[Engine](#engine) has the forms.",
        ),
    ] = ""
    data_dir: Annotated[str, about("Folder of the embedded engine.")] = "data"
    key_prefix: Annotated[
        str,
        Meta(pattern=r"^[A-Za-z0-9_.:-]{1,64}$"),
        about("Begins every key; servers with the same prefix and engine share one stock."),
    ] = "shelfcast"
    engine_start_timeout_ms: Annotated[
        Positive, about("How long the embedded engine may take to start and load its data.")
    ] = 15_000
    engine_stop_timeout_ms: Annotated[
        Positive, about("How long the embedded engine may take to stop before it is killed.")
    ] = 10_000
    engine_restart_backoff_ms: Annotated[
        Positive, about("First wait before a dead embedded engine is started again; doubles.")
    ] = 100
    engine_restart_backoff_max_ms: Annotated[Positive, about("Longest such wait.")] = 5_000
    engine_silence_max_ms: Annotated[
        Positive,
        about(
            "How long the embedded engine may answer no ping before it is replaced.",
            more="It answers none while it waits for its disk, so this is longer than any flush should take.",
            beyond="it hangs: it is killed and started again",
        ),
    ] = 20_000
    engine_clock_step_ms: Annotated[
        Positive,
        about(
            "A step of the engine's clock that live holds are moved along with.",
            more="The clock has stepped when it went by this much more or less than the server's own between two "
            "looks.",
        ),
    ] = 2_000
    engine_call_timeout_ms: Annotated[
        Positive,
        about(
            "How long a call with its retries may take before it is answered UNAVAILABLE.",
            beyond="`UNAVAILABLE`: send the same id again",
        ),
    ] = 2_000
    engine_connect_timeout_ms: Annotated[Positive, about("How long connecting to the engine may take.")] = 1_000
    engine_quiet_ms: Annotated[
        Positive,
        about(
            "A subscription silent for this long asks whether the engine is still there.",
            more="A feed asks the book how far it is just as often.",
        ),
    ] = 750
    engine_ping_timeout_ms: Annotated[
        Positive,
        about(
            "How long it may take to answer that.",
            more="With `engine_quiet_ms` that is how late a feed is found to be lost: less than 3 s.",
            beyond="the feed is lost, and subscribed anew",
        ),
    ] = 1_500
