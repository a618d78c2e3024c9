"""The HTTP application: which routes there are."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route


async def healthz(request: Request) -> PlainTextResponse:
    """The process answers."""
    return PlainTextResponse("ok\n")


def create_app() -> Starlette:
    """The Starlette application of one server process."""
    return Starlette(routes=[Route("/healthz", healthz)])
