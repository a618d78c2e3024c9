"""Command-line options made from `Settings`: one line of help each, grouped, with units and defaults."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any, get_args

import click
import msgspec

from shelfcast.settings import Settings

GROUPS: dict[str, dict[str, str]] = {
    "Where it listens": {
        "host": "Address to listen on; 0.0.0.0 for every network.",
        "port": "Port of HTTP and sockets; 0 takes a free one.",
        "tls_certificate_file": "PEM certificate chain; with a key, the server speaks TLS.",
        "tls_key_file": "PEM private key of the certificate.",
        "listen_backlog": "Connections the kernel queues before they are accepted.",
        "workers": "Processes that serve the port. With 2 or more a supervisor restarts them; SIGHUP replaces all, "
        "one after another.",
        "worker_start_timeout_ms": "How long a worker may take until it serves.",
        "worker_alive_interval_ms": "How often a worker shows that it is alive.",
        "worker_silence_max_ms": "A worker that does not for this long is killed and started again.",
        "worker_figures_timeout_ms": "How long a worker may take to say its metrics.",
        "worker_restart_backoff_ms": "First wait before a dead worker is started again; doubles.",
        "worker_restart_backoff_max_ms": "Longest such wait.",
        "log_level": "debug, info, warning or error.",
        "log_format": "console for people, json for machines.",
        "log_lines_a_second_max": "Log lines of one kind in a second; of more, one line says how many.",
        "log_line_max_characters": "Longest log line.",
    },
    "Engine": {
        "engine": "Valkey/Redis to use: redis://, rediss://, unix://, redis+sentinel://, redis+cluster://. "
        "Without one, an embedded Valkey keeps its data in --data-dir.",
        "data_dir": "Folder of the embedded engine.",
        "key_prefix": "Begins every key; servers with the same prefix and engine share one stock.",
        "engine_start_timeout_ms": "How long the embedded engine may take to start and load its data.",
        "engine_stop_timeout_ms": "How long it may take to stop before it is killed.",
        "engine_restart_backoff_ms": "First wait before a dead embedded engine is started again; doubles.",
        "engine_restart_backoff_max_ms": "Longest such wait.",
        "engine_silence_max_ms": "How long the embedded engine may answer no ping before it is replaced.",
        "engine_clock_step_ms": "A step of the engine's clock that live holds are moved along with.",
        "engine_call_timeout_ms": "How long a call with its retries may take before it is answered UNAVAILABLE.",
        "engine_connect_timeout_ms": "How long connecting to the engine may take.",
        "engine_quiet_ms": "A subscription silent for this long asks whether the engine is still there.",
        "engine_ping_timeout_ms": "How long it may take to answer that.",
    },
    "Stock book": {
        "batch_size_max": "Operations in one engine call.",
        "book_queue_max": "Operations waiting for a call, a pool; beyond it the answer is OVERLOADED.",
        "hold_ms": "How long a reservation holds its units.",
        "payment_extension_ms": "What a payment that has begun adds to the hold, once.",
        "live_reservations_a_user_max": "Live reservations one user may have in a pool.",
        "remember_finished_ms": "How long finished reservation and move ids are remembered after the show.",
        "expiry_sweep_ms": "How often expired holds are released.",
        "expiry_sweep_max": "Holds released in one sweep.",
        "duty_interval_ms": "How often the other background duties run.",
        "duty_lease_ms": "How long one process keeps the duties without renewing its claim.",
        "reservations_under_way_max": "Reservations of one process that may wait for the book; beyond it OVERLOADED.",
        "lobby_users_max": "Users in the lobby of one SKU in one process; of more, chance decides who stays.",
        "lobby_requests_a_user_max": "Requests of one user that a lobby takes.",
        "skus_a_room_max": "SKUs a room may list.",
        "order_qty_max": "Units one reservation may ask for.",
    },
    "Fan-out": {
        "tick_ms": "Least spacing of broadcasts to a busy room.",
        "tick_max_ms": "Widest spacing, when broadcasting is slow.",
        "broadcast_share_max": "Share of the process's time that may go into broadcasting.",
        "broadcast_chunk_connections": "Connections written to before reservations are answered again.",
        "delivery_target_ms": "How long a sampled viewer may take to answer the ping behind a broadcast.",
        "delivery_wait_ms": "How long a broadcast waits for the one before to arrive.",
        "delivery_wait_max_ms": "The same after it has waited in vain several times.",
        "delivery_sample_share": "The part of a room's viewers that are pinged behind each broadcast.",
        "delivery_sample_min": "Viewers in that sample at least; fewer say nothing.",
        "slow_viewer_close_ms": "How long a viewer may leave its socket full.",
        "send_buffer_bytes": "The kernel's send buffer of one socket (Linux takes twice that).",
        "verdict_buffer_max_bytes": "Answers waiting for a slow connection; more closes it.",
        "viewers_interval_ms": "How often viewer counts are sent.",
        "metrics_interval_ms": "How often hosts and operators get the pace.",
        "last_n_default": '"Last N left" is announced at this count where a listing does not say.',
        "room_linger_ms": "How long a room without viewers stays open.",
        "room_open_timeout_ms": "How long the first viewer of a room waits before it is answered 503.",
        "me_batch_users": "Users whose own reservations are read from the book in one go.",
    },
    "Connections": {
        "connections_max": "Open sockets of this process.",
        "connections_an_address_max": "Connections from one address (IPv6: one /64).",
        "trusted_proxies": "Comma-separated addresses and networks whose X-Forwarded-For is believed.",
        "http_connections_max": "Connections that are no open sockets.",
        "handshakes_max": "Connections that have not yet finished their request.",
        "pipelined_requests_max": "Requests that may wait on one connection.",
        "response_stall_max_ms": "How long nothing of an answer may be read.",
        "descriptors_reserved": "Descriptors that no connection may take.",
        "http_reads_a_turn": "Reads of HTTP connections parsed in one turn of the loop.",
        "accepts_a_turn": "Connections accepted in one turn of the loop.",
        "handshakes_a_turn": "Upgrades answered in one turn of the loop, so that broadcasts go on in between.",
        "handshake_timeout_ms": "How long a handshake may take.",
        "head_max_bytes": "Request line and headers of one HTTP request.",
        "frame_max_bytes": "Longest message from a viewer.",
        "messages_a_second": "Messages a second from one connection.",
        "messages_burst": "Messages a quiet connection may send at once.",
        "unanswered_reservations_max": "Unanswered reservations of one connection.",
        "bad_messages_max": "Messages that cannot be understood before their connection is closed.",
        "ping_interval_ms": "How often a quiet connection is pinged.",
        "backstage_ping_interval_ms": "The same for hosts, operators and services; never longer.",
        "ping_jitter_share": "How much that interval varies, so that pings spread.",
        "idle_close_ms": "A connection that answers no ping for this long is closed.",
        "retry_after_ms": "When refused connections should try again, at the least.",
        "retry_spread_ms": "Random time added to that, so that they do not return together.",
        "close_timeout_ms": "How long a client may take to answer a close frame.",
        "drain_notice_ms": "How long a stopping server only says so in /readyz, before it refuses anybody.",
        "drain_timeout_ms": "How long a stopping server waits for its connections to leave.",
        "drain_reconnect_after_ms": "When their clients should connect elsewhere.",
    },
    "Access": {
        "token_secret": "HS256 secret of at least 32 bytes. Set it in the environment rather than on the command "
        "line, where other users of the machine can read it.",
        "token_public_key_file": "Public key (PEM, RS256 or EdDSA) or JWKS (*.json) of an identity service.",
        "token_leeway_ms": "For how long after its expiry a token still counts, because clocks differ.",
        "allowed_origins": "Comma-separated origins (https://a.example) browsers may come from besides the server's.",
        "hosts": "Comma-separated host names this server goes by; without them any. demo takes those of loopback.",
        "public_reads_a_second_max": "How often what anybody may ask for (/v1/on-air, /metrics, /readyz) is read anew.",
        "guest_passes_an_address_a_minute_max": "Guest passes of demonstration rooms for one address in a minute.",
        "guest_pass_ttl_ms": "How long such a pass is good for.",
        "body_max_bytes": "Longest body of an HTTP request.",
        "page_max": "Items in one page of a listing.",
    },
}

ENGINE_SETTINGS = ("engine", "data_dir", "key_prefix")


class GroupedCommand(click.Command):
    """A command whose help shows its settings under headings."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Plain options first, then one section a group of settings."""
        sections: dict[str, list[tuple[str, str]]] = {"Options": []}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None and isinstance(parameter, click.Option):
                title = parameter.group if isinstance(parameter, SettingOption) else "Options"
                sections.setdefault(title, []).append(record)
        for title, records in sections.items():
            if records:
                with formatter.section(title):
                    formatter.write_dl(records, col_max=38)


