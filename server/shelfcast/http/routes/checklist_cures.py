"""What mends an item of a checklist, as a request that is ready, or as the place in the console where somebody says the
rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from shelfcast.http.api.family import POOL_PATH
from shelfcast.http.routes.checklist_items import CureItem
from shelfcast.http.routes.moves import MoveName
from shelfcast.http.routes.rooms import ROOM_PATH
from shelfcast.insight.checklist import Cure, CureKind
from shelfcast.protocol.access import Role

_About = Mapping[str, Any]
_BEFORE, _COUNTS, _EMERGENCY = "before", "counts", "emergency"


class _Form(NamedTuple):
    """How a cure is said: the request, where there is one, and where the console asks."""

    method: str | None = None
    path: str | None = None
    body: Callable[[_About], dict[str, Any] | None] = lambda _: None
    view: str | None = None
    step: str | None = None
    role: Role = Role.OPERATOR


def _move(kind: MoveName, source: str | None = None, target: str | None = None) -> Callable[[_About], dict[str, Any]]:
    def body(about: _About) -> dict[str, Any]:
        places = {"source": source or about.get("source"), "target": target or about.get("target")}
        named = {name: place for name, place in places.items() if place is not None}
        return {"kind": kind, "sku": about["sku"], "qty": about["units"], **named}

    return body


def _scope(about: _About) -> dict[str, Any]:
    return {"scope": dict(about)}


def _count(about: _About) -> dict[str, Any]:
    return {"kind": "before", "skus": [about["sku"]]} if "sku" in about else {"kind": "before", "room": about["room"]}


def _lot(about: _About) -> dict[str, Any]:
    return {"sku": about["sku"], "lot": about["lot"], "expires_on": about["expires_on"], "qty": about["units"]}


_MOVES = POOL_PATH + "/moves"
_LISTING = ROOM_PATH + "/skus/{sku}"

_FORMS: Mapping[CureKind, _Form] = {
    CureKind.LIST_SKUS: _Form(view=_BEFORE, step="shelf"),
    CureKind.SET_RUN_ORDER: _Form(view=_BEFORE, step="shelf"),
    CureKind.SET_PLANNED_START: _Form(view=_BEFORE, step="room"),
    CureKind.THAW: _Form("POST", POOL_PATH + "/emergencies/thaw", _scope, _EMERGENCY),
    CureKind.FILL_BATCH: _Form(view=_BEFORE, step="batches"),
    CureKind.ALLOCATE: _Form("POST", _MOVES, _move(MoveName.ALLOCATE)),
    CureKind.RELEASE_ELASTIC: _Form("POST", _MOVES, _move(MoveName.RELEASE_ELASTIC)),
    CureKind.OPEN_BATCH: _Form("POST", _MOVES, lambda about: {"kind": MoveName.OPEN_BATCH, "batch": about["batch"]}),
    CureKind.TAKE_BACK: _Form("POST", _MOVES, _move(MoveName.ALLOCATE)),
    CureKind.SET_QUOTA: _Form(view=_BEFORE, step="goods"),
    CureKind.RECEIVE: _Form(view=_COUNTS, step="receipts", role=Role.COUNTER),
    CureKind.LOWER_PLAN: _Form(view=_BEFORE, step="shelf"),
    CureKind.OPEN_COUNT: _Form("POST", POOL_PATH + "/counts", _count, _COUNTS),
    CureKind.FINISH_COUNT: _Form(view=_COUNTS, step="counts"),
    CureKind.SIGN_COUNT: _Form(view=_COUNTS, step="counts"),
    CureKind.SEND_ERP_LEVELS: _Form(view=_COUNTS, step="erp"),
    CureKind.SETTLE: _Form(view=_EMERGENCY, step="owed"),
    CureKind.PULL_LOT: _Form("POST", POOL_PATH + "/lots/pull", _lot, _COUNTS, "lots"),
    CureKind.SET_ASIDE: _Form("POST", _MOVES, _move(MoveName.CARVE, "pool", "safety"), _BEFORE, "reserve"),
    CureKind.SET_WINDOW: _Form(view=_BEFORE, step="shelf"),
    CureKind.SET_PRICE: _Form(view=_BEFORE, step="goods"),
    CureKind.SET_LIMIT: _Form(view=_BEFORE, step="shelf"),
    CureKind.SET_LINK: _Form("PATCH", _LISTING, lambda about: {"link": about["link"]}, _BEFORE, "shelf"),
}


def cure_item(pool: str, room: str, cure: Cure) -> CureItem:
    """A cure as the API shows it."""
    form, about = _FORMS[cure.kind], cure.about
    said = about if about or cure.kind is not CureKind.OPEN_COUNT else {"room": room}
    path = form.path
    if path is not None:
        path = (
            path.replace("{pool}", pool).replace("{room}", room).replace("{sku}", quote(about.get("sku", ""), safe=""))
        )
    return CureItem(
        kind=cure.kind,
        about=dict(about),
        method=form.method,
        path=path,
        body=form.body(said),
        view=form.view,
        step=form.step,
        role=form.role,
    )
