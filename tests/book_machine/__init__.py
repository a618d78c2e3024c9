"""Any operation, done to a real book and to a plain one: the machine of the property test. A file a subject."""

from __future__ import annotations

from book_machine.agreement import Agreement
from book_machine.archive import Archive
from book_machine.at_once import AtOnce
from book_machine.batches import Batches
from book_machine.counts import Counts
from book_machine.elastic import Elastic
from book_machine.moves import Moves
from book_machine.people import People
from book_machine.receipts import Receipts
from book_machine.split import Split
from book_machine.terms import Terms


class BookMachine(Archive, AtOnce, Batches, Counts, Elastic, Moves, People, Receipts, Split, Terms, Agreement):
    """Every rule does the same to both books and compares the outcome."""


class CountMachine(Archive, Batches, Counts, Moves, Receipts, Agreement):
    """Counts, receipts, and what crosses them: more of them than chance would make among all rules."""


class ArchiveMachine(Archive, Batches, Moves, People, Terms, Agreement):
    """Sales, batches and moves whose entries leave the book: more of that than chance would make among all rules."""
