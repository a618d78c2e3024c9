"""Every limit and default of the server, with its unit at the end of its name.

A setting is given as a command-line flag (`--tick-ms 40`) or an environment variable
(`SHELFCAST_TICK_MS=40`); a flag wins. `Settings.load` validates them all at once and says what each expects.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from shelfcast.addresses import TrustedProxies
from shelfcast.errors import ConfigError
from shelfcast.hosts import Hosts
from shelfcast.origins import Origins

ENVIRONMENT_PREFIX = "SHELFCAST_"

Positive = Annotated[int, Meta(ge=1)]
NotNegative = Annotated[int, Meta(ge=0)]
Share = Annotated[float, Meta(gt=0, le=1)]


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings of one server process. Immutable: a test or a command makes its own."""

    # --- where it listens -------------------------------------------------------------------------
    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8000
    tls_certificate_file: str = ""
    tls_key_file: str = ""
    listen_backlog: Positive = 4096
    workers: Annotated[int, Meta(ge=1, le=256)] = 1
    """Processes that serve the port; with more than one, a supervisor keeps them running."""
    worker_start_timeout_ms: Positive = 30_000
    worker_alive_interval_ms: Positive = 1_000
    worker_silence_max_ms: Positive = 20_000
    """A worker that was not heard of for this long is stuck: it is killed, and another one started."""
    worker_figures_timeout_ms: Positive = 1_000
    """How long a worker may take to say its metrics, before those of the last time stand in."""
    worker_restart_backoff_ms: Positive = 100
    worker_restart_backoff_max_ms: Positive = 5_000
    log_level: Annotated[str, Meta(pattern="^(debug|info|warning|error)$")] = "info"
    log_format: Annotated[str, Meta(pattern="^(console|json)$")] = "console"
    log_lines_a_second_max: Positive = 10
    """Lines of one kind in a second; of more, one line says how many were left out."""
    log_line_max_characters: Annotated[int, Meta(ge=1_000)] = 16_384
    """The longest line, its trace included."""

    # --- engine -----------------------------------------------------------------------------------
    engine: str = ""
    """URL of a Valkey/Redis; empty starts the embedded one in `data_dir`."""
    data_dir: str = "data"
    key_prefix: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")] = "shelfcast"
    engine_start_timeout_ms: Positive = 15_000
    engine_stop_timeout_ms: Positive = 10_000
    engine_restart_backoff_ms: Positive = 100
    engine_restart_backoff_max_ms: Positive = 5_000
    engine_silence_max_ms: Positive = 20_000
    """An embedded engine that answers no ping for this long hangs: it is killed and started again. It answers none
    while it waits for its disk, so this is longer than any flush should take."""
    engine_clock_step_ms: Positive = 2_000
    """The engine's clock has stepped when it went by this much more or less than the server's own between two looks."""
    engine_call_timeout_ms: Positive = 2_000
    """How long a call to the engine, with its retries, may take before it is answered UNAVAILABLE."""
    engine_connect_timeout_ms: Positive = 1_000
    engine_quiet_ms: Positive = 750
    """A subscription that heard nothing for this long asks the engine whether it is still there; and this often a
    feed asks the book how far it is."""
    engine_ping_timeout_ms: Positive = 1_500
    """How long it may take to answer. Both together are how late a feed is found to be lost: less than 3 s."""

    # --- stock book -------------------------------------------------------------------------------
    batch_size_max: Annotated[int, Meta(ge=1, le=1000)] = 256
    """Operations in one engine call; Lua's argument stack allows somewhat more than 1,000 writes of a pair."""
    book_queue_max: Positive = 20_000
    """Operations waiting for a call, one pool in one process; beyond it the answer is OVERLOADED."""
    hold_ms: Positive = 300_000
    payment_extension_ms: Positive = 300_000
    live_reservations_a_user_max: Positive = 1_000
    remember_finished_ms: Positive = 86_400_000
    """How long a finished reservation id or a move id is remembered after the show."""
    expiry_sweep_ms: Positive = 200
    expiry_sweep_max: Annotated[int, Meta(ge=1, le=1000)] = 500
    duty_interval_ms: Positive = 1_000
    duty_lease_ms: Positive = 5_000
    reservations_under_way_max: Positive = 10_000
    """Reservations that the book has not answered, all rooms of a process; beyond it the answer is OVERLOADED."""
    lobby_users_max: Positive = 18_000
    """Users in the lobby of one SKU in one process; of more, chance decides who stays."""
    lobby_requests_a_user_max: Positive = 4
    skus_a_room_max: Positive = 2_000
    order_qty_max: Annotated[int, Meta(ge=1, le=1_000_000)] = 10_000

    # --- fan-out ----------------------------------------------------------------------------------
    tick_ms: Positive = 50
    tick_max_ms: Positive = 1_000
    broadcast_share_max: Share = 0.5
    """The share of a core that a worker may spend on broadcasting; what takes more of it widens the tick."""
    broadcast_chunk_connections: Positive = 500
    delivery_target_ms: Positive = 500
    """How long a viewer may take to answer a ping that follows a broadcast; at least two ticks. Where more than a tenth
    of a sample take longer, broadcasts come further apart."""
    delivery_wait_ms: Positive = 3_000
    """How long a broadcast waits for the one before to arrive, where more than a quarter of the sample are late."""
    delivery_wait_max_ms: Positive = 12_000
    """The same when it has waited in vain several times: each time it is twice as long, up to this."""
    delivery_sample_share: Share = 0.005
    """The part of a room's viewers that are pinged behind each broadcast."""
    delivery_sample_min: Annotated[int, Meta(ge=10)] = 20
    """Viewers in the sample at least, and so many must answer before it says anything: fewer are no crowd."""
    slow_viewer_close_ms: Positive = 10_000
    send_buffer_bytes: Positive = 16_384
    """The kernel's buffer of one socket (Linux takes twice that): a usual snapshot and some frames. What lies there
    when a viewer stops reading is old when it goes on; by itself Linux would let one have megabytes."""
    verdict_buffer_max_bytes: Positive = 65_536
    """Verdicts that wait for a slow connection; more than this closes it."""
    viewers_interval_ms: Positive = 1_000
    """How often viewers are counted over all processes. Where a broadcast takes long they are told more seldom."""
    metrics_interval_ms: Positive = 2_000
    last_n_default: NotNegative = 30
    room_linger_ms: Positive = 60_000
    """How long a room without viewers stays open in this process."""
    room_open_timeout_ms: Positive = 5_000
    """How long the first viewer of a room waits for its state before it is answered 503."""
    me_batch_users: Positive = 100
    """Users whose reservations (for `me`) are read from the book in one go."""

    # --- connections ------------------------------------------------------------------------------
    connections_max: Positive = 18_000
    connections_an_address_max: Positive = 2_000
    """Connections of one address (IPv6: of one /64), sockets and HTTP, from their first byte on."""
    trusted_proxies: str = "127.0.0.1,::1"
    """Comma-separated addresses and networks whose X-Forwarded-For and X-Forwarded-Proto are believed: the address that
    counts is the last in it that is not one of them. Their own connections count once they have said for whom."""
    http_connections_max: Positive = 2_000
    """Connections that are no open sockets: requests that come, are answered or are waited for. Idle ones make room."""
    handshakes_max: Positive = 2_000
    """Those of them that have not yet finished their request or upgrade."""
    pipelined_requests_max: Positive = 4
    """Requests that wait on one connection behind the one being answered; the connection is closed behind the last."""
    response_stall_max_ms: Positive = 10_000
    """An HTTP answer of which nothing is read for this long is given up."""
    descriptors_reserved: NotNegative = 64
    """Descriptors that no connection may take, so that an engine can be started and health checks are answered."""
    http_reads_a_turn: Positive = 4
    """Reads of HTTP connections that are parsed in one turn of the loop; the others wait for the next."""
    accepts_a_turn: Annotated[int, Meta(ge=1, le=64)] = 16
    """Connections accepted in one turn of the loop; the others wait in the kernel's queue. Each takes a descriptor."""
    handshakes_a_turn: Positive = 32
    """Upgrades answered in one turn of the loop; the others wait for the next, so that broadcasts go on in between."""
    handshake_timeout_ms: Positive = 10_000
    head_max_bytes: Positive = 65_536
    """Request line and headers of one HTTP request."""
    frame_max_bytes: Positive = 4_096
    messages_a_second: Positive = 20
    messages_burst: Positive = 40
    unanswered_reservations_max: Positive = 64
    bad_messages_max: Positive = 8
    """Messages that cannot be understood before their connection is closed with 4501."""
    ping_interval_ms: Positive = 30_000
    ping_jitter_share: Share = 0.2
    backstage_ping_interval_ms: Positive = 5_000
    """The same for hosts, operators and services, who must see sooner that their counts are old; never longer than
    `ping_interval_ms`."""
    idle_close_ms: Positive = 75_000
    """A connection that answers no ping and says nothing for this long is closed."""
    retry_after_ms: Positive = 1_000
    retry_spread_ms: Positive = 2_000
    close_timeout_ms: Positive = 3_000
    """How long a client may take to answer a close frame."""
    drain_notice_ms: NotNegative = 0
    """How long a stopping server says so in /readyz before it refuses anybody: a balancer's time to notice."""
    drain_timeout_ms: Positive = 10_000
    drain_reconnect_after_ms: Positive = 2_000

    # --- access -----------------------------------------------------------------------------------
    token_secret: str = ""
    """HS256 secret, at least 32 bytes. No default: `serve` refuses to start without one key."""
    token_public_key_file: str = ""
    """PEM public key (RS256 or EdDSA), or a JWKS file (*.json)."""
    token_leeway_ms: NotNegative = 5_000
    allowed_origins: str = ""
    """Comma-separated origins besides the server's own that browsers may connect from; they may frame its pages. Each
    is a scheme, a host and, where it is not the scheme's own, a port; there is no wildcard."""
    hosts: str = ""
    """Comma-separated names, without ports, that this server goes by in `Host`; empty is any. `demo` takes those of
    loopback."""
    public_reads_a_second_max: Positive = 4
    """How often a process reads anew what anybody may ask for (`/v1/on-air`, `/metrics`, `/readyz`); whoever asks
    oftener gets an answer that is at most a second old."""
    guest_passes_an_address_a_minute_max: Positive = 120
    """Guest passes of demonstration rooms that one address may have in a minute, in one process."""
    guest_pass_ttl_ms: Annotated[int, Meta(ge=1_000, le=31_536_000_000)] = 86_400_000
    body_max_bytes: Positive = 1_048_576
    page_max: Positive = 1_000
    """Items in one page of a listing."""

    @classmethod
    def load(cls, flags: Mapping[str, Any], environ: Mapping[str, str]) -> Settings:
        """Merge flags over SHELFCAST_* variables over the defaults.

        `flags` maps setting names to values, None meaning "not given".
        Raises ConfigError naming the setting, where it came from and what it expects.
        """
        values: dict[str, Any] = {}
        for name in cls.__struct_fields__:
            variable = ENVIRONMENT_PREFIX + name.upper()
            given = flags.get(name)
            source = "--" + name.replace("_", "-")
            if given is None and variable in environ:
                given, source = environ[variable], variable
            if given is None:
                continue
            values[name] = _convert(cls, name, given, source)
        settings = cls(**values)
        settings.check()
        return settings

    @property
    def drain_limit_ms(self) -> int:
        """The longest time from the order to drain to the end of a process, its engine not counted."""
        sockets_ms = self.drain_timeout_ms + self.engine_call_timeout_ms + self.close_timeout_ms
        requests_ms = self.drain_timeout_ms + self.engine_call_timeout_ms
        return self.drain_notice_ms + sockets_ms + requests_ms

    def check(self) -> None:
        """Refuse settings that contradict one another. Raises ConfigError."""
        if bool(self.tls_certificate_file) != bool(self.tls_key_file):
            raise ConfigError("tls_certificate_file and tls_key_file are given together or not at all")
        if self.token_secret and len(self.token_secret.encode()) < TOKEN_SECRET_MIN_BYTES:
            raise ConfigError(f"token_secret needs at least {TOKEN_SECRET_MIN_BYTES} bytes")
        if self.delivery_wait_max_ms < self.delivery_wait_ms:
            raise ConfigError("delivery_wait_max_ms must not be smaller than delivery_wait_ms")
        TrustedProxies(self.trusted_proxies)
        try:
            Hosts(self.hosts)
        except ValueError as error:
            raise ConfigError(f"hosts: {error}") from None
        try:
            Origins(self.allowed_origins)
        except ValueError as error:
            raise ConfigError(f"allowed_origins: {error}") from None
        if self.tick_max_ms < self.tick_ms:
            raise ConfigError("tick_max_ms must not be smaller than tick_ms")
        if self.worker_silence_max_ms <= self.worker_alive_interval_ms:
            raise ConfigError("worker_silence_max_ms must be longer than worker_alive_interval_ms")
        if self.idle_close_ms <= self.ping_interval_ms:
            raise ConfigError("idle_close_ms must be longer than ping_interval_ms, or every quiet viewer is closed")


TOKEN_SECRET_MIN_BYTES = 32


def _convert(cls: type[Settings], name: str, given: Any, source: str) -> Any:
    field = next(f for f in msgspec.structs.fields(cls) if f.name == name)
    try:
        return msgspec.convert(given, field.type, strict=False)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{source}: {error} (got {given!r})") from None
