"""Settings of the port, the workers behind it and the log."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from shelfcast.settings.about import Positive, about


class ListeningSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a server listens, and what it says there."""

    host: Annotated[str, about("Address to listen on; 0.0.0.0 for every network.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535), about("Port of HTTP and sockets; 0 takes a free one.")] = 8000
    tls_certificate_file: Annotated[
        str,
        about(
            "PEM certificate chain; with a key, the server speaks TLS.",
            more="Not needed behind a proxy that ends [TLS](#tls).",
        ),
    ] = ""
    tls_key_file: Annotated[str, about("PEM private key of the certificate.")] = ""
    listen_backlog: Annotated[
        Positive,
        about(
            "Connections the kernel queues before they are accepted.",
            more="`net.core.somaxconn` [cuts it](#limits-of-the-kernel).",
        ),
    ] = 4096
    workers: Annotated[
        int,
        Meta(ge=1, le=256),
        about(
            "Processes that serve the port. With 2 or more a supervisor restarts them; SIGHUP replaces all, "
            "one after another.",
            more="[Workers](#workers) says how many to take.",
        ),
    ] = 1
    worker_start_timeout_ms: Annotated[Positive, about("How long a worker may take until it serves.")] = 30_000
    worker_alive_interval_ms: Annotated[Positive, about("How often a worker shows that it is alive.")] = 1_000
    worker_silence_max_ms: Annotated[
        Positive, about("A worker that does not for this long is killed and started again.")
    ] = 20_000
    worker_metrics_timeout_ms: Annotated[
        Positive,
        about("How long a worker may take to say its metrics.", beyond="those of the last time stand in"),
    ] = 1_000
    worker_restart_backoff_ms: Annotated[
        Positive, about("First wait before a dead worker is started again; doubles.")
    ] = 100
    worker_restart_backoff_max_ms: Annotated[Positive, about("Longest such wait.")] = 5_000
    log_level: Annotated[str, Meta(pattern="^(debug|info|warning|error)$"), about("debug, info, warning or error.")] = (
        "info"
    )
    log_format: Annotated[str, Meta(pattern="^(console|json)$"), about("console for people, json for machines.")] = (
        "console"
    )
    log_lines_a_second_max: Annotated[
        Positive,
        about(
            "Log lines of one kind in a second; of more, one line says how many.",
            more="A kind is an event, or a place in a library; 100 kinds are told apart in a second, the others "
            "are one.",
            beyond="counted; `log.left_out` says how many of which kind",
        ),
    ] = 10
    log_line_max_characters: Annotated[
        int,
        Meta(ge=1_000),
        about("Longest log line, its trace included.", beyond="cut; one value in a line at 500"),
    ] = 16_384
