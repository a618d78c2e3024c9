"""Every limit and default of the server, with its unit at the end of its name.

A setting is given as a command-line flag (`--tick-ms 40`) or an environment variable
(`SHELFCAST_TICK_MS=40`); a flag wins. `Settings.load` validates them all at once and says what each expects.

Each file here has the settings of one subject: type, bounds, default and description in one place. msgspec makes one
flat struct of classes in a line, not of several bases, so each subject builds on the one before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from shelfcast.addresses import TrustedProxies
from shelfcast.errors import ConfigError
from shelfcast.hosts import Hosts
from shelfcast.origins import Origins
from shelfcast.pictures import read_image_origins
from shelfcast.settings.accounts import AccountSettings

ENVIRONMENT_PREFIX = "SHELFCAST_"
TOKEN_SECRET_MIN_BYTES = 32


class Settings(AccountSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings of one server process. Immutable: a test or a command makes its own."""

    @classmethod
    def load(cls, flags: Mapping[str, Any], environ: Mapping[str, str]) -> Settings:
        """Merge flags over SHELFCAST_* variables over the defaults.

        `flags` maps setting names to values, None meaning "not given".
        Raises ConfigError naming the setting, where it came from and what it expects.
        """
        values: dict[str, Any] = {}
        for name in cls.__struct_fields__:
            variable = ENVIRONMENT_PREFIX + name.upper()
            given = flags.get(name)
            source = "--" + name.replace("_", "-")
            if given is None and variable in environ:
                given, source = environ[variable], variable
            if given is None:
                continue
            values[name] = _convert(cls, name, given, source)
        settings = cls(**values)
        settings.check()
        return settings

    @property
    def drain_limit_ms(self) -> int:
        """The longest time from the order to drain to the end of a process, its engine not counted."""
        sockets_ms = self.drain_timeout_ms + self.engine_call_timeout_ms + self.close_timeout_ms
        requests_ms = self.drain_timeout_ms + self.engine_call_timeout_ms
        return self.drain_notice_ms + sockets_ms + requests_ms

    @property
    def handover_limit_ms(self) -> int:
        """The same where another process has taken the port over: whoever has connected may still shake hands."""
        return self.handshake_timeout_ms + self.drain_limit_ms

    def check(self) -> None:
        """Refuse settings that contradict one another. Raises ConfigError."""
        if bool(self.tls_certificate_file) != bool(self.tls_key_file):
            raise ConfigError("tls_certificate_file and tls_key_file are given together or not at all")
        if self.token_secret and len(self.token_secret.encode()) < TOKEN_SECRET_MIN_BYTES:
            raise ConfigError(f"token_secret needs at least {TOKEN_SECRET_MIN_BYTES} bytes")
        if self.delivery_wait_max_ms < self.delivery_wait_ms:
            raise ConfigError("delivery_wait_max_ms must not be smaller than delivery_wait_ms")
        TrustedProxies(self.trusted_proxies)
        try:
            Hosts(self.hosts)
        except ValueError as error:
            raise ConfigError(f"hosts: {error}") from None
        try:
            Origins(self.allowed_origins)
        except ValueError as error:
            raise ConfigError(f"allowed_origins: {error}") from None
        try:
            read_image_origins(self.image_origins)
        except ValueError as error:
            raise ConfigError(f"image_origins: {error}") from None
        if self.tick_max_ms < self.tick_ms:
            raise ConfigError("tick_max_ms must not be smaller than tick_ms")
        if self.worker_silence_max_ms <= self.worker_alive_interval_ms:
            raise ConfigError("worker_silence_max_ms must be longer than worker_alive_interval_ms")
        if self.job_claim_ms <= 2 * self.job_report_ms:
            raise ConfigError("job_claim_ms must be longer than twice job_report_ms, or every job is taken for lost")
        if self.idle_close_ms <= self.ping_interval_ms:
            raise ConfigError("idle_close_ms must be longer than ping_interval_ms, or every quiet viewer is closed")


def _convert(cls: type[Settings], name: str, given: Any, source: str) -> Any:
    field = next(f for f in msgspec.structs.fields(cls) if f.name == name)
    try:
        return msgspec.convert(given, field.type, strict=False)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{source}: {error} (got {given!r})") from None
