"""Settings of the fan-out: how often a room is told, how much of that lies in buffers, when rooms open and close."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from shelfcast.settings.about import NotNegative, Positive, Share, about
from shelfcast.settings.archive import ArchiveSettings


class FanOutSettings(ArchiveSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Broadcasts to the viewers of a room."""

    tick_ms: Annotated[Positive, about("Least spacing of broadcasts to a busy room.")] = 50
    tick_max_ms: Annotated[Positive, about("Widest spacing, when broadcasting is slow.")] = 1_000
    broadcast_share_max: Annotated[
        Share,
        about(
            "Share of one core's processor time that may go into broadcasting.",
            beyond="the tick is widened, up to `tick_max_ms`",
        ),
    ] = 0.5
    broadcast_chunk_connections: Annotated[
        Positive, about("Connections written to before reservations are answered again.")
    ] = 500
    delivery_target_ms: Annotated[
        Positive,
        about(
            "How long a sampled viewer may take to answer the ping behind a broadcast.",
            more="At least two ticks.",
            beyond="more than a tenth of the sample later: up to two ticks between broadcasts; more than a quarter: "
            "the next broadcast waits for them",
        ),
    ] = 500
    delivery_wait_ms: Annotated[
        Positive,
        about(
            "How long a broadcast waits for the one before to arrive.",
            more="It waits where more than a quarter of the sample are late.",
            beyond="the broadcast goes out all the same; the next waits twice as long, up to `delivery_wait_max_ms`",
        ),
    ] = 3_000
    delivery_wait_max_ms: Annotated[
        Positive,
        about("The same after it has waited in vain several times.", more="Each time it is twice as long, up to this."),
    ] = 12_000
    delivery_sample_share: Annotated[
        Share, about("The part of a room's viewers that are pinged behind each broadcast.")
    ] = 0.005
    delivery_sample_min: Annotated[
        int,
        Meta(ge=10),
        about(
            "Viewers in that sample at least; fewer say nothing.",
            more="So many must answer, too: fewer are no crowd.",
        ),
    ] = 20
    slow_viewer_close_ms: Annotated[
        Positive, about("How long a viewer may leave its socket full.", beyond="it is closed with 4001")
    ] = 10_000
    send_buffer_bytes: Annotated[
        Positive,
        about(
            "The kernel's send buffer of one socket (Linux takes twice that).",
            more="A usual snapshot and some frames. What lies there when a viewer stops reading is old when it goes "
            "on; by itself Linux would let one have megabytes.",
            beyond="the viewer is skipped until it reads; what was cut in the middle waits in the process",
        ),
    ] = 16_384
    verdict_buffer_max_bytes: Annotated[
        Positive,
        about("Answers waiting for a slow connection; more closes it.", beyond="the connection is closed with 4001"),
    ] = 65_536
    viewers_interval_ms: Annotated[
        Positive,
        about(
            "How often viewer counts are sent.",
            more="They are counted over all processes; where a broadcast takes long they are told more seldom.",
        ),
    ] = 1_000
    metrics_interval_ms: Annotated[Positive, about("How often hosts and operators get the pace.")] = 2_000
    last_n_default: Annotated[
        NotNegative, about('"Last N left" is announced at this count where a listing does not say.')
    ] = 30
    room_linger_ms: Annotated[Positive, about("How long a room without viewers stays open in a process.")] = 60_000
    room_open_timeout_ms: Annotated[
        Positive, about("How long the first viewer of a room waits before it is answered 503.")
    ] = 5_000
    pool_page_rows: Annotated[
        int,
        Meta(ge=1, le=500),
        about(
            "SKUs read from the book in one engine call for a pool's socket, and rows of one of its frames.",
            more="One call of so many must not keep the engine from selling.",
        ),
    ] = 100
    pool_sockets_a_pool_max: Annotated[
        Positive, about("Sockets of one pool in this process.", beyond="503 with Retry-After")
    ] = 50
    pool_sockets_max: Annotated[
        Positive, about("Sockets of all pools in this process.", beyond="503 with Retry-After")
    ] = 200
    me_batch_users: Annotated[Positive, about("Users whose own reservations are read from the book in one go.")] = 100
