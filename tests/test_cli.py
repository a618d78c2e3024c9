"""The command line as a person meets it: help, wrong use, and the commands that need no running server."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from shelfcast.cli import run
from shelfcast.http.api.auth import Tokens
from shelfcast.protocol.access import Role
from shelfcast.settings import ENVIRONMENT_PREFIX, Settings
from shelfcast.settings.described import GROUPS, described

SECRET = "a secret of these tests, longer than 32 bytes"
COMMANDS = ("serve", "demo", "watch", "import", "replay", "token", "audit", "doctor")


@pytest.fixture(autouse=True)
def no_settings_around(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (*Settings.__struct_fields__, "token"):
        monkeypatch.delenv(ENVIRONMENT_PREFIX + name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def test_the_command_alone_shows_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 2
    out = capsys.readouterr().out
    assert all(f"\n  {command} " in out for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([command, "--help"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"Usage: shelfcast {command}")
    assert len(out.splitlines()[2]) > 20


def test_every_setting_is_an_option_with_its_description(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["serve", "--help"]) == 0
    out = capsys.readouterr().out
    headings = [line.removesuffix(":") for line in out.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert headings == ["Options", *GROUPS]
    words = " ".join(out.split())
    settings = described()
    assert sorted(setting.name for setting in settings) == sorted(Settings.__struct_fields__)
    for setting in settings:
        default = f" [default {setting.default_text}]" if setting.default_text else ""
        assert re.search(rf" {setting.flag} [A-Z]+ {re.escape(setting.text + default)} ", words + " "), setting.name


def test_a_description_is_sentences_and_what_is_beyond_it_a_clause() -> None:
    for setting in described():
        assert setting.text.endswith("."), setting.name
        assert not setting.more or setting.more.endswith("."), setting.name
        assert not setting.beyond.endswith("."), setting.name


def test_serve_shows_units_and_defaults(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["serve", "--help"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "--tick-ms MS Least spacing of broadcasts to a busy room. [default 50 ms]" in out
    assert "--frame-max-bytes BYTES Longest message from a viewer. [default 4096 bytes]" in out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["fly"], "No such command 'fly'"),
        (["token"], "Missing option '--role'"),
        (["token", "--role", "king", "--user", "li"], "'king' is not one of"),
        (["token", "--role", "viewer", "--user", "li"], "SHELFCAST_TOKEN_SECRET"),
        (["token", "--role", "viewer", "--user", "li", "--token-secret", "short"], "at least 32 bytes"),
        (["token", "--role", "viewer", "--user", " li", "--token-secret", SECRET], "--user: Expected printable"),
        (["token", "--role", "viewer", "--user", "li", "--room", "A B", "--token-secret", SECRET], "--room: Expected"),
        (["token", "--role", "viewer", "--user", "li", "--ttl", "soon"], "not a time"),
        (["token", "--role", "viewer", "--user", "li", "--ttl", "9999d", "--token-secret", SECRET], "--ttl: expected"),
        (["serve", "--tick-ms", "fast"], "--tick-ms: Expected `int`"),
        (["serve", "--tick-ms", "2000"], "tick_max_ms must not be smaller"),
        (["serve", "--tls-key-file", "key.pem"], "given together or not at all"),
        (["serve", "--delivery-wait-ms", "20000"], "delivery_wait_max_ms must not be smaller"),
        (["serve", "--worker-silence-max-ms", "1000"], "must be longer than worker_alive_interval_ms"),
        (["serve", "--idle-close-ms", "30000"], "idle_close_ms must be longer than ping_interval_ms"),
        (["serve", "--hosts", "http://a.example"], "hosts: "),
        (["serve", "--fly"], "No such option"),
        (["audit"], "Missing argument 'POOL'"),
        (["audit", "main"], "there is no data folder 'data'"),
        (["import", "missing.csv", "--pool", "main"], "does not exist"),
        (["import", __file__, "--pool", "main"], "a token is needed"),
        (["watch"], "Missing argument 'ROOM'"),
    ],
)
def test_wrong_use_is_one_line_and_exit_2(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    assert line.startswith("shelfcast: ")
    assert says in line


def test_a_wrong_variable_is_named(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELFCAST_HOLD_MS", "five minutes")
    assert run(["serve"]) == 2
    assert "SHELFCAST_HOLD_MS: Expected `int`" in capsys.readouterr().err


def test_a_token_is_printed_alone(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELFCAST_TOKEN_SECRET", SECRET)
    assert run(["token", "--role", "host", "--user", "wang", "--room", "evening", "--ttl", "8h"]) == 0
    principal = Tokens(Settings(token_secret=SECRET)).verify(capsys.readouterr().out.strip())
    assert (principal.role, principal.user, principal.rooms, principal.pools) == (
        Role.HOST,
        "wang",
        frozenset({"evening"}),
        None,
    )


@pytest.mark.parametrize("role", list(Role))
def test_a_token_of_every_role_is_minted(
    role: Role, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHELFCAST_TOKEN_SECRET", SECRET)
    assert run(["token", "--role", role.value, "--user", "wang", "--pool", "main"]) == 0
    principal = Tokens(Settings(token_secret=SECRET)).verify(capsys.readouterr().out.strip())
    assert (principal.role, principal.pools) == (role, frozenset({"main"}))


def test_the_command_is_installed() -> None:
    command = [sys.executable, "-m", "shelfcast", "--version"]
    finished = subprocess.run(command, capture_output=True, text=True, check=True)
    assert finished.stdout.startswith("shelfcast 0.")


def test_a_token_does_not_wait_for_the_server() -> None:
    program = "import sys; import shelfcast.commands.token; import shelfcast.cli; print(' '.join(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert not {"starlette", "uvicorn", "redis", "websockets"} & set(loaded)


def sold_pool(url: str, settings: Settings, *, tamper: bool) -> None:
    from shelfcast.engine import Engine
    from shelfcast.stock.configuration import What
    from shelfcast.stock.library import LIBRARY
    from shelfcast.stock.operations import Move, MoveKind, put
    from shelfcast.stock.pools import Pools

    async def prepare() -> None:
        engine = await Engine.connect(url, settings=settings, library=LIBRARY)
        pools = Pools(engine, settings)
        await pools.directory.create_pool("main")
        pool = await pools.get("main")
        assert pool
        await pool.book.apply(put(What.SKU, "mug", {"title": "Mug"}))
        await pool.book.apply(Move("m1", MoveKind.RECEIVE, "mug", 10, "supplier", "pool"))
        if tamper:
            key = f"{pool.book.base}:sku:mug"
            await engine.command("HSET", key, "pool", 11, key=key)
        await pools.close()
        await engine.close()

    asyncio.run(prepare())


@pytest.mark.parametrize("tamper", [False, True])
def test_audit_exits_1_when_a_number_was_written_behind_the_books_back(
    valkey_url: str, settings: Settings, tamper: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    sold_pool(valkey_url, settings, tamper=tamper)
    where = ["audit", "main", "--engine", valkey_url, "--key-prefix", settings.key_prefix]
    assert run(where) == int(tamper)
    table = capsys.readouterr().out
    assert ("violated" in table) == tamper
    assert ("the book says 11, the ledger 10" in table) == tamper
    assert run([*where, "--json"]) == int(tamper)
    assert json.loads(capsys.readouterr().out)["ok"] is not tamper


def test_audit_of_a_pool_that_is_not_there(
    valkey_url: str, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["audit", "none", "--engine", valkey_url, "--key-prefix", settings.key_prefix]) == 2
    assert "there is no pool 'none'" in capsys.readouterr().err


def test_an_engine_out_of_reach_is_one_line_and_exit_1(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(["audit", "main", "--engine", f"unix://{tmp_path}/no.sock"]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
