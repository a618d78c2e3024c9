"""What a show's differences are afterwards, as a job."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from shelfcast.errors import InvalidInput
from shelfcast.heavy.kind import Work
from shelfcast.merchant.after_show import reconcile
from shelfcast.merchant.after_show_items import Reconciliation


class Of(Struct, frozen=True, kw_only=True):
    """Which show is meant."""

    show: str


class ReconcileShow:
    """Folds a show's entries of the ledgers and holds its counts beside them. Its progress counts ledger entries."""

    name = "reconciliation"

    async def run(self, work: Work) -> Reconciliation:
        """The reconciliation: see `http.routes.reconciliation`."""
        show = msgspec.json.decode(work.job.parameters, type=Of).show
        record = await work.book.show(show)
        if record is None:
            raise InvalidInput("the show is not kept any more", field="show")
        return await reconcile(work.book, record, work.progress.say)
