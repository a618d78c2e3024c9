"""Command-line options made of the settings: under headings, each with its description, unit and default."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import click

from shelfcast.settings import Settings
from shelfcast.settings.described import Described, described
from shelfcast.sheets.encodings import ENCODINGS, known_encoding

if TYPE_CHECKING:
    from shelfcast.commands.pool_server import PoolServer

DEFAULT_URL = "http://127.0.0.1:8000"
TOKEN_VARIABLE = "SHELFCAST_TOKEN"  # noqa: S105 - the name of a variable, not a secret
ENGINE_SETTINGS = ("engine", "data_dir", "key_prefix")


class GroupedCommand(click.Command):
    """A command whose help shows its settings under headings."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Plain options first, then one section a group of settings."""
        sections: dict[str, list[tuple[str, str]]] = {"Options": []}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None and isinstance(parameter, click.Option):
                title = parameter.group if isinstance(parameter, SettingOption) else "Options"
                sections.setdefault(title, []).append(record)
        for title, records in sections.items():
            if records:
                with formatter.section(title):
                    formatter.write_dl(records, col_max=38)


class SettingOption(click.Option):
    """An option that stands for one field of `Settings`; None means it was not given."""

    def __init__(self, setting: Described) -> None:
        default = f"  [default {setting.default_text}]" if setting.default_text else ""
        declared = [setting.flag, setting.name]
        super().__init__(declared, default=None, metavar=_metavar(setting), help=setting.text + default)
        self.group = setting.group


def setting_options(*, only: Iterable[str] | None = None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator that gives a command the options of all settings, or of those named.

    The command receives them as keyword arguments; `settings_from` makes the Settings of them.
    """
    wanted = None if only is None else set(only)

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        options = [SettingOption(setting) for setting in described() if wanted is None or setting.name in wanted]
        # click keeps the parameters of a plain function in this attribute, last one first.
        earlier: list[click.Parameter] = command.__dict__.setdefault("__click_params__", [])
        earlier.extend(reversed(options))
        return command

    return decorate


def settings_from(flags: dict[str, Any]) -> Settings:
    """The settings of a command: its flags over the environment. Raises ConfigError."""
    return Settings.load(flags, os.environ)


def _metavar(setting: Described) -> str:
    """The placeholder of the value: its unit, or what it is."""
    if setting.unit:
        return setting.unit.upper()
    if setting.kind is not str:
        return "N" if setting.kind is int else "SHARE"
    return {"file": "FILE", "dir": "FOLDER"}.get(setting.name.rpartition("_")[2], "TEXT")


def server_options(command: Any) -> Any:
    """The options of a command that talks to a running server."""
    url = click.option("--url", default=DEFAULT_URL, show_default=True, help="Address of the running server.")
    token = click.option(
        "--token", envvar=TOKEN_VARIABLE, help=f"Token of role operator or service.  [{TOKEN_VARIABLE}]"
    )
    return url(token(command))


def pool_options(command: Any) -> Any:
    """The options of a command about a pool of a running server."""
    return server_options(click.option("--pool", required=True, help="The pool.")(command))


def pool_server(url: str, token: str | None, pool: str) -> PoolServer:
    """What these options name. Raises click.UsageError where there is no token."""
    from shelfcast.commands.pool_server import PoolServer

    return PoolServer(url, needed_token(token), pool)


def needed_token(token: str | None) -> str:
    """The token that a command was given. Raises click.UsageError where it was given none."""
    if not token:
        raise click.UsageError(f"a token is needed: --token or {TOKEN_VARIABLE} (`shelfcast token` makes one)")
    return token


def _encoding(context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    if value is None:
        return None
    known = known_encoding(value)
    if known is None:
        raise click.BadParameter(f"{value!r} is none of {', '.join(ENCODINGS)}", context, option)
    return known


encoding_option = click.option(
    "--encoding",
    callback=_encoding,
    metavar="NAME",
    help="Encoding of a CSV file, such as utf-8, gb18030 or utf-16.  [default: found out]",
)