class SettingOption(click.Option):
    """An option that stands for one field of `Settings`; None means it was not given."""

    def __init__(self, name: str, group: str, text: str) -> None:
        field = _fields()[name]
        unit, metavar = _unit(name, field.type)
        default = f"  [default {field.default}{unit}]" if field.default not in ("", None) else ""
        super().__init__([f"--{name.replace('_', '-')}", name], default=None, metavar=metavar, help=text + default)
        self.group = group


def setting_options(*, only: Iterable[str] | None = None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator that gives a command the options of all settings, or of those named.

    The command receives them as keyword arguments; `settings_from` makes the Settings of them.
    """
    wanted = None if only is None else set(only)

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        options = [
            SettingOption(name, group, text)
            for group, texts in GROUPS.items()
            for name, text in texts.items()
            if wanted is None or name in wanted
        ]
        # click keeps the parameters of a plain function in this attribute, last one first.
        earlier: list[click.Parameter] = command.__dict__.setdefault("__click_params__", [])
        earlier.extend(reversed(options))
        return command

    return decorate


def settings_from(flags: dict[str, Any]) -> Settings:
    """The settings of a command: its flags over the environment. Raises ConfigError."""
    return Settings.load(flags, os.environ)


def _fields() -> dict[str, msgspec.structs.FieldInfo]:
    return {field.name: field for field in msgspec.structs.fields(Settings)}


def _unit(name: str, kind: Any) -> tuple[str, str]:
    """The unit to print behind a default, and the placeholder of the value."""
    for ending, unit, metavar in (("_ms", " ms", "MS"), ("_bytes", " bytes", "BYTES"), ("_share", "", "SHARE")):
        if name.removesuffix("_max").endswith(ending) or name.endswith(ending):
            return unit, metavar
    plain = get_args(kind)[0] if get_args(kind) else kind
    if plain is int:
        return "", "N"
    return "", "FILE" if name.endswith("_file") else "FOLDER" if name.endswith("_dir") else "TEXT"
