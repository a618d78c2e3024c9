"""The instruments of the server, in one place; `http` exposes them at /metrics. What each means: docs/operations.md.

A unit ends every name that has one. Labels have few values: never a room's viewer, a user or a SKU.
"""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

LATENCY_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)

BARRIER_FAULTS = Counter(
    "shelfcast_barrier_faults", "Defects that a loop outlived, by where; each has a trace in the log.", ["where"]
)
LOG_LINES_LOST = Counter("shelfcast_log_lines_lost", "Log lines that could not be written.")

# --- engine
ENGINE_RETRIES = Counter("shelfcast_engine_retries", "Engine calls sent again after a fault that passes.")
ENGINE_RESTARTS = Counter("shelfcast_engine_restarts", "Times the embedded engine had to be started again.")

# --- stock book
BOOK_CALLS = Counter("shelfcast_book_calls", "Engine calls made by the stock book.", ["pool"])
BOOK_OPERATIONS = Counter("shelfcast_book_operations", "Operations decided, by kind and code.", ["kind", "code"])
BOOK_CALL_SECONDS = Histogram("shelfcast_book_call_seconds", "Time of one engine call.", buckets=LATENCY_SECONDS)
BOOK_BATCH_OPERATIONS = Histogram(
    "shelfcast_book_batch_operations", "Operations in one engine call.", buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
)
BOOK_QUEUE = Gauge("shelfcast_book_queue", "Operations waiting for an engine call.", ["pool"])
BOOK_LOST_DATA = Counter("shelfcast_book_lost_data", "Times a book was found shorter than what was answered.", ["pool"])
CLOCK_STEPS = Counter("shelfcast_engine_clock_steps", "Times the engine's clock was found to step.", ["pool"])
FEED_GAPS = Counter("shelfcast_feed_gaps", "Times a feed had to be read anew (gap, reconnect, new epoch).", ["pool"])
FEED_LOSSES = Counter("shelfcast_feed_losses", "Times a feed was found silent or cut off.", ["pool"])
FEED_LIVE = Gauge("shelfcast_feed_live", "1 while the pool's feed is live, else 0.", ["pool"])

# --- duties
DUTY_LEASE_HELD = Gauge("shelfcast_duty_lease_held", "1 while the process holds the lease of the duties, else 0.")
DUTY_RUNS = Counter("shelfcast_duty_runs", "Runs of a duty for one pool.", ["duty"])
DUTY_FAILURES = Counter("shelfcast_duty_failures", "Runs that failed; each is tried again.", ["duty", "pool"])
DUTY_SECONDS = Histogram("shelfcast_duty_seconds", "Time of one run.", ["duty"], buckets=LATENCY_SECONDS)
DUTY_LAST_SUCCESS = Gauge(
    "shelfcast_duty_last_success_timestamp_seconds", "When a run last succeeded, in Unix time.", ["duty", "pool"]
)

# --- connections
CONNECTIONS = Gauge("shelfcast_connections", "Open sockets.", ["lane", "encoding"])
HANDSHAKES = Counter(
    "shelfcast_handshakes", "Upgrade requests, by the HTTP status they were answered with.", ["status"]
)
HANDSHAKES_UNDER_WAY = Gauge(
    "shelfcast_handshakes_under_way", "HTTP connections that have not finished their request or upgrade."
)
HTTP_CONNECTIONS = Gauge("shelfcast_http_connections", "Connections that are no open sockets.")
CONNECTIONS_REFUSED = Counter(
    "shelfcast_connections_refused", "Connections refused or ended before they were sockets, by reason.", ["reason"]
)
LOGINS = Counter(
    "shelfcast_logins",
    "Attempts to sign in, by result: the way of a session that was begun, `failed` or `slowed`.",
    ["result"],
)
CLOSES = Counter("shelfcast_closes", "Sockets closed by the server, by close code.", ["code"])
MESSAGES_IN = Counter(
    "shelfcast_messages_in", "Messages from clients, by type (`invalid` where it has none).", ["type"]
)
REFUSALS = Counter("shelfcast_refusals", "Requests refused, by code and by who refused (edge, book).", ["code", "by"])

REFUSALS_UNCOUNTED = Counter(
    "shelfcast_refusals_uncounted", "Refused reservations that are missing in the statistics of their shows."
)

