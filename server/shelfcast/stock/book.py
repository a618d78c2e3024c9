"""The stock book of one pool: operations in, outcomes out, many of them in one engine call.

What arrives while a call is in flight goes out as the next call: under load a call carries hundreds of
operations and one flush to disk serves them all; on a quiet evening an operation leaves at once.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import cast

import msgspec
import structlog

from shelfcast import metrics
from shelfcast.barrier import barrier, note_fault
from shelfcast.engine.connection import Engine
from shelfcast.errors import EngineError, EngineUnavailable, LibraryFault
from shelfcast.protocol.codes import Code
from shelfcast.settings import Settings
from shelfcast.stock import library
from shelfcast.stock.notices_and_cues import CUES_MAX
from shelfcast.stock.operations import Op
from shelfcast.stock.outcomes import Outcome, Reply
from shelfcast.stock.reading import BookReader

_log = structlog.get_logger(__name__)
_encode = msgspec.msgpack.Encoder().encode
_decode_reply = msgspec.msgpack.Decoder(Reply).decode

OVERLOADED = Outcome(Code.OVERLOADED)
UNAVAILABLE = Outcome(Code.UNAVAILABLE)

MILLIS_AN_HOUR = 3_600_000

CALLS_IN_FLIGHT_MAX = 2
"""Calls of one pool under way at a time. They share a connection, so they are decided in the order they were sent."""

Done = Callable[[Outcome], None]


class StockBook(BookReader):
    """One pool's book, as one process speaks to it. All rules live in the engine (`stock/library`)."""

    def __init__(self, engine: Engine, pool: str, settings: Settings) -> None:
        super().__init__(engine, pool, settings.key_prefix)
        self._settings = settings
        self._parameters = _encode(
            {
                "format": library.FORMAT,
                # Nobody can guess the pseudonyms that are made of it; it is kept nowhere (stock/library/people.lua).
                "people_secret": secrets.token_hex(32),
                "format_quiet_ms": settings.format_quiet_ms,
                "hold_ms": settings.hold_ms,
                "payment_extension_ms": settings.payment_extension_ms,
                "live_max": settings.live_reservations_a_user_max,
                "offer_ms": settings.offer_ms,
                "wait_skip_ms": settings.wait_skip_ms,
                "waits_a_sku_max": settings.waits_a_sku_max,
                "waits_a_user_max": settings.waits_a_user_max,
                "remember_ms": settings.remember_finished_ms,
                "skus_a_room_max": settings.skus_a_room_max,
                "skus_a_pool_max": settings.skus_a_pool_max,
                "channels_a_pool_max": settings.channels_a_pool_max,
                "batches_planned_max": settings.batches_planned_max,
                "batches_open_max": settings.batches_open_max,
                "batches_opened_kept_max": settings.batches_opened_kept_max,
                "shows_kept_max": settings.shows_kept_max,
                "show_continue_max_ms": settings.show_continue_max_ms,
                "rooms_a_pool_max": settings.rooms_a_pool_max,
                "alerts_a_show_max": settings.alerts_a_show_max,
                "pool_alerts_kept_max": settings.pool_alerts_kept_max,
                "series_hours_max": settings.series_hours_max,
                "series_bytes_max": settings.series_bytes_max,
                "order_qty_max": settings.order_qty_max,
                "cues_max": CUES_MAX,
                "events_kept_max": settings.events_kept_max,
                "moves_a_call_max": settings.moves_a_call_max,
                "feed_message_max_bytes": settings.feed_message_max_bytes,
                "actions_a_pool_max": settings.actions_a_pool_max,
                "proposals_kept_max": settings.proposals_kept_max,
                "proposal_lapses_ms": settings.proposal_lapses_ms,
                "split_pause_ms": settings.split_pause_ms,
                "refusal_rows_a_show_max": settings.refusal_rows_a_show_max,
                "refusals_kept_ms": max(settings.refusals_kept_ms, _until_final_ms(settings)),
                "counts_open_max": settings.counts_open_max,
                "drafts_open_max": settings.drafts_open_max,
                "count_lines_max": settings.count_lines_max,
                "counts_kept_max": settings.counts_kept_max,
                "receipts_open_max": settings.receipts_open_max,
                "receipt_lines_max": settings.receipt_lines_max,
                "receipts_kept_max": settings.receipts_kept_max,
                "lots_a_sku_max": settings.lots_a_sku_max,
                "refund_requests_open_max": settings.refund_requests_open_max,
                "refund_requests_kept_max": settings.refund_requests_kept_max,
                "report_final_after_ms": settings.report_final_after_ms,
            }
        )
        self._waiting: deque[tuple[Op, Done]] = deque()
        self._callers: set[asyncio.Task[None]] = set()
        self._closed = False
        self._queue_gauge = metrics.BOOK_QUEUE.labels(pool)
        self._calls = metrics.BOOK_CALLS.labels(pool)
        self._looking_back = asyncio.Lock()
        self.epoch = 0
        self.seq = 0
        """The highest sequence this process has heard of, in `epoch`: in an answer or from the feed."""
        self.lost_data = False
        """True once an epoch began with a shorter ledger than was heard of: acknowledged moves are gone. It stays so
        until this process ends: only people can say when the pool is in order again."""

    def submit(self, op: Op, done: Done) -> None:
        """Decide `op` with the next call; `done(outcome)` is called once, from the loop, never from here.

        Never raises: a full queue is OVERLOADED, an engine out of reach UNAVAILABLE.
        """
        if self._closed or len(self._waiting) >= self._settings.book_queue_max:
            asyncio.get_running_loop().call_soon(done, UNAVAILABLE if self._closed else OVERLOADED)
            return
        self._waiting.append((op, done))
        # A second call follows on the first only when it is full: so the engine has work while this process
        # encodes and answers, and what comes in one by one is still gathered.
        if not self._callers or (
            len(self._callers) < CALLS_IN_FLIGHT_MAX and len(self._waiting) >= self._settings.batch_size_max
        ):
            caller = asyncio.get_running_loop().create_task(self._call_until_empty(), name=f"book {self.pool}")
            self._callers.add(caller)

    async def apply(self, op: Op) -> Outcome:
        """Like `submit`, for callers that can wait."""
        answered: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

        def done(outcome: Outcome) -> None:
            if not answered.done():
                answered.set_result(outcome)

        self.submit(op, done)
        return await answered

    async def clock(self) -> tuple[int, int, int]:
        """Epoch, sequence and the engine's time in milliseconds. What it says is held against what was said before."""
        epoch, seq, now_ms = await super().clock()
        await self._note(epoch, seq)
        return epoch, seq, now_ms

    def saw(self, epoch: int, seq: int) -> None:
        """The feed has said so. An epoch that is new is looked into with the next answer."""
        if epoch == self.epoch and seq > self.seq:
            self.seq = seq

    async def close(self) -> None:
        """Take nothing more, and wait until what was taken is answered."""
        self._closed = True
        while self._callers:
            await asyncio.wait(self._callers)

    async def _call_until_empty(self) -> None:
        waiting, size_max = self._waiting, self._settings.batch_size_max
        try:
            while waiting:
                batch = [waiting.popleft() for _ in range(min(len(waiting), size_max))]
                self._queue_gauge.set(len(waiting))
                outcomes: Sequence[Outcome] = [UNAVAILABLE] * len(batch)
                try:
                    outcomes = await self._decide([op for op, _ in batch])
                except Exception:
                    # A defect: what was asked may or may not have happened, as when the engine is away.
                    note_fault("book.call", pool=self.pool, operations=len(batch))
                finally:
                    # Also of a caller that is cancelled: who asked holds a place in `reservations_under_way`.
                    for (_, done), outcome in zip(batch, outcomes, strict=True):
                        _answer(done, outcome)
        except asyncio.CancelledError:
            self._give_up_waiting()
            raise
        finally:
            # Here, not in a callback of the task: what arrives a moment later must find that nobody calls.
            self._callers.discard(cast("asyncio.Task[None]", asyncio.current_task()))

    async def _decide(self, ops: Sequence[Op]) -> Sequence[Outcome]:
        try:
            outcomes = await self._call(ops)
        except LibraryFault as fault:
            # Nothing of the batch was written. Alone, each operation shows whether it is the one at fault.
            if len(ops) > 1:
                return [(await self._decide([op]))[0] for op in ops]
            _log.error("book.fault", pool=self.pool, op=ops[0], error=str(fault))
            outcomes = [UNAVAILABLE]
        except EngineError as error:
            _log.warning("book.unavailable", pool=self.pool, operations=len(ops), error=str(error))
            outcomes = [UNAVAILABLE] * len(ops)
            self._give_up_waiting()
        for (kind, code), count in Counter((type(op), o.code) for op, o in zip(ops, outcomes, strict=True)).items():
            metrics.BOOK_OPERATIONS.labels(kind.__name__, code).inc(count)
        return outcomes

    async def _call(self, ops: Sequence[Op]) -> list[Outcome]:
        loop = asyncio.get_running_loop()
        started = loop.time()
        try:
            payload = _encode(ops)
        except (TypeError, ValueError, OverflowError) as error:
            raise LibraryFault(f"an operation cannot be encoded: {error}") from error
        raw = await self._engine.call(library.APPLY, self.base, payload, self._parameters)
        metrics.BOOK_CALL_SECONDS.observe(loop.time() - started)
        metrics.BOOK_BATCH_OPERATIONS.observe(len(ops))
        self._calls.inc()
        try:
            reply = _decode_reply(raw)
        except (msgspec.DecodeError, TypeError) as error:
            raise EngineUnavailable(f"the engine's answer cannot be read: {error}") from error
        if len(reply.outcomes) != len(ops):
            raise EngineUnavailable(f"the engine has {len(reply.outcomes)} outcomes for {len(ops)} operations")
        with barrier("book.note", pool=self.pool):
            await self._note(reply.epoch, reply.seq)
        return reply.outcomes

    def _give_up_waiting(self) -> None:
        """The engine was tried for as long as a call may take. Who waits behind that call would wait as long again for
        the next, and longer the more there are: none of it was executed, so all are told at once to come back."""
        loop = asyncio.get_running_loop()
        while self._waiting:
            op, done = self._waiting.popleft()
            metrics.BOOK_OPERATIONS.labels(type(op).__name__, Code.UNAVAILABLE).inc()
            loop.call_soon(_answer, done, UNAVAILABLE)
        self._queue_gauge.set(0)

    async def _note(self, epoch: int, seq: int) -> None:
        if epoch != self.epoch and self.epoch:
            async with self._looking_back:
                if epoch != self.epoch:
                    await self._look_back()
        elif not self.epoch:
            self.epoch = epoch
        self.saw(epoch, seq)

    async def _look_back(self) -> None:
        """The engine was started or promoted anew. An epoch since then that began before the last sequence heard of
        shows lost moves, however far the ledger has grown again by now."""
        try:
            epochs = await self.epochs()
        except EngineError as error:
            _log.warning("book.epochs_unread", pool=self.pool, error=str(error))
            return
        known = [epoch for epoch, _ in epochs]
        since = epochs[known.index(self.epoch) + 1 :] if self.epoch in known else epochs
        if not since:
            return  # An answer from a primary that was replaced meanwhile.
        shortest = min(seq for _, seq in since)
        if shortest < self.seq:
            self.lost_data = True
            metrics.BOOK_LOST_DATA.labels(self.pool).inc()
            _log.error(
                "book.lost_data",
                pool=self.pool,
                heard_seq=self.seq,
                engine_seq=shortest,
                hint="the engine came back without moves it had acknowledged; audit the pool before selling on",
            )
        else:
            _log.info("book.new_epoch", pool=self.pool, epoch=since[-1][0], seq=since[-1][1])
        self.epoch, self.seq = since[-1]


def _until_final_ms(settings: Settings) -> int:
    """How long a show's statistics are needed, from its beginning until its final report has them."""
    longest_ms = settings.series_hours_max * MILLIS_AN_HOUR + settings.show_continue_max_ms
    return longest_ms + 2 * settings.report_final_after_ms


def _answer(done: Done, outcome: Outcome) -> None:
    try:
        done(outcome)
    except Exception:
        # One asker's defect must not keep the others of its batch from their answers.
        _log.exception("book.asker_failed", outcome=outcome)
