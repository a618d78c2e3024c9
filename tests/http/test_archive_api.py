"""A pool's archive over HTTP: what it has, having it written, and the audit of what has left the engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from shelfcast.archive.store import ArchiveStore
from trimming import final_report

ARCHIVE = "/v1/pools/main/archive"
AUDIT = "/v1/pools/main/audit"
DAY_MS = 86_400_000


@pytest.fixture
async def sold(api: Any) -> Any:
    """A rehearsal's shop, whose one show is over and reported: one opening and three holds."""
    await api.ok("PUT", "/v1/pools/main", {"rehearsal": True})
    await api.shop()
    for name in ("a", "b", "c"):
        await api.reserve(name)
    await api.ok("POST", "/v1/rooms/evening/status", {"status": "ended"}, headers={"Idempotency-Key": "end"})
    pool = await api.services.pools.get("main")
    await final_report(pool.book, "evening.1")
    return api


async def written(api: Any, body: Any = None) -> Any:
    """The job, when it has ended."""
    job = await api.ok("POST", ARCHIVE, body)
    while job["state"] in ("queued", "running"):
        job = await api.ok("GET", f"/v1/pools/main/jobs/{job['job']}")
    return job


async def test_the_archive_is_written_and_says_what_it_has(sold: Any) -> None:
    before = await sold.ok("GET", ARCHIVE)
    place = str(Path(sold.services.settings.data_dir, "archive"))
    assert (before["place"], before["complaint"], before["seq"], before["objects"]) == (place, "", 4, 0)
    assert (before["checkpoints"], before["waiting"], before["entries"]) == ([], [], {"ledger": 4, "presale": 0})
    assert before["memory_bytes"]["ledger"] > 0
    assert before["memory_bytes"]["presale"] == 0
    kept = await written(sold)
    assert (kept["state"], kept["result"]["entries"], kept["result"]["trimmed"]) == ("done", 4, 0)
    trimmed = await written(sold, {"kept_ms": 0})
    assert (trimmed["result"]["entries"], trimmed["result"]["trimmed"], trimmed["result"]["cut"]) == (0, 4, 4)
    after = await sold.ok("GET", ARCHIVE)
    assert (after["cut"], after["entries"]) == ({"seq": 4, "ledger": 4, "presale": 0}, {"ledger": 0, "presale": 0})
    [checkpoint] = after["checkpoints"]
    assert (checkpoint["seq"], checkpoint["objects"], checkpoint["bytes"]) == (4, 2, after["bytes"])
    assert after["objects"] == 2
    problem = await sold.problem("GET", "/v1/pools/main/ledger?after=0")
    assert (problem["status"], problem["code"]) == (410, "ARCHIVED")


async def test_both_audits_agree_when_entries_have_left(sold: Any) -> None:
    whole = await sold.ok("GET", AUDIT, params={"archive": "true"})
    assert whole["ok"]
    await written(sold, {"kept_ms": 0})
    await sold.ok(
        "POST",
        "/v1/pools/main/moves",
        {"kind": "receive", "sku": "mug", "qty": 1, "source": "supplier", "target": "pool", "id": "more"},
    )
    from_checkpoint = await sold.ok("GET", AUDIT)
    assert from_checkpoint == {**whole, "entries": 5, "units_on_hand": whole["units_on_hand"] + 1}
    assert await sold.ok("GET", AUDIT, params={"archive": "true"}) == from_checkpoint
    job = await sold.ok("POST", "/v1/pools/main/audits", {"archive": True})
    while job["state"] in ("queued", "running"):
        job = await sold.ok("GET", f"/v1/pools/main/jobs/{job['job']}")
    assert job["result"] == from_checkpoint


async def test_an_archive_that_is_away_is_said_and_nothing_leaves_the_engine(sold: Any) -> None:
    place = Path(sold.services.settings.data_dir, "archive")
    obstruct(place)
    job = await written(sold, {"kept_ms": 0})
    assert (job["state"], job["code"]) == ("failed", "UNAVAILABLE")
    assert f"the archive {place} cannot be used" in job["reason"]
    found = await sold.ok("GET", ARCHIVE)
    assert f"the archive {place} cannot be used" in found["complaint"]
    assert (found["entries"]["ledger"], found["objects"], found["bytes"]) == (4, None, None)
    assert (await sold.ok("GET", AUDIT))["ok"]


def unmount(place: Path) -> None:
    """The disk of the archive is not there any more."""
    place.rename(place.with_name("elsewhere"))


def obstruct(place: Path) -> None:
    """Something else has the folder's name."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(b"")


async def test_an_object_that_is_missing_is_named_by_the_job_and_the_audit(sold: Any) -> None:
    await written(sold)
    store = ArchiveStore(sold.services.settings)
    [part] = [one.name for one in await store.list("main/ledger")]
    await store.delete(part)
    job = await written(sold, {"kept_ms": 0})
    assert (job["state"], job["reason"]) == ("failed", f"{part} is missing")
    assert (await sold.ok("GET", ARCHIVE))["entries"]["ledger"] == 4
    problem = await sold.problem("GET", AUDIT, params={"archive": "true"})
    assert part in problem["detail"]


async def test_an_archive_that_has_not_what_was_written_is_told(sold: Any) -> None:
    await written(sold)
    assert (await sold.ok("GET", ARCHIVE))["complaint"] == ""
    place = Path(sold.services.settings.data_dir, "archive")
    unmount(place)
    found = await sold.ok("GET", ARCHIVE)
    assert found["complaint"].startswith(f"{place} lacks {found['checkpoints'][-1]['name']}")
    assert found["objects"] == 0


async def test_what_waits_for_a_report_is_told(api: Any) -> None:
    await api.shop()
    await api.reserve("a")
    found = await api.ok("GET", ARCHIVE)
    assert found["waiting"] == [
        {"show": "evening.1", "room": "evening", "started_seq": 1, "ended_at_ms": None, "pending": 0}
    ]
    result = (await written(api, {"kept_ms": 0}))["result"]
    assert (result["through"], result["trimmed"], result["waiting"]) == (1, 0, ["evening.1"])
    assert result["held_back"] == "days"


@pytest.mark.parametrize(
    ("body", "field"), [({"kept_ms": -1}, "kept_ms"), ({"kept_ms": "1d"}, "kept_ms"), ({"days": 1}, "days")]
)
async def test_a_time_that_is_none_is_refused(api: Any, body: Any, field: str) -> None:
    await api.shop()
    problem = await api.problem("POST", ARCHIVE, body)
    assert (problem["status"], problem["field"]) == (422, field)
