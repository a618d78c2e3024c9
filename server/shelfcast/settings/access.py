"""Settings of access: keys of tokens, origins, names, and what anybody may ask for."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from shelfcast.settings.about import NotNegative, Positive, about
from shelfcast.settings.connections import ConnectionSettings


class AccessSettings(ConnectionSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who may come in, from where, and how often."""

    token_secret: Annotated[
        str,
        about(
            "HS256 secret of at least 32 bytes. Set it in the environment rather than on the command line, where other "
            "users of the machine can read it.",
            more="This or `token_public_key_file` is needed; `serve` refuses to start without one.",
        ),
    ] = ""
    token_public_key_file: Annotated[
        str,
        about(
            "Public key (PEM, RS256 or EdDSA) or JWKS (*.json) of an identity service.",
            more="This or `token_secret` is needed.",
        ),
    ] = ""
    token_leeway_ms: Annotated[
        NotNegative, about("For how long after its expiry a token still counts, because clocks differ.")
    ] = 5_000
    allowed_origins: Annotated[
        str,
        about(
            "Comma-separated origins (https://a.example) browsers may come from besides the server's.",
            more="They may also show a room's [pages](#pages) in a frame. "
            "`https://shop.example,http://localhost:3000`, each with its scheme and, where it is not "
            "the scheme's own, its port, without a path or wildcard. Upper "
            "case, a slash at the end and the scheme's own port make no difference; what is no origin ends the start "
            "with a line that says what was expected.",
        ),
    ] = ""
    image_origins: Annotated[
        str,
        about(
            "Comma-separated origins (https://cdn.example) that products' pictures may come from besides the server's.",
            more="A SKU's picture is of one of these or a path of this server, else it is refused; the pages load "
            "pictures from nowhere else. Each with its scheme, without a path or wildcard; `http` on loopback alone.",
            beyond="422",
        ),
    ] = ""
    hosts: Annotated[
        str,
        about(
            "Comma-separated host names this server goes by; without them any. demo takes those of loopback.",
            more="Names without ports, as they come in `Host`. Name them where browsers reach a server that no proxy "
            "stands before; pages of other names are not its own origin.",
            beyond="a request for another name is answered 421, but for `/healthz`, `/readyz` and `/metrics`",
        ),
    ] = ""
    public_reads_a_second_max: Annotated[
        Positive,
        about(
            "How often a process reads anew what anybody may ask for (/v1/on-air, /metrics, /readyz).",
            more="Each of them for itself.",
            beyond="the answer of the last second; those who ask at once share one reading",
        ),
    ] = 4
    guest_passes_an_address_a_minute_max: Annotated[
        Positive,
        about(
            "Guest passes of demonstration rooms for one address in a minute, in one process.",
            more="No other rooms give passes.",
            beyond="429",
        ),
    ] = 120
    guest_pass_ttl_ms: Annotated[int, Meta(ge=1_000, le=31_536_000_000), about("How long such a pass is good for.")] = (
        86_400_000
    )
    body_max_bytes: Annotated[Positive, about("Longest body of an HTTP request.", beyond="413")] = 1_048_576
    page_max: Annotated[Positive, about("Items in one page of a listing.", beyond="422")] = 1_000
