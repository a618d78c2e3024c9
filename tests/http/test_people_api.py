"""A person's data over HTTP: the ledger reads users, and an operator sees what is kept of one and has it forgotten."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from waiting import WAIT_S

ANN = "ann@example.com/微信"
LEDGER = "/v1/pools/main/ledger"
PERSON = "/v1/pools/main/people/ann@example.com%2F%E5%BE%AE%E4%BF%A1"
CSV = {"Accept": "text/csv"}


@pytest.fixture
async def bought(shop: Any) -> Any:
    """ann has a paid order, and gave one back; the merchant's desk did that."""
    await shop.reserve("a1", 1, ANN)
    await shop.ok("POST", "/v1/pools/main/reservations/a1/confirm", {"reference": "pay 7"})
    await shop.reserve("a2", 1, ANN)
    gone = {"actor": ANN, "reason": "ann changed her mind"}
    await shop.ok("POST", "/v1/pools/main/reservations/a2/cancel", gone)
    return shop


async def ended(api: Any, job: dict[str, Any]) -> dict[str, Any]:
    """The job once it has ended."""
    path = f"/v1/pools/main/jobs/{job['job']}"
    async with asyncio.timeout(WAIT_S):
        while (found := await api.ok("GET", path))["state"] in ("queued", "running"):
            pass
    ended: dict[str, Any] = found
    return ended


async def as_lines(api: Any, query: str) -> list[tuple[str, str]]:
    answer = await api.call("GET", f"{LEDGER}?{query}")
    entries = [json.loads(line) for line in answer.text.splitlines()]
    return [(entry["user"], entry["actor"]) for entry in entries if entry["user"]]


async def as_search(api: Any, query: str) -> list[tuple[str, str]]:
    found = (await api.ok("GET", f"{LEDGER}/search?{query}"))["entries"]
    return [(entry["user"], entry["actor"]) for entry in reversed(found) if entry["user"]]


READS: list[tuple[Callable[[Any, str], Awaitable[list[tuple[str, str]]]], str]] = [
    (as_lines, "limit=100"),
    (as_lines, "limit=all"),
    (as_search, "limit=100"),
    (as_search, "user=ann%40example.com%2F%E5%BE%AE%E4%BF%A1"),
]


@pytest.mark.parametrize(("read", "query"), READS)
async def test_whoever_reads_the_ledger_reads_users(bought: Any, read: Any, query: str) -> None:
    assert await read(bought, query) == [(ANN, ANN), (ANN, "wang"), (ANN, ANN), (ANN, f"{ANN} (by wang)")]


@pytest.mark.parametrize("path", [f"{LEDGER}?limit=100", f"{LEDGER}?limit=all", f"{LEDGER}/export"])
async def test_whoever_reads_it_as_a_file_reads_users(bought: Any, path: str) -> None:
    text = (await bought.call("GET", path, headers=CSV)).text
    assert text.count(f",{ANN},") + text.count(f'"{ANN}"') >= 4
    pseudonym = (await bought.ok("GET", PERSON))["pseudonym"]
    assert pseudonym not in text


async def test_a_story_tells_users(bought: Any) -> None:
    story = await bought.ok("GET", "/v1/pools/main/reservations/a2/story")
    assert [(step["kind"], step["user"], step["actor"]) for step in story["steps"]] == [
        ("reserve", ANN, ANN), ("cancel", ANN, f"{ANN} (by wang)"),
    ]  # fmt: skip


async def test_what_is_open_is_told_and_refused(bought: Any) -> None:
    found = await bought.ok("GET", PERSON)
    assert (found["user"], found["orders"], found["holds"], found["entries"]) == (ANN, 2, 0, 4)
    assert found["open"] == [{"reservation": "a1", "sku": "mug", "units": 1, "why": "unshipped"}]
    job = await ended(bought, await bought.ok("DELETE", PERSON))
    assert (job["state"], job["code"]) == ("failed", "BAD_MESSAGE")
    assert "a1 (unshipped, 1 of mug)" in job["reason"]
    assert await as_lines(bought, "limit=100") != []


async def test_a_person_is_forgotten_once_for_a_key(bought: Any) -> None:
    await bought.ok("POST", "/v1/pools/main/reservations/a1/ship", {"id": "parcel"})
    pseudonym = (await bought.ok("GET", PERSON))["pseudonym"]
    key = {"Idempotency-Key": "forget-ann"}
    made = await bought.ok("DELETE", PERSON, headers=key)
    again = await bought.ok("DELETE", PERSON, headers=key)
    assert (made["kind"], again["job"]) == ("erase_person", made["job"])
    other = await bought.problem("DELETE", PERSON + "2", headers=key)
    assert (other["status"], other["code"]) == (409, "ID_CONFLICT")
    job = await ended(bought, made)
    assert job["state"] == "done", job
    assert job["result"] == {"pseudonym": pseudonym, "records": job["result"]["records"], "archive_parts": 0}
    told = [row for query in ("limit=100", "limit=all") for row in await as_lines(bought, query)]
    assert {user for user, _ in told} == {pseudonym}
    assert ANN not in (await bought.call("GET", f"{LEDGER}?limit=100")).text
    assert await as_search(bought, "user=ann%40example.com%2F%E5%BE%AE%E4%BF%A1") == []
    assert (await bought.ok("GET", "/v1/pools/main/audit"))["ok"]


async def test_nobody_is_kept_of_whom_the_pool_never_heard(shop: Any) -> None:
    found = await shop.ok("GET", "/v1/pools/main/people/nobody")
    assert (found["pseudonym"], found["orders"], found["entries"], found["first_at_ms"]) == (None, 0, 0, None)
    assert (await ended(shop, await shop.ok("DELETE", "/v1/pools/main/people/nobody")))["result"]["records"] == 0


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("user", ["%20ann", "a%1Fb", "x" * 129])
async def test_a_user_has_the_form_of_one(shop: Any, method: str, user: str) -> None:
    problem = await shop.problem(method, f"/v1/pools/main/people/{user}")
    assert (problem["code"], problem["field"]) == ("BAD_MESSAGE", "user")


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_it_is_an_operators(shop: Any, method: str) -> None:
    for role in ("service", "counter", "host", "viewer"):
        problem = await shop.problem(method, "/v1/pools/main/people/ann", as_=shop.as_(role))
        assert problem["status"] == 403
    missing = await shop.problem(method, "/v1/pools/other/people/ann")
    assert (missing["status"], missing["code"]) == (404, "NOT_FOUND")


async def test_its_jobs_are_an_operators_too(bought: Any) -> None:
    """A program may list jobs, and neither reads what is kept of a person nor stops that being forgotten."""
    await bought.ok("GET", PERSON)
    [job] = [one["job"] for one in (await bought.ok("GET", "/v1/pools/main/jobs"))["jobs"] if one["kind"] == "person"]
    path, program = f"/v1/pools/main/jobs/{job}", bought.as_("service")
    for method in ("GET", "DELETE"):
        problem = await bought.problem(method, path, as_=program)
        assert (problem["status"], problem["field"]) == (403, "role")
    assert (await bought.ok("GET", path))["result"]["user"] == ANN
    made = await bought.ok("DELETE", "/v1/pools/main/people/nobody")
    await bought.problem("DELETE", f"/v1/pools/main/jobs/{made['job']}", as_=program)
    assert (await ended(bought, made))["state"] == "done"
