"""The settings as people meet them: grouped, each with its flag, variable, unit, default and description."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
from msgspec import Meta

from shelfcast.settings import ENVIRONMENT_PREFIX, Settings
from shelfcast.settings.access import AccessSettings
from shelfcast.settings.accounts import AccountSettings
from shelfcast.settings.book import BookSettings
from shelfcast.settings.connections import ConnectionSettings
from shelfcast.settings.engine import EngineSettings
from shelfcast.settings.fan_out import FanOutSettings
from shelfcast.settings.heavy import HeavySettings
from shelfcast.settings.listening import ListeningSettings

GROUPS: dict[str, type[msgspec.Struct]] = {
    "Where it listens": ListeningSettings,
    "Engine": EngineSettings,
    "Stock book": BookSettings,
    "Heavy work": HeavySettings,
    "Fan-out": FanOutSettings,
    "Connections": ConnectionSettings,
    "Access": AccessSettings,
    "Accounts": AccountSettings,
}
"""Heading → the class of its settings, in the order of the line: each has the fields of those above it, too."""

UNITS = {"ms": "ms", "bytes": "bytes"}
"""End of a setting's name (before `_max`) → the unit of its values."""


class Described(msgspec.Struct, frozen=True, kw_only=True):
    """One setting. `text`, `more` and `beyond` are those of `about`."""

    name: str
    group: str
    kind: Any
    """The type of its values, without bounds."""
    default: Any
    text: str
    more: str
    beyond: str

    @property
    def flag(self) -> str:
        """The command-line flag."""
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """The environment variable."""
        return ENVIRONMENT_PREFIX + self.name.upper()

    @property
    def unit(self) -> str:
        """Unit of the values, as the name says; empty where they have none."""
        return UNITS.get(self.name.removesuffix("_max").rpartition("_")[2], "")

    @property
    def default_text(self) -> str:
        """The default as it would be typed, with its unit; empty where there is none."""
        return f"{self.default} {self.unit}".rstrip()


def described() -> list[Described]:
    """Every setting, group by group. Raises ValueError where one has no description."""
    settings: list[Described] = []
    for group, kind in GROUPS.items():
        earlier = {setting.name for setting in settings}
        fields = msgspec.structs.fields(kind)
        settings.extend(_described(field, group) for field in fields if field.name not in earlier)
    left_out = set(Settings.__struct_fields__) - {setting.name for setting in settings}
    if left_out:
        raise ValueError(f"settings in no group: {', '.join(sorted(left_out))}")
    return settings


def _described(field: msgspec.structs.FieldInfo, group: str) -> Described:
    plain, *annotations = get_args(field.type) or (field.type,)
    about = next((note for note in annotations if isinstance(note, Meta) and note.description), None)
    if about is None:
        raise ValueError(f"the setting {field.name} is not described")
    extra = about.extra or {}
    return Described(
        name=field.name,
        group=group,
        kind=plain,
        default=field.default,
        text=about.description or "",
        more=extra.get("more", ""),
        beyond=extra.get("beyond", ""),
    )
