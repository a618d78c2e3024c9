"""Settings of people who sign in: accounts, sessions, and how guessing a password is slowed."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from shelfcast.settings.about import Positive, about
from shelfcast.settings.access import AccessSettings


class AccountSettings(AccessSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many sign in, for how long, and how often they may try."""

    accounts_max: Annotated[
        Positive, about("Accounts with a name and a password.", beyond="`SHELF_FULL` with the `field` `account`")
    ] = 1_000
    session_lasts_ms: Annotated[
        int,
        Meta(ge=1_000, le=2_592_000_000),
        about("How long a session lasts. One that was begun with a link ends with the link, if that is sooner."),
    ] = 43_200_000
    sessions_a_user_max: Annotated[
        Positive, about("Open sessions of one user.", beyond="the one that was begun first ends")
    ] = 20
    sessions_an_address_a_minute_max: Annotated[
        Positive, about("Sessions that one address may begin in a minute, in one process.", beyond="429")
    ] = 120
    session_check_ms: Annotated[
        int,
        Meta(ge=50, le=5_000),
        about(
            "How often a process looks whether the sessions of its open sockets have ended.",
            more="A socket closes at most this long, and the time the engine takes to answer, behind its session.",
        ),
    ] = 2_000
    session_lookups_at_once_max: Annotated[
        Positive,
        about("Handshakes by cookie whose session a process looks up at the same time.", beyond="503"),
    ] = 1_000
    login_window_ms: Annotated[
        Positive, about("The time within which failed logins are counted; it begins with the first of them.")
    ] = 900_000
    login_failures_a_name_max: Annotated[
        Positive,
        about(
            "Failed logins under one name within that time, of browsers that never logged in under it.",
            more="A browser that has is counted for itself, so that nobody locks the owner of an account out.",
            beyond="429",
        ),
    ] = 10
    login_failures_an_address_max: Annotated[
        Positive,
        about(
            "Failed logins from one address within that time, of browsers that never logged in under the name.",
            more="An IPv6 address counts as its /64.",
            beyond="429",
        ),
    ] = 40
    login_failures_a_browser_max: Annotated[
        Positive,
        about(
            "Failed logins of one browser that has logged in under the name before, within that time.",
            beyond="it is counted as a strange one",
        ),
    ] = 10
    login_browsers_a_name_max: Annotated[
        Positive,
        about("Browsers that an account is known from.", beyond="the one that logged in longest ago is forgotten"),
    ] = 20
    login_browser_kept_ms: Annotated[
        Positive, about("How long a browser is known after its last login under a name.")
    ] = 15_552_000_000
    password_hashes_at_once_max: Annotated[
        Positive,
        about("Passwords that a process works on at the same time, each in a thread with 19 MiB of memory."),
    ] = 2
    password_hashes_waiting_max: Annotated[
        Positive, about("Passwords that wait for their turn, besides.", beyond="503")
    ] = 32
