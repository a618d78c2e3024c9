"""What is the same in both books after every step."""

from __future__ import annotations

from hypothesis.stateful import invariant
from plain_book.records import PlainReservation
from shelfcast.stock.shelf import shelf_row

from book_machine.drawn import SKUS
from book_machine.machine import Machine


class Agreement(Machine):
    """What is compared."""

    @invariant()
    def proposals_agree(self) -> None:
        kept = {proposal.id: proposal for proposal in self.run(self.shop.book.proposals())}
        for name, plain in list(self.plain.proposals.items())[-50:]:
            assert kept[name].state == plain.state
            assert [(m.sku, m.source, m.target, m.units) for m in kept[name].moves] == plain.moves

    @invariant()
    def units_agree(self) -> None:
        for sku in SKUS:
            assert self.run(self.shop.units(sku)) == {place: n for place, n in self.plain.units[sku].items() if n}

    @invariant()
    def steps_agree(self) -> None:
        for sku in SKUS:
            assert self.run(self.shop.book.sku(sku))[0].elastic_steps == self.plain.elastic_steps[sku]

    @invariant()
    def records_agree(self) -> None:
        records = {record.id: record for record in self.run(self.shop.book.reservations(list(self.plain.reservations)))}
        assert len(records) == len(self.plain.reservations)
        for name, plain in self.plain.reservations.items():
            record = records[name]
            assert (record.state, record.left, record.shipped, record.oversold, record.presale) == _row(plain), name

    @invariant()
    def waits_agree(self) -> None:
        self.plain.check_turns()
        assert self.clock_moved or not any(self.plain.passed_by(sku) for sku in SKUS)
        names = list(self.plain.waits)[-60:]
        records = {record.id: record for record in self.run(self.shop.book.waits(names))}
        assert sorted(records) == sorted(names)
        for name, record in records.items():
            plain = self.plain.waits[name]
            said = (record.room, record.sku, record.qty, record.user, record.number)
            assert said == (plain.room, plain.sku, plain.qty, plain.user, plain.number)
            over_by_now = plain.state == "over" and plain.listed
            assert (record.state, record.code) == (("waiting", "") if over_by_now else (plain.state, plain.code)), name
        listed = {sku: self.plain.listed(sku) for sku in SKUS}
        expected = [(sku, len(who), sum(w.qty for w in who)) for sku, who in sorted(listed.items()) if who]
        assert [(one.sku, one.people, one.units) for one in self.run(self.shop.book.waitlists())] == expected

    @invariant()
    def batches_agree(self) -> None:
        there = self.run(self.shop.book.batches())
        for name, plain in self.plain.batches.items():
            batch = there[name]
            assert (batch.opened_at_ms > 0, batch.closed_at_ms > 0) == (plain.opened_at is not None, plain.closed), name
            assert (batch.missed, batch.leftover_to) == (plain.missed, plain.went_to), name

    @invariant()
    def shows_agree(self) -> None:
        for room, number in self.plain.show.items():
            view = self.run(self.shop.book.room_view(room))
            assert (view.room.show, view.room.status) == (number, self.plain.status[room])
            for listed in view.skus:
                presale, base = listed.listing.presale, listed.base_row
                channel = view.room.channel
                row = shelf_row(
                    listed.stock, channel, view.channel.kind, presale=presale, base=base, settings=view.channel
                )
                places = self.plain.places(room, listed.sku)
                assert row.offered == self.plain.offered(room, listed.sku)
                held = self.plain.units[listed.sku][f"{'presale_' if presale else ''}held:{view.room.channel}"]
                holding = sum(self.plain.holding(listed.sku, place) for place in places)
                assert row.holding == max(held, holding)
                drawn = places if presale else self.plain.drawn(listed.sku, channel)
                assert row.available == sum(self.plain.units[listed.sku][place] for place in drawn)
                assert row.available == 0 or self.clock_moved or not self.plain.passed_by(listed.sku)
                told = listed.stock.waitlist
                assert (told.serving, told.rooms, dict(told.edges)) == (False, *self.plain.told(listed.sku))
                assert row.taken_units == sum(self.plain.taken[listed.sku][place] for place in places)
                assert listed.sold_in_show == self.plain.sold[f"{room}.{number}", listed.sku]

    @invariant()
    def the_audit_finds_nothing(self) -> None:
        self.run(self.shop.assert_sound())


def _row(plain: PlainReservation) -> tuple[str, int, int, int, bool]:
    return plain.state, plain.left, plain.shipped, plain.oversold, plain.presale
