"""`shelfcast user` beside a running server with an engine of its own: over HTTP, by an operator's token."""

from __future__ import annotations

import asyncio
import io
import subprocess
import sys
from typing import Any

import httpx
import pytest
from fixtures_server import RunningServer
from shelfcast import cli

PASSWORD = "correct horse battery"


@pytest.fixture
def user(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs the command as a shell does: a token in the environment, a password in stdin."""

    async def run(*words: str, password: str = "", **claims: Any) -> int:
        monkeypatch.setenv("SHELFCAST_TOKEN", server.token("operator", **claims))
        monkeypatch.setattr(sys, "stdin", io.StringIO(password + "\n"))
        return await asyncio.to_thread(cli.run, ["user", *words, "--url", server.url])

    return run


async def login(server: RunningServer, name: str, password: str) -> int:
    async with httpx.AsyncClient(base_url=server.url) as http:
        return (await http.post("/v1/session", json={"name": name, "password": password})).status_code


async def test_an_account_is_made_listed_changed_and_removed(
    server: RunningServer, user: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await user("add", "wang", password=PASSWORD) == 0
    assert await user("add", "李", "--role", "host", "--room", "b", "--room", "a", password=PASSWORD) == 0
    assert await login(server, "wang", PASSWORD) == 201
    capsys.readouterr()
    assert await user("list") == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if not line.startswith("20")]
    assert lines == [["wang", "operator", "everything"], ["李", "host", "rooms", "a,", "b"]]
    assert await user("password", "李", password="another password") == 0
    assert [await login(server, "李", each) for each in (PASSWORD, "another password")] == [401, 201]
    assert await user("list") == 0
    assert "rooms a, b" in capsys.readouterr().out, "the scope stays"
    assert await user("remove", "wang") == 0
    assert await login(server, "wang", PASSWORD) == 401


@pytest.mark.parametrize(
    ("words", "password", "claims", "said"),
    [
        (("add", "wang"), "", {}, "expected a password"),
        (("add", "wang"), "short", {}, "password"),
        (("add", "chen"), PASSWORD, {}, "there is an account 'chen'"),
        (("remove", "wang"), "", {}, "there is no account 'wang'"),
        (("password", "wang"), PASSWORD, {}, "there is no account 'wang'"),
        (("list",), "", {"pool": "main"}, "pool"),
        (("add", "wang", PASSWORD), "", {}, "unexpected extra argument"),
    ],
)
async def test_what_cannot_be_done_is_said_in_a_line(
    user: Any, capsys: pytest.CaptureFixture[str], words: Any, password: str, claims: Any, said: str
) -> None:
    assert await user("add", "chen", password=PASSWORD) == 0
    capsys.readouterr()
    assert await user(*words, password=password, **claims) in (1, 2)
    error = capsys.readouterr().err
    assert said in error
    assert error.startswith("shelfcast: ")


def test_it_needs_a_token() -> None:
    found = subprocess.run(
        [sys.executable, "-m", "shelfcast", "user", "list"], capture_output=True, text=True, env={}, check=False
    )
    assert (found.returncode, "a token is needed" in found.stderr) == (2, True)
