"""The home page of a server without built pages: that it runs, what is on air, and how to get the pages.

In both languages of the pages, one below the other: nothing here runs a program that could choose.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from html import escape

from shelfcast.http.api.bodies import RoomOnAir

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem;color-scheme:light dark}"
    "code{background:#8882;padding:.1em .3em;border-radius:.2em}"
    ":lang(zh){opacity:.85}"
)
_STYLE_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()

PLAIN_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The page's Content-Security-Policy: nothing but its own style, which is told by its hash."""

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Shelfcast</title>
<style>{style}</style></head><body>
<h1>Shelfcast is running <span lang="zh-CN">Shelfcast 正在运行</span></h1>
<p>Its pages for viewers and hosts were not built into this server; with Node 20, <code>make demo</code> builds them.
Everything else works.</p>
<p lang="zh-CN">此服务器没有构建观众页和主播页；装有 Node 20 时，<code>make demo</code> 会构建它们。
其他功能一切正常。</p>
<h2>Rooms on air <span lang="zh-CN">正在直播</span></h2>
{rooms}
<h2>Addresses <span lang="zh-CN">地址</span></h2>
<ul>
<li><a href="/v1/openapi.json">/v1/openapi.json</a>: the HTTP API <span lang="zh-CN">HTTP 接口</span></li>
<li><code>{ws}/v1/rooms/ROOM/ws</code>: the socket of a room <span lang="zh-CN">直播间的 WebSocket</span></li>
<li><a href="/readyz">/readyz</a>, <a href="/healthz">/healthz</a>: is this server well
<span lang="zh-CN">服务器是否正常</span></li>
<li><a href="/metrics">/metrics</a>: numbers for Prometheus <span lang="zh-CN">Prometheus 指标</span></li>
</ul></body></html>
"""
_NO_ROOMS = '<p>None at the moment. <span lang="zh-CN">目前没有。</span></p>'


def plain_page(rooms: Iterable[RoomOnAir], ws: str) -> str:
    """The page, with these rooms; `ws` is the address of this server's sockets, such as `wss://live.example`."""
    lines = [f'<li><a href="/v1/rooms/{one.room}/snapshot">{one.room}</a> {escape(one.title)}</li>' for one in rooms]
    listed = f"<ul>{''.join(lines)}</ul>" if lines else _NO_ROOMS
    return _PAGE.format(style=_STYLE, rooms=listed, ws=escape(ws))
