"""The HTTP application: which routes there are, and what surrounds them."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from shelfcast.hosts import Hosts
from shelfcast.http.api.access import Access
from shelfcast.http.api.call import JSON_TYPE, Call
from shelfcast.http.api.cors import Cors
from shelfcast.http.api.edge import Edge
from shelfcast.http.api.endpoint import Endpoint, problem_for, routes
from shelfcast.http.api.openapi import document
from shelfcast.http.api.services import Services
from shelfcast.http.pages import routes as page_routes
from shelfcast.http.routes import accounts as account_routes
from shelfcast.http.routes import actions as action_routes
from shelfcast.http.routes import alerts as alert_routes
from shelfcast.http.routes import allocation as allocation_routes
from shelfcast.http.routes import archive as archive_routes
from shelfcast.http.routes import articles as article_routes
from shelfcast.http.routes import batches as batch_routes
from shelfcast.http.routes import checklist as checklist_routes
from shelfcast.http.routes import count_files as count_file_routes
from shelfcast.http.routes import count_lines as count_line_routes
from shelfcast.http.routes import counts as count_routes
from shelfcast.http.routes import day_totals as day_totals_routes
from shelfcast.http.routes import demonstration as demonstration_routes
from shelfcast.http.routes import elastic as elastic_routes
from shelfcast.http.routes import emergencies as emergency_routes
from shelfcast.http.routes import entry as entry_route
from shelfcast.http.routes import erp_levels as erp_level_routes
from shelfcast.http.routes import events as event_routes
from shelfcast.http.routes import exports as export_routes
from shelfcast.http.routes import imports as import_routes
from shelfcast.http.routes import jobs as job_routes
from shelfcast.http.routes import ledger as ledger_routes
from shelfcast.http.routes import listings as listing_routes
from shelfcast.http.routes import lots as lot_routes
from shelfcast.http.routes import moves as move_routes
from shelfcast.http.routes import on_air
from shelfcast.http.routes import people as people_routes
from shelfcast.http.routes import pool as one_pool_routes
from shelfcast.http.routes import pools as pool_routes
from shelfcast.http.routes import previews as preview_routes
from shelfcast.http.routes import receipts as receipt_routes
from shelfcast.http.routes import reconciliation as reconciliation_route
from shelfcast.http.routes import refund_requests as refund_routes
from shelfcast.http.routes import refusals as refusal_routes
from shelfcast.http.routes import report_files as report_file_routes
from shelfcast.http.routes import reports as report_routes
from shelfcast.http.routes import reservations as reservation_routes
from shelfcast.http.routes import rooms as room_routes
from shelfcast.http.routes import server as server_routes
from shelfcast.http.routes import sessions as session_routes
from shelfcast.http.routes import show_entries as show_entries_route
from shelfcast.http.routes import show_minutes as show_minutes_route
from shelfcast.http.routes import shows as show_routes
from shelfcast.http.routes import statuses as status_routes
from shelfcast.http.routes import strategy as strategy_routes
from shelfcast.http.routes import waitlist as waitlist_routes
from shelfcast.origins import Origins


async def openapi(call: Call) -> Response:
    """This API's OpenAPI 3.1 document."""
    return Response(DOCUMENT, media_type=JSON_TYPE)


# fmt: off
ENDPOINTS: list[Endpoint] = [
    *page_routes.ENDPOINTS,
    *server_routes.ENDPOINTS,
    Endpoint(method="GET", path="/v1/openapi.json", summary="The OpenAPI document", tag=server_routes.TAG,
             handle=openapi, access=Access.PUBLIC, answer=dict[str, Any]),
    *session_routes.ENDPOINTS,
    *account_routes.ENDPOINTS,
    *one_pool_routes.ENDPOINTS,
    *elastic_routes.ENDPOINTS,  # before the SKUs, whose names may have a / in them
    *pool_routes.ENDPOINTS,
    *people_routes.ENDPOINTS,
    *strategy_routes.ENDPOINTS,
    *batch_routes.ENDPOINTS,
    *preview_routes.ENDPOINTS,
    *import_routes.ENDPOINTS,
    *move_routes.ENDPOINTS,
    *ledger_routes.ENDPOINTS,
    *export_routes.ENDPOINTS,
    *count_routes.ENDPOINTS,
    *count_line_routes.ENDPOINTS,
    *count_file_routes.ENDPOINTS,
    *emergency_routes.ENDPOINTS,
    *event_routes.ENDPOINTS,
    *action_routes.ENDPOINTS,
    *allocation_routes.ENDPOINTS,
    *job_routes.ENDPOINTS,
    *archive_routes.ENDPOINTS,
    *article_routes.ENDPOINTS,
    *receipt_routes.ENDPOINTS,
    *lot_routes.ENDPOINTS,
    *erp_level_routes.ENDPOINTS,
    *reservation_routes.ENDPOINTS,
    *refund_routes.ENDPOINTS,
    *on_air.ENDPOINTS,
    *entry_route.ENDPOINTS,
    *room_routes.ENDPOINTS,
    *status_routes.ENDPOINTS,
    *checklist_routes.ENDPOINTS,
    *listing_routes.ENDPOINTS,
    *waitlist_routes.ENDPOINTS,
    *show_routes.ENDPOINTS,
    *refusal_routes.ENDPOINTS,
    *reconciliation_route.ENDPOINTS,
    *report_routes.ENDPOINTS,
    *report_file_routes.ENDPOINTS,
    *day_totals_routes.ENDPOINTS,
    *show_minutes_route.ENDPOINTS,
    *show_entries_route.ENDPOINTS,
    *alert_routes.ENDPOINTS,
    *demonstration_routes.ENDPOINTS,
]
# fmt: on
DOCUMENT = msgspec.json.encode(document(ENDPOINTS))
"""The OpenAPI document, as JSON."""


def create_app(services: Services) -> Starlette:
    """The Starlette application of one server process. Every error it answers with is a problem document."""
    origins = Origins(services.settings.allowed_origins)
    app = Starlette(
        routes=routes([*ENDPOINTS, *page_routes.PAGES], services),
        middleware=[Middleware(Edge, hosts=Hosts(services.settings.hosts)), Middleware(Cors, origins=origins.said)],
        exception_handlers={HTTPException: _no_route},
    )
    # "/v1/pools/" is not "/v1/pools": a redirect would turn a write into something else.
    app.router.redirect_slashes = False
    return app


async def _no_route(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return problem_for(status, f"there is no {request.url.path!r} here; see /v1/openapi.json")