RESERVATIONS_UNDER_WAY = Gauge(
    "shelfcast_reservations_under_way", "Reservations of this process that the book has not answered."
)

# --- fan-out
BROADCAST_SECONDS = Histogram(
    "shelfcast_broadcast_seconds", "Time of one broadcast to a room.", buckets=LATENCY_SECONDS
)
FRAMES_OUT = Counter("shelfcast_frames_out", "Frames written to sockets.")
FRAMES_SKIPPED = Counter("shelfcast_frames_skipped", "Broadcast frames not written because the socket was full.")
SNAPSHOTS_RESENT = Counter("shelfcast_snapshots_resent", "Snapshots sent to connections that had missed something.")
SNAPSHOTS_ENCODED = Counter(
    "shelfcast_snapshots_encoded", "Snapshots encoded; one serves all who arrive between two broadcasts."
)
SLOW_CONNECTIONS = Gauge("shelfcast_slow_connections", "Connections whose socket is full.")
WRITE_BUFFER_BYTES = Gauge(
    "shelfcast_write_buffer_bytes", "Bytes that wait in this process for connections whose socket is full."
)
DELIVERY_SECONDS = Histogram(
    "shelfcast_delivery_seconds",
    "Time until a sampled viewer answered the ping behind a broadcast.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
TICK_SECONDS = Gauge("shelfcast_tick_seconds", "Current spacing of broadcasts.", ["room"])
VIEWERS = Gauge("shelfcast_viewers", "Viewers of a room in this process.", ["room"])
WAITING = Gauge("shelfcast_waiting", "People who wait in a room, wherever they are connected.", ["room"])
WAITS = Counter(
    "shelfcast_waits",
    "Waits of users connected to this process, by what became of them (waiting, offered, left, over).",
    ["became"],
)
OFFERS = Counter(
    "shelfcast_offers",
    "Offers to users connected to this process that ended, by what became of them (confirmed, declined, lapsed).",
    ["became"],
)
POOL_FOLLOWERS = Gauge("shelfcast_pool_followers", "Sockets of a pool in this process.", ["pool"])

# --- workers: set by the supervisor of `serve --workers N`
WORKER_UP = Gauge("shelfcast_worker_up", "1 while the worker serves and answers, else 0.", ["worker"])
WORKER_CONNECTIONS = Gauge("shelfcast_worker_connections", "Open sockets of one worker.", ["worker"])
WORKER_RESTARTS = Counter("shelfcast_worker_restarts", "Times a worker that had died was started again.", ["worker"])

# --- heavy work
JOBS = Counter(
    "shelfcast_jobs",
    "Jobs begun, by kind and by what became of them (done, failed, cancelled, left).",
    ["kind", "outcome"],
)
JOB_SECONDS = Histogram(
    "shelfcast_job_seconds", "Time a job was worked on.", ["kind"], buckets=(0.01, 0.1, 0.5, 1, 5, 15, 60, 300, 1800)
)
JOB_WAIT_SECONDS = Histogram(
    "shelfcast_job_wait_seconds",
    "Time a job waited until it was begun.",
    buckets=(0.01, 0.1, 0.5, 1, 5, 15, 60, 300, 1800),
)
JOB_UNDER_WAY = Gauge("shelfcast_job_under_way", "1 while the process for heavy work does a job, else 0.")
HEAVY_UP = Gauge("shelfcast_heavy_up", "1 while the process for heavy work is there and answers, else 0.")
HEAVY_RESTARTS = Counter("shelfcast_heavy_restarts", "Times the process for heavy work had to be started again.")

# --- HTTP
HTTP_REQUESTS = Counter(
    "shelfcast_http_requests", "HTTP requests answered, by the path's pattern.", ["method", "path", "status"]
)
HTTP_SECONDS = Histogram("shelfcast_http_seconds", "Time until an HTTP answer.", ["path"], buckets=LATENCY_SECONDS)

HTTP_STREAMS_CUT = Counter(
    "shelfcast_http_streams_cut",
    "Streamed answers that ended before their end, by whose doing (client, fault).",
    ["by"],
)

# --- many workers: how their gauges become one number; all others are added up
LOWEST_SPEAKS = frozenset({"shelfcast_feed_live"})
HIGHEST_SPEAKS = frozenset(
    {"shelfcast_tick_seconds", "shelfcast_duty_last_success_timestamp_seconds", "shelfcast_waiting"}
)
