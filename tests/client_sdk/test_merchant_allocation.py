"""Proposals of the split by the merchant's side of the SDK against the real server."""

from __future__ import annotations

import pytest
from fixtures_server import RunningServer
from mugs import has
from shelfcast.protocol.codes import Code
from shelfcast.stock.proposal_operations import NO_FENCE, Propose
from shelfcast.stock.proposals import ProposedMove
from shelfcast_client import ServerRefused, Stale
from shelfcast_client.merchant import Merchant


async def proposed(shop: RunningServer, merchant: Merchant) -> str:
    """A proposal of 20 mugs for Douyin, as the duty makes it."""
    await merchant.define_channel("douyin", kind="dedicated")
    moves = [ProposedMove("mug", 20, "pool", "channel:douyin", False, False, 3.0, 12.5)]
    return str((await shop.apply(Propose("", NO_FENCE, 7, moves, "book"))).data)


async def test_a_proposal_is_read_applied_and_undone(shop: RunningServer, merchant: Merchant) -> None:
    name = await proposed(shop, merchant)
    [proposal] = await merchant.proposals()
    assert (proposal["id"], proposal["state"], proposal["units"], proposal["seq"]) == (name, "open", 20, 7)
    [move] = proposal["moves"]
    assert (move["source"], move["source_minutes_before"], move["target_minutes_after"]) == ("pool", None, 12.5)
    applied = await merchant.apply_proposal(name)
    assert (applied["state"], applied["decided_by"]) == ("applied", "erp")
    assert await merchant.apply_proposal(name) == await merchant.proposal(name) == applied
    await has(merchant, pool=80, channel__douyin=20)
    undone = await merchant.undo_proposal(name)
    assert (undone["id"], undone["undoable"]) == (f"undo:{applied['action']}", True)
    await has(merchant, pool=100, channel__douyin=0)
    with pytest.raises(Stale, match="undone"):
        await merchant.apply_proposal(name)
    assert await merchant.proposal("main.99") is None


async def test_a_proposal_is_dismissed(shop: RunningServer, merchant: Merchant) -> None:
    name = await proposed(shop, merchant)
    dismissed = await merchant.dismiss_proposal(name, "they end soon")
    assert (dismissed["state"], dismissed["reason"]) == ("dismissed", "they end soon")
    with pytest.raises(ServerRefused) as refused:
        await merchant.undo_proposal(name)
    assert (refused.value.code, refused.value.field) == (Code.BAD_MESSAGE, "proposal")


async def test_the_split_is_worked_out_when_asked(merchant: Merchant) -> None:
    with pytest.raises(ServerRefused) as refused:
        await merchant.propose()
    assert refused.value.field == "split"
    await merchant.define_strategy("brand")
    assert await merchant.propose(key="tonight, 1") is None
    assert await merchant.propose(key="tonight, 1") is None
