"""Where the demo can be looked at, as it is printed when it begins."""

from __future__ import annotations

import sys
from pathlib import Path

from shelfcast.http.built_pages import Pages

ADDRESS_LINES = 29
"""What is printed above the room's table, which leaves it in sight."""


def addresses(url: str, room: str, *, operator: str, counter: str) -> str:
    """Every address of the demo at `url`; `operator` and `counter` are tokens for its pool."""
    socket = url.replace("http", "ws", 1)
    return f"""  page      {url}/  (what is running, with links to the rest)
{_pages(url, room)}
  socket    {socket}/v1/rooms/{room}/ws (no token needed)
  health    {url}/healthz  {url}/readyz
  metrics   {url}/metrics
  OpenAPI   {url}/v1/openapi.json

  Run the show yourself: open the console, answer an alert by releasing reserve, and watch the viewer page beside it.
  Sold out? Wait for it on the viewer page: who was too late is next, and every few seconds somebody gives
  something back. What nobody takes in time goes to the next one.

  Before a show comes its checklist, in the console under Before: what mends an item is a button beside it.
  What it came to is there under After as soon as it has ended: a report, its files, and the show minute by minute.
{_counting(url, counter)}
  In another terminal:  {_program()} watch {room} --url {url}
  As its operator:      export SHELFCAST_TOKEN={operator}

Ctrl-C stops it.
"""


def _pages(url: str, room: str) -> str:
    if Pages().page("room") is None:
        return "            (viewer, overlay, host page and console are not built here: that takes Node 20)"
    return "\n".join(
        (
            f"  viewer    {url}/rooms/{room}",
            f"  overlay   {url}/overlay/{room}  (an OBS browser source)",
            f"  host      {url}/host/{room}  (here anybody may be the host)",
            f"  console   {url}/console  (here, on this machine, anybody may be the operator)",
        )
    )


def _counting(url: str, counter: str) -> str:
    """The address of whoever counts them; in a window of its own, as it takes the place of a login there."""
    if Pages().page("room") is None:
        return ""
    says = "Three articles are not counted yet. Count them in a private window, or on a phone:"
    return f"  {says}  {url}/console#token={counter}\n"


def _program() -> str:
    """How this command was called, so that the line we print can be pasted."""
    return sys.argv[0] if Path(sys.argv[0]).name == "shelfcast" else "shelfcast"
