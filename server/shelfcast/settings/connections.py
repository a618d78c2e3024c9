"""Settings of connections: how many there may be, what each may send and how they end."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from shelfcast.settings.about import NotNegative, Positive, Share, about
from shelfcast.settings.fan_out import FanOutSettings


class ConnectionSettings(FanOutSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Connections of clients, from their first byte to their end."""

    connections_max: Annotated[
        Positive,
        about(
            "Open sockets of this process.",
            more="It needs as many descriptors (`ulimit -n`).",
            beyond="503 with Retry-After",
        ),
    ] = 18_000
    connections_an_address_max: Annotated[
        Positive,
        about(
            "Connections from one address (IPv6: one /64).",
            more="Sockets and HTTP count, from their first byte on. Raise it where more viewers share an address; "
            "connections of `trusted_proxies` count for whom they ask.",
            beyond="429",
        ),
    ] = 2_000
    trusted_proxies: Annotated[
        str,
        about(
            "Comma-separated addresses and networks whose X-Forwarded-For and X-Forwarded-Proto are believed.",
            more="The address that counts is the last in it that is not one of them. Their own "
            "connections count once they have said for whom.",
        ),
    ] = "127.0.0.1,::1"
    http_connections_max: Annotated[
        Positive,
        about(
            "Connections that are no open sockets.",
            more="Requests that come, are answered or are waited for.",
            beyond="an idle one is closed, or the oldest of an address that has more than a quarter; else 503",
        ),
    ] = 2_000
    handshakes_max: Annotated[
        Positive,
        about(
            "Connections that have not yet finished their request or upgrade.",
            more="They are among `http_connections_max`; a health check that comes whole is answered.",
            beyond="the oldest of an address that has more than a quarter is closed; else 503",
        ),
    ] = 2_000
    pipelined_requests_max: Annotated[
        Positive,
        about(
            "Requests that may wait on one connection behind the one being answered.",
            beyond="the connection is closed behind the last that is answered",
        ),
    ] = 4
    response_stall_max_ms: Annotated[
        Positive, about("How long nothing of an answer may be read.", beyond="the connection is closed")
    ] = 10_000
    descriptors_reserved: Annotated[
        NotNegative,
        about(
            "Descriptors that no connection may take.",
            more="With them an engine can be started and health checks are answered.",
            beyond="a connection that would take one is closed, but for health checks in the first half",
        ),
    ] = 64
    http_reads_a_turn: Annotated[
        Positive,
        about(
            "Reads of HTTP connections parsed in one turn of the loop.",
            beyond="what else came over HTTP waits for the next turn",
        ),
    ] = 4
    accepts_a_turn: Annotated[
        int,
        Meta(ge=1, le=64),
        about(
            "Connections accepted in one turn of the loop.",
            more="Each takes a descriptor.",
            beyond="the connection waits in the kernel's queue (`listen_backlog`) for the next turn",
        ),
    ] = 16
    handshakes_a_turn: Annotated[
        Positive,
        about(
            "Upgrades answered in one turn of the loop, so that broadcasts go on in between.",
            beyond="the upgrade waits for the next turn",
        ),
    ] = 32
    handshake_timeout_ms: Annotated[
        Positive,
        about(
            "How long a handshake may take.",
            more="The head of a request, an upgrade, or TLS.",
            beyond="the connection is closed",
        ),
    ] = 10_000
    head_max_bytes: Annotated[Positive, about("Request line and headers of one HTTP request.", beyond="431")] = 65_536
    frame_max_bytes: Annotated[Positive, about("Longest message from a viewer.", beyond="the connection is closed")] = (
        4_096
    )
    messages_a_second: Annotated[
        Positive,
        about(
            "Messages a second from one connection.",
            more="Frames of every kind count, pings and pongs among them.",
            beyond="`RATE_LIMITED`; closed with 4502 when it goes on, before the rest is parsed",
        ),
    ] = 20
    messages_burst: Annotated[
        Positive, about("Messages a quiet connection may send at once.", beyond="as `messages_a_second`")
    ] = 40
    unanswered_reservations_max: Annotated[
        Positive, about("Unanswered reservations of one connection.", beyond="`RATE_LIMITED`")
    ] = 64
    bad_messages_max: Annotated[
        Positive,
        about("Messages that cannot be understood before their connection is closed.", beyond="closed with 4501"),
    ] = 8
    ping_interval_ms: Annotated[Positive, about("How often a quiet connection is pinged.")] = 30_000
    backstage_ping_interval_ms: Annotated[
        Positive,
        about(
            "The same for hosts, operators and services; never longer.",
            more="They must see sooner that their counts are old.",
        ),
    ] = 5_000
    ping_jitter_share: Annotated[Share, about("How much that interval varies, so that pings spread.")] = 0.2
    idle_close_ms: Annotated[
        Positive,
        about(
            "A connection that answers no ping and says nothing for this long is closed.",
            beyond="closed with 4002",
        ),
    ] = 75_000
    retry_after_ms: Annotated[Positive, about("When refused connections should try again, at the least.")] = 1_000
    retry_spread_ms: Annotated[Positive, about("Random time added to that, so that they do not return together.")] = (
        2_000
    )
    close_timeout_ms: Annotated[Positive, about("How long a client may take to answer a close frame.")] = 3_000
    drain_notice_ms: Annotated[
        NotNegative,
        about(
            "How long a stopping server only says so in /readyz, before it refuses anybody.",
            more="A balancer's time to notice: give it two of its checks.",
        ),
    ] = 0
    drain_timeout_ms: Annotated[Positive, about("How long a stopping server waits for its connections to leave.")] = (
        10_000
    )
    drain_reconnect_after_ms: Annotated[Positive, about("When their clients should connect elsewhere.")] = 2_000
