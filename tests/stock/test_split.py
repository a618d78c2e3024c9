"""The split in the book: the demand of the last half hour, proposals, and what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from shelfcast.merchant import allocation as use_cases
from shelfcast.protocol.codes import Code
from shelfcast.stock.configuration import FreezeScope, What
from shelfcast.stock.operations import Cancel, Confirm, Freeze, MoveKind, Reserve, Undo, put
from shelfcast.stock.proposal_operations import ApplyProposal, DismissProposal, Propose, SampleDemand
from shelfcast.stock.proposals import ProposalState, ProposedMove
from shelfcast.stock.records import Stream
from shop import Shop

FENCE = 7
MINUTE_MS = 60_000
PAUSE_MS = 600_000
POOL, DOUYIN = "pool", "channel:douyin"
ORDER = ProposedMove("mug", 20, POOL, DOUYIN, False, False, 2.0, 9.5)


async def minutes(shop: Shop, count: int = 1) -> None:
    """So many minutes end, each of which is sampled."""
    for _ in range(count):
        await shop.advance(MINUTE_MS)
        assert await use_cases.sample(shop.book, FENCE) == 0


async def demand(shop: Shop) -> Mapping[str, dict[str, int]]:
    """SKU → place → units taken lately."""
    page = await shop.book.demand("0", PAUSE_MS)
    assert page.cursor == "0"
    return {row.sku: {name: taken for name, _, taken, _ in row.places} for row in page.rows}


async def sold(shop: Shop, name: str, qty: int, *, room: str = "morning", sku: str = "mug") -> None:
    await shop.ok(Reserve(name, room, sku, qty, "ann"))
    await shop.ok(Confirm(name))


async def proposed(shop: Shop, *moves: ProposedMove) -> str:
    outcome = await shop.ok(Propose("", -1, 1, list(moves), "wang"))
    assert outcome.data
    return str(outcome.data)


@pytest.fixture
async def stocked(shop: Shop) -> Shop:
    await shop.ok(put(What.POOL, "", {"split": "propose"}))
    await shop.receive(200)
    await shop.move(MoveKind.ALLOCATE, 50, POOL, DOUYIN)
    return shop


# --- demand


async def test_what_was_sold_before_the_first_look_is_no_demand(stocked: Shop) -> None:
    await sold(stocked, "r1", 9)
    await minutes(stocked)
    assert await demand(stocked) == {}
    await sold(stocked, "r2", 3)
    await sold(stocked, "r3", 4, room="evening")
    assert await demand(stocked) == {"mug": {POOL: 4, DOUYIN: 3}}, "the open minute counts, too"


@pytest.mark.each_engine
async def test_a_sku_that_had_sold_nothing_is_known_with_its_first_minute(stocked: Shop) -> None:
    await minutes(stocked)
    await sold(stocked, "r1", 9)
    await minutes(stocked)
    assert await demand(stocked) == {"mug": {POOL: 0, DOUYIN: 9}}


async def test_none_is_noted_where_nobody_wants_a_split(stocked: Shop) -> None:
    await stocked.ok(put(What.POOL, "", {"split": "off"}))
    await minutes(stocked)
    await sold(stocked, "r1", 9)
    await minutes(stocked)
    assert await demand(stocked) == {}
    await stocked.ok(put(What.POOL, "", {"split": "auto"}))
    await minutes(stocked)
    await sold(stocked, "r2", 2)
    assert await demand(stocked) == {"mug": {POOL: 0, DOUYIN: 2}}


async def test_it_is_that_of_the_last_half_hour(stocked: Shop) -> None:
    await minutes(stocked)
    for minute in range(40):
        if minute in (0, 5, 39):
            await sold(stocked, f"r{minute}", 1 + minute)
        await minutes(stocked)
    assert (await demand(stocked))["mug"][DOUYIN] == 40
    await minutes(stocked, 31)
    assert await demand(stocked) == {}


async def test_what_is_given_back_counts_back(stocked: Shop) -> None:
    await minutes(stocked)
    await stocked.ok(Reserve("r1", "morning", "mug", 9, "ann"))
    await minutes(stocked)
    await stocked.ok(Cancel("r1"))
    assert await demand(stocked) == {}


async def test_a_successor_goes_on_and_loses_nothing(stocked: Shop) -> None:
    await minutes(stocked)
    await sold(stocked, "r1", 4)
    await stocked.advance(20 * MINUTE_MS)  # nobody looks
    await sold(stocked, "r2", 5)
    assert await use_cases.sample(stocked.book, FENCE + 1) == 0
    assert (await demand(stocked))["mug"][DOUYIN] == 9
    assert await use_cases.sample(stocked.book, FENCE) is None, "a lower fence is refused"


async def test_after_half_an_hour_without_a_look_it_begins_anew(stocked: Shop) -> None:
    await minutes(stocked)
    await sold(stocked, "r1", 4)
    await stocked.advance(31 * MINUTE_MS)
    assert await demand(stocked) == {}
    await minutes(stocked)
    assert await demand(stocked) == {}, "when the four were sold nobody knows"
    await sold(stocked, "r2", 5)
    assert (await demand(stocked))["mug"][DOUYIN] == 5


async def test_a_channel_that_becomes_dedicated_brings_no_demand_along(stocked: Shop) -> None:
    await sold(stocked, "r1", 4, room="evening")
    await minutes(stocked)
    await stocked.ok(put(What.CHANNEL, "live", {"kind": "dedicated"}))
    await stocked.move(MoveKind.ALLOCATE, 20, POOL, "channel:live")
    assert await demand(stocked) == {}
    await minutes(stocked)
    await sold(stocked, "r2", 2, room="evening")
    assert await demand(stocked) == {"mug": {POOL: 0, DOUYIN: 0, "channel:live": 2}}


async def test_a_frozen_sku_takes_no_part(stocked: Shop) -> None:
    await minutes(stocked)
    await sold(stocked, "r1", 4)
    await minutes(stocked)
    assert await demand(stocked)
    await stocked.ok(Freeze("f1", "mug", frozen=True))
    assert await demand(stocked) == {}


@pytest.mark.parametrize(
    ("name", "scope", "left"),
    [
        ("", FreezeScope.POOL, {}),
        ("douyin", FreezeScope.CHANNEL, {"mug": {POOL: 3}}),
        ("evening", FreezeScope.ROOM, None),
    ],
)
async def test_neither_does_a_frozen_channel_or_pool(
    stocked: Shop, name: str, scope: FreezeScope, left: dict[str, dict[str, int]] | None
) -> None:
    await minutes(stocked)
    await sold(stocked, "r1", 4)
    await sold(stocked, "r2", 3, room="evening")
    await minutes(stocked)
    before = await demand(stocked)
    await stocked.ok(Freeze("f1", name, frozen=True, scope=scope))
    assert await demand(stocked) == (before if left is None else left)


async def test_units_of_open_batches_stand_beside_those_of_their_place(stocked: Shop) -> None:
    await stocked.ok(put(What.BATCH, "early", {"channel": "douyin", "opens_at_ms": 1}))
    await stocked.ok(put(What.BATCH, "all", {"opens_at_ms": 1}))
    await stocked.ok(put(What.BATCH, "late", {"channel": "douyin"}))
    for batch, qty in (("early", 7), ("all", 5), ("late", 9)):
        await stocked.move(MoveKind.CARVE, qty, POOL, f"batch:{batch}")
    await minutes(stocked)
    await sold(stocked, "r1", 1)
    await minutes(stocked)
    [row] = (await stocked.book.demand("0", PAUSE_MS)).rows
    assert row.places == [(DOUYIN, 49, 1, 7), (POOL, 129, 0, 5)]


async def test_pages_of_a_catalogue_are_one_sample(stocked: Shop) -> None:
    for sku in ("cup", "bowl"):
        await stocked.sell(sku)
        await stocked.receive(10, sku)
    after = ""
    for expected in ("bowl", "cup", "mug", ""):
        after, _ = (await stocked.ok(SampleDemand(FENCE, after, 1))).data
        assert after == expected
    await sold(stocked, "r1", 2, room="evening", sku="cup")
    await minutes(stocked)
    assert await demand(stocked) == {"cup": {POOL: 2, DOUYIN: 0}}


# --- proposals


async def test_a_proposal_is_carried_out_in_one_step(stocked: Shop) -> None:
    name = await proposed(stocked, ORDER)
    assert name == "p.1"
    kept = await stocked.book.proposal(name)
    assert kept
    assert (kept.state, kept.made_by, kept.moves, kept.lapses_at_ms - kept.made_at_ms) == (
        ProposalState.OPEN, "wang", [ORDER], 600_000,
    )  # fmt: skip
    applied = await stocked.ok(ApplyProposal("a1", name, "li"))
    assert (applied.action_id, applied.undoable) == ("a1", True)
    assert await stocked.units() == {"supplier": -200, POOL: 130, DOUYIN: 70}
    kept = await stocked.book.proposal(name)
    assert kept
    assert (kept.state, kept.decided_by, kept.action) == (ProposalState.APPLIED, "li", "a1")
    again = await stocked.ok(ApplyProposal("a2", name, "wang"))
    assert (again.action_id, again.seq) == ("a1", applied.seq)
    entry = (await stocked.book.ledger(Stream.STOCK, applied.seq - 1))[0]
    assert (entry.kind, entry.reference, entry.actor, entry.channel) == ("allocate", name, "li", "douyin")


@pytest.mark.each_engine
async def test_it_is_undone_and_done_again(stocked: Shop) -> None:
    name = await proposed(stocked, ORDER)
    await stocked.ok(ApplyProposal("a1", name, "li"))
    undone = await stocked.ok(Undo("undo:a1", "a1", "li"))
    assert (await stocked.units())[DOUYIN] == 50
    assert (await stocked.book.proposal(name)).state is ProposalState.UNDONE  # type: ignore[union-attr]
    assert await stocked.refused(ApplyProposal("a2", name, "li")) == (Code.STALE, "undone")
    redone = await stocked.ok(Undo(f"undo:{undone.action_id}", undone.action_id, "li"))
    kept = await stocked.book.proposal(name)
    assert kept
    assert (kept.state, kept.action, (await stocked.units())[DOUYIN]) == (ProposalState.APPLIED, redone.action_id, 70)


async def test_an_undo_needs_the_units_where_they_went(stocked: Shop) -> None:
    name = await proposed(stocked, ORDER)
    await stocked.ok(ApplyProposal("a1", name, "li"))
    await sold(stocked, "r1", 60)
    assert await stocked.refused(Undo("undo:a1", "a1", "li")) == (Code.INSUFFICIENT, DOUYIN)


async def test_all_of_it_or_nothing(stocked: Shop) -> None:
    await stocked.sell("cup")
    await stocked.receive(30, "cup")
    name = await proposed(stocked, ORDER, ORDER.__class__("cup", 20, POOL, DOUYIN))
    await sold(stocked, "r1", 15, room="evening", sku="cup")
    outcome = await stocked.book.apply(ApplyProposal("a1", name, "li"))
    assert (outcome.code, outcome.field, outcome.sku, outcome.available) == (Code.STALE, POOL, "cup", 15)
    assert (await stocked.units())[DOUYIN] == 50


async def test_channels_give_to_each_other_past_the_pool(stocked: Shop) -> None:
    await stocked.ok(put(What.CHANNEL, "shop", {"kind": "dedicated"}))
    name = await proposed(stocked, ProposedMove("mug", 15, DOUYIN, "channel:shop"))
    await stocked.move(MoveKind.ALLOCATE, 150, POOL, DOUYIN)
    await stocked.ok(ApplyProposal("a1", name, "li"))
    await stocked.ok(Undo("undo:a1", "a1", "li"))
    assert await stocked.units() == {"supplier": -200, DOUYIN: 200}


@pytest.mark.parametrize(("bound", "says"), [({"floor_units": 180}, POOL), ({"cap_units": 60}, DOUYIN)])
async def test_floors_and_caps_hold_when_it_is_applied(stocked: Shop, bound: dict[str, int], says: str) -> None:
    name = await proposed(stocked, ORDER)
    await stocked.ok(put(What.CHANNEL, "live" if says == POOL else "douyin", bound))
    assert await stocked.refused(ApplyProposal("a1", name, "li")) == (Code.STALE, says)


async def test_it_lapses(stocked: Shop) -> None:
    name = await proposed(stocked, ORDER)
    await stocked.advance(600_000)
    assert await stocked.refused(ApplyProposal("a1", name, "li")) == (Code.STALE, "lapsed")
    assert await stocked.refused(DismissProposal("d1", name, "li", "no")) == (Code.STALE, "lapsed")
    kept = await stocked.book.proposal(name)
    assert kept
    assert kept.state_at(await stocked.book.now_ms()) is ProposalState.LAPSED


async def test_it_is_dismissed_with_a_reason(stocked: Shop) -> None:
    name = await proposed(stocked, ORDER)
    outcome = await stocked.ok(DismissProposal("d1", name, "li", "douyin ends soon"))
    assert (outcome.action_id, outcome.undoable) == ("d1", False)
    assert (await stocked.ok(DismissProposal("d2", name, "wang", "other"))).action_id == "d1"
    kept = await stocked.book.proposal(name)
    assert kept
    assert (kept.state, kept.reason, kept.decided_by) == (ProposalState.DISMISSED, "douyin ends soon", "li")
    assert await stocked.refused(ApplyProposal("a1", name, "li")) == (Code.STALE, "dismissed")
    shown = await stocked.book.action("d1")
    assert shown
    assert (shown.action.kind, shown.action.text, shown.action.why) == (
        "dismiss_proposal",
        "douyin ends soon",
        "dismissed",
    )


async def test_a_sku_pauses_between_proposals(stocked: Shop) -> None:
    await stocked.advance(0)  # the clock stands still from here on
    await proposed(stocked, ORDER)
    assert (await stocked.ok(Propose("", -1, 1, [ORDER], "wang"))).data == ""
    await stocked.advance(599_999)
    assert (await stocked.ok(Propose("", -1, 1, [ORDER], "wang"))).data == ""
    await stocked.advance(1)
    name = await proposed(stocked, ORDER)
    await stocked.advance(300_000)
    await stocked.ok(ApplyProposal("a1", name, "li"))
    await stocked.advance(300_000)
    assert (await stocked.ok(Propose("", -1, 1, [ORDER], "wang"))).data == "", "it was applied five minutes ago"


async def test_what_cannot_be_given_is_not_proposed(stocked: Shop) -> None:
    rows = [ProposedMove("mug", 151, POOL, DOUYIN), ProposedMove("ghost", 1, POOL, DOUYIN)]
    assert (await stocked.ok(Propose("", -1, 1, rows, "wang"))).data == ""


async def test_the_same_id_makes_one(stocked: Shop) -> None:
    first = await stocked.ok(Propose("k1", -1, 1, [ORDER], "wang"))
    assert (await stocked.ok(Propose("k1", -1, 1, [ORDER], "wang"))).data == first.data == "p.1"
    assert [proposal.id for proposal in await stocked.book.proposals()] == ["p.1"]


async def test_the_last_ones_are_kept(stocked: Shop) -> None:
    for _ in range(52):
        await proposed(stocked, ORDER)
        await stocked.advance(600_000)
    kept = await stocked.book.proposals()
    assert [proposal.n for proposal in kept] == list(range(52, 2, -1))
    assert await stocked.refused(ApplyProposal("a1", "p.2", "li")) == (Code.NOT_FOUND, "proposal")


async def test_a_lower_fence_makes_and_applies_none(stocked: Shop) -> None:
    await minutes(stocked)
    assert await stocked.refused(Propose("", FENCE - 1, 1, [ORDER], "book")) == (Code.STALE, "fence")
    name = await proposed(stocked, ORDER)
    assert await stocked.refused(ApplyProposal("a1", name, "book", FENCE - 1)) == (Code.STALE, "fence")


async def test_it_is_told(stocked: Shop) -> None:
    name = await proposed(stocked, ORDER)
    await stocked.ok(ApplyProposal("a1", name, "li"))
    told = [event for event in await stocked.book.last_events(10) if event.type == "proposal"]
    assert [(event.subject, event.data["state"], event.data["units"], event.action) for event in told] == [
        (name, "open", 20, ""), (name, "applied", 20, "a1"),
    ]  # fmt: skip
