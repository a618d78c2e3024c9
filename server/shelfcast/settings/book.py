"""Settings of the stock book: its queue, holds and duties, and what a room or an order may ask of it."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from shelfcast.settings.about import Positive, about
from shelfcast.settings.engine import EngineSettings

MOVES_A_CALL_MAX = 500
"""Moves or holds of one engine call: so many take it some 10 ms, and nobody else is answered meanwhile."""


MILLIS_A_YEAR = 365 * 86_400_000


class BookSettings(EngineSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Holds, and what waits for the book."""

    batch_size_max: Annotated[
        int,
        Meta(ge=1, le=MOVES_A_CALL_MAX),
        about("Operations in one engine call.", more="Each is a move or two."),
    ] = 256
    book_queue_max: Annotated[
        Positive,
        about(
            "Operations waiting for a call, a pool in one process; beyond it the answer is OVERLOADED.",
            beyond="`OVERLOADED`: not executed, send the same id again",
        ),
    ] = 20_000
    hold_ms: Annotated[Positive, about("How long a reservation holds its units.", more="A room can say otherwise.")] = (
        300_000
    )
    payment_extension_ms: Annotated[Positive, about("What a payment that has begun adds to the hold, once.")] = 300_000
    live_reservations_a_user_max: Annotated[
        Positive, about("Live reservations one user may have in a pool.", beyond="`LIMIT_PER_USER`")
    ] = 1_000
    remember_finished_ms: Annotated[
        Positive, about("How long finished reservation and move ids are remembered after the show.")
    ] = 86_400_000
    format_quiet_ms: Annotated[
        Positive,
        about(
            "How long no server of the release before may have called when a pool's book is raised to the new format.",
            more="A new pool's is at once.",
        ),
    ] = 60_000
    expiry_sweep_ms: Annotated[Positive, about("How often expired holds are released.")] = 200
    expiry_sweep_max: Annotated[int, Meta(ge=1, le=MOVES_A_CALL_MAX), about("Holds released in one sweep.")] = (
        MOVES_A_CALL_MAX
    )
    moves_a_call_max: Annotated[
        int,
        Meta(ge=1, le=MOVES_A_CALL_MAX),
        about(
            "Moves that one call of the book makes for what may need many.",
            more="Everybody waits for a call that is under way.",
            beyond="it goes on with the next call",
        ),
    ] = MOVES_A_CALL_MAX
    duty_interval_ms: Annotated[Positive, about("How often the other background duties run.")] = 1_000
    duty_lease_ms: Annotated[
        Positive,
        about(
            "How long one process keeps the duties without renewing its claim.",
            beyond="another process takes them; so late they go on where the first dies",
        ),
    ] = 5_000
    duty_backoff_max_ms: Annotated[
        Positive,
        about(
            "Longest wait before a duty that failed is tried again; the first is its interval.",
            more="Each next one is double, for a duty and pool.",
        ),
    ] = 2_000
    duty_late_ms: Annotated[
        Positive,
        about(
            "A duty without success for this long beyond its interval is told in /readyz.",
            beyond="named by the warnings of `/readyz`, for a duty and pool",
        ),
    ] = 30_000
    reservations_under_way_max: Annotated[
        Positive,
        about(
            "Reservations of one process that may wait for the book; beyond it OVERLOADED.",
            more="All rooms together.",
            beyond="`OVERLOADED`, with a `retry_after_ms` of its own for each",
        ),
    ] = 10_000
    lobby_users_max: Annotated[
        Positive,
        about(
            "Users in the lobby of one SKU in one process; of more, chance decides who stays.",
            beyond="the others get `OVERLOADED`",
        ),
    ] = 18_000
    lobby_requests_a_user_max: Annotated[
        Positive, about("Requests of one user that a lobby takes.", beyond="`OVERLOADED`")
    ] = 4
    offer_ms: Annotated[Positive, about("How long what the waitlist gives is held.", beyond="the next one gets it")] = (
        90_000
    )
    wait_skip_ms: Annotated[
        Positive,
        about(
            "How long who waits for more units than come free is passed over.",
            beyond="gets what there is, when it is its turn",
        ),
    ] = 30_000
    waits_a_sku_max: Annotated[
        int,
        Meta(ge=1, le=100_000),
        about("People that may wait for a SKU, in all rooms.", beyond="`SHELF_FULL` with the field `waiting`"),
    ] = 10_000
    waits_a_user_max: Annotated[
        int, Meta(ge=1, le=100), about("SKUs that one user may wait for in a pool.", beyond="`LIMIT_PER_USER`")
    ] = 20
    waitlist_told_ms: Annotated[
        Positive, about("How often a room is told how many wait, and those who do, how far they have come.")
    ] = 1_000
    skus_a_room_max: Annotated[Positive, about("SKUs a room may list.", beyond="`SHELF_FULL`")] = 2_000
    skus_a_pool_max: Annotated[Positive, about("SKUs of a pool's catalogue.", beyond="`SHELF_FULL`")] = 50_000
    channels_a_pool_max: Annotated[Positive, about("Channels of a pool.", beyond="`SHELF_FULL`")] = 64
    feed_message_max_bytes: Annotated[
        int,
        Meta(ge=1_000),
        about(
            "Longest message to the rooms of a pool about what one call has changed.",
            beyond="every room of the pool reads itself anew from the book",
        ),
    ] = 1_048_576
    batches_planned_max: Annotated[
        Positive, about("Batches of a pool that have not been opened.", beyond="`SHELF_FULL`")
    ] = 500
    batches_open_max: Annotated[
        Positive, about("Batches of a pool that are open at a time.", beyond="`SHELF_FULL` with the field `batch`")
    ] = 32
    batches_opened_kept_max: Annotated[
        Positive,
        about(
            "Closed batches of a pool that can still be read.", beyond="the oldest are forgotten; the ledger has them"
        ),
    ] = 500
    alerts_a_show_max: Annotated[
        Positive, about("Alerts of one show, those that are over included.", beyond="no further one rings; logged")
    ] = 2_000
    pool_alerts_kept_max: Annotated[
        Positive,
        about(
            "Alerts of a pool that are about no show, those that are over included.",
            beyond="the oldest that are over go; where all stand, no further one rings, which is logged",
        ),
    ] = 500
    series_hours_max: Annotated[
        Positive,
        about("Hours of a show whose minutes are kept.", beyond="nothing more is kept; paces and alerts go on"),
    ] = 12
    series_bytes_max: Annotated[
        Positive,
        about("Bytes that the minutes of one show may take.", beyond="nothing more is kept; paces and alerts go on"),
    ] = 67_108_864
    proposals_kept_max: Annotated[
        int,
        Meta(ge=1, le=1_000),
        about(
            "Proposals of a pool to move units between its channels that are kept.",
            beyond="the oldest go; what was applied stands in the ledger",
        ),
    ] = 50
    proposal_lapses_ms: Annotated[
        Positive,
        about("How long a proposal can be applied or dismissed.", beyond="`STALE`; the next round makes a new one"),
    ] = 600_000
    split_pause_ms: Annotated[
        Positive, about("How long a SKU is in no other proposal after one with it was made or decided.")
    ] = 600_000
    rooms_a_pool_max: Annotated[Positive, about("Rooms of a pool.", beyond="`SHELF_FULL`")] = 1_000
    shows_kept_max: Annotated[
        Positive,
        about("Shows of a pool that are kept.", beyond="the oldest that are over go; the ledger has what they sold"),
    ] = 400
    show_continue_max_ms: Annotated[
        Positive,
        about("How long after its end a show can still go on.", beyond="`BAD_MESSAGE`; the room begins its next show"),
    ] = 600_000
    actions_a_pool_max: Annotated[
        int,
        Meta(ge=5, le=5_000),
        about(
            "Actions of a pool's operators that are kept, with what undoes them.",
            more="A fifth of them are for those about reservations.",
            beyond="the oldest go, and cannot be undone any more",
        ),
    ] = 500
    events_kept_max: Annotated[
        int,
        Meta(ge=100, le=10_000_000),
        about(
            "Events of a pool that are kept, the last ones; somewhat more may be there.",
            beyond="the oldest go; asking for them is answered 410, with where to begin",
        ),
    ] = 50_000
    ledger_search_max: Annotated[
        int,
        Meta(ge=1_000, le=1_000_000),
        about(
            "Ledger entries that one search, or one look for a reservation's story, looks at.",
            beyond="the answer says where to go on",
        ),
    ] = 20_000
    counts_open_max: Annotated[
        int,
        Meta(ge=1, le=1_000),
        about(
            "Count sheets of a pool that are neither applied nor cancelled.",
            beyond="`SHELF_FULL` with the field `counts`",
        ),
    ] = 50
    drafts_open_max: Annotated[
        int,
        Meta(ge=1, le=1_000),
        about(
            "Drafts of moves of a pool that wait for two people to sign them.",
            beyond="such a move is `SHELF_FULL` with the field `drafts`",
        ),
    ] = 50
    count_lines_max: Annotated[
        int,
        Meta(ge=100, le=20_000),
        about("Lines of one count, and SKUs on it.", beyond="`SHELF_FULL` with the field `lines` or `skus`"),
    ] = 20_000
    counts_kept_max: Annotated[
        int,
        Meta(ge=1, le=1_000),
        about(
            "Counts of a pool that are over and can still be read.",
            beyond="the oldest go; the ledger has what they moved",
        ),
    ] = 100
    receipts_open_max: Annotated[
        int,
        Meta(ge=1, le=1_000),
        about("Receipts of a pool that are still being entered.", beyond="`SHELF_FULL` with the field `receipts`"),
    ] = 50
    receipt_lines_max: Annotated[
        int,
        Meta(ge=1, le=500),
        about("Lines that one person may enter of a receipt.", beyond="`SHELF_FULL` with the field `lines`"),
    ] = 500
    receipts_kept_max: Annotated[
        int,
        Meta(ge=1, le=5_000),
        about(
            "Receipts of a pool that are over and can still be read.", beyond="the oldest go; the ledger has what came"
        ),
    ] = 500
    lots_a_sku_max: Annotated[
        int,
        Meta(ge=1, le=1_000),
        about("Lots of one SKU that are known.", beyond="those that expire last go"),
    ] = 50
    refund_requests_open_max: Annotated[
        int,
        Meta(ge=1, le=100_000),
        about(
            "Refunds of a pool that are asked for and not decided.",
            beyond="`SHELF_FULL` with the field `refunds`",
        ),
    ] = 10_000
    refund_requests_kept_max: Annotated[
        int,
        Meta(ge=1, le=100_000),
        about("Refund requests of a pool that are decided and can still be read.", beyond="the oldest go"),
    ] = 10_000
    refusals_interval_ms: Annotated[
        int,
        Meta(ge=100, le=60_000),
        about("How often a process adds the reservations that its rooms refused to the book's statistics."),
    ] = 1_000
    refusal_rows_a_show_max: Annotated[
        int,
        Meta(ge=100, le=100_000),
        about(
            "Rows of a show's refusals, one for a SKU and code.",
            more="The users of a row are a HyperLogLog, at most 12 KiB.",
            beyond="counted in the show's totals alone",
        ),
    ] = 5_000
    refusals_kept_ms: Annotated[
        int,
        Meta(ge=60_000, le=MILLIS_A_YEAR),
        about(
            "How long a show's refusals can be read, from its first.",
            beyond="they go",
            more="Never before its final report is due.",
        ),
    ] = 3_024_000_000
    order_qty_max: Annotated[
        int, Meta(ge=1, le=1_000_000), about("Units one reservation may ask for.", beyond="`LIMIT_PER_ORDER`")
    ] = 10_000
